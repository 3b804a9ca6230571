"""A bulletin to 15,000 people, written and delivered by a real Celery worker of two processes to a
sink beside them, and how long a registration and its confirmation take meanwhile.

`./escale bench mail` takes BENCH_LETTERS (15000) for smaller rounds. What is measured beside the
delivery is a bare loop over smtplib, in two processes too, that sends the very same messages.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from flask_migrate import upgrade
from sqlalchemy import ColumnElement, and_, func, select, update

from bench import publishing
from bench.measure import line
from bench.sink import Sink, loop, sink
from config import Config
from tests.factories import application, publish
from webapp import clock, create_app
from webapp.db import db, transaction, wake
from webapp.domain import agendas, audits, correspondence, registrations, releases, seats, telling
from webapp.embedded.services import services
from webapp.models.mail import Mail, MailState
from webapp.models.trip import Trip

LETTERS = int(os.environ.get("BENCH_LETTERS", "15000"))
PROCESSES = 2
SESSIONS = 60
SAMPLE = 400  # letters that are written here, to see how fast that is
CONFIRMATIONS = 15
PUT_LIMIT, SENT_LIMIT, RATIO_LIMIT, LATE_LIMIT = 10.0, 200.0, 0.6, 2.0
PATIENCE, SWEEP = 600.0, 10.0  # seconds


def run() -> None:
    """Putting, writing, delivering, and what others notice of it."""
    with services(durable=True) as config, sink() as server:
        app = create_app(config)
        with app.app_context():
            upgrade()
            trip_id = publishing.tour(SESSIONS, LETTERS // publishing.PEOPLE_EACH)
            with transaction():
                publish(db.session.get_one(Trip, trip_id))
            _put(config, trip_id)
            _write()
            with _worker(config, server) as worker:
                _wait(lambda: _count(_unwritten()) == 0, "everything is written")
                _confirmations(server, trip_id, "no bulletin under way")
                _deliver(server, worker)
                _meanwhile(server, trip_id)
            db.session.remove()
            db.engine.dispose()


def _put(config: Config, trip_id: int) -> None:
    """How long it takes to put the letters, and what companies that register notice of it."""
    _move(trip_id, hold_minutes=1440)
    release_id = db.session.scalars(select(Trip.release_id).where(Trip.id == trip_id)).one()
    db.session.remove()
    with _registering(config, trip_id) as took:
        time.sleep(4)
        quiet = took()
        began = time.perf_counter()
        with transaction():
            number = telling.tell(release_id or 0)
        spent = time.perf_counter() - began
        busy = took()
    db.session.remove()
    line(f"a bulletin to {number} people is put", spent, "s", PUT_LIMIT)
    line("slowest registration meanwhile", max(busy) * 1000, "ms", max(quiet) * 1000)
    line("median registration meanwhile", statistics.median(busy) * 1000, "ms",
         statistics.median(quiet) * 1000)  # fmt: skip


@contextmanager
def _registering(config: Config, trip_id: int) -> Iterator[Callable[[], list[float]]]:
    """Another process registers one company after another; the block asks for the seconds that
    each took since it asked last."""
    apart = get_context("spawn")
    ours, theirs = apart.Pipe()
    companies = apart.Process(target=register, args=(config, trip_id, theirs), daemon=True)
    companies.start()

    def ask() -> list[float]:
        ours.send("so far")
        return list(ours.recv())

    try:
        ask()  # it has started
        yield ask
    finally:
        ours.send("stop")
        companies.join()


def register(config: Config, trip_id: int, asked: Connection) -> None:
    """Register companies until somebody says stop."""
    spent: list[float] = []
    app = create_app(config)
    app.extensions.pop("celery")
    with app.app_context():
        while True:
            began = time.perf_counter()
            with transaction():
                registrations.submit(trip_id, _company())
            spent.append(time.perf_counter() - began)
            db.session.remove()
            if asked.poll():
                if asked.recv() == "stop":
                    return
                asked.send(spent)
                spent = []
            time.sleep(0.02)


def _write() -> None:
    """How fast one process writes, beside nothing."""
    number, began = 0, time.perf_counter()
    while number < min(SAMPLE, LETTERS // 2):
        with transaction():
            number += correspondence.write_due(20)
        db.session.remove()
    line("bulletins written by one process", number / (time.perf_counter() - began), "1/s", 150)
    size = db.session.scalar(select(func.avg(func.length(Mail.message))))
    db.session.remove()
    line("octets of one, packed and sealed", float(size or 0), "")


@contextmanager
def _worker(config: Config, server: Sink) -> Iterator[int]:
    """A Celery worker of two processes that sends to the sink; its process id."""
    settings = {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "DATA_DIR": str(config.data_dir),
        "MAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "MAIL_FROM": config.mail_from,
        "SECRET_KEY": config.secret_key,
    }
    command = [sys.executable, "-m", "celery", "-A", "wsgi:celery", "worker", "--loglevel", "ERROR"]
    command += ["-c", str(PROCESSES), "--without-gossip", "--without-mingle"]
    root = Path(__file__).parents[1]
    worker = subprocess.Popen(
        command, env=os.environ | settings, cwd=root, stdout=subprocess.DEVNULL
    )
    try:
        yield worker.pid
    finally:
        worker.terminate()
        worker.wait(60)


def _deliver(server: Sink, worker: int) -> None:
    """The moment of the bulletin comes: everything is written and waits to be sent."""
    bare = max(_bare(server) for _round in range(3))  # whatever else the machine does slows it
    server.empty()
    before = _sent()
    line("letters that failed", _count(Mail.state == MailState.FAILED), "")
    with transaction():
        db.session.execute(
            update(Mail).where(Mail.state == MailState.HELD).values(due_at=clock.now())
        )
    total = _count(Mail.state == MailState.HELD)
    began = time.perf_counter()
    for _process in range(PROCESSES):
        wake({"outbox.send"})
    _wait(lambda: server.count() >= min(1000, total), "the first thousand")
    early = _resident(worker)
    _wait(lambda: server.count() >= total, "all are delivered")
    rate = total / (time.perf_counter() - began)
    late = _resident(worker)
    _wait(lambda: _sent() - before >= total, "all are settled")
    line(f"{total} letters delivered, {PROCESSES} processes", rate, "1/s", SENT_LIMIT)
    line("the same, against a bare loop over smtplib", rate, "1/s", bare)
    line("ratio wanted of these two", rate / bare, "", RATIO_LIMIT)
    line("letters that came twice", server.count() - total, "")
    line(f"memory of a process after {total} letters", late / 1e6, "MB", early / 1e6)


def _bare(server: Sink) -> float:
    """The very same messages, by two processes that do nothing else."""
    rows = db.session.execute(select(Mail.to_email, Mail.message).where(Mail.state == "held")).all()
    letters = [(to, content) for to, content in rows]
    db.session.remove()
    apart = get_context("spawn")
    loops, wires = [], []
    for number in range(PROCESSES):
        ours, theirs = apart.Pipe()
        loops.append(apart.Process(target=loop, args=(server.port, theirs), daemon=True))
        loops[-1].start()
        ours.send(letters[number::PROCESSES])
        wires.append(ours)
    for wire in wires:
        wire.recv()  # it has its letters
    began = time.perf_counter()
    for wire in wires:
        wire.send("go")
    for wire in wires:
        wire.recv()
    spent = time.perf_counter() - began
    for each in loops:
        each.join()
    return len(letters) / spent


def _confirmations(server: Sink, trip_id: int, when: str) -> None:
    """From a company's submit to the moment when the server has its confirmation."""
    took = []
    for _company_number in range(CONFIRMATIONS):
        sent = _company()
        began = time.monotonic()
        with transaction():
            registrations.submit(trip_id, sent)
        db.session.remove()
        address = sent.coordinator_email.lower()
        _wait(lambda address=address: server.taken(address), "a confirmation", 0.005)
        took.append((server.taken(address) or 0) - began)
        time.sleep(0.1)
    line(f"confirmation, median, {when}", statistics.median(took), "s", LATE_LIMIT)
    line(f"confirmation, slowest, {when}", max(took), "s")


