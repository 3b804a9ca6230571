"""How many places each claim gets, in order, and what it waits for when it gets none."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import or_, select

from webapp.domain import seats
from webapp.domain.queues.claiming import Claim
from webapp.domain.seats import Room, Standing
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Trip


class WaitsFor(StrEnum):
    """What keeps a claim from coming up now."""

    DECISION = "decision"  # in reserve: an organizer says when
    COMPANY_PLACE = "company_place"  # the trip takes no further organization
    OWN_LIMIT = "own_limit"  # the company sends as many as one may
    TOO_MANY = "too_many"  # a party larger than the whole trip
    SEATS = "seats"  # too few places, or none
    THOSE_BEFORE = "those_before"  # places are kept for a party before it
    NOTHING = "nothing"  # it comes up as soon as the list is gone through


def standing_of(trip: Trip) -> Standing:
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


def serve(
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
