"""Sixteen companies at once register three delegates each, over HTTP, with two web workers: beside
a view of the same server that inserts and commits one row. Then SQL statements, at two sizes."""

import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from flask_migrate import upgrade
from sqlalchemy import func, select

from bench.measure import counting, line
from bench.serving import served
from tests.factories import application, make_registration, make_trip
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain import registrations
from webapp.domain.organizations import name_key
from webapp.embedded.services import services
from webapp.models.mail import Mail
from webapp.models.registration import Registration
from webapp.models.trip import Trip

COMPANIES = 16  # at once
WORKERS, THREADS = 2, 8  # each company is answered at once, and none waits for a thread
SETTINGS = ("--workers", str(WORKERS), "--threads", str(THREADS), "--worker-class", "gthread")
SETTINGS += ("--keep-alive", "30")
ROUNDS = 5
SECONDS = 3.0  # of one round of one thing
P99 = 400.0  # ms
numbers = count(1)


def run() -> None:
    """The rate beside one row's, the slowest of a hundred, and the statements."""
    with services(durable=True) as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            with transaction():
                trip = make_trip(max_delegates=None)
                slug, trip_id = trip.slug, trip.id
            _statements(trip_id)
        with served(config, "bench.registering:app", *SETTINGS) as port:
            rates, took = _side_by_side(port, slug)
        with app.app_context():
            letters = db.session.scalar(select(func.count()).select_from(Mail))
            there = db.session.scalar(select(func.count()).select_from(Registration))
            db.session.remove()
            db.engine.dispose()
    line("registering 3 with 4 letters, 16 at once", rates[0], "1/s", rates[1])
    line("registering, 99 of 100 within", _percentile(took, 99), "ms", P99)
    line("registering, median", statistics.median(took) * 1000, "ms")
    line("registrations made", there or 0, "")
    line("letters in the outbox", letters or 0, "")


def _statements(trip_id: int) -> None:
    for size in (1, 200):
        with transaction():
            while (db.session.scalar(select(func.count()).select_from(Registration)) or 0) < size:
                make_registration(db.session.get_one(Trip, trip_id), 1)
        db.session.remove()
        with counting() as sent, transaction():
            registrations.submit(trip_id, application(3))
        line(f"registering 3, {size} there: SQL statements", len(sent), "")
        db.session.remove()


class Company:
    """A browser that stays connected: it opened the form once, and sends it again and again, each
    time as another company."""

    def __init__(self, port: int, slug: str) -> None:
        self.wire = HTTPConnection("127.0.0.1", port, timeout=30)
        self.path = f"/trips/{slug}/register"
        self.wire.request("GET", self.path)
        answer = self.wire.getresponse()
        page = answer.read().decode()
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "the form has no token"
        self.token = found[1]

    def register(self) -> None:
        body = urlencode(_form() | {"csrf_token": self.token, "form_key": str(uuid4())})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        self._ask("POST", self.path, 303, body, headers)

    def one_row(self) -> None:
        self._ask("GET", "/bench/one-row", 204)

    def _ask(self, method: str, path: str, status: int, body: str = "", headers=None) -> None:  # type: ignore[no-untyped-def]
        self.wire.request(method, path, body or None, headers or {})
        answer = self.wire.getresponse()
        page = answer.read()
        assert answer.status == status, (answer.status, page[:2000])


def _form() -> dict[str, str]:
    number = next(numbers)
    name = f"{uuid4().hex[:10]} Sensors"
    sent = {
        "organization_name": name,
        "says_to_be": "none",  # as a browser sends it, which has asked while the name was typed
        "names_seen": name_key(name),
        "organization_kind": "company",
        "country": "US",
        "coordinator_name": "Ana Coordinator",
        "coordinator_email": f"ana@firm{number}-{uuid4().hex[:6]}.example.com",
        "language": "en",
        "authority": "y",
    }
    for row in range(3):
        sent |= {
            f"delegates-{row}-given_name": f"Zoé {row}",
            f"delegates-{row}-family_name": "Núñez",
            f"delegates-{row}-email": f"d{row}@firm{number}-{uuid4().hex[:6]}.example.com",
            f"delegates-{row}-phone": "+16195550101",
            f"delegates-{row}-job_title": "Head of Sales",
            f"delegates-{row}-language": "fr" if row else "en",
        }
    return sent


def _side_by_side(port: int, slug: str) -> tuple[tuple[float, float], list[float]]:
    """Medians of rounds that take turns, so that a busy moment of the machine hits both; and how
    long each registration took, in seconds."""
    companies = [Company(port, slug) for _each in range(COMPANIES)]
    rates: tuple[list[float], list[float]] = ([], [])
    took: list[float] = []
    with ThreadPoolExecutor(COMPANIES) as pool:
        for verb in (Company.register, Company.one_row):  # everything warm
            _round(pool, companies, verb, 1.0)
        for _number in range(ROUNDS):
            for rate, verb in zip(rates, (Company.register, Company.one_row), strict=True):
                times = _round(pool, companies, verb, SECONDS)
                rate.append(len(times) / SECONDS)
                if verb is Company.register:
                    took += times
    return (statistics.median(rates[0]), statistics.median(rates[1])), took


def _round(
    pool: ThreadPoolExecutor,
    companies: list[Company],
    verb: Callable[[Company], None],
    seconds: float,
) -> list[float]:
    end = time.perf_counter() + seconds

    def again(company: Company) -> list[float]:
        times = []
        while (began := time.perf_counter()) < end:
            verb(company)
            times.append(time.perf_counter() - began)
        return times

    return [each for times in pool.map(again, companies) for each in times]


def _percentile(times: list[float], of_100: int) -> float:
    return statistics.quantiles(times, n=100)[of_100 - 1] * 1000
