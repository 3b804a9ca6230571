"""The agenda as organizers work on it: adding, changing and calling off items of the draft."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from webapp import clock
from webapp.db import db
from webapp.domain import audits, item_values, seats
from webapp.domain.audits import By
from webapp.domain.item_values import EndsBeforeStart, ItemValues, TimeRefused, moment
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, ItemCompany, ItemPerson, ItemState
from webapp.models.release import ReleaseItem
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip

__all__ = ["EndsBeforeStart", "ItemValues", "TimeRefused", "moment"]


class ChangedMeanwhile(DomainError):
    """Somebody else changed or deleted the item since the page was opened."""


def add(trip: Trip, values: ItemValues, by: By, item_uid: uuid.UUID | None = None) -> AgendaItem:
    """Add an item to the draft. Raises TimeRefused or EndsBeforeStart."""
    item = AgendaItem(
        uid=item_uid or uuid.uuid4(),
        trip_id=trip.id,
        created_at=clock.now(),
        people=[],  # known to be none: not asked for
        companies=[],
        **item_values.columns(values),
    )
    db.session.add(item)
    db.session.flush()
    _fill_rows(item, values)
    db.session.flush()
    audits.write(by, item, "add", trip_id=trip.id, after=_facts(item))
    return item


def change(item: AgendaItem, values: ItemValues, by: By, seen_version: int) -> AgendaItem:
    """Change an item of the draft.

    `seen_version` is the version that the editor saw: raises ChangedMeanwhile when another edit
    came between, TimeRefused, EndsBeforeStart, or MoveRefused.
    """
    hold(item)
    if item.version != seen_version:
        raise ChangedMeanwhile
    return rewrite(item, values, by)


def rewrite(item: AgendaItem, values: ItemValues, by: By) -> AgendaItem:
    """The same for one of many: the caller holds the trip, and has read the item since.

    Raises TimeRefused, EndsBeforeStart, or MoveRefused.
    """
    before = _facts(item)
    columns = item_values.columns(values)
    state = columns.pop("state")
    for name, value in columns.items():
        setattr(item, name, value)
    if state != item.state:
        item.become(state)
    _fill_rows(item, values)
    db.session.flush()
    after = _facts(item)
    changed = {key for key in after if after[key] != before[key]}
    if changed:
        if changed <= item_values.ROWS:  # else whoever edits it at the same time is not told
            flag_modified(item, "title")
            db.session.flush()
        changed.add("title")
        audits.write(
            by,
            item,
            "change",
            trip_id=item.trip_id,
            before={key: before[key] for key in sorted(changed)},
            after={key: after[key] for key in sorted(changed)},
        )
    return item


def call_off(item: AgendaItem, by: By) -> AgendaItem | None:
    """Take an item off the draft: what was published is cancelled, so that calendars can say so;
    what never was is deleted, and None returned. Raises MoveRefused when it is cancelled already.
    """
    try:
        hold(item)
    except ChangedMeanwhile:
        return None  # whoever came first deleted it
    before = _facts(item)
    if was_published(item):
        item.become(ItemState.CANCELLED)
        db.session.flush()
        audits.write(
            by,
            item,
            "cancel",
            trip_id=item.trip_id,
            before={"state": before["state"], "title": item.title},
            after={"state": ItemState.CANCELLED, "title": item.title},
        )
        return item
    audits.write(by, item, "delete", trip_id=item.trip_id, before=before)
    db.session.delete(item)
    db.session.flush()
    return None


def bring_back(item: AgendaItem, by: By) -> AgendaItem:
    """Undo a cancellation in the draft. Raises MoveRefused when the item is not cancelled,
    ChangedMeanwhile when it is gone."""
    hold(item)
    if not item.is_cancelled:
        raise MoveRefused(item, item.state, ItemState.CONFIRMED)
    item.become(ItemState.CONFIRMED)
    db.session.flush()
    audits.write(
        by,
        item,
        "restore",
        trip_id=item.trip_id,
        before={"state": ItemState.CANCELLED, "title": item.title},
        after={"state": ItemState.CONFIRMED, "title": item.title},
    )
    return item


def was_published(item: AgendaItem) -> bool:
    """Whether any release ever held the item."""
    return bool(db.session.scalar(select(exists().where(ReleaseItem.uid == item.uid))))


def draft(trip: Trip) -> Sequence[AgendaItem]:
    """The working copy, in order of start."""
    return db.session.scalars(
        select(AgendaItem)
        .where(AgendaItem.trip_id == trip.id)
        .options(
            joinedload(AgendaItem.venue),
            joinedload(AgendaItem.room),
            joinedload(AgendaItem.to_venue),
            joinedload(AgendaItem.track),
            joinedload(AgendaItem.stop),
            joinedload(AgendaItem.host),
            selectinload(AgendaItem.people).joinedload(ItemPerson.person),
            selectinload(AgendaItem.companies),
        )
        .order_by(AgendaItem.starts_at, AgendaItem.uid)
    ).all()


def find(trip: Trip, item_id: int) -> AgendaItem | None:
    """The item of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(AgendaItem).where(AgendaItem.id == item_id, AgendaItem.trip_id == trip.id)
    ).one_or_none()


def by_uid(trip: Trip, uid: uuid.UUID) -> AgendaItem | None:
    """The item of this trip with that UID, or None: never another trip's."""
    return db.session.scalars(
        select(AgendaItem).where(AgendaItem.uid == uid, AgendaItem.trip_id == trip.id)
    ).one_or_none()


def hold(item: AgendaItem) -> None:
    """Lock the item's trip, so that no edit and no publication crosses this one, and read the item
    anew. Raises ChangedMeanwhile when it is gone."""
    try:
        seats.hold(item.trip_id)
        db.session.refresh(item)
    except InvalidRequestError as error:
        raise ChangedMeanwhile from error


def _fill_rows(item: AgendaItem, values: ItemValues) -> None:
    """Bring the rows beside an item up to `values`: its people, and the companies it is for."""
    if values.people != tuple((each.person_id, each.role) for each in item.people):
        item.people = []
        db.session.flush()  # or the same person in another place would be there twice
        item.people = [
            ItemPerson(person_id=person_id, role=role, position=position)
            for position, (person_id, role) in enumerate(dict.fromkeys(values.people))
        ]
    if set(values.company_ids) != set(item.organization_ids):
        item.companies = []
        db.session.flush()
        item.companies = [
            ItemCompany(organization_id=each) for each in sorted({*values.company_ids})
        ]


def _facts(item: AgendaItem) -> dict[str, Any]:
    return item_values.facts(item_values.of(item))
