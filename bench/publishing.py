"""Publishing 600 sessions to 15,000 delegates: how long it takes, and what readers notice."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from uuid import uuid4

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy import delete, func, insert, select

from bench.measure import line
from tests.factories import make_registration, make_track, make_trip
from webapp import clock, create_app, tokens
from webapp.db import Words, db, transaction
from webapp.domain import affected, agendas, audits, releases, seats
from webapp.embedded.services import services
from webapp.models.agenda import AgendaItem, Audience, ItemKind
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.person import Person
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import TrackMember
from webapp.models.trip import Trip

ITEMS = 600
COMPANIES, PEOPLE_EACH = 1500, 10
TRACKS = 7
LIMIT = 20.0  # seconds
QUIET = 3.0  # seconds of reading before anything is published
# What answering for the public agenda and for a feed that is prepared asks of the database.
READS = (
    (
        "SELECT i.* FROM release_items i JOIN trips t ON t.release_id = i.release_id "
        "WHERE t.id = :trip AND i.audience = 'everybody' ORDER BY i.starts_at, i.uid"
    ),
    "SELECT * FROM feeds WHERE trip_id = :trip AND scope = 'trip' AND language = 'en'",
)
BODY = b"BEGIN:VCALENDAR\r\n" * 400  # of a feed that was prepared; its bytes do not matter


def run() -> None:
    """The first release and one that moves every session, beside a reader of agenda and feed."""
    with services(durable=True) as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            trip_id = tour()
            for name, change in (("first release", _nothing), ("all 600 moved", _move)):
                _prepare(trip_id)
                change(trip_id)
                _measure(config.database_url, trip_id, name)
            db.session.remove()
            db.engine.dispose()


def _measure(url: str, trip_id: int, name: str) -> None:
    trip = db.session.get_one(Trip, trip_id)
    began = time.perf_counter()
    found = affected.summary(affected.of(releases.differences(trip), trip))
    line(f"{name}: who is affected", time.perf_counter() - began, "s")
    assert found.people == COMPANIES * PEOPLE_EACH, found.people
    db.session.remove()
    with _reading(url, trip_id) as reads:
        time.sleep(QUIET)
        quiet = reads()
        began = time.perf_counter()
        with transaction():
            releases.publish(db.session.get_one(Trip, trip_id), audits.SYSTEM)
        spent = time.perf_counter() - began
        busy = reads()
    line(f"{name}: publishing", spent, "s", LIMIT)
    line(f"{name}: rows of sessions", _count(ReleaseItem.release_id == _in_force(trip_id)), "")
    line(f"{name}: feeds out of date", _count(Feed.body.is_(None)), "")
    line(f"{name}: median read meanwhile", _ms(statistics.median(busy)), "ms",
         _ms(statistics.median(quiet)))  # fmt: skip
    line(f"{name}: slowest read meanwhile", _ms(max(busy)), "ms", _ms(max(quiet)))
    db.session.remove()


@contextmanager
def _reading(url: str, trip_id: int) -> Iterator[Callable[[], list[float]]]:
    """Another process reads the public agenda and a feed, over and over; the block asks for the
    seconds that each reading took since it asked last. A process, so that it waits for the database
    only and not for this interpreter."""
    apart = get_context("spawn")
    ours, theirs = apart.Pipe()
    reader = apart.Process(target=read, args=(url, trip_id, theirs))
    reader.start()

    def ask() -> list[float]:
        ours.send("so far")
        return list(ours.recv())

    try:
        ask()  # it has started
        yield ask
    finally:
        ours.send("stop")
        reader.join()


def read(url: str, trip_id: int, asked: Connection) -> None:
    """Read until somebody says stop."""
    spent: list[float] = []
    engine = sa.create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while True:
            began = time.perf_counter()
            for statement in READS:
                connection.execute(sa.text(statement), {"trip": trip_id}).all()
            spent.append(time.perf_counter() - began)
            if asked.poll():
                if asked.recv() == "stop":
                    return
                asked.send(spent)
                spent = []


def tour(items: int = ITEMS, companies: int = COMPANIES) -> int:
    """A trip of so many sessions, and of so many companies of PEOPLE_EACH."""
    with transaction():
        trip = make_trip(max_delegates=None)
        tracks = [make_track(trip, f"track-{number}").id for number in range(TRACKS)]
        model = make_registration(trip, 1, RegistrationState.ACCEPTED)  # what the others resemble
        db.session.execute(insert(AgendaItem), list(_items(trip, tracks, items)))
        db.session.execute(delete(Feed).where(Feed.trip_id == trip.id, Feed.scope != Scope.TRIP))
        _people(model, tracks, companies)
        model.state = RegistrationState.CANCELLED
        return trip.id


def _items(trip: Trip, tracks: list[int], size: int) -> Iterator[dict[str, object]]:
    start = datetime(2027, 10, 25, 8, 0)  # noqa: DTZ001  # a wall time
    for number in range(size):
        local = start + timedelta(minutes=12 * number)
        yield {
            "uid": uuid4(),
            "trip_id": trip.id,
            "created_at": clock.now(),
            "kind": ItemKind.VISIT,
            "title": Words(en=f"Session {number}", fr=f"Séance {number}"),
            "description": Words(en="What one sees there, and whom one meets. " * 4),
            "audience": Audience.EVERYBODY if number % 4 else Audience.DELEGATES,
            "track_id": tracks[number % TRACKS] if number % 3 == 0 else None,
            "starts_local": local,
            "starts_zone": "Europe/Paris",
            "ends_local": local + timedelta(minutes=45),
            "ends_zone": "Europe/Paris",
            "starts_at": clock.instant(local, "Europe/Paris", 0),
            "ends_at": clock.instant(local + timedelta(minutes=45), "Europe/Paris", 0),
            "version": 1,
        }


def _people(model: Registration, tracks: list[int], number: int) -> None:
    """So many companies, their people, what those follow, and the feeds of all of them."""
    now, numbers = clock.now(), count(1)
    size = number * PEOPLE_EACH
    companies = _insert(
        Organization,
        [{"name": f"Company {n}", "name_key": f"company {n}", "kind": OrganizationKind.COMPANY}
         for n in range(number)],
    )  # fmt: skip
    names = [{"given_name": "Ana", "family_name": f"No. {n}", "sources": []} for n in range(size)]
    people = _insert(Person, names)
    kept = ("coordinator_name", "coordinator_email", "language", "submitted_at", "queued_at")
    same = {name: getattr(model, name) for name in kept}
    registrations = _insert(
        Registration,
        [same | _secret() | {"trip_id": model.trip_id, "organization_id": company,
         "state": RegistrationState.ACCEPTED, "reference": f"B-{company}", "form_key": uuid4()}
         for company in companies],
    )  # fmt: skip
    delegates = _insert(
        Delegate,
        [_secret() | {"registration_id": registrations[place % number], "person_id": person,
         "position": place // number, "given_name": "Ana", "family_name": f"No. {place}",
         "email": f"ana{next(numbers)}@example.com", "language": "en"}
         for place, person in enumerate(people)],
    )  # fmt: skip
    db.session.execute(
        insert(TrackMember),
        [{"track_id": tracks[n % TRACKS], "delegate_id": each} for n, each in enumerate(delegates)],
    )
    feed = {"trip_id": model.trip_id, "language": "en", "created_at": now, "changed_at": now}
    for scope, column, ids in (
        (Scope.DELEGATE, "delegate_id", delegates),
        (Scope.COMPANY, "registration_id", registrations),
    ):
        rows = [feed | _secret() | {"scope": scope, column: each} for each in ids]
        db.session.execute(insert(Feed), rows)


def _insert(model: type, rows: list[dict[str, object]]) -> list[int]:
    return list(db.session.scalars(insert(model).returning(model.id), rows))  # type: ignore[attr-defined]


def _secret() -> dict[str, object]:
    token = tokens.new_token()
    return {"token_digest": tokens.digest(token), "token_sealed": token.encode()}


def _prepare(trip_id: int) -> None:
    """Every feed has bytes, as workers would have left them."""
    with transaction():
        db.session.execute(
            sa.update(Feed).where(Feed.trip_id == trip_id).values(body=BODY, etag="x")
        )
    db.session.remove()


def _nothing(trip_id: int) -> None:
    """The draft stays as it is."""


def _move(trip_id: int) -> None:
    with transaction():
        trip = seats.hold(trip_id)
        for item in agendas.draft(trip):
            item.place = "Another gate"
    db.session.remove()


def _in_force(trip_id: int) -> int | None:
    return db.session.scalar(select(Trip.release_id).where(Trip.id == trip_id))


def _count(condition: object) -> int:
    rows = select(func.count()).where(condition)  # type: ignore[arg-type]
    return db.session.scalar(rows) or 0


def _ms(seconds: float) -> float:
    return seconds * 1000
