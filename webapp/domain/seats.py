"""Seats: every place is decided here, under the trip's lock. (DESIGN rule 6.)"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.db import db
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.pick import Pick, PickState
from webapp.models.registration import HOLDS_SEATS, Registration
from webapp.models.trip import Trip


class NoSeatLeft(DomainError):
    """The trip has fewer places left than are asked for."""

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{asked} places asked, {left} left")
        self.asked = asked
        self.left = left


class NoCompanyPlaceLeft(DomainError):
    """The trip takes no further organization."""


class TooManyDelegates(DomainError):
    """One organization asks for more places than the trip gives to one."""

    def __init__(self, asked: int, limit: int) -> None:
        super().__init__(f"{asked} delegates asked, {limit} allowed")
        self.asked = asked
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Places:
    """How full a trip is. A limit of None means there is none, and then so many are left."""

    delegates: int
    organizations: int
    max_delegates: int | None
    max_organizations: int | None

    @property
    def delegates_left(self) -> int | None:
        if self.max_delegates is None:
            return None
        return max(0, self.max_delegates - self.delegates)

    @property
    def organizations_left(self) -> int | None:
        if self.max_organizations is None:
            return None
        return max(0, self.max_organizations - self.organizations)

    @property
    def is_full(self) -> bool:
        return self.delegates_left == 0 or self.organizations_left == 0


def hold(trip_id: int) -> Trip:
    """Lock the trip until the transaction ends, and forget what was read of it before.

    The lock alone is not enough: rows read before it was granted may be stale. FOR NO KEY UPDATE,
    so that rows which only refer to the trip can still be written by others.
    """
    db.session.flush()
    db.session.execute(
        select(Trip.id).where(Trip.id == trip_id).with_for_update(key_share=True)
    ).one()
    db.session.expire_all()
    return db.session.get_one(Trip, trip_id)


def places(trip: Trip) -> Places:
    """How many places are taken: by applications that are accepted or await a decision."""
    delegates, organizations = db.session.execute(
        select(func.count(Delegate.id), func.count(Registration.id.distinct()))
        .select_from(Registration)
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(Registration.trip_id == trip.id, Registration.state.in_(HOLDS_SEATS))
    ).one()
    return Places(delegates, organizations, trip.max_delegates, trip.max_organizations)


def take(trip: Trip, delegates: int) -> None:
    """See that one more organization with so many delegates fits into the held trip.

    Raises NoCompanyPlaceLeft or NoSeatLeft. The caller holds the trip (`hold`) and writes the
    rows in the same transaction.
    """
    taken = places(trip)
    if taken.organizations_left == 0:
        raise NoCompanyPlaceLeft
    if taken.delegates_left is not None and delegates > taken.delegates_left:
        raise NoSeatLeft(delegates, taken.delegates_left)


def has_place(item_id: int, capacity: int | None) -> bool:
    """Whether one more delegate fits into an item of the held trip that takes `capacity` (None: as
    many as come). Nobody overtakes those who wait already."""
    if capacity is None:
        return True
    places_of = item_places([item_id])[item_id]
    return places_of.waiting == 0 and places_of.chosen < capacity


@dataclass(frozen=True, slots=True)
class ItemPlaces:
    """How many delegates have chosen an optional item, and how many wait for a place in it."""

    chosen: int = 0
    waiting: int = 0

    def left(self, capacity: int | None) -> int | None:
        """How many places are free; None where there is no limit."""
        return None if capacity is None else max(0, capacity - self.chosen)


def item_places(item_ids: Iterable[int]) -> dict[int, ItemPlaces]:
    """How full each of these items is; each is a key."""
    wanted = list(item_ids)
    counts: dict[int, dict[PickState, int]] = {item_id: {} for item_id in wanted}
    rows = db.session.execute(
        select(Pick.item_id, Pick.state, func.count())
        .where(Pick.item_id.in_(wanted), Pick.state != PickState.LEFT)
        .group_by(Pick.item_id, Pick.state)
    )
    for item_id, state, count in rows:
        counts[item_id][state] = count
    return {
        item_id: ItemPlaces(by.get(PickState.CHOSEN, 0), by.get(PickState.WAITING, 0))
        for item_id, by in counts.items()
    }
