"""The waiting list: who is next, why, and who comes up when places are free. (DESIGN rule 6.)

Two kinds of claims stand in one line: a company that waits with its party, and a delegate who
waits for a place while the company is in. Each limit has its own list in that line: a company
waits for a place as a company and for places for its delegates; a delegate for a place of the
company's own limit and for one of the trip. A claim is passed over as long as the list that it
stands in does not move, and keeps its turn.

Where the trip skips parties, places that are too few for a claim go to the next one that they are
enough for; where it does not, they wait for it. Places of a held block are given out within it
whoever waits before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, picks, seats, standings
from webapp.domain.seats import Room, Standing
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import HOLDS_SEATS, Party, Registration, RegistrationState
from webapp.models.trip import Order, Promotion, Trip, TripState


class WaitsFor(StrEnum):
    """What keeps a claim from coming up now."""

    DECISION = "decision"  # in reserve: an organizer says when
    COMPANY_PLACE = "company_place"  # the trip takes no further organization
    OWN_LIMIT = "own_limit"  # the company sends as many as one may
    TOO_MANY = "too_many"  # a party larger than the whole trip
    SEATS = "seats"  # too few places, or none
    THOSE_BEFORE = "those_before"  # places are kept for a party before it
    NOTHING = "nothing"  # it comes up as soon as the list is gone through


@dataclass(frozen=True, slots=True)
class Claim:
    """One that waits: a registration with its party, or one delegate of a registration."""

    registration_id: int
    delegate_id: int | None
    organization_id: int
    held_id: int | None
    extra_places: int
    in_reserve: bool
    party: Party
    score: int | None
    since: datetime
    asks: int

    @property
    def is_in(self) -> bool:
        """Whether its company holds places already."""
        return self.delegate_id is not None


@dataclass(frozen=True, slots=True)
class Turn:
    """One place in the line, from 1: who waits for how many places, since when, and for what.
    `seats` and `company` are what there is (None: no limit)."""

    rank: int
    registration: Registration
    delegate: Delegate | None
    asks: int
    party: Party
    score: int | None
    since: datetime
    waits_for: WaitsFor
    seats: int | None
    company: int


def settle(trip: Trip) -> None:
    """Let come up all who can, in order. The caller holds the trip and has done what frees places.

    Two statements when the trip is full, one more when nobody waits; nobody comes up in a tour that
    does not take place or is over.
    """
    db.session.flush()
    if not _is_live(trip):
        return
    standing = _standing(trip)
    if standing.is_full:
        return
    claims = _claims(trip)
    came_up = False
    for claim, places, _why, _room in _serve(trip, claims, standing):
        if places:
            _come_up(trip, claim, places)
            came_up = True
    if came_up:
        picks.settle(trip)


def anybody(trip: Trip) -> bool:
    """Whether somebody's turn may come: a cheap question, for those who come anew."""
    return bool(db.session.scalar(_ANYBODY, {"trip": trip.id}))


def _anybody() -> Select[bool]:
    of_trip = Registration.trip_id == bindparam("trip")
    waits = exists().where(
        of_trip,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.in_reserve.is_(False),
    )
    one_waits = (
        exists()
        .where(Delegate.registration_id == Registration.id)
        .where(
            Delegate.state == DelegateState.WAITING,
            of_trip,
            Registration.state.in_(HOLDS_SEATS),
        )
    )
    return select(waits | one_waits)


_ANYBODY = _anybody()  # made once: every registration asks it


def keeps_places(trip: Trip) -> bool:
    """Whether places that are free are kept for a party before: nobody new may take them."""
    if trip.skips_parties:
        return False
    standing = _standing(trip)
    if standing.is_full:
        return False
    served = _serve(trip, _claims(trip), standing)
    return any(why == WaitsFor.SEATS for _claim, _places, why, _room in served)


