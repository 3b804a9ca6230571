"""The organizer's list of 5,000 registrations: one page of it, filtered and searched."""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from bench.board import Visitor
from bench.measure import counting, line
from tests.blueprints.forms import sign_in
from tests.factories import make_staff, make_trip
from webapp import clock, create_app
from webapp.db import db, transaction
from webapp.domain.organizations import name_key
from webapp.embedded.services import services
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

SIZE = 5_000
PARTY = 3  # delegates of each
LIMIT = 100  # ms of server time
ROUNDS = 15
STATES = (
    RegistrationState.SUBMITTED,
    RegistrationState.ACCEPTED,
    RegistrationState.WAITLISTED,
    RegistrationState.DECLINED,
)
WORDS = ("Écume", "Blue Wave", "Côte d'Azur Conseil", "Núñez & Fils", "Harbor Systems", "Łódź Labs")
# One name in four has an accent.
GIVEN = ("Zoé", "Ana", "Bert", "Claire", "Daniel", "Eve")
FAMILY = ("O'Brien", "Jones", "Leroy", "Martin", "Smith", "Žižka")
QUERIES = {
    "first page": "",
    "page 80": "page=80",
    "by name, one state": "state=waitlisted&sort=name",
    "kind, country, data missing": "kind=company&country=FR&missing=y",
    "money owed, open requests": "unpaid=y&requests=y",
    "a word of a delegate's name": "q=zizka",
    "two words, nothing found": "q=zizka+nowhere",
    "a company's name with accents": "q=%C3%A9CUME+4999",
}


def run() -> None:
    """The median time of each request through the whole application, and its statements."""
    with services() as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            with transaction():
                trip, staff = make_trip(max_delegates=50_000), make_staff()
                _fill(trip)
                slug = trip.slug
            db.session.execute(text("ANALYZE"))
            db.session.commit()
            client = Visitor(app, app.response_class)
            sign_in(client, staff)
            db.session.remove()
            for name, query in QUERIES.items():
                _measure(client, name, f"/organizer/trips/{slug}/registrations?{query}")
            db.engine.dispose()


def _measure(client: FlaskClient, name: str, path: str) -> None:
    def get() -> float:
        began = time.perf_counter()
        answer = client.get(path)
        spent = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, answer.status_code
        return spent

    get()
    with counting() as sent:
        get()
    times = [get() for _round in range(ROUNDS)]
    line(f"list of {SIZE}, {name}", statistics.median(times), "ms", LIMIT)
    line(f"list of {SIZE}, {name}: SQL statements", len(sent), "")


def _fill(trip: Trip) -> None:
    """Rows as the product would write them, a thousand at a time."""
    people = _ids(Person, ({"given_name": "A", "family_name": "B"} for _n in range(SIZE)))
    companies = _ids(
        Organization,
        (
            {
                "name": f"{WORDS[n % len(WORDS)]} {n}",
                "name_key": name_key(f"{WORDS[n % len(WORDS)]} {n}"),
                "kind": OrganizationKind.COMPANY if n % 3 else OrganizationKind.ACADEMIC,
                "country": "FR" if n % 2 else "US",
            }
            for n in range(SIZE)
        ),
    )
    registrations = _ids(Registration, _registrations(trip, companies))
    _ids(Delegate, _delegates(registrations, people))


def _registrations(trip: Trip, companies: list[int]) -> Iterator[dict[str, Any]]:
    at = clock.now()
    for n, organization_id in enumerate(companies):
        yield {
            "reference": f"BENCH-{n:05}",
            "trip_id": trip.id,
            "organization_id": organization_id,
            "state": STATES[n % len(STATES)],
            "coordinator_name": f"{GIVEN[n % 6]} Coordinator",
            "coordinator_email": f"c{n}@company{n}.example",
            "language": "en",
            "submitted_at": at + timedelta(seconds=n),
            "queued_at": at + timedelta(seconds=n),
            "form_key": uuid4(),
            "token_digest": uuid4().hex,
            "token_sealed": b"x",
        }


def _delegates(registrations: list[int], people: list[int]) -> Iterator[dict[str, Any]]:
    for n in range(len(registrations) * PARTY):
        yield {
            "registration_id": registrations[n // PARTY],
            "person_id": people[n // PARTY],
            "position": n % PARTY + 1,
            "state": DelegateState.COMING,
            "given_name": GIVEN[n % 6],
            "family_name": FAMILY[n // 7 % 6],
            "email": f"d{n}@company{n // PARTY}.example",
            "phone": None if n % 50 == 0 else "+33491000000",
            "language": "en",
            "token_digest": uuid4().hex,
            "token_sealed": b"x",
        }


def _ids(model: Any, rows: Iterator[dict[str, Any]]) -> list[int]:
    return list(db.session.scalars(insert(model).returning(model.id), list(rows)))