def _meanwhile(server: Sink, trip_id: int) -> None:
    """Confirmations while another bulletin is being written and sent."""
    _move(trip_id, hold_minutes=0)
    release_id = db.session.scalars(select(Trip.release_id).where(Trip.id == trip_id)).one()
    with transaction():
        telling.tell(release_id or 0)
    db.session.remove()
    for _process in range(PROCESSES):
        wake({"outbox.send"})
    time.sleep(2)
    _confirmations(server, trip_id, "a bulletin under way")
    line("letters that still waited then", _count(Mail.state == MailState.WAITING), "")


def _move(trip_id: int, hold_minutes: int) -> None:
    with transaction():
        trip = seats.hold(trip_id)
        for item in agendas.draft(trip)[1::7]:
            item.place = "Another gate" if item.place != "Another gate" else "The gate of before"
        releases.publish(trip, audits.SYSTEM, tells=True, hold_minutes=hold_minutes)
    db.session.remove()


def _company() -> registrations.Application:
    return application(1, coordinator_email=f"ana@{uuid4().hex}.example")


def _unwritten() -> ColumnElement[bool]:
    return and_(Mail.message.is_(None), Mail.state.in_([MailState.WAITING, MailState.HELD]))


def _sent() -> int:
    return _count(Mail.state == MailState.SENT)


def _count(condition: object) -> int:
    found = db.session.scalar(select(func.count()).select_from(Mail).where(condition))  # type: ignore[arg-type]
    db.session.remove()
    return found or 0


def _resident(worker: int) -> float:
    """Octets of memory of the worker's largest process."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            found = dict(each.split(":", 1) for each in status.read_text().splitlines())
        except OSError:
            continue  # it has ended
        if found["PPid"].strip() == str(worker):
            sizes.append(int(found["VmRSS"].split()[0]) * 1024)
    return max(sizes, default=0)


def _wait(question: Callable[[], object], what: str, pause: float = 0.1) -> None:
    """Until the answer is true; every ten seconds the worker is woken, as beat wakes it."""
    began = woken_at = time.monotonic()
    while not question():
        now = time.monotonic()
        if now > began + PATIENCE:
            raise RuntimeError(f"waited in vain: {what}")
        if now > woken_at + SWEEP:
            woken_at = now
            wake({"outbox.send"})
        time.sleep(pause)
