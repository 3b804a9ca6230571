"""The agenda as organizers work on it: adding, changing and calling off items of the draft."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, Audience, ItemKind, ItemState
from webapp.models.release import ReleaseItem
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip


class EndsBeforeStart(DomainError):
    """The end is not later than the start, compared as instants."""


class TimeRefused(DomainError):
    """One end of the item has a time that cannot stand; `end` is "starts" or "ends", and `cause`
    a clock.UnknownZone, clock.WallTimeMissing or clock.WallTimeTwice."""

    def __init__(self, end: str, cause: DomainError) -> None:
        super().__init__(f"{end}: {cause}")
        self.end = end
        self.cause = cause


class ChangedMeanwhile(DomainError):
    """Somebody else changed or deleted the item since the page was opened."""


@dataclass(frozen=True, slots=True)
class ItemValues:
    """What an organizer says of an item. Times are naive wall times with their zone; a fold of
    None means that nobody was asked which pass of a repeated hour is meant."""

    kind: ItemKind
    title: Words
    starts_local: datetime
    starts_zone: str
    ends_local: datetime
    ends_zone: str
    starts_fold: int | None = None
    ends_fold: int | None = None
    description: Words | None = None
    audience: Audience = Audience.EVERYBODY
    state: ItemState = ItemState.CONFIRMED
    stop_id: int | None = None
    venue_id: int | None = None
    track_id: int | None = None
    place: str | None = None
    internal_note: str | None = None


def add(trip: Trip, values: ItemValues, by: By, item_uid: uuid.UUID | None = None) -> AgendaItem:
    """Add an item to the draft. Raises TimeRefused or EndsBeforeStart."""
    item = AgendaItem(
        uid=item_uid or uuid.uuid4(), trip_id=trip.id, created_at=clock.now(), **_columns(values)
    )
    db.session.add(item)
    db.session.flush()
    audits.write(by, item, "add", trip_id=trip.id, after=_facts(item))
    return item


def change(item: AgendaItem, values: ItemValues, by: By, seen_version: int) -> AgendaItem:
    """Change an item of the draft.

    `seen_version` is the version that the editor saw: raises ChangedMeanwhile when another edit
    came between, TimeRefused, EndsBeforeStart, or MoveRefused.
    """
    _hold(item)
    if item.version != seen_version:
        raise ChangedMeanwhile
    before = _facts(item)
    columns = _columns(values)
    state = columns.pop("state")
    for name, value in columns.items():
        setattr(item, name, value)
    if state != item.state:
        item.become(state)
    db.session.flush()
    after = _facts(item)
    if after != before:
        changed = {key for key in after if after[key] != before[key]}
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
        _hold(item)
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
            before={"state": before["state"]},
            after={"state": ItemState.CANCELLED},
        )
        return item
    audits.write(by, item, "delete", trip_id=item.trip_id, before=before)
    db.session.delete(item)
    db.session.flush()
    return None


def bring_back(item: AgendaItem, by: By) -> AgendaItem:
    """Undo a cancellation in the draft. Raises MoveRefused when the item is not cancelled,
    ChangedMeanwhile when it is gone."""
    _hold(item)
    if not item.is_cancelled:
        raise MoveRefused(item, item.state, ItemState.CONFIRMED)
    item.become(ItemState.CONFIRMED)
    db.session.flush()
    audits.write(
        by,
        item,
        "restore",
        trip_id=item.trip_id,
        before={"state": ItemState.CANCELLED},
        after={"state": ItemState.CONFIRMED},
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
            joinedload(AgendaItem.venue), joinedload(AgendaItem.track), joinedload(AgendaItem.stop)
        )
        .order_by(AgendaItem.starts_at, AgendaItem.uid)
    ).all()


def find(trip: Trip, item_id: int) -> AgendaItem | None:
    """The item of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(AgendaItem).where(AgendaItem.id == item_id, AgendaItem.trip_id == trip.id)
    ).one_or_none()


def moment(end: str, local: datetime, zone: str, fold: int | None) -> datetime:
    """The instant of one end of an item, aware UTC. Raises TimeRefused naming the end."""
    try:
        return clock.instant(local, zone, fold)
    except (clock.UnknownZone, clock.WallTimeMissing, clock.WallTimeTwice) as error:
        raise TimeRefused(end, error) from error


def _hold(item: AgendaItem) -> None:
    """Lock the item's trip, so that no edit and no publication crosses this one, and read the item
    anew. Raises ChangedMeanwhile when it is gone."""
    try:
        seats.hold(item.trip_id)
        db.session.refresh(item)
    except InvalidRequestError as error:
        raise ChangedMeanwhile from error


def _columns(values: ItemValues) -> dict[str, Any]:
    starts_at = moment("starts", values.starts_local, values.starts_zone, values.starts_fold)
    ends_at = moment("ends", values.ends_local, values.ends_zone, values.ends_fold)
    if ends_at <= starts_at:
        raise EndsBeforeStart
    columns = {field.name: getattr(values, field.name) for field in fields(values)}
    return columns | {
        "starts_fold": _fold(values.starts_local, values.starts_zone, values.starts_fold),
        "ends_fold": _fold(values.ends_local, values.ends_zone, values.ends_fold),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def _fold(local: datetime, zone: str, fold: int | None) -> int:
    """The second pass is kept only where there is one: a time that moved away forgets it."""
    return 1 if fold and clock.is_doubled(local, zone) else 0


def _facts(item: AgendaItem) -> dict[str, Any]:
    return {field.name: _plain(getattr(item, field.name)) for field in fields(ItemValues)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
