"""Finding the releases of a trip."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.models.release import Release, ReleaseState
from webapp.models.trip import Trip


def history(trip: Trip) -> Sequence[Release]:
    """All published releases of a trip, the latest first."""
    return db.session.scalars(
        select(Release)
        .where(Release.trip_id == trip.id, Release.state == ReleaseState.PUBLISHED)
        .order_by(Release.number.desc())
        .options(joinedload(Release.published_by))
    ).all()


def find(trip: Trip, number: int) -> Release | None:
    """The published release of this trip with that number, or None: never another trip's."""
    return db.session.scalars(
        select(Release)
        .where(
            Release.trip_id == trip.id,
            Release.number == number,
            Release.state == ReleaseState.PUBLISHED,
        )
        .options(joinedload(Release.published_by))
    ).one_or_none()


def planned(trip: Trip) -> Release | None:
    """The release that waits for its instant: one at most."""
    return db.session.scalars(
        select(Release)
        .where(Release.trip_id == trip.id, Release.state == ReleaseState.PLANNED)
        .options(joinedload(Release.published_by))
    ).one_or_none()


def by_id(trip: Trip, release_id: int) -> Release | None:
    """The release of this trip with that id, in whatever state, or None: never another trip's."""
    return db.session.scalars(
        select(Release).where(Release.trip_id == trip.id, Release.id == release_id)
    ).one_or_none()
