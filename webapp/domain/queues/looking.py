"""What is asked of the line: who stands where in it, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.db import db
from webapp.domain.queues.claiming import Claim, claims_of
from webapp.domain.queues.serving import WaitsFor, serve, standing_of
from webapp.domain.seats import Room
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip


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


def keeps_places(trip: Trip) -> bool:
    """Whether places that are free are kept for a party before: nobody new may take them."""
    if trip.skips_parties:
        return False
    standing = standing_of(trip)
    if standing.is_full:
        return False
    served = serve(trip, claims_of(trip), standing)
    return any(why == WaitsFor.SEATS for _claim, _places, why, _room in served)


def line(trip: Trip, freed: int = 0) -> list[Turn]:
    """The waiting list in order, with why each stands where it stands; or would stand if so many
    more places were free. A constant number of statements."""
    standing = standing_of(trip)
    standing.delegates -= freed
    served = serve(trip, claims_of(trip), standing)
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
        serve(trip, claims_of(trip), standing_of(trip)), start=1
    ):
        if claim.registration_id == registration.id:
            return _turn(rank, registration, claim, why, room)
    return None


def in_order(trip: Trip, ids: Iterable[int]) -> list[int]:
    """These registrations, those in the line first and by their turn."""
    turns = {claim.registration_id: n for n, claim in enumerate(claims_of(trip))}
    return sorted(ids, key=lambda number: turns.get(number, len(turns)))


def before(registration: Registration) -> int:
    """How many claims of others stand before this registration and wait for their turn: all of
    them where it is not in the line itself."""
    others = 0
    for claim in claims_of(registration.trip):
        if claim.registration_id == registration.id and not claim.is_in:
            break
        others += not claim.in_reserve and claim.registration_id != registration.id
    return others


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


def _registrations(ids: Iterable[int]) -> dict[int, Registration]:
    found = db.session.scalars(
        select(Registration)
        .where(Registration.id.in_(set(ids)))
        .options(joinedload(Registration.organization), selectinload(Registration.everybody))
    )
    return {registration.id: registration for registration in found}
