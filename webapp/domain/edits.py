"""Edits of the draft that whoever made them can undo and redo: the verbs of `agendas`, remembered.

Each member of staff has a list of their own for each trip. Undoing never overwrites what somebody
else did since: then it raises, and the edit can be forgotten, so that the one before comes next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.db import Facts, db
from webapp.domain import agendas, audits, item_values, seats
from webapp.domain.item_values import ItemValues
from webapp.models.agenda import AgendaEdit, AgendaItem, ItemState
from webapp.models.basis import Basis
from webapp.models.staff import Staff
from webapp.models.trip import Trip

KEPT = 200  # edits of one member of staff in one trip

# What an item holds beside its values, and must not lose by being deleted and brought back.
_BESIDE = ("held_back", "import_key", "basis", "basis_note", "sources")


class ChangedSince(agendas.ChangedMeanwhile):
    """The item stands no longer as the edit left it, so the edit cannot be undone or redone:
    somebody changed it since, or what the edit would bring back (a venue, a track) is gone."""

    def __init__(self, edit: AgendaEdit) -> None:
        super().__init__(f"edit {edit.id}")
        self.edit_id = edit.id
        self.item_uid = edit.item_uid
        self.item_title = title(edit)


def add(trip: Trip, values: ItemValues, staff: Staff) -> AgendaItem:
    """Add an item to the draft. Raises TimeRefused or EndsBeforeStart."""
    seats.hold(trip.id)
    item = agendas.add(trip, values, audits.by_staff(staff))
    _record(item.trip_id, staff, item.uid, None, _facts(item))
    return item


def change(item: AgendaItem, values: ItemValues, staff: Staff, seen_version: int) -> AgendaItem:
    """Change an item of the draft; saving it as it stands leaves no edit. Raises what
    `agendas.change` raises."""
    agendas.hold(item)
    before = _facts(item)
    agendas.change(item, values, audits.by_staff(staff), seen_version)
    after = _facts(item)
    if after != before:
        _record(item.trip_id, staff, item.uid, before, after)
    return item


def call_off(item: AgendaItem, staff: Staff) -> AgendaItem | None:
    """Cancel what was published, and return it; delete what never was, and return None. Raises
    MoveRefused when it is cancelled already."""
    try:
        agendas.hold(item)
    except agendas.ChangedMeanwhile:
        return None  # whoever came first deleted it
    trip_id, uid, before = item.trip_id, item.uid, _facts(item)
    left = agendas.call_off(item, audits.by_staff(staff))
    _record(trip_id, staff, uid, before, _facts(left) if left else None)
    return left


def bring_back(item: AgendaItem, staff: Staff) -> AgendaItem:
    """Take a cancellation back. Raises MoveRefused when the item is not cancelled,
    ChangedMeanwhile when it is gone."""
    agendas.hold(item)
    before = _facts(item)
    agendas.bring_back(item, audits.by_staff(staff))
    _record(item.trip_id, staff, item.uid, before, _facts(item))
    return item


def undo(trip: Trip, staff: Staff) -> AgendaEdit | None:
    """Undo the latest edit of `staff` in this trip; None when there is none left.

    What was deleted comes back with its UID; what was added is deleted, or cancelled when a
    release holds it by now. Raises ChangedSince.
    """
    seats.hold(trip.id)
    edit = next_undo(trip, staff)
    if edit is not None:
        _step(trip, edit, edit.after, edit.before, staff)
        edit.undone = True
        db.session.flush()
    return edit


def redo(trip: Trip, staff: Staff) -> AgendaEdit | None:
    """Do again what was undone last; None when there is nothing. Raises ChangedSince."""
    seats.hold(trip.id)
    edit = next_redo(trip, staff)
    if edit is not None:
        _step(trip, edit, edit.before, edit.after, staff)
        edit.undone = False
        db.session.flush()
    return edit


def next_undo(trip: Trip, staff: Staff) -> AgendaEdit | None:
    """The edit that `undo` would take back."""
    return db.session.scalars(
        _of(trip.id, staff, undone=False).order_by(AgendaEdit.id.desc()).limit(1)
    ).first()


def next_redo(trip: Trip, staff: Staff) -> AgendaEdit | None:
    """The edit that `redo` would do again."""
    return db.session.scalars(
        _of(trip.id, staff, undone=True).order_by(AgendaEdit.id).limit(1)
    ).first()


def forget(trip: Trip, staff: Staff, edit_id: int) -> None:
    """Drop an edit that cannot be undone or redone any more, so that the next one can."""
    db.session.execute(
        delete(AgendaEdit).where(
            AgendaEdit.id == edit_id,
            AgendaEdit.trip_id == trip.id,
            AgendaEdit.staff_id == staff.id,
        )
    )


def title(edit: AgendaEdit) -> dict[str, str]:
    """What the edited item is called, in each language."""
    said: Facts = edit.after or edit.before or {}
    found: dict[str, str] = said.get("title", {})
    return found


def _of(trip_id: int, staff: Staff, *, undone: bool) -> Any:
    return select(AgendaEdit).where(
        AgendaEdit.trip_id == trip_id,
        AgendaEdit.staff_id == staff.id,
        AgendaEdit.undone.is_(undone),
    )


def _record(
    trip_id: int, staff: Staff, uid: UUID, before: Facts | None, after: Facts | None
) -> None:
    """Keep the edit; what was undone before it can no longer be redone."""
    mine = (AgendaEdit.trip_id == trip_id, AgendaEdit.staff_id == staff.id)
    db.session.execute(delete(AgendaEdit).where(*mine, AgendaEdit.undone.is_(True)))
    db.session.add(
        AgendaEdit(
            trip_id=trip_id,
            staff_id=staff.id,
            item_uid=uid,
            at=clock.now(),
            before=before,
            after=after,
        )
    )
    db.session.flush()
    too_old = select(AgendaEdit.id).where(*mine).order_by(AgendaEdit.id.desc()).offset(KEPT)
    db.session.execute(delete(AgendaEdit).where(AgendaEdit.id.in_(too_old)))


def _step(
    trip: Trip, edit: AgendaEdit, seen: Facts | None, wanted: Facts | None, staff: Staff
) -> None:
    """Bring the item of `edit` from `seen`, as which it must stand, to `wanted`."""
    item = agendas.by_uid(trip, edit.item_uid)
    by = audits.by_staff(staff)
    with _stands_or_raises(edit):
        if not _stands(item, seen, wanted):
            raise ChangedSince(edit)
        if wanted is None:
            if item is not None:
                agendas.call_off(item, by)
        elif item is None:
            item = agendas.add(trip, item_values.from_facts(wanted), by, edit.item_uid)
            _put_beside(item, wanted)
        else:
            agendas.change(item, item_values.from_facts(wanted), by, item.version)


@contextmanager
def _stands_or_raises(edit: AgendaEdit) -> Iterator[None]:
    """A reference to what is gone undoes the step and raises ChangedSince."""
    gone = ChangedSince(edit)
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        raise gone from error


def _stands(item: AgendaItem | None, seen: Facts | None, wanted: Facts | None) -> bool:
    """Whether the item is as the edit left it. Gone and cancelled are the same here: an item that
    was published between the edit and now is cancelled where it would have been deleted."""
    if item is None:
        return seen is None
    db.session.refresh(item)
    values = item_values.of(item)
    if seen is not None:
        return values == item_values.from_facts(seen)
    if not item.is_cancelled or wanted is None:
        return False
    return values == replace(item_values.from_facts(wanted), state=ItemState.CANCELLED)


def _facts(item: AgendaItem) -> Facts:
    """What the item says and holds, as it is stored."""
    db.session.refresh(item)
    beside = {name: getattr(item, name) for name in _BESIDE}
    return item_values.facts(item_values.of(item)) | beside


def _put_beside(item: AgendaItem, said: Facts) -> None:
    for name in _BESIDE:
        if name in said:
            setattr(item, name, Basis(said[name]) if name == "basis" else said[name])
