"""Optional items: a delegate chooses them, waits for a place, leaves them. (DESIGN rule 6.)"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, feeds, published, seats
from webapp.domain.audits import By
from webapp.domain.correspondence import Told
from webapp.domain.published import Viewer
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.pick import Pick, PickState
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import TrackMember
from webapp.models.trip import Trip

OPEN = frozenset({PickState.CHOSEN, PickState.WAITING})


class NoSuchItem(DomainError):
    """The published agenda holds no such item, or none that this delegate may see."""


class NotAccepted(DomainError):
    """Only the delegates of an accepted company choose."""


class MandatoryItem(DomainError):
    """The item is part of the program: it is neither chosen nor left."""


class ItemCancelled(DomainError):
    """The item does not take place."""


# What keeps a choice from being made or taken back.
REFUSALS = (NoSuchItem, NotAccepted, MandatoryItem, ItemCancelled)


def choose(delegate: Delegate, item_uid: UUID, by: By) -> Pick:
    """Take a place in an optional item of the published agenda, or the end of its queue when all
    are taken. Whoever is in already, or waits, stays where they are.

    Raises NoSuchItem, NotAccepted, MandatoryItem, ItemCancelled.
    """
    trip = seats.hold(delegate.registration.trip_id)
    item = _optional(trip, delegate, item_uid)
    if not published.viewer(delegate).is_accepted:
        raise NotAccepted
    if item.is_cancelled:
        raise ItemCancelled
    item_id = _item_id(trip, item_uid)
    pick = _find(delegate, item_id)
    if pick and pick.state in OPEN:
        return pick
    free = seats.has_place(item_id, item.capacity)
    state = PickState.CHOSEN if free else PickState.WAITING
    if pick is None:
        pick = Pick(item_id=item_id, delegate_id=delegate.id, state=state, queued_at=clock.now())
        db.session.add(pick)
    else:
        pick.become(state)
        pick.queued_at = clock.now()
    db.session.flush()
    _tell(pick, "choose", by, trip, None, state)
    feeds.outdate_registrations([delegate.registration_id])
    return pick


def leave(delegate: Delegate, item_uid: UUID, by: By) -> Pick | None:
    """Give a place or a turn in the queue back; the first who waits moves up. Whoever is not in
    it stays out: None, or the pick as it was. Raises NoSuchItem or MandatoryItem."""
    trip = seats.hold(delegate.registration.trip_id)
    _optional(trip, delegate, item_uid)
    pick = _find(delegate, _item_id(trip, item_uid))
    if pick is None or pick.state not in OPEN:
        return pick
    _end(pick, "leave", by, trip)
    feeds.outdate_registrations([delegate.registration_id])
    settle(trip)
    return pick


def of(delegate: Delegate) -> dict[int, Pick]:
    """What the delegate has chosen or waits for, by the id of the item, which is loaded too."""
    found = db.session.scalars(
        select(Pick)
        .where(Pick.delegate_id == delegate.id, Pick.state.in_(OPEN))
        .options(joinedload(Pick.item))
    )
    return {pick.item_id: pick for pick in found}


def ranks(delegate: Delegate) -> dict[int, int]:
    """For each item that the delegate waits for, by its id: the place in the queue, from 1."""
    order = func.row_number().over(partition_by=Pick.item_id, order_by=(Pick.queued_at, Pick.id))
    mine = select(Pick.item_id).where(
        Pick.delegate_id == delegate.id, Pick.state == PickState.WAITING
    )
    queue = (
        select(Pick.item_id, Pick.delegate_id, order.label("rank"))
        .where(Pick.state == PickState.WAITING, Pick.item_id.in_(mine))
        .subquery()
    )
    rows = db.session.execute(
        select(queue.c.item_id, queue.c.rank).where(queue.c.delegate_id == delegate.id)
    )
    return {item_id: rank for item_id, rank in rows}


def settle(trip: Trip) -> None:
    """Bring the picks of the trip in line with its published agenda. The caller holds the trip.

    A pick ends when its delegate may no longer see or choose the item; nobody waits for an item
    that is cancelled, but whoever had chosen it keeps it, so that the calendar can say that it is
    off (icalendar.md E9). Then those who wait move up in order while there are places. A capacity
    lowered under the number of those who are in sends nobody away. Whoever moves up is written to.
    """
    db.session.flush()
    rows = _open_picks(trip)
    if not rows:
        return
    items = {item.uid: item for item in published.optional(trip)}
    followed = _followed(trip) if any(item.track_id for item in items.values()) else {}
    ended = {row.pick_id for row in rows if not _stands(row, items.get(row.uid), followed)}
    promoted = _next_in_line([row for row in rows if row.pick_id not in ended], items)
    changed = _load(ended | promoted)
    for pick in changed:
        if pick.id in ended:
            _end(pick, "end", audits.SYSTEM, trip)
        else:
            pick.become(PickState.CHOSEN)
            _tell(pick, "promote", audits.SYSTEM, trip, PickState.WAITING, PickState.CHOSEN)
    correspondence.put([_letter(pick) for pick in changed if pick.id in promoted])
    feeds.outdate_registrations(
        {row.registration_id for row in rows if row.pick_id in ended | promoted}
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One open pick, with what decides whether it stands. In order of the queue."""

    pick_id: int
    state: PickState
    uid: UUID
    delegate_id: int
    delegate_state: DelegateState
    registration_id: int
    registration_state: RegistrationState
    organization_id: int


