"""The timetable as a board: days, tracks, cities or places across, and items that can be moved."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.agendas import board_pages, board_words, columns
from webapp.blueprints.agendas.board_forms import MoveForm
from webapp.blueprints.agendas.board_pages import View
from webapp.blueprints.agendas.columns import NoSuchColumn
from webapp.db import transaction
from webapp.domain import agendas, audits, edits, moves
from webapp.domain.item_values import EndsBeforeStart, TimeRefused
from webapp.models.agenda import AgendaEdit, AgendaItem
from webapp.models.staff import Role, Staff
from webapp.models.trip import Trip

bp = Blueprint("board_organizer", __name__, url_prefix="/organizer/trips/<slug>/agenda/board")
bp.before_request(guards.staff_only)

Answer = str | Response | tuple[str | Response, int]


@bp.get("")
def board(slug: str) -> str:
    """The board; a list a column where scripts do not run."""
    return board_pages.board(guards.staff_trip(slug))


@bp.route("/<id:item_id>/move", methods=["GET", "POST"])
def move(slug: str, item_id: int) -> Answer:
    """Move or stretch an item: by form, or by the board's script, which asks for JSON."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    item, view, form = guards.trip_item(trip, item_id), board_pages.asked(trip), MoveForm()
    form.offer(days_later=item.days_later)
    if not form.is_submitted():
        form.show(item, columns.column_of(item, view.axis))
        return board_pages.move_page(trip, view, item, form)
    if not form.validate():
        return _invalid(trip, view, item, form)
    try:
        with transaction():
            _move(trip, item, view, form)
    except (TimeRefused, EndsBeforeStart) as error:
        return _refused(trip, view, item, form, error)
    except NoSuchColumn:
        form.column.errors = [_("This column is gone. Please load the board again.")]
        return _invalid(trip, view, item, form)
    except agendas.ChangedMeanwhile:
        return _conflict(trip, view, guards.trip_item(trip, item_id), form)
    return _done(trip, view, item.uid, item, board_words.moved(item))


@bp.post("/undo")
def undo(slug: str) -> Answer:
    """Undo my latest edit of this tour's draft."""
    return _step(slug, edits.undo, undone=True)


@bp.post("/redo")
def redo(slug: str) -> Answer:
    """Do again what I undid last."""
    return _step(slug, edits.redo, undone=False)


def _move(trip: Trip, item: AgendaItem, view: View, form: MoveForm) -> None:
    agendas.hold(item)
    day = form.date.data
    key = form.column.data or columns.column_of(item, view.axis)
    along = columns.along(trip, item, view.axis, key, day)
    values = moves.moved(item, form.times(), along)
    edits.change(item, values, guards.me(), form.seen_version())


def _step(slug: str, verb: Callable[[Trip, Staff], AgendaEdit | None], *, undone: bool) -> Answer:
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    view, staff = board_pages.asked(trip), guards.me()
    try:
        with transaction():
            edit = verb(trip, staff)
    except edits.ChangedSince as error:
        with transaction():
            edits.forget(trip, staff, error.edit_id)
        item = agendas.by_uid(trip, error.item_uid)
        return _done(trip, view, error.item_uid, item, board_words.changed_since(error), 409)
    if edit is None:
        return _done(trip, view, None, None, _("There is nothing more."))
    item = agendas.by_uid(trip, edit.item_uid)
    said = board_words.stepped(edit, item, undone=undone)
    return _done(trip, view, edit.item_uid, item, said)


def _done(
    trip: Trip,
    view: View,
    uid: Any,
    item: AgendaItem | None,
    said: str,
    status: int = 200,
) -> Answer:
    """Say what happened: to the script, or on the board that comes next."""
    if _wants_json():
        return jsonify(said=said, **board_pages.shown(trip, view, uid, item)), status
    flash(said, "success" if status == 200 else "info")
    query = view.query()
    if item and "day" in query:
        query["day"] = item.starts_local.date().isoformat()
    anchor = f"item-{item.uid}" if item else None
    return redirect(url_for(".board", slug=trip.slug, _anchor=anchor, **query))


def _invalid(trip: Trip, view: View, item: AgendaItem, form: MoveForm) -> Answer:
    if _wants_json():
        text = next(text for field in form for text in field.errors)
        return jsonify(error=text), 422
    return board_pages.move_page(trip, view, item, form), 422


def _refused(
    trip: Trip,
    view: View,
    item: AgendaItem,
    form: MoveForm,
    error: TimeRefused | EndsBeforeStart,
) -> Answer:
    """A time that cannot stand: with the nearest that can, or the question which is meant."""
    why = board_words.refusal(error)
    if _wants_json():
        return jsonify(error=why.text, end=why.end, nearest=_choices(why), passes=_passes(why)), 422
    form.tell(why)
    return board_pages.move_page(trip, view, item, form), 422


def _conflict(trip: Trip, view: View, item: AgendaItem, form: MoveForm) -> Answer:
    """Somebody else was first: both are shown, and saving again is then meant."""
    form.version.data = str(item.version)
    last = next(iter(audits.of(item)), None)
    who = last.actor_name if last else ""
    if not _wants_json():
        return board_pages.move_page(trip, view, item, form, meanwhile=who), 409
    theirs = board_words.theirs(item, who)
    mine = board_words.mine(form.times())
    now = board_pages.shown(trip, view, item.uid, item)
    return jsonify(error=theirs, theirs=theirs, mine=mine, **now), 409


def _choices(why: board_words.Refusal) -> list[dict[str, str]]:
    return [
        {"label": board_words.moment(local), "local": local.isoformat(timespec="minutes")}
        for local in why.nearest
    ]


def _passes(why: board_words.Refusal) -> list[dict[str, str]]:
    if not why.asks:
        return []
    return [
        {"label": _("The first pass"), "fold": "0"},
        {"label": _("The second pass"), "fold": "1"},
    ]


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
