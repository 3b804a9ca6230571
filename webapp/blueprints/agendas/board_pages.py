"""The pages of the board, and what its script gets instead of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import get_template_attribute, render_template, request

from webapp import clock
from webapp.blueprints import guards
from webapp.blueprints.agendas import board_marks, board_words, columns
from webapp.blueprints.agendas.board_forms import MoveForm
from webapp.blueprints.agendas.columns import Axis, Column
from webapp.domain import agendas, edits
from webapp.models.agenda import AgendaItem
from webapp.models.staff import Role
from webapp.models.trip import Trip

ZOOMS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class View:
    """Which board is looked at. The day counts where the columns are not days."""

    axis: Axis
    day: date
    zoom: int

    def query(self, **other: Any) -> dict[str, Any]:
        """The query of this board's address, or of the one beside it that `other` names."""
        wanted: dict[str, Any] = {"by": self.axis.value, "zoom": self.zoom} | other
        if wanted["by"] != Axis.DAY.value:
            wanted.setdefault("day", self.day.isoformat())
        return wanted


def asked(trip: Trip) -> View:
    """The board that the address names; what it does not name, or names wrongly, has a default."""
    given = request.args
    axis, zoom = given.get("by", ""), given.get("zoom", "")
    return View(
        Axis(axis) if axis in set(Axis) else Axis.DAY,
        _day(trip, given.get("day", "")),
        int(zoom) if zoom in {str(each) for each in ZOOMS} else 2,
    )


def board(trip: Trip) -> str:
    """The whole board."""
    view, items = asked(trip), agendas.draft(trip)
    days = columns.days_of(trip, items)
    shown = columns.columns(trip, view.axis, view.day, days, items)
    form = MoveForm()
    form.offer([] if view.axis == Axis.DAY else shown)
    return render_template(
        "organizer/board.html",
        trip=trip,
        view=view,
        axes=list(Axis),
        zooms=ZOOMS,
        days=days,
        columns=shown,
        changes=board_marks.changes(trip),
        marks=board_marks.clash_marks(trip),
        may_change=_may_change(trip),
        other_time=lambda item, day: columns.is_on_other_time(trip, item, view.axis, day),
        noon_at_home=lambda column, zone: _noon_at_home(column, zone, trip.home_zone or zone),
        home_gap=_home_gap(trip, shown),
        words=board_words.script_words(),
        form=form,
        steps=steps(trip),
    )


def move_page(
    trip: Trip, view: View, item: AgendaItem, form: MoveForm, meanwhile: str | None = None
) -> str:
    """The form that moves one item, on a page of its own. `meanwhile` says who changed it."""
    if view.axis != Axis.DAY:
        items = agendas.draft(trip)
        form.offer(columns.columns(trip, view.axis, view.day, [], items), item.days_later)
    return render_template(
        "organizer/board_move.html",
        trip=trip,
        view=view,
        item=item,
        form=form,
        meanwhile=meanwhile,
        stands=board_words.stands(item),
        where=board_words.where(item),
    )


def shown(trip: Trip, view: View, uid: UUID, item: AgendaItem | None) -> dict[str, Any]:
    """How the board shows one item now, and what has changed around it: for the script."""
    marks = board_marks.clash_marks(trip)
    return {
        "uid": str(uid),
        "item": _facts(item) if item else None,
        "parts": _parts(trip, view, item, marks) if item else [],
        "marks": {str(each): _marks_of(found) for each, found in marks.items()},
        "steps": steps(trip),
    }


def steps(trip: Trip) -> dict[str, Any]:
    """What the two buttons would do and say."""
    back, again = edits.next_undo(trip, guards.me()), edits.next_redo(trip, guards.me())
    return {
        "undo": {"label": board_words.undo_label(back), "there": back is not None},
        "redo": {"label": board_words.redo_label(again), "there": again is not None},
    }


def _day(trip: Trip, text: str) -> date:
    """The day that was asked for; else today during the tour, and its first day at other times."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    # In years beyond, the clocks of another zone may show a date that Python has no word for.
    if clock.EARLIEST.date() <= day <= clock.LATEST.date():
        return day
    today = clock.wall(clock.now(), trip.zone).date()
    return today if trip.starts_on <= today <= trip.ends_on else trip.starts_on


def _parts(
    trip: Trip, view: View, item: AgendaItem, marks: dict[UUID, list[board_marks.Mark]]
) -> list[dict[str, str]]:
    block = get_template_attribute("organizer/_board_block.html", "block")
    change = board_marks.change_of(trip, item)
    return [
        {
            "column": key,
            "html": block(
                trip,
                view,
                part,
                columns.is_on_other_time(trip, item, view.axis, day),
                change,
                marks.get(item.uid, []),
                _may_change(trip),
            ),
        }
        for key, day, part in columns.parts(item, view.axis, view.day)
    ]


def _marks_of(found: list[board_marks.Mark]) -> dict[str, Any]:
    fragment = get_template_attribute("organizer/_board_block.html", "clashes")
    return {"blocks": any(mark.blocks for mark in found), "html": fragment(found)}


def _facts(item: AgendaItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "version": item.version,
        "starts_local": item.starts_local.isoformat(timespec="minutes"),
        "starts_zone": item.starts_zone,
        "ends_local": item.ends_local.isoformat(timespec="minutes"),
        "ends_zone": item.ends_zone,
    }


def _may_change(trip: Trip) -> bool:
    return guards.me().role_on(trip.id) == Role.ORGANIZER


def _home_gap(trip: Trip, shown: Sequence[Column]) -> int | None:
    """By how many minutes all columns are ahead of home, None where that differs between them."""
    if not trip.home_zone:
        return None
    gaps = {_gap(column, zone, trip.home_zone) for column in shown for zone in column.zones}
    return gaps.pop() if len(gaps) == 1 else None


def _gap(column: Column, zone: str, home_zone: str) -> int:
    return int((column.noon - _noon_at_home(column, zone, home_zone)) / timedelta(minutes=1))


def _noon_at_home(column: Column, zone: str, home_zone: str) -> datetime:
    return clock.wall(column.noon.replace(tzinfo=clock.zone_info(zone)), home_zone)
