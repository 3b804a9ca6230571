"""Loading the demonstration tours into the database, once and again."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from webapp.db import db
from webapp.demo.files import REAL_TOURS, TEMPLATE, UPCOMING, tour
from webapp.demo.happenings import load_happenings
from webapp.demo.organizer import load_organizer
from webapp.demo.public import load_public_face
from webapp.demo.registrations import load_picks, load_registrations
from webapp.domain import agendas, audits, item_values, releases, tripfiles, trips
from webapp.models.staff import Staff
from webapp.models.trip import Trip, TripState

LOCK = 4_172_017  # any number that nothing else locks by
MONDAY = 0
LEAD_DAYS = 60
UPCOMING_SLUG = re.compile(r"south-of-france-\d{4}-\d{2}")
MOVED = "Reception at the Palais de la Bourse"
MOVED_BY = timedelta(minutes=30)
MOVE_NOTE = "The reception at the Palais de la Bourse begins half an hour later."


def load(today: date) -> list[Trip]:
    """Load what of the demonstration is missing; the demonstration tours, in order of start.

    Repeat-safe: a tour that is there stays as people made it. The sample tour to come is shifted
    to the first Monday at least LEAD_DAYS after `today`, with its wall times kept; another one is
    added once none takes registrations any more. Beside the tours stands a template to start others
    from. The caller's transaction commits. Takes a lock, so that two loads at once make one set.
    """
    _wait_for_other_loads()
    load_public_face()
    organizer = load_organizer()
    for name in REAL_TOURS:
        if trips.by_slug(name) is None:
            _add(name, tour(name), organizer)
    samples = [trip for trip in demonstration_tours() if _is_sample(trip)]
    if not any(_takes_registrations(trip, today) for trip in samples):
        data = next_tour(today)
        if data["trip"]["slug"] not in {trip.slug for trip in samples}:
            _announce_change(_add(UPCOMING, data, organizer), organizer)
    template = tour(TEMPLATE)
    if trips.by_slug(template["trip"]["slug"]) is None:
        tripfiles.load(template)
    return demonstration_tours()


def _wait_for_other_loads() -> None:
    """Take the lock of all loads until the transaction ends."""
    for patience in ("lock_timeout", "statement_timeout"):  # those of a request are too short
        db.session.execute(select(func.set_config(patience, "120s", True)))
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def demonstration_tours() -> list[Trip]:
    """The demonstration tours that are loaded, in order of start."""
    ours = [trip for trip in trips.every() if trip.slug in REAL_TOURS or _is_sample(trip)]
    return sorted(ours, key=lambda trip: trip.starts_on)


def next_tour(today: date) -> dict[str, Any]:
    """The file of the sample tour, shifted to the first Monday at least LEAD_DAYS after `today`."""
    data = tour(UPCOMING)
    earliest = today + timedelta(days=LEAD_DAYS)
    monday = earliest + timedelta(days=(MONDAY - earliest.weekday()) % 7)
    shifted = tripfiles.shift(data, (monday - date.fromisoformat(data["trip"]["starts_on"])).days)
    shifted["trip"]["slug"] = f"{data['trip']['slug']}-{monday:%Y-%m}"
    return shifted


def _add(name: str, data: dict[str, Any], organizer: Staff) -> Trip:
    trip = tripfiles.load(data)
    load_registrations(trip, name)
    releases.publish(trip, audits.by_staff(organizer), checked=True)
    load_picks(trip, name)
    load_happenings(trip, name, organizer)
    return trip


def _announce_change(trip: Trip, organizer: Staff) -> None:
    """Move one item and publish again, so that a tour shows how a change is told."""
    by = audits.by_staff(organizer)
    item = next(item for item in agendas.draft(trip) if item.title["en"] == MOVED)
    values = item_values.of(item)
    later = replace(
        values,
        starts_local=values.starts_local + MOVED_BY,
        ends_local=values.ends_local + MOVED_BY,
    )
    agendas.change(item, later, by, seen_version=item.version)
    releases.publish(trip, by, MOVE_NOTE, checked=True)


def _is_sample(trip: Trip) -> bool:
    return UPCOMING_SLUG.fullmatch(trip.slug) is not None


def _takes_registrations(trip: Trip, today: date) -> bool:
    closes = trip.registration_closes_at
    announced = trip.state == TripState.ANNOUNCED
    return announced and closes is not None and today < min(trip.starts_on, closes.date())
