"""Links that were lost: mailed anew to the address that they belong to, and to no other."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import db
from webapp.domain import correspondence
from webapp.domain.trips import today
from webapp.mail import outbox
from webapp.models.delegate import GONE, Delegate
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip, TripState

LETTER = "links_sent"
MOST_LETTERS = 3  # to one address within a day
A_DAY = timedelta(days=1)
MOST_NAMED = 50  # registrations, and delegates, in one letter


def send(email: str) -> bool:
    """Mail the links of all registrations and delegates with this address, in tours that are not
    over, to it. Whether a letter was written: nothing that the asker may learn.

    Not written: to an address that has none, and to one that had MOST_LETTERS today.
    """
    registrations = _registrations(email)
    delegates = _delegates(email)
    if not registrations and not delegates:
        return False
    return _write(email, registrations, delegates)


def send_of(organization_id: int, trip: Trip) -> bool:
    """Mail the link of the registration that an organization has in the tour to whoever
    coordinates it. Whether a letter was written; the asker learns neither that nor the address."""
    registration = db.session.scalars(
        select(Registration)
        .where(
            Registration.organization_id == organization_id,
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
        )
        .options(joinedload(Registration.trip))
        .order_by(Registration.id.desc())
        .limit(1)
    ).first()
    if registration is None:
        return False
    return _write(registration.coordinator_email, [registration], [])


def _write(
    email: str, registrations: Sequence[Registration], delegates: Sequence[Delegate]
) -> bool:
    if outbox.written_lately([email], [LETTER], A_DAY, MOST_LETTERS):
        return False
    first: Registration = registrations[0] if registrations else delegates[0].registration
    if registrations:
        name, language = first.coordinator_name, first.language
    else:
        name, language = delegates[0].name, delegates[0].language
    correspondence.to_address(
        LETTER,
        first.trip,
        email,
        name,
        language,
        int(clock.now().timestamp()),
        registration_ids=[registration.id for registration in registrations],
        delegate_ids=[delegate.id for delegate in delegates],
    )
    return True


def _registrations(email: str) -> list[Registration]:
    found = db.session.scalars(
        select(Registration)
        .join(Registration.trip)
        .where(func.lower(Registration.coordinator_email) == email.lower(), *_shown())
        .options(joinedload(Registration.trip))
        .order_by(Trip.starts_on, Registration.id)
        .limit(MOST_NAMED)
    ).all()
    return [each for each in found if not _is_over(each.trip)]


def _delegates(email: str) -> list[Delegate]:
    found = db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .join(Registration.trip)
        .where(
            func.lower(Delegate.email) == email.lower(),
            Delegate.state.not_in(GONE),
            Delegate.erased_at.is_(None),
            *_shown(),
        )
        .options(joinedload(Delegate.registration).joinedload(Registration.trip))
        .order_by(Trip.starts_on, Delegate.id)
        .limit(MOST_NAMED)
    ).all()
    return [each for each in found if not _is_over(each.registration.trip)]


def _shown() -> tuple[ColumnElement[bool], ...]:
    """Tours that may still run somewhere, and whose pages answer."""
    yesterday = clock.now().date() - timedelta(days=1)
    return (Trip.ends_on >= yesterday, Trip.state != TripState.WITHDRAWN)


def _is_over(trip: Trip) -> bool:
    return trip.ends_on < today(trip.zone)
