"""The agenda as organizers make it: a draft that leaks nowhere."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints import guards
from webapp.blueprints.agendas import item_refusals
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.agendas.forms import ItemForm
from webapp.blueprints.agendas.person_rows import change_rows
from webapp.blueprints.agendas.sides import Sides, sides
from webapp.db import transaction
from webapp.domain import agendas, audits, edits, item_names, releases
from webapp.models.agenda import AgendaItem
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("agendas_organizer", __name__, url_prefix="/organizer/trips/<slug>/agenda")
bp.before_request(guards.staff_only)


@bp.get("")
def agenda(slug: str) -> str:
    """The draft by day, with what publishing would change."""
    trip = guards.staff_trip(slug)
    differences = releases.differences(trip)
    return render_template(
        "organizer/agenda.html",
        trip=trip,
        days=by_day(agendas.draft(trip)),
        changes={difference.item.uid: difference.change for difference in differences},
    )


@bp.route("/new", methods=["GET", "POST"])
def new(slug: str) -> str | Response | tuple[str, int]:
    """Add an item."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = ItemForm.empty(trip, request.args)
    form.offer(trip)
    if form.is_submitted() and change_rows(form.people, form.cast):
        return _form_page(trip, form, None)
    if form.validate_on_submit():
        try:
            with transaction():
                edits.add(trip, form.values(), guards.me())
        except (agendas.TimeRefused, agendas.EndsBeforeStart) as error:
            item_refusals.tell(form, error)
        else:
            flash(_("Added to the draft. Nobody sees it before you publish."), "success")
            return redirect(url_for(".agenda", slug=slug))
    return _form_page(trip, form, None), 422 if form.is_submitted() else 200


@bp.route("/<id:item_id>", methods=["GET", "POST"])
def edit(slug: str, item_id: int) -> str | Response | tuple[str, int]:
    """Change an item; of two who do so at once, the second is shown both versions."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    item = agendas.find(trip, item_id)
    if item is None:
        return _gone_page(trip, item_id)
    form = ItemForm.of(item)
    form.offer(trip, item)
    if form.is_submitted() and change_rows(form.people, form.cast):
        return _form_page(trip, form, item)
    if form.validate_on_submit():
        try:
            with transaction():
                edits.change(item, form.values(), guards.me(), form.seen_version())
        except (agendas.TimeRefused, agendas.EndsBeforeStart) as error:
            item_refusals.tell(form, error)
        except agendas.ChangedMeanwhile:
            return _meanwhile_page(trip, item_id, form)
        else:
            flash(_("Changed in the draft. Nobody sees it before you publish."), "success")
            return redirect(url_for(".agenda", slug=slug))
    return _form_page(trip, form, item), 422 if form.is_submitted() else 200


@bp.post("/<id:item_id>/cancel")
def cancel(slug: str, item_id: int) -> Response:
    """Call an item off in the draft."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        left = edits.call_off(guards.trip_item(trip, item_id), guards.me())
    flash(
        _("Cancelled in the draft. Calendars say so once you publish.")
        if left
        else _("Deleted. It had never been published."),
        "success",
    )
    return redirect(url_for(".agenda", slug=slug))


@bp.post("/<id:item_id>/restore")
def restore(slug: str, item_id: int) -> Response:
    """Undo a cancellation in the draft."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        edits.bring_back(guards.trip_item(trip, item_id), guards.me())
    flash(_("Brought back in the draft."), "success")
    return redirect(url_for(".agenda", slug=slug))


def _meanwhile_page(trip: Trip, item_id: int, form: ItemForm) -> tuple[str, int]:
    """Both versions, and the form with what was typed: saving it again is meant to win."""
    item = agendas.find(trip, item_id)
    if item is None:
        return _gone_page(trip, item_id)
    form.offer(trip, item)  # the choices were read in the transaction that was rolled back
    form.version.data = str(item.version)
    return _form_page(trip, form, item, both=sides(item, form)), 409


def _gone_page(trip: Trip, item_id: int) -> tuple[str, int]:
    """What was typed for an item that somebody deleted meanwhile, as the form of a new one."""
    if request.method != "POST" or not audits.was_deleted(trip.id, AgendaItem, item_id):
        abort(404)
    form = ItemForm.empty(trip, {})
    form.offer(trip)
    return _form_page(trip, form, None, gone=True), 409


def _form_page(
    trip: Trip,
    form: ItemForm,
    item: AgendaItem | None,
    *,
    both: Sides | None = None,
    gone: bool = False,
) -> str:
    stops = [stop.zone for stop in trip.stops]
    near = dict.fromkeys([trip.zone, *stops, *filter(None, [trip.home_zone])])
    history = audits.of(item) if item else []
    return render_template(
        "organizer/item.html",
        trip=trip,
        form=form,
        item=item,
        both=both,
        gone=gone,
        vehicles=sorted({each.vehicle for each in agendas.draft(trip) if each.vehicle}),
        zones=[*near, *sorted(clock.zone_names() - set(near))],
        history=history,
        names=item_names.names(said for each in history for said in (each.before, each.after)),
    )
