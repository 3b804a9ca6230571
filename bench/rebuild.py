"""Preparing all feeds of a tour anew after its plenary moved: how long two workers take, what they
need of memory, and what a reader sees meanwhile."""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from random import Random

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy import func, select

from bench.measure import line
from bench.publishing import PEOPLE_EACH, tour
from config import Config
from webapp import create_app
from webapp.db import Base, db, transaction
from webapp.domain import agendas, audits, feeds, releases, seats
from webapp.embedded.services import services
from webapp.models.feed import Feed, Scope

DELEGATES = int(os.environ.get("BENCH_FEEDS", "15000"))
ITEMS = 84  # of which a delegate, who follows one track of seven, has 60
WORKERS = 2
LIMIT = 60.0  # seconds, for 15,000 delegates
MEMORY = 250.0  # megabytes, of one worker
PLACE = b"The great hall"
Needed = tuple[float, float]  # megabytes, seconds of the processor


def run() -> None:
    """Four sizes, each twice the one before; the limits are those of 15,000 delegates, and what the
    smallest took, grown by the number of feeds."""
    with services(durable=True) as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            first: float | None = None
            for size in (DELEGATES // 8, DELEGATES // 4, DELEGATES // 2, DELEGATES):
                trip_id = _tour(size)
                spent = _measure(config, trip_id, size)
                first = first or spent
                line(f"{size:,} delegates, against {DELEGATES // 8:,} grown", spent, "s",
                     first * size / (DELEGATES // 8))  # fmt: skip
                _empty()
            db.engine.dispose()


def _measure(config: Config, trip_id: int, size: int) -> float:
    """Move the plenary, publish, and let the workers prepare; seconds from the commit on."""
    with _reading(config.database_url, trip_id) as reader, _working(config) as go:
        _move(trip_id)
        began = time.perf_counter()
        needed = go()
        spent = time.perf_counter() - began
        reads = reader()
    assert _stale() == 0, _stale()
    events = db.session.scalar(
        select(func.avg(sa.text("length(body)"))).where(Feed.scope == Scope.DELEGATE)
    )
    name = f"{size:,} delegates"
    line(f"{name}: {WORKERS} workers prepare", spent, "s", LIMIT * size / 15000)
    line(f"{name}: feeds a second", _feeds() / spent, "1/s")
    line(f"{name}: octets of a feed", float(events or 0), "")
    line(f"{name}: processor time of both", sum(spent for _memory, spent in needed), "s")
    line(f"{name}: memory of a worker", max(memory for memory, _spent in needed), "MB", MEMORY)
    line(f"{name}: whole new feeds read meanwhile", reads, "")
    db.session.remove()
    return spent


def _tour(size: int) -> int:
    """A tour with so many delegates, of which every feed is prepared."""
    trip_id = tour(ITEMS, size // PEOPLE_EACH)
    with transaction():
        releases.publish(seats.hold(trip_id), audits.SYSTEM)
    with transaction():
        db.session.execute(sa.update(Feed).values(body=b"BEGIN:VCALENDAR\r\n" * 3000, etag="x"))
    db.session.remove()
    return trip_id


def _move(trip_id: int) -> None:
    """The plenary of everybody takes place elsewhere."""
    with transaction():
        trip = seats.hold(trip_id)
        plenary = next(item for item in agendas.draft(trip) if item.track_id is None)
        plenary.place = PLACE.decode()
        db.session.flush()
        releases.publish(trip, audits.SYSTEM)
    db.session.remove()


@contextmanager
def _working(config: Config) -> Iterator[Callable[[], list[Needed]]]:
    """Workers in processes of their own, which have started and wait; the block lets them work
    until nothing is left, and hears what each needed."""
    apart = get_context("spawn")
    pipes = [apart.Pipe() for _ in range(WORKERS)]
    workers = [apart.Process(target=work, args=(config, theirs)) for _ours, theirs in pipes]
    for worker, (_ours, theirs) in zip(workers, pipes, strict=True):
        worker.start()
        theirs.close()  # so that a worker that dies is noticed
    for ours, _theirs in pipes:
        ours.recv()

    def go() -> list[Needed]:
        for ours, _theirs in pipes:
            ours.send("go")
        return [ours.recv() for ours, _theirs in pipes]

    yield go
    for worker in workers:
        worker.join()


def work(config: Config, told: Connection) -> None:
    """What a worker does, and what it needed."""
    with create_app(config).app_context():
        told.send("ready")
        told.recv()
        began = time.process_time()
        last: int | None = 0
        while last is not None:
            with transaction():
                last = feeds.prepare(last)
        spent = time.process_time() - began
    told.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, spent))


@contextmanager
def _reading(url: str, trip_id: int) -> Iterator[Callable[[], float]]:
    apart = get_context("spawn")
    ours, theirs = apart.Pipe()
    reader = apart.Process(target=read, args=(url, trip_id, theirs))
    reader.start()
    ours.recv()  # it has started

    def ask() -> float:
        ours.send("how many")
        return float(ours.recv())

    try:
        yield ask
    finally:
        reader.join(10)


def read(url: str, trip_id: int, asked: Connection) -> None:
    """Read feeds at random and hold each to its tag; how many new ones there were. A feed whose
    release is out has its new bytes, whole, or none."""
    chance, good = Random(6), 0
    engine = sa.create_engine(url)
    one = sa.text(
        "SELECT f.body, f.etag, r.number FROM feeds f JOIN trips t ON t.id = f.trip_id "
        "JOIN releases r ON r.id = t.release_id WHERE f.id = :id"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = sa.text("SELECT id FROM feeds WHERE trip_id = :trip")
        ids = list(connection.execute(mine, {"trip": trip_id}).scalars())
        asked.send("started")
        while not asked.poll(0.002):
            body, etag, release = connection.execute(one, {"id": chance.choice(ids)}).one()
            if release > 1 and body is not None:
                whole = body.startswith(b"BEGIN:VCALENDAR") and body.endswith(b"END:VCALENDAR\r\n")
                assert whole, "half a feed"
                assert PLACE in body, "an old feed"
                assert sha256(body).hexdigest()[:32] == etag, "bytes under another tag"
                good += 1
    asked.send(good)


def _stale() -> int:
    return db.session.scalar(select(func.count()).where(Feed.body.is_(None))) or 0


def _feeds() -> int:
    return db.session.scalar(select(func.count()).select_from(Feed)) or 0


def _empty() -> None:
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
