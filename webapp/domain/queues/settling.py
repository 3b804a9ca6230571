"""Who comes up when places are free, and how: at once, by an offer, or for a decision."""

from datetime import datetime, timedelta

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, picks, standings
from webapp.domain.queues.claiming import Claim, claims_of
from webapp.domain.queues.serving import serve, standing_of
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Promotion, Trip, TripState


def settle(trip: Trip) -> None:
    """Let come up all who can, in order. The caller holds the trip and has done what frees places.

    Two statements when the trip is full, one more when nobody waits; nobody comes up in a tour that
    does not take place or is over.
    """
    db.session.flush()
    if not _is_live(trip):
        return
    standing = standing_of(trip)
    if standing.is_full:
        return
    claims = claims_of(trip)
    came_up = False
    for claim, places, _why, _room in serve(trip, claims, standing):
        if places:
            _come_up(trip, claim, places)
            came_up = True
    if came_up:
        picks.settle(trip)


def _is_live(trip: Trip) -> bool:
    today = clock.wall(clock.now(), trip.zone).date()
    return trip.state == TripState.ANNOUNCED and today <= trip.ends_on


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
