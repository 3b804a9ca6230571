"""Things for tests, made by the product's own verbs where there is one."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

from webapp import clock
from webapp.db import Words, db
from webapp.domain import agendas, audits, feeds, registrations, releases, staffs
from webapp.domain.agendas import ItemValues
from webapp.domain.registrations import Application, DelegateData
from webapp.models.agenda import AgendaItem, ItemKind
from webapp.models.organization import OrganizationKind
from webapp.models.place import Room, Stop, Venue
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import Release
from webapp.models.staff import Role, Staff, TripRole
from webapp.models.track import Track
from webapp.models.trip import Trip, TripState

PASSWORD = "a long enough password"
numbers = count(1)


def make_trip(**values) -> Trip:
    """A tour in Provence that takes registrations now."""
    number = next(numbers)
    now = clock.now()
    given = {
        "slug": f"tour-{number}",
        "title": Words(en=f"Tour {number}", fr=f"Tournée {number}"),
        "summary": Words(en="Five days in the South.", fr="Cinq jours dans le Sud."),
        "state": TripState.ANNOUNCED,
        "starts_on": date(2027, 10, 25),
        "ends_on": date(2027, 10, 29),
        "zone": "Europe/Paris",
        "home_zone": "America/Los_Angeles",
        "registration_opens_at": now - timedelta(days=30),
        "registration_closes_at": now + timedelta(days=30),
        "created_at": now,
        "changed_at": now,
    } | values
    trip = Trip(**given)
    db.session.add(trip)
    db.session.flush()
    feeds.open_public(trip)
    return trip


def make_stop(trip: Trip, **values) -> Stop:
    given = {
        "position": len(trip.stops) + 1,
        "city": "Marseille",
        "country": "FR",
        "zone": "Europe/Paris",
        "starts_on": trip.starts_on,
        "ends_on": trip.ends_on,
    } | values
    stop = Stop(trip_id=trip.id, **given)
    db.session.add(stop)
    db.session.flush()
    db.session.expire(trip, ["stops"])
    return stop


def make_venue(**values) -> Venue:
    given = {
        "name": f"Palais {next(numbers)}",
        "city": "Marseille",
        "country": "FR",
        "zone": "Europe/Paris",
    } | values
    venue = Venue(**given)
    db.session.add(venue)
    db.session.flush()
    return venue


def make_room(venue: Venue, **values) -> Room:
    given = {"name": f"Salle {next(numbers)}", "capacity": 40} | values
    room = Room(venue_id=venue.id, **given)
    db.session.add(room)
    db.session.flush()
    db.session.expire(venue, ["rooms"])
    return room


def make_track(trip: Trip, key: str = "vip") -> Track:
    track = Track(trip_id=trip.id, key=key, name=Words(en=key.upper()), color="plum", position=1)
    db.session.add(track)
    db.session.flush()
    db.session.expire(trip, ["tracks"])
    return track


def item_values(**values) -> ItemValues:
    given = {
        "kind": ItemKind.VISIT,
        "title": Words(en="Visit of the shipyard", fr="Visite du chantier naval"),
        "starts_local": datetime(2027, 10, 26, 9, 0),
        "starts_zone": "Europe/Paris",
        "ends_local": datetime(2027, 10, 26, 10, 30),
        "ends_zone": "Europe/Paris",
    } | values
    return ItemValues(**given)


def make_item(trip: Trip, **values) -> AgendaItem:
    return agendas.add(trip, item_values(**values), audits.SYSTEM)


def publish(trip: Trip) -> Release:
    return releases.publish(trip, audits.SYSTEM)


def delegate_data(number: int = 1, **values) -> DelegateData:
    given = {
        "given_name": "Zoé",
        "family_name": f"O'Brien-Núñez {number}",
        "email": f"zoe{number}-{next(numbers)}@example.com",
        "phone": "+16195550101",
        "job_title": "Head of Sales",
        "language": "en",
    } | values
    return DelegateData(**given)


def application(size: int = 1, **values) -> Application:
    """An application with `size` delegates."""
    number = next(numbers)
    given = {
        "organization_name": f"Blue Wave Sensors {number}",
        "organization_kind": OrganizationKind.COMPANY,
        "country": "US",
        "website": None,
        "coordinator_name": "Ana Coordinator",
        "coordinator_email": f"ana{number}@example.com",
        "coordinator_phone": None,
        "language": "en",
        "objectives": None,
        "delegates": tuple(delegate_data(n) for n in range(1, size + 1)),
        "form_key": uuid4(),
    } | values
    return Application(**given)


def make_registration(
    trip: Trip,
    size: int = 1,
    state: RegistrationState = RegistrationState.SUBMITTED,
    **values,
) -> Registration:
    return registrations.record(trip, application(size, **values), state)


def make_staff(*, trip: Trip | None = None, role: Role = Role.ORGANIZER) -> Staff:
    """Somebody who runs everything, or has one role on one trip."""
    number = next(numbers)
    staff = staffs.create(
        f"staff{number}@example.org",
        f"Staff {number}",
        PASSWORD,
        audits.SYSTEM,
        runs_everything=trip is None,
    )
    if trip is not None:
        db.session.add(TripRole(staff_id=staff.id, trip_id=trip.id, role=role))
        db.session.flush()
        db.session.expire(staff, ["roles"])
    return staff


def utc(*parts: int) -> datetime:
    """An aware instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
