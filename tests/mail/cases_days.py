"""Programs, day sheets, visits of hosts, and offers that end: what their letters tell."""

from datetime import date, datetime

from sqlalchemy import func, select

from tests.factories import make_item, make_staff, make_stop, make_track, make_venue, publish, utc
from tests.mail import posting
from webapp import clock
from webapp.db import Words, db
from webapp.domain import correspondence, organizations
from webapp.domain.reminders import team
from webapp.domain.reminders.reach import Reach
from webapp.models.agenda import AgendaItem, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.mail import Mail
from webapp.models.organization import OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

DAY = date(2027, 11, 1)
HOST = "claire@shipyard.example"


def accepted(registration: Registration) -> Registration:
    """The company is part of the tour, which has a day in the sea port and one in a plane."""
    registration.state = RegistrationState.ACCEPTED
    _fill(registration.trip)
    db.session.flush()
    return registration


def _fill(trip: Trip) -> None:
    """A day with a call time, an uncertain session and a night flight home."""
    if db.session.scalar(select(func.count()).where(AgendaItem.trip_id == trip.id)) > 1:
        return
    make_stop(trip)
    port = make_venue(name="Terminal croisière", address="Quai du Large", postal_code="13002",
                      access=Words(en="Gate 4, bring your passport.",
                                   fr="Porte 4, prenez votre passeport."))  # fmt: skip
    db.session.add(Person(given_name="Claire", family_name="Martin", email=HOST))
    host = organizations.find_or_add(
        "Port de Marseille Fos", OrganizationKind.AUTHORITY, "FR", None
    )
    person = db.session.scalars(select(Person).where(Person.email == HOST)).one()
    make_item(
        trip, title=Words(en="The port from the water", fr="Le port vu de l'eau"),
        starts_local=datetime(2027, 11, 1, 9, 0), ends_local=datetime(2027, 11, 1, 11, 30),
        venue_id=port.id, host_id=host.id, languages=("fr", "en"), call_minutes=30,
        meeting_point=Words(en="Lobby of the hotel", fr="Hall de l'hôtel"),
        people=((person.id, ItemRole.HOST),),
    )  # fmt: skip
    make_item(
        trip, title=Words(en="Lunch with the chamber", fr="Déjeuner avec la chambre"),
        kind=ItemKind.MEAL, state=ItemState.TENTATIVE, place="La Criée",
        starts_local=datetime(2027, 11, 1, 12, 30), ends_local=datetime(2027, 11, 1, 14, 0),
        people=((person.id, ItemRole.SPEAKER),),
    )  # fmt: skip
    make_item(
        trip, title=Words(en="Flight home", fr="Vol de retour"), kind=ItemKind.TRAVEL,
        place="Paris CDG", to_place="San Diego", mode=Mode.FLIGHT, service="AF 62",
        starts_local=datetime(2027, 11, 3, 21, 40), ends_local=datetime(2027, 11, 4, 0, 20),
        ends_zone="America/Los_Angeles",
    )  # fmt: skip
    make_item(
        trip, title=Words(en="Dinner of the other track"), track_id=make_track(trip).id,
        starts_local=datetime(2027, 11, 1, 19, 0), ends_local=datetime(2027, 11, 1, 21, 0),
    )  # fmt: skip
    publish(trip)


def program(registration: Registration) -> Mail:
    return posting.write("program", accepted(registration).delegates[0])


def day_sheet(day: date):  # type: ignore[no-untyped-def]
    def case(registration: Registration) -> Mail:
        return posting.write("day_sheet", accepted(registration).delegates[0], day_on=day)

    return case


def host_visit(sessions: int, people: int, more: int = 0):  # type: ignore[no-untyped-def]
    """A host of one session or of two, with so many guests of one company or more."""

    def case(registration: Registration) -> Mail:
        trip = accepted(registration).trip
        uids = db.session.scalars(
            select(ReleaseItem.uid)
            .where(ReleaseItem.release_id == trip.release_id, ReleaseItem.starts_local >= DAY)
            .order_by(ReleaseItem.starts_at)
            .limit(sessions)
        )
        companies = ["Blue Wave Sensors", "Núñez & fils"][: min(people, 2)]
        guests = [
            {"item": str(uid), "people": people, "companies": companies, "more": more}
            for uid in uids
        ]
        person = db.session.scalars(select(Person).where(Person.email == HOST)).one()
        assert correspondence.to_address(
            "host_visit", trip, HOST, person.name, registration.language, registration.id,
            person_id=person.id, item_uids=[each["item"] for each in guests], guests=guests,
        )  # fmt: skip
        return posting.written(posting.latest())

    return case


def team_day_sheet(registration: Registration) -> Mail:
    """Somebody of the team reads of the port day: their own meeting too, and who comes to what."""
    trip = accepted(registration).trip
    if not db.session.scalar(select(AgendaItem.id).where(AgendaItem.audience == Audience.STAFF)):
        make_item(
            trip, title=Words(en="Briefing of the team", fr="Réunion de l'équipe"),
            audience=Audience.STAFF, place="Hall",
            starts_local=datetime(2027, 11, 1, 8, 0), ends_local=datetime(2027, 11, 1, 8, 30),
        )  # fmt: skip
        publish(trip)
    member = make_staff(trip=trip)
    member.name, member.email = "Ada Team", f"ada-{registration.id}@team.example"
    member.language = registration.language
    db.session.flush()
    [told] = [each for each in team.letters(Reach(trip), DAY) if each.to_email == member.email]
    assert correspondence.put([told])
    return posting.written(posting.latest())


def offer_ending(places: int):  # type: ignore[no-untyped-def]
    def case(registration: Registration) -> Mail:
        registration.state = RegistrationState.OFFERED
        registration.offer_ends_at = utc(2027, 9, 4, 12, 0)
        registration.decided_at = clock.now()
        db.session.flush()
        ends_at = registration.offer_ends_at
        return posting.write("offer_ending", registration, places=places, ends_at=ends_at)

    return case


CASES_OF_DAYS = {
    "program": program,
    "day_sheet-two": day_sheet(DAY),
    "day_sheet-flight": day_sheet(date(2027, 11, 3)),
    "team_day_sheet": team_day_sheet,
    "host_visit-one": host_visit(1, 1),
    "host_visit-two": host_visit(2, 12),
    "host_visit-many": host_visit(1, 900, 38),
    "host_visit-unknown": host_visit(1, 0),
    "offer_ending-one": offer_ending(1),
    "offer_ending-two": offer_ending(2),
}
