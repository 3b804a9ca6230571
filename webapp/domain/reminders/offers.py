"""Reminding who was offered places and has not answered. (domain.md M4)"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip, TripState

LETTER = "offer_ending"
AT_MOST = timedelta(days=3)  # before the end
NOT_WITHIN = timedelta(hours=6)  # of the offer's letter


def remind_of_ending(at: datetime | None = None) -> int:
    """To each coordinator whose offer ends soon, once an offer: how many letters were put."""
    at = at or clock.now()
    offered = db.session.scalars(
        select(Registration)
        .join(Trip)
        .where(
            Registration.state == RegistrationState.OFFERED,
            Registration.offer_ends_at > at,
            Registration.offer_ends_at <= at + AT_MOST,
            Trip.state == TripState.ANNOUNCED,
        )
        .options(selectinload(Registration.delegates))
        .order_by(Registration.id)
    ).all()
    wanted = {
        told.key: (registration, told)
        for registration in offered
        if _is_time(registration, at)
        for told in [_told(registration)]
    }
    there = set(db.session.scalars(select(Mail.key).where(Mail.key.in_(wanted))))
    new = [pair for key, pair in wanted.items() if key not in there]
    for registration, _letter in new:
        audits.write(audits.SYSTEM, registration, "remind", trip_id=registration.trip_id)
    return correspondence.put([told for _registration, told in new])


def remind_at(offered_at: datetime, ends_at: datetime) -> datetime | None:
    """When to remind of an offer: with a third of its time left, at most three days before it ends,
    and not within six hours of being made; None for one that is shorter."""
    left = min((ends_at - offered_at) / 3, AT_MOST)
    at = max(ends_at - left, offered_at + NOT_WITHIN)
    return at if at < ends_at else None


def _is_time(registration: Registration, at: datetime) -> bool:
    offered_at, ends_at = registration.decided_at, registration.offer_ends_at
    if offered_at is None or ends_at is None:
        return False
    remind = remind_at(offered_at, ends_at)
    return remind is not None and remind <= at


def _told(registration: Registration) -> correspondence.Told:
    return correspondence.for_coordinator(
        LETTER,
        registration,
        registration.decisions,
        places=len(registration.coming),
        ends_at=registration.offer_ends_at,
    )