def line(trip: Trip, freed: int = 0) -> list[Turn]:
    """The waiting list in order, with why each stands where it stands; or would stand if so many
    more places were free. A constant number of statements."""
    standing = _standing(trip)
    standing.delegates -= freed
    served = _serve(trip, _claims(trip), standing)
    registrations = _registrations(claim.registration_id for claim, *_rest in served)
    return [
        _turn(rank, registrations[claim.registration_id], claim, why, room)
        for rank, (claim, _places, why, room) in enumerate(served, start=1)
    ]


def rank_of(registration: Registration) -> Turn | None:
    """The first turn that a registration, or one of its delegates, has in the line."""
    waits = any(d.state == DelegateState.WAITING for d in registration.delegates)
    if not waits and registration.state != RegistrationState.WAITLISTED:
        return None
    trip = registration.trip
    for rank, (claim, _places, why, room) in enumerate(
        _serve(trip, _claims(trip), _standing(trip)), start=1
    ):
        if claim.registration_id == registration.id:
            return _turn(rank, registration, claim, why, room)
    return None


def _turn(rank: int, registration: Registration, claim: Claim, why: WaitsFor, room: Room) -> Turn:
    return Turn(
        rank=rank,
        registration=registration,
        delegate=next((d for d in registration.everybody if d.id == claim.delegate_id), None),
        asks=claim.asks,
        party=claim.party,
        score=claim.score,
        since=claim.since,
        waits_for=why,
        seats=room.seats,
        company=room.company,
    )


def in_order(trip: Trip, ids: Iterable[int]) -> list[int]:
    """These registrations, those in the line first and by their turn."""
    turns = {claim.registration_id: n for n, claim in enumerate(_claims(trip))}
    return sorted(ids, key=lambda number: turns.get(number, len(turns)))


def before(registration: Registration) -> int:
    """How many claims of others stand before this registration and wait for their turn: all of
    them where it is not in the line itself."""
    others = 0
    for claim in _claims(registration.trip):
        if claim.registration_id == registration.id and not claim.is_in:
            break
        others += not claim.in_reserve and claim.registration_id != registration.id
    return others


def _is_live(trip: Trip) -> bool:
    today = clock.wall(clock.now(), trip.zone).date()
    return trip.state == TripState.ANNOUNCED and today <= trip.ends_on


def _serve(
    trip: Trip, claims: Sequence[Claim], standing: Standing
) -> list[tuple[Claim, int, WaitsFor, Room]]:
    """For each claim in order how many places it gets, and what it waits for when none."""
    kept = False  # free places wait for a party that they are too few for
    served = []
    for claim in claims:
        room = standing.room(
            claim.organization_id, claim.held_id, claim.extra_places, is_in=claim.is_in
        )
        places, why = _grant(trip, claim, room, kept=kept)
        if places:
            standing.take(claim.organization_id, claim.held_id, places, new=0 if claim.is_in else 1)
        elif why == WaitsFor.SEATS and not trip.skips_parties:
            kept = True
        served.append((claim, places, why, room))
    return served


def _grant(trip: Trip, claim: Claim, room: Room, *, kept: bool) -> tuple[int, WaitsFor]:
    if claim.in_reserve:
        return 0, WaitsFor.DECISION
    if not room.has_company_place:
        return 0, WaitsFor.COMPANY_PLACE
    if room.company == 0 or (claim.party == Party.ALL and room.company < claim.asks):
        return 0, WaitsFor.OWN_LIMIT
    if claim.party == Party.ALL and claim.asks > (trip.max_delegates or claim.asks):
        return 0, WaitsFor.TOO_MANY
    if not room.for_party(claim.asks, claim.party):
        return 0, WaitsFor.SEATS
    places = (room.of_own_block() if kept else room).for_party(claim.asks, claim.party)
    return places, WaitsFor.NOTHING if places else WaitsFor.THOSE_BEFORE


def _standing(trip: Trip) -> Standing:
    """The places of the trip, with those of the organizations that have somebody waiting."""
    waiting = (
        select(Registration.organization_id)
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            or_(
                Registration.state == RegistrationState.WAITLISTED,
                Delegate.state == DelegateState.WAITING,
            ),
        )
    )
    return seats.standing(trip, waiting)


