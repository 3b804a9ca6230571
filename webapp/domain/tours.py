"""Making a tour, saying what it is, and its states: announced, called off, withdrawn."""

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, feeds, queues, seats, trips
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import ItemState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 64


class SlugRefused(DomainError):
    """A slug is made of lower-case letters, digits and single hyphens, at most LONGEST_SLUG."""


class SlugTaken(DomainError):
    """Another tour or template has this slug."""


class ReasonMissing(DomainError):
    """Calling off and withdrawing a tour need a reason: colleagues read it later."""


class OnlyTemplate(DomainError):
    """A template is never public: start a tour from it."""


class NoTemplate(DomainError):
    """Only a template can be deleted; a tour is withdrawn."""


@dataclass(frozen=True, slots=True)
class TourValues:
    """What is said of a tour. Dates are local to `zone`, both inclusive. How it takes companies
    stands in domain/enrolling.py."""

    title: Words
    summary: Words
    starts_on: date
    ends_on: date
    zone: str
    kind: Words | None = None
    home_zone: str | None = None
    contact_email: str | None = None


COLUMNS = tuple(f.name for f in fields(TourValues))


def create(slug: str, values: TourValues, by: By) -> Trip:
    """Start an empty tour, as a draft that only staff see. Raises SlugRefused, SlugTaken,
    UnknownZone, DatesOutOfOrder."""
    at = clock.now()
    trip = Trip(slug=slug, created_at=at, changed_at=at, state=TripState.DRAFT, **_columns(values))
    insert(trip)
    audits.write(by, trip, "add", trip_id=trip.id, after={"slug": slug, **_facts(trip)})
    return trip


def insert(trip: Trip) -> None:
    """Store a new tour with its public feeds; a template has none. Raises SlugRefused,
    SlugTaken."""
    if len(trip.slug) > LONGEST_SLUG or not SLUG.fullmatch(trip.slug):
        raise SlugRefused
    if trips.by_slug(trip.slug) is not None:
        raise SlugTaken
    try:
        with db.session.begin_nested():
            db.session.add(trip)
            db.session.flush()
    except IntegrityError as error:  # somebody else took it since
        raise SlugTaken from error
    if not trip.is_template:
        feeds.open_public(trip)


def change(trip: Trip, values: TourValues, by: By) -> Trip:
    """Say anew what a tour is. Its all-day bar in calendars follows at once. Stops and sessions
    stay as they are. Raises UnknownZone, DatesOutOfOrder."""
    columns = _columns(values)
    trip = seats.hold(trip.id)
    before, face = _facts(trip), trips.face(trip)
    for name, value in columns.items():
        setattr(trip, name, value)
    db.session.flush()
    after = _facts(trip)
    if changed := [name for name in COLUMNS if after[name] != before[name]]:
        audits.write(
            by,
            trip,
            "change",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
        trips.tell_calendars(trip, face)
        queues.settle(trip)  # it may have been over by its old dates
    return trip


def announce(trip: Trip, by: By) -> Trip:
    """Show a draft to everybody: its page, its calendar, its published agenda. Raises MoveRefused,
    OnlyTemplate."""
    if trip.is_template:
        raise OnlyTemplate
    return _become(trip, TripState.ANNOUNCED, "announce", by, None)


def call_off(trip: Trip, by: By, reason: str) -> Trip:
    """Call a whole tour off: it stays public and says so, in calendars each of its sessions too.
    It takes no registrations. Raises MoveRefused, ReasonMissing."""
    return _become(trip, TripState.CANCELLED, "cancel", by, _given(reason))


def bring_back(trip: Trip, by: By) -> Trip:
    """A tour that was called off takes place after all, with the sessions that were not cancelled
    by themselves. Raises MoveRefused."""
    return _become(trip, TripState.ANNOUNCED, "restore", by, None)


def withdraw(trip: Trip, by: By, reason: str) -> Trip:
    """Take a tour away from everybody, for good: each of its addresses answers 410. Raises
    MoveRefused, ReasonMissing, OnlyTemplate."""
    if trip.is_template:
        raise OnlyTemplate
    return _become(trip, TripState.WITHDRAWN, "withdraw", by, _given(reason))


def delete_template(trip: Trip, by: By) -> None:
    """Delete a template with all that is in it. Raises NoTemplate."""
    trip = seats.hold(trip.id)
    if not trip.is_template:
        raise NoTemplate
    before = {"slug": trip.slug, "title": trip.title}
    audits.write(by, trip, "delete", trip_id=None, before=before)
    db.session.flush()
    db.session.execute(delete(Trip).where(Trip.id == trip.id))  # what is in it goes by cascade
    db.session.expunge(trip)


def values_of(trip: Trip) -> TourValues:
    """What is said of the tour now."""
    return TourValues(**{name: getattr(trip, name) for name in COLUMNS})


def _become(trip: Trip, state: TripState, action: str, by: By, reason: str | None) -> Trip:
    trip = seats.hold(trip.id)
    before, face = trip.state, trips.face(trip)
    trip.become(state)
    db.session.flush()
    if TripState.CANCELLED in (before, state):
        _move_sessions(trip)
    audits.write(
        by,
        trip,
        action,
        trip_id=trip.id,
        before={"state": before},
        after={"state": state},
        reason=reason,
    )
    trips.tell_calendars(trip, face)
    queues.settle(trip)  # what became free while it did not take place
    return trip


def _move_sessions(trip: Trip) -> None:
    """Let SEQUENCE and LAST-MODIFIED of the published sessions grow: whether they take place
    changes with the tour (icalendar.md R5). Those cancelled by themselves stay as they are."""
    found = update(ReleaseItem).where(
        ReleaseItem.release_id == trip.release_id, ReleaseItem.state != ItemState.CANCELLED
    )
    later = trips.later(ReleaseItem.changed_at)
    db.session.execute(
        found.values(sequence=ReleaseItem.sequence + 1, changed_at=later).execution_options(
            synchronize_session=False
        )
    )
    db.session.expire_all()


def _columns(values: TourValues) -> dict[str, Any]:
    """The columns of Trip that `values` fills."""
    clock.zone_info(values.zone)
    if values.home_zone:
        clock.zone_info(values.home_zone)
    trips.check_dates(values.starts_on, values.ends_on)
    return {name: getattr(values, name) for name in COLUMNS}


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def _facts(trip: Trip) -> dict[str, Any]:
    return {name: getattr(trip, name) for name in COLUMNS}