def _open_picks(trip: Trip) -> list[_Row]:
    rows = db.session.execute(
        select(
            Pick.id,
            Pick.state,
            AgendaItem.uid,
            Pick.delegate_id,
            Delegate.state,
            Registration.id,
            Registration.state,
            Registration.organization_id,
        )
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .join(Delegate, Pick.delegate_id == Delegate.id)
        .join(Registration, Delegate.registration_id == Registration.id)
        .where(AgendaItem.trip_id == trip.id, Pick.state.in_(OPEN))
        .order_by(Pick.queued_at, Pick.id)
    )
    return [_Row(*row) for row in rows]


def _followed(trip: Trip) -> dict[int, set[int]]:
    """The ids of the tracks that each delegate follows, by the delegate's id."""
    found: dict[int, set[int]] = {}
    tracks = [track.id for track in trip.tracks]
    for member in db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id).where(
            TrackMember.track_id.in_(tracks)
        )
    ):
        found.setdefault(member.delegate_id, set()).add(member.track_id)
    return found


def _stands(row: _Row, item: ReleaseItem | None, followed: Mapping[int, set[int]]) -> bool:
    accepted = row.registration_state == RegistrationState.ACCEPTED
    if item is None or not accepted or row.delegate_state != DelegateState.COMING:
        return False
    if item.is_cancelled and row.state == PickState.WAITING:
        return False
    tracks = frozenset(followed.get(row.delegate_id, ()))
    return Viewer(row.registration_state, row.organization_id, tracks).sees(item)


def _next_in_line(rows: Iterable[_Row], items: Mapping[UUID, ReleaseItem]) -> set[int]:
    """The picks that move up, first come first served, as far as the published capacity allows."""
    taken: dict[UUID, int] = {}
    waiting: dict[UUID, list[int]] = {}
    for row in rows:
        if row.state == PickState.CHOSEN:
            taken[row.uid] = taken.get(row.uid, 0) + 1
        else:
            waiting.setdefault(row.uid, []).append(row.pick_id)
    promoted: set[int] = set()
    for uid, queue in waiting.items():
        capacity = items[uid].capacity
        free = len(queue) if capacity is None else max(0, capacity - taken.get(uid, 0))
        promoted.update(queue[:free])
    return promoted


def _load(ids: set[int]) -> list[Pick]:
    if not ids:
        return []
    query = (
        select(Pick)
        .where(Pick.id.in_(ids))
        .options(joinedload(Pick.item), joinedload(Pick.delegate).joinedload(Delegate.registration))
    )
    return list(db.session.scalars(query.order_by(Pick.id)))


def _letter(pick: Pick) -> Told:
    """One letter for each time that somebody comes up: `queued_at` tells their turns apart."""
    turn = f"{pick.item_id}.{pick.queued_at:%Y%m%d%H%M%S%f}"
    return correspondence.for_delegate(
        "session_place", pick.delegate, turn, item_uid=str(pick.item.uid)
    )


def _optional(trip: Trip, delegate: Delegate, item_uid: UUID) -> ReleaseItem:
    item = published.item(trip, item_uid)
    if item is None or not published.viewer(delegate).sees(item):
        raise NoSuchItem
    if item.attendance == Attendance.MANDATORY:
        raise MandatoryItem
    return item


def _item_id(trip: Trip, item_uid: UUID) -> int:
    found = db.session.scalar(
        select(AgendaItem.id).where(AgendaItem.trip_id == trip.id, AgendaItem.uid == item_uid)
    )
    if found is None:
        raise NoSuchItem
    return found


def _find(delegate: Delegate, item_id: int) -> Pick | None:
    return db.session.scalars(
        select(Pick).where(Pick.delegate_id == delegate.id, Pick.item_id == item_id)
    ).one_or_none()


def _end(pick: Pick, action: str, by: By, trip: Trip) -> None:
    before = pick.state
    pick.become(PickState.LEFT)
    db.session.flush()
    _tell(pick, action, by, trip, before, PickState.LEFT)


def _tell(
    pick: Pick, action: str, by: By, trip: Trip, before: PickState | None, after: PickState
) -> None:
    audits.write(
        by,
        pick,
        action,
        trip_id=trip.id,
        before={"state": before} if before else None,
        after={
            "state": after,
            "item": pick.item_id,
            "title": pick.item.title,
            "delegate": pick.delegate_id,
        },
    )
