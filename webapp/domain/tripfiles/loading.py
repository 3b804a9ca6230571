"""From a checked trip file to rows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, enrolling, feeds, queues, seats, tours, trips
from webapp.domain.audits import By
from webapp.domain.tripfiles import form_loading, items, parts, shared
from webapp.domain.tripfiles.faults import Fault, FileFaults
from webapp.domain.tripfiles.ledger import Ledger
from webapp.domain.tripfiles.meaning import rows
from webapp.domain.tripfiles.shared import fill_basis, words
from webapp.domain.tripfiles.values import as_instant
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip, TripState

TRIP_WORDS = ("title", "summary", "kind")
TRIP_PLAIN = ("zone", "home_zone", "max_delegates", "max_organizations", "contact_email")
SETTINGS = ("is_template", "clash_levels", "travel_speeds", "margin_minutes", "arrival_minutes")
REASON = "Trip file"
MARGIN, ARRIVAL = 10, 45  # minutes, as the columns of Trip have them
PER_ORGANIZATION = 10


def load(data: dict[str, Any], by: By = audits.SYSTEM) -> Trip:
    """The trip that a checked file describes, added or brought up to the file.

    The trip is found by its slug, an item by its UID (one without a UID by its title), an
    organization by its name key, a venue by name and city, a room by name in its venue, a person of
    an item by name in the trip, a question by its key, a criterion and a price by English name.
    Nothing is ever removed: what the file does not list stays as it is, and importing the same file
    again changes nothing. The agenda changes in the draft only.
    Raises FileFaults where the file contradicts what is stored: a UID of another trip, a state
    that cannot be reached, a limit below what is taken, another kind for an answered question.
    """
    trip = _find_or_make(data["trip"]["slug"])
    is_new = trip.id is None
    facts, face = _facts(trip), trips.face(trip)
    called = {track.id: track.name for track in trip.tracks}
    if not is_new:
        _refuse_rules(trip, data["trip"])
    _fill_trip(trip, data["trip"])
    wanted = _wanted(trip, data["trip"])
    if is_new:
        trip.state = wanted  # nothing is published yet, so nothing has to follow
    db.session.add(trip)
    db.session.flush()
    _audit(trip, None if is_new else facts, by)
    _load_parts(trip, data, by)
    db.session.expire(trip, ["stops", "tracks", "partners", "members"])
    if not trip.is_template:
        feeds.open_public(trip)
    if not is_new:
        trips.tell_calendars(trip, face)
        for track in trip.tracks:
            if track.id in called and called[track.id] != track.name:
                feeds.outdate_track(track.id)
        _reach(trip, wanted, by)
        if any(getattr(trip, name) != facts[name] for name in enrolling.FACTS):
            queues.settle(trip)  # whoever fits by the new rules comes up
    return trip


def _load_parts(trip: Trip, data: dict[str, Any], by: By) -> None:
    ledger = Ledger(trip, by)
    shared.load_sources(rows(data, "sources"))
    organizations = shared.load_organizations(rows(data, "organizations"))
    venues = shared.load_venues(rows(data, "venues"), ledger)
    rooms = shared.load_rooms(rows(data, "venues"), venues, ledger)
    parts.load_partners(trip, rows(data, "partners"), organizations)
    parts.load_members(trip, rows(data, "members"), organizations)
    stops = parts.load_stops(trip, rows(data, "stops"), organizations, ledger)
    tracks = parts.load_tracks(trip, rows(data, "tracks"), ledger)
    parts.load_travel_times(trip, rows(data, "travel_times"), venues, ledger)
    db.session.flush()
    ledger.write()
    ids = items.Ids(_ids(organizations), _ids(stops), _ids(venues), _ids(rooms), _ids(tracks))
    items.load_items(trip, rows(data, "items"), ids, by)
    db.session.flush()
    form_loading.load_questions(trip, data, by)
    form_loading.load_criteria(trip, data, by)
    form_loading.load_prices(trip, data, by)


def _find_or_make(slug: str) -> Trip:
    found = db.session.scalars(select(Trip).where(Trip.slug == slug)).one_or_none()
    if found is not None:
        return seats.hold(found.id)
    at = clock.now()
    return Trip(slug=slug, created_at=at, changed_at=at, state=TripState.DRAFT)


def _wanted(trip: Trip, said: dict[str, Any]) -> TripState:
    """The state that the file asks for, else the one that the trip has. Raises FileFaults."""
    wanted = TripState(said.get("state") or trip.state)
    if trip.is_template and wanted != TripState.DRAFT:
        mend = 'a template is never shown: give "draft", or "is_template": false'
        raise FileFaults([Fault("$.trip.state", mend)])
    return wanted


def _refuse_rules(trip: Trip, said: dict[str, Any]) -> None:
    """Raise FileFaults for limits below what is taken, and another currency once it counts."""
    limits = {name: said.get(name) for name in ("max_delegates", "max_organizations")}
    limits["max_per_organization"] = said.get("max_per_organization") or PER_ORGANIZATION
    currency = form_loading.registration_of(said).get("currency", trip.currency)
    try:
        enrolling.refuse(trip, {**limits, "currency": currency})
    except enrolling.LimitBelowTaken as error:
        mend = f"{error.taken} places are taken and {error.held} held: give at least their sum"
        raise FileFaults([Fault(f"$.trip.{error.limit}", mend)]) from error
    except enrolling.CurrencyFixed as error:
        mend = f'companies were charged in "{trip.currency}": keep it'
        raise FileFaults([Fault("$.trip.registration.currency", mend)]) from error


def _reach(trip: Trip, wanted: TripState, by: By) -> None:
    """Let the trip go where the file wants it, by the verbs that organizers have."""
    try:
        match trip.state, wanted:
            case (old, new) if old == new:
                return
            case TripState.CANCELLED, TripState.ANNOUNCED:
                tours.bring_back(trip, by)
            case _, TripState.ANNOUNCED:
                tours.announce(trip, by)
            case _, TripState.CANCELLED:
                tours.call_off(trip, by, REASON)
            case _, TripState.WITHDRAWN:
                tours.withdraw(trip, by, REASON)
            case _:
                trip.become(wanted)
    except MoveRefused as error:
        mend = f"a trip that is {error.old} cannot become {error.new}"
        raise FileFaults([Fault("$.trip.state", mend)]) from error


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


def _fill_trip(trip: Trip, said: dict[str, Any]) -> None:
    for name in TRIP_WORDS:
        setattr(trip, name, words(said.get(name)))
    for name in TRIP_PLAIN:
        setattr(trip, name, said.get(name))
    trip.max_per_organization = said.get("max_per_organization") or PER_ORGANIZATION
    trip.starts_on = date.fromisoformat(said["starts_on"])
    trip.ends_on = date.fromisoformat(said["ends_on"])
    trip.registration_opens_at = as_instant(said.get("registration_opens_at"))
    trip.registration_closes_at = as_instant(said.get("registration_closes_at"))
    _fill_settings(trip, said)
    fill_basis(trip, said)


def _fill_settings(trip: Trip, said: dict[str, Any]) -> None:
    """How the trip is worked on. What an older file knows nothing of stays as it is."""
    if said.get("is_template") is not None:
        trip.is_template = said["is_template"]
    judged = said.get("clashes")
    if judged is not None:
        trip.clash_levels = _kept(judged.get("levels"))
        trip.travel_speeds = _kept(judged.get("speeds"))
        trip.margin_minutes = _or(judged.get("margin_minutes"), MARGIN)
        trip.arrival_minutes = _or(judged.get("arrival_minutes"), ARRIVAL)
    for name, value in form_loading.registration_of(said).items():
        setattr(trip, name, value)


def _kept(said: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (said or {}).items() if value is not None}


def _or(value: int | None, other: int) -> int:
    return other if value is None else value


def _facts(trip: Trip) -> dict[str, Any]:
    """What the audit tells of a trip."""
    plain = ("starts_on", "ends_on", "max_per_organization", "registration_opens_at")
    closes = "registration_closes_at"
    more = (*SETTINGS, *form_loading.REGISTRATION)
    names = ("state", "slug", *TRIP_WORDS, *TRIP_PLAIN, *plain, closes, *more)
    return {name: getattr(trip, name) for name in names}


def _ids(found: Mapping[Any, Any]) -> dict[Any, int]:
    return {key: row.id for key, row in found.items()}