def _claims(trip: Trip) -> list[Claim]:
    """Who waits, in order. One statement."""
    rows = db.session.execute(union_all(_parties(trip), _singles(trip)))
    claims = [Claim(*row) for row in rows]
    by_score = trip.queue_order == Order.SCORE

    def order(claim: Claim) -> tuple[int, datetime, int, int]:
        score = claim.score if by_score and claim.score is not None else -1
        return -score, claim.since, claim.registration_id, claim.delegate_id or 0

    return sorted((claim for claim in claims if claim.asks), key=order)


def _parties(trip: Trip) -> Select[*tuple[Any, ...]]:
    """The companies that wait, each with those who would come at once: who is over its own limit
    waits for that by itself, once the company is in."""
    return (
        select(
            Registration.id,
            null().label("delegate_id"),
            Registration.organization_id,
            Registration.held_id,
            Registration.extra_places,
            Registration.in_reserve,
            Registration.party,
            Registration.score,
            Registration.queued_at,
            func.count(Delegate.id),
        )
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state == RegistrationState.WAITLISTED,
            Delegate.state == DelegateState.COMING,
        )
        .group_by(Registration.id)
    )


def _singles(trip: Trip) -> Select[*tuple[Any, ...]]:
    """The delegates who wait while their company is in."""
    return (
        select(
            Registration.id,
            Delegate.id,
            Registration.organization_id,
            Registration.held_id,
            Registration.extra_places,
            literal(False),
            literal(Party.ALL.value),
            Registration.score,
            Delegate.queued_at,
            literal(1),
        )
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.in_(HOLDS_SEATS),
            Delegate.state == DelegateState.WAITING,
        )
    )


def _registrations(ids: Iterable[int]) -> dict[int, Registration]:
    found = db.session.scalars(
        select(Registration)
        .where(Registration.id.in_(set(ids)))
        .options(joinedload(Registration.organization), selectinload(Registration.everybody))
    )
    return {registration.id: registration for registration in found}


def _come_up(trip: Trip, claim: Claim, places: int) -> None:
    registration = db.session.get_one(Registration, claim.registration_id)
    if claim.delegate_id is not None:
        standings.take_place(db.session.get_one(Delegate, claim.delegate_id))
        standings.owe(registration)
        if registration.state == RegistrationState.OFFERED:
            _tell_offer(registration, f"{registration.decisions}-{claim.delegate_id}")
        return
    standings.seat(registration, places)
    match trip.promotion:
        case Promotion.OFFER:
            _offer(trip, registration)
        case Promotion.AT_ONCE:
            standings.move(registration, RegistrationState.ACCEPTED, "promote", audits.SYSTEM)
            standings.tell(registration)
        case Promotion.REVIEW:
            standings.move(registration, RegistrationState.SUBMITTED, "promote", audits.SYSTEM)
            standings.tell(registration)


def _offer(trip: Trip, registration: Registration) -> None:
    registration.offer_ends_at = _offer_end(trip)
    standings.move(registration, RegistrationState.OFFERED, "offer", audits.SYSTEM)
    _tell_offer(registration, str(registration.decisions))


def _tell_offer(registration: Registration, version: str) -> None:
    ends_at = registration.offer_ends_at
    correspondence.to_coordinator(
        "place_offered",
        registration,
        version,
        places=len(registration.coming),
        asked=len(registration.delegates),
        ends_at=ends_at.isoformat() if ends_at else None,
    )


def _offer_end(trip: Trip) -> datetime:
    """As long as the trip says, but not past its first day; an hour at least."""
    at = clock.now()
    start = datetime.combine(trip.starts_on, datetime.min.time(), clock.zone_info(trip.zone))
    return max(min(at + timedelta(hours=trip.offer_hours), start), at + timedelta(hours=1))
