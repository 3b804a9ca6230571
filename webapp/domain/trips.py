"""Trips: finding them, in the order in which they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import db
from webapp.models.trip import Trip, TripMember, TripPartner, TripState


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


def every() -> Sequence[Trip]:
    """All trips, the latest first: for staff."""
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
