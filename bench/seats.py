"""Places: what one that comes free costs with few and many who wait, beside reading those who wait.

One company of a full tour cancels, and the first in the line comes up; then the line is gone
through and nobody can. The limit is a plain SELECT of as many rows.
"""

import statistics
import time
from collections.abc import Callable
from itertools import count
from uuid import uuid4

from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from bench.measure import counting, line
from tests.factories import make_registration, make_trip
from webapp import clock, create_app
from webapp.db import db, transaction
from webapp.domain import audits, queues, registrations, seats
from webapp.embedded.services import services
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.trip import Promotion, Trip

SIZES = (50, 500, 5_000)  # companies that wait, with two delegates each
ROUNDS = 9
numbers = count(1)
ROWS = text(
    "SELECT r.id, r.queued_at, count(d.id) FROM registrations r JOIN delegates d "
    "ON d.registration_id = r.id WHERE r.trip_id = :trip AND r.state = 'waitlisted' GROUP BY r.id"
)


def run() -> None:
    """Milliseconds and SQL statements of a cancellation, of a fruitless round, of the page."""
    with services(durable=True) as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            for size in SIZES:
                _measure(_trip(size), size)
            db.session.remove()
            db.engine.dispose()


def _measure(trip_id: int, size: int) -> None:
    name = f"places, {size:,} wait"
    plain = _median(lambda: db.session.execute(ROWS, {"trip": trip_id}).all())
    with counting() as sent:
        _settle(trip_id)
    line(f"{name}: SQL of a round in which nobody can", len(sent), "")
    line(f"{name}: a round, rows read plainly", _median(lambda: _settle(trip_id)), "ms", plain)
    with counting() as sent:
        _cancel(trip_id)
    line(f"{name}: SQL of a cancellation that lets one up", len(sent), "")
    line(f"{name}: that cancellation", _median(lambda: _cancel(trip_id)), "ms", plain)


def _settle(trip_id: int) -> None:
    with transaction():
        queues.settle(seats.hold(trip_id))


def _cancel(trip_id: int) -> None:
    with transaction():
        first = db.session.scalars(
            select(Registration).where(
                Registration.trip_id == trip_id, Registration.state == RegistrationState.ACCEPTED
            )
        ).first()
        assert first is not None
        registrations.cancel(first, "", audits.SYSTEM)


def _median(deed: Callable[[], object]) -> float:
    took = []
    for _round in range(ROUNDS):
        db.session.remove()
        began = time.perf_counter()
        deed()
        took.append(time.perf_counter() - began)
    db.session.remove()
    return statistics.median(took) * 1000


def _trip(size: int) -> int:
    """A tour whose fifteen companies of two are in, and so many more wait."""
    with transaction():
        trip = make_trip(max_delegates=30, promotion=Promotion.AT_ONCE)
        for _number in range(15):
            make_registration(trip, 2, RegistrationState.ACCEPTED)
        _wait(trip, size)
        trip_id = trip.id
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return trip_id


def _wait(trip: Trip, size: int) -> None:
    at = clock.now()
    names = [f"Waiting {next(numbers)}" for _each in range(size)]
    organizations = db.session.scalars(
        insert(Organization).returning(Organization.id, sort_by_parameter_order=True),
        [{"name": n, "name_key": n.lower(), "kind": OrganizationKind.COMPANY} for n in names],
    ).all()
    ids = db.session.scalars(
        insert(Registration).returning(Registration.id, sort_by_parameter_order=True),
        [_registration(trip, organization, at) for organization in organizations],
    ).all()
    person = db.session.scalars(
        insert(Person).returning(Person.id),
        [{"given_name": "Zoé", "family_name": "N", "email": f"{uuid4()}@example.com"}],
    ).one()
    db.session.execute(
        insert(Delegate),
        [_delegate(number, position, person) for number in ids for position in (1, 2)],
    )


def _registration(trip: Trip, organization_id: int, at: object) -> dict[str, object]:
    key = uuid4()
    return {
        "reference": key.hex[:12],
        "trip_id": trip.id,
        "organization_id": organization_id,
        "state": RegistrationState.WAITLISTED,
        "party": Party.ALL,
        "coordinator_name": "Ana",
        "coordinator_email": f"{key}@example.com",
        "language": "en",
        "submitted_at": at,
        "queued_at": at,
        "form_key": key,
        "token_digest": key.hex,
        "token_sealed": b"-",
    }


def _delegate(registration_id: int, position: int, person_id: int) -> dict[str, object]:
    key = uuid4()
    return {
        "registration_id": registration_id,
        "person_id": person_id,
        "position": position,
        "state": DelegateState.COMING,
        "given_name": "Zoé",
        "family_name": "N",
        "email": f"{key}@example.com",
        "language": "en",
        "token_digest": key.hex,
        "token_sealed": b"-",
    }
