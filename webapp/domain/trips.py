"""Trips: finding them, in the order in which they are shown, and what calendars say of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Interval, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import feeds
from webapp.errors import DomainError
from webapp.models.trip import Trip, TripMember, TripPartner, TripState

LONGEST = timedelta(days=366)  # pages show every day of a tour, so there is an end to them


class DatesOutOfOrder(DomainError):
    """The last day of a tour or stop is before its first, or more than a year after it."""


def check_dates(starts_on: date, ends_on: date) -> None:
    """Raises DatesOutOfOrder for days that no tour and no stop can have."""
    if not timedelta() <= ends_on - starts_on <= LONGEST:
        raise DatesOutOfOrder


@dataclass(frozen=True, slots=True)
class Calendar:
    """The tours that everybody may see: those to come (or running), soonest first; those that
    are over, latest first."""

    upcoming: list[Trip]
    past: list[Trip]


def public() -> Calendar:
    """The tours of the front page, by today's date in each tour's own zone."""
    found = db.session.scalars(
        select(Trip)
        .where(Trip.state.in_([TripState.ANNOUNCED, TripState.CANCELLED]))
        .options(selectinload(Trip.stops))
        .order_by(Trip.starts_on, Trip.id)
    ).all()
    upcoming = [trip for trip in found if trip.ends_on >= today(trip.zone)]
    past = [trip for trip in reversed(found) if trip.ends_on < today(trip.zone)]
    return Calendar(upcoming, past)


def today(zone: str) -> date:
    """Which day it is now in `zone`."""
    return clock.wall(clock.now(), zone).date()


def by_slug(slug: str) -> Trip | None:
    """The trip with that slug in whatever state, or None."""
    return db.session.scalars(select(Trip).where(Trip.slug == slug)).one_or_none()


def by_id(trip_id: int) -> Trip | None:
    """The trip with that id in whatever state, or None."""
    return db.session.get(Trip, trip_id)


def every() -> Sequence[Trip]:
    """All trips, the latest first, templates too: for staff."""
    return db.session.scalars(select(Trip).order_by(Trip.starts_on.desc(), Trip.id)).all()


def with_people(trip: Trip) -> Trip:
    """The trip with partners and members loaded, for its page."""
    return db.session.scalars(
        select(Trip)
        .where(Trip.id == trip.id)
        .options(
            selectinload(Trip.stops),
            selectinload(Trip.partners).joinedload(TripPartner.organization),
            selectinload(Trip.members).joinedload(TripMember.organization),
            joinedload(Trip.release),
        )
        .execution_options(populate_existing=True)
    ).one()


def face(trip: Trip) -> dict[str, Any]:
    """What calendars say of the trip itself, in its all-day bar and those of its stops: read it
    before a change, and give it to `tell_calendars` after."""
    return {
        "title": trip.title,
        "summary": trip.summary,
        "when": (trip.state, trip.starts_on, trip.ends_on),
        "where": [(stop.city, stop.starts_on, stop.ends_on) for stop in trip.stops],
        "notes": [stop.note for stop in trip.stops],
        "sample": trip.is_sample,
    }


def tell_calendars(trip: Trip, before: dict[str, Any]) -> None:
    """Let every feed follow when the face of the trip is another than `before`; another time or
    place raises SEQUENCE (icalendar.md R5). The caller holds the trip."""
    db.session.expire(trip, ["stops"])
    after = face(trip)
    if after == before:
        return
    trip.changed_at = max(clock.now(), trip.changed_at + timedelta(seconds=1))
    if (after["when"], after["where"]) != (before["when"], before["where"]):
        trip.sequence += 1
    db.session.flush()
    feeds.outdate(trip)


def later(column: Any) -> Any:
    """SQL: now, but a whole second after the instant in `column` at least, since LAST-MODIFIED has
    no fractions (icalendar.md R4)."""
    return func.greatest(clock.now(), column + literal(timedelta(seconds=1), Interval()))
