"""Bringing in a sheet of 5,000 delegates of 1,500 companies, letters put: all of the work."""

import time

from flask_migrate import upgrade
from sqlalchemy import func, select

from bench.measure import line
from tests.factories import make_trip
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain import audits, intakes
from webapp.domain.intakes import Options
from webapp.embedded.services import services
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.trip import Trip

DELEGATES, COMPANIES = 5_000, 1_500
SECONDS = 30.0  # what the trade may wait for (issue 4)


def run() -> None:
    """Seconds of the dry run, of bringing in, and of the same sheet once more; and the longest that
    the tour was locked."""
    with services(durable=True) as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            with transaction():
                trip_id = make_trip().id
            data = sheet()
            started = time.perf_counter()
            trip = db.session.get_one(Trip, trip_id)
            roster, options = _read(data)
            intakes.plan(trip, roster, options)
            line("looking at 5,000 delegates in 1,500 companies", _since(started), "s", SECONDS)
            longest, took = _bring_in(trip_id, data)
            line("bringing them in, 6,500 letters put", took, "s", SECONDS)
            line("bringing them in: the longest batch", longest, "s")
            assert db.session.scalar(select(func.count(Delegate.id))) == DELEGATES
            assert db.session.scalar(select(func.count(Mail.id))) == DELEGATES + COMPANIES
            changed = data.replace(b"Head of Sales 7", b"Director of Sales")
            _longest, took = _bring_in(trip_id, changed)
            line("the same once more, one in ten changed", took, "s", SECONDS)
            assert db.session.scalar(select(func.count(Delegate.id))) == DELEGATES
            db.session.remove()
            db.engine.dispose()


def sheet() -> bytes:
    """A CSV file of COMPANIES companies with DELEGATES delegates in all."""
    rows = ["Company,Country,First name,Last name,Email,Phone,Job title,Language"]
    for number in range(DELEGATES):
        company = number % COMPANIES
        rows.append(
            f"Company {company:05},FR,Given {number},Family,p{number}@company{company}.example,"
            f"+3349100{number:04},Head of Sales {number % 10},fr"
        )
    return "\n".join(rows).encode()


def _read(data: bytes) -> tuple[intakes.Roster, Options]:
    roster = intakes.read(data, None, {})
    return roster, Options(places=roster.places, letters=True)


def _bring_in(trip_id: int, data: bytes) -> tuple[float, float]:
    """The longest batch and the whole, in seconds."""
    with transaction():
        roster, options = _read(data)
        trip = db.session.get_one(Trip, trip_id)
        intake_id = intakes.start(trip, "big.csv", data, roster, options, audits.SYSTEM).id
    started, longest, more = time.perf_counter(), 0.0, True
    work = intakes.load(intake_id)
    db.session.rollback()
    while more and work is not None:
        batch = time.perf_counter()
        with transaction():
            more = intakes.advance(work)
        longest = max(longest, _since(batch))
    return longest, _since(started)


def _since(started: float) -> float:
    return time.perf_counter() - started
