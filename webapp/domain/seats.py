"""Seats: every place is decided here, under the trip's lock. (DESIGN rule 6.)"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)

from webapp import clock
from webapp.db import db
from webapp.errors import DomainError
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.held import HeldPlaces
from webapp.models.pick import Pick, PickState
from webapp.models.registration import HOLDS_SEATS, Party, Registration
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
    """How full a trip is. A limit of None means there is none, and then so many are left. What is
    held for a company or a mail domain and not taken yet is nobody else's."""

    delegates: int
    organizations: int
    max_delegates: int | None
    max_organizations: int | None
    held: int = 0
    held_organizations: int = 0

    @property
    def delegates_left(self) -> int | None:
        if self.max_delegates is None:
            return None
        return max(0, self.max_delegates - self.delegates - self.held)

    @property
    def organizations_left(self) -> int | None:
        if self.max_organizations is None:
            return None
        return max(0, self.max_organizations - self.organizations - self.held_organizations)

    @property
    def is_full(self) -> bool:
        return self.delegates_left == 0 or self.organizations_left == 0


@dataclass(frozen=True, slots=True)
class Room:
    """What there is for one company: places of the trip, places of its own limit (each None where
    there is no limit), and whether the trip takes it as one more organization. `own_block` of the
    places are held for it."""

    seats: int | None
    company: int
    has_company_place: bool
    own_block: int = 0

    def of_own_block(self) -> "Room":
        """The same where all other free places are kept for those who wait: only those held for the
        company itself count."""
        return replace(self, seats=self.own_block)

    def for_party(self, size: int, party: Party) -> int:
        """How many of `size` delegates come in now: all of them or none, or as many as can."""
        if not self.has_company_place:
            return 0
        most = min(size, self.company, size if self.seats is None else self.seats)
        return most if most == size or party == Party.ANY else 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block of held places in force: how many, and what is taken of it."""

    places: int
    delegates: int = 0
    organizations: int = 0

    @property
    def left(self) -> int:
        return max(0, self.places - self.delegates)


@dataclass(slots=True)
class Standing:
    """The places of a held trip, counted once and kept in step while several are given."""

    trip: Trip
    delegates: int
    organizations: int
    blocks: dict[int, Block]
    of_organization: dict[int, int]

    def places(self, but: int | None = None) -> Places:
        """How full the trip is for those who may draw on the block `but`, or on none."""
        others = [block for held_id, block in self.blocks.items() if held_id != but]
        return Places(
            self.delegates,
            self.organizations,
            self.trip.max_delegates,
            self.trip.max_organizations,
            held=sum(block.left for block in others),
            held_organizations=sum(1 for b in others if b.left and not b.organizations),
        )

    @property
    def is_full(self) -> bool:
        """Whether there is no place for anybody at all, held ones counted as free."""
        most = self.trip.max_delegates
        return most is not None and self.delegates >= most

    def room(
        self, organization_id: int | None, held_id: int | None, extra: int, *, is_in: bool
    ) -> Room:
        """What there is for a company, which holds places already (`is_in`) or comes anew, and may
        send `extra` more than others may."""
        open_places = self.places(but=held_id)
        own = self.of_organization.get(organization_id, 0) if organization_id else 0
        block = self.blocks.get(held_id) if held_id else None
        return Room(
            seats=open_places.delegates_left,
            company=max(0, self.trip.max_per_organization + extra - own),
            has_company_place=is_in or open_places.organizations_left != 0,
            own_block=block.left if block else 0,
        )

    def take(
        self, organization_id: int | None, held_id: int | None, delegates: int, new: int
    ) -> None:
        """Count what was just given to an organization, and how many came anew by it."""
        self.delegates += delegates
        self.organizations += new
        if organization_id is not None:
            before = self.of_organization.get(organization_id, 0)
            self.of_organization[organization_id] = before + delegates
        if held_id in self.blocks:
            block = self.blocks[held_id]
            self.blocks[held_id] = Block(
                block.places, block.delegates + delegates, block.organizations + new
            )


def hold(trip_id: int) -> Trip:
    """Lock the trip until the transaction ends, and forget what was read of it before.

    The lock alone is not enough: rows read before it was granted may be stale. FOR NO KEY UPDATE,
    so that rows which only refer to the trip can still be written by others.
    """
    db.session.flush()
    db.session.expire_all()
    return db.session.scalars(_HELD, {"trip": trip_id}).one()


_HELD = (
    select(Trip)
    .where(Trip.id == bindparam("trip"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def places(trip: Trip) -> Places:
    """How many places are taken, by applications that are accepted, offered a place or await a
    decision, and how many are held."""
    return standing(trip).places()


def standing(trip: Trip, organization_ids: Iterable[int] | Select[int] = ()) -> Standing:
    """Count the places of the trip: all, of each block, and of these organizations. One statement,
    and a row for each block and organization asked for."""
    given: dict[str, Any] = {"trip": trip.id, "now": clock.now()}
    if isinstance(organization_ids, Select):
        counting = _counting(Registration.organization_id.in_(organization_ids))
    else:
        counting = _OF_GIVEN
        given["asked"] = list(organization_ids)
    rows = db.session.execute(counting, given).all()
    blocks = {row.held_id: Block(row.places) for row in rows if row.places is not None}
    counts = Standing(trip, 0, 0, blocks, {})
    for row in rows:
        if row.places is None:
            counts.take(row.organization_id, row.held_id, row.delegates, row.registrations)
    return counts


def _counting(asked_for: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Places and registrations by organization, None for those not asked for, and by block; then
    the blocks in force, the only rows with `places`."""
    organization_id = case((asked_for, Registration.organization_id))
    taken = (
        select(
            organization_id.label("organization_id"),
            Registration.held_id,
            func.count(Delegate.id).label("delegates"),
            func.count(Registration.id.distinct()).label("registrations"),
            null().label("places"),
        )
        .outerjoin(
            Delegate,
            and_(
                Delegate.registration_id == Registration.id,
                Delegate.state == DelegateState.COMING,
            ),
        )
        .where(Registration.trip_id == bindparam("trip"), Registration.state.in_(HOLDS_SEATS))
        .group_by(organization_id, Registration.held_id)
    )
    blocks = select(null(), HeldPlaces.id, literal(0), literal(0), HeldPlaces.places).where(
        HeldPlaces.trip_id == bindparam("trip"),
        HeldPlaces.released_at.is_(None),
        HeldPlaces.until_at > bindparam("now"),
    )
    return union_all(taken, blocks)


# Made once: every registration asks it.
_OF_GIVEN = _counting(
    Registration.organization_id == any_(bindparam("asked", type_=ARRAY(BigInteger)))
)


def room_for(trip: Trip, registration: Registration) -> Room:
    """What the trip has for a registration that is there."""
    return standing(trip, [registration.organization_id]).room(
        registration.organization_id,
        registration.held_id,
        registration.extra_places,
        is_in=registration.state in HOLDS_SEATS,
    )


def refusal(room: Room, asked: int, limit: int) -> DomainError:
    """Why so many delegates do not come in: the company's own limit, no place for a company, or
    too few places."""
    if asked > limit:
        return TooManyDelegates(asked, limit)
    if not room.has_company_place:
        return NoCompanyPlaceLeft()
    return NoSeatLeft(asked, min(room.company, asked if room.seats is None else room.seats))


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
