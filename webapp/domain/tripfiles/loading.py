"""From a checked trip file to rows."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, feeds, seats
from webapp.domain.audits import By
from webapp.domain.tripfiles import items, parts, shared
from webapp.domain.tripfiles.faults import Fault, FileFaults
from webapp.domain.tripfiles.shape import rows
from webapp.domain.tripfiles.shared import fill_basis, words
from webapp.domain.tripfiles.values import as_instant
from webapp.models.place import Stop, Venue
from webapp.models.states import MoveRefused
from webapp.models.track import Track
from webapp.models.trip import Trip, TripState

TRIP_WORDS = ("title", "summary", "kind")
TRIP_PLAIN = ("zone", "home_zone", "max_delegates", "max_organizations", "contact_email")


def load(data: dict[str, Any], by: By = audits.SYSTEM) -> Trip:
    """The trip that a checked file describes, added or brought up to the file.

    The trip is found by its slug, an item by its UID (one without a UID by its title), an
    organization by its name key, a venue by name and city. Nothing is ever removed: what the file
    does not list stays as it is, and importing the same file again changes nothing. The agenda
    changes in the draft only. Raises FileFaults where the file contradicts what is stored: a UID
    of another trip, a state that cannot be reached.
    """
    trip = _find_or_make(data["trip"]["slug"])
    is_new = trip.id is None
    facts, face = _facts(trip), _face(trip)
    _fill_trip(trip, data["trip"], is_new)
    db.session.add(trip)
    db.session.flush()
    _audit(trip, None if is_new else facts, by)
    shared.load_sources(rows(data, "sources"))
    organizations = shared.load_organizations(rows(data, "organizations"))
    venues = shared.load_venues(rows(data, "venues"))
    parts.load_partners(trip, rows(data, "partners"), organizations)
    parts.load_members(trip, rows(data, "members"), organizations)
    stops = parts.load_stops(trip, rows(data, "stops"), organizations)
    tracks = parts.load_tracks(trip, rows(data, "tracks"))
    db.session.flush()
    ids = items.Ids(_ids(stops), _ids(venues), _ids(tracks))
    items.load_items(trip, rows(data, "items"), ids, by)
    db.session.flush()
    db.session.expire(trip, ["stops", "tracks", "partners", "members"])
    feeds.open_public(trip)
    if not is_new and _face(trip) != face:
        _tell_calendars(trip, face)
    return trip


def _find_or_make(slug: str) -> Trip:
    found = db.session.scalars(select(Trip).where(Trip.slug == slug)).one_or_none()
    if found is not None:
        return seats.hold(found.id)
    at = clock.now()
    return Trip(slug=slug, created_at=at, changed_at=at, state=TripState.DRAFT)


def _face(trip: Trip) -> dict[str, Any]:
    """What calendars say of the trip itself, its all-day bar."""
    return {
        "title": trip.title,
        "summary": trip.summary,
        "when": (trip.state, trip.starts_on, trip.ends_on),
        "where": [stop.city for stop in trip.stops],
        "sample": trip.is_sample,
    }


def _tell_calendars(trip: Trip, before: dict[str, Any]) -> None:
    after = _face(trip)
    trip.changed_at = max(clock.now(), trip.changed_at + timedelta(seconds=1))
    if (after["when"], after["where"]) != (before["when"], before["where"]):
        trip.sequence += 1
    db.session.flush()
    feeds.outdate(trip)


def _audit(trip: Trip, before: dict[str, Any] | None, by: By) -> None:
    after = _facts(trip)
    if before is None:
        audits.write(by, trip, "add", trip_id=trip.id, after=after)
    elif changed := [name for name in after if after[name] != before[name]]:
        audits.write(
            by,
            trip,
            "import",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def _fill_trip(trip: Trip, said: dict[str, Any], is_new: bool) -> None:
    for name in TRIP_WORDS:
        setattr(trip, name, words(said.get(name)))
    for name in TRIP_PLAIN:
        setattr(trip, name, said.get(name))
    trip.max_per_organization = said.get("max_per_organization") or 10
    trip.starts_on = date.fromisoformat(said["starts_on"])
    trip.ends_on = date.fromisoformat(said["ends_on"])
    trip.registration_opens_at = as_instant(said.get("registration_opens_at"))
    trip.registration_closes_at = as_instant(said.get("registration_closes_at"))
    fill_basis(trip, said)
    wanted = TripState(said.get("state") or (TripState.DRAFT if is_new else trip.state))
    if is_new:
        trip.state = wanted
    elif wanted != trip.state:
        try:
            trip.become(wanted)
        except MoveRefused as error:
            mend = f"a trip that is {error.old} cannot become {error.new}"
            raise FileFaults([Fault("$.trip.state", mend)]) from error


def _facts(trip: Trip) -> dict[str, Any]:
    """What the audit tells of a trip."""
    plain = ("starts_on", "ends_on", "max_per_organization", "registration_opens_at")
    names = ("state", "slug", *TRIP_WORDS, *TRIP_PLAIN, *plain, "registration_closes_at")
    return {name: getattr(trip, name) for name in names}


def _ids(found: Mapping[str, Stop] | Mapping[str, Venue] | Mapping[str, Track]) -> dict[str, int]:
    return {key: row.id for key, row in found.items()}
