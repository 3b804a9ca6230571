"""A worker killed with SIGKILL while it prepares calendars: whoever reads meanwhile gets whole
bytes of the version that counts, always, and the next worker finishes. (DESIGN rule 5.)
"""

import random
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import item_values, make_item, make_registration, make_trip, publish
from tests.faults.processes import Senders, end, free_port, senders, wait_for, web
from webapp.calendars.feed import etag
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds
from webapp.models.feed import Feed
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

SESSIONS = 8
COMPANIES, DELEGATES = 9, 14  # 137 feeds: two stretches that a worker takes
READERS = 2
PAUSE = 0.02  # seconds between two requests of a reader
STORES = "OLD.body IS NULL AND NEW.body IS NOT NULL"


@contextmanager
def held_up(number: int, *, at_commit: bool) -> Iterator[sa.Connection]:
    """While the yielded connection's transaction is open, a worker that stores the bytes of the
    feed with this id, or of a later one, waits: inside the statement, or inside the COMMIT."""
    kind = "CONSTRAINT TRIGGER" if at_commit else "TRIGGER"
    when = "AFTER UPDATE ON feeds DEFERRABLE INITIALLY DEFERRED" if at_commit else (
        "BEFORE UPDATE ON feeds")  # fmt: skip
    with db.engine.begin() as making:
        making.exec_driver_sql(
            "CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(5); RETURN NEW; END $$"
        )
        making.exec_driver_sql(
            f"CREATE {kind} hold_up {when} FOR EACH ROW "
            f"WHEN (NEW.id >= {number} AND {STORES}) EXECUTE FUNCTION hold_up()"
        )
    try:
        with db.engine.connect() as holder:
            holder.execute(sa.text("SELECT pg_advisory_xact_lock(5)"))
            yield holder
    finally:
        with db.engine.begin() as ending:
            ending.exec_driver_sql("DROP FUNCTION hold_up CASCADE")


def is_waited_for(holder: sa.Connection) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(holder.scalar(sa.text(query)))


def nobody_works() -> bool:
    db.session.rollback()
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        "current_database() AND (state LIKE '%in transaction%' OR state = 'active')"
    )
    return not db.session.scalar(sa.text(query))


Kill = Callable[[Senders, Path], None]


def in_the_database(number: int, *, at_commit: bool = False) -> Kill:
    """Killed while the database stores the bytes of the feed with this id, or commits them."""

    def kill(workers: Senders, log: Path) -> None:
        with held_up(number, at_commit=at_commit) as holder:
            pid = workers.start()
            wait_for("the worker is held up", lambda: is_waited_for(holder), log)
            end(pid)
            time.sleep(0.2)  # those who read go on reading
            holder.rollback()
            wait_for("the database has let go", nobody_works)

    return kill


def after(seconds: float) -> Kill:
    """Killed wherever it is by then."""

    def kill(workers: Senders, log: Path) -> None:
        pid = workers.start()
        time.sleep(seconds)
        end(pid)

    return kill


KILLS: dict[str, Kill] = {
    "at the first feed": in_the_database(1),
    "in the middle of a stretch": in_the_database(50),
    "when it commits": in_the_database(1, at_commit=True),
    "in the second stretch": in_the_database(110),
    **{f"after {ms} ms": after(ms / 1000) for ms in (30, 150)},
}


@dataclass
class Reading:
    """Programs that fetch calendars all the time, and what was wrong with what they got."""

    addresses: list[str]
    committed: int = 0  # the version that counts for whoever asks from now on
    begun: int = 0  # the version that is being published, or was
    answers: int = 0
    faults: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, seed: int) -> None:
        chosen = random.Random(seed)
        while not self.over.wait(PAUSE) and len(self.faults) < 5:
            address, least = chosen.choice(self.addresses), self.committed
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
                    tag, body = answer.headers["ETag"].strip('"'), answer.read()
            except OSError as error:
                self.faults.append(f"{error!r}")
                continue
            self.answers += 1
            if fault := wrong(tag, body, least, self.begun):
                self.faults.append(fault)


def wrong(tag: str, body: bytes, least: int, most: int) -> str:
    """What is wrong with an answer that must be whole and of one of those versions, or nothing."""
    versions = {int(found) for found in re.findall(rb"SUMMARY:Version (\d+) ", body)}
    count = body.count(b"SUMMARY:Version ")
    if len(versions) != 1 or not least <= min(versions) <= most:
        return f"of versions {versions}, not of {least} to {most}"
    if count != SESSIONS or not body.endswith(b"END:VCALENDAR\r\n"):
        return f"half a calendar: {count} sessions"
    return "" if tag == etag(body) else "bytes under the tag of others"


def publish_version(trip: Trip, number: int) -> None:
    """Every session says which version it is of."""
    with transaction():
        for place, item in enumerate(agendas.draft(trip)):
            values = item_values(title=Words(en=f"Version {number} of session {place}"))
            agendas.change(item, values, audits.SYSTEM, item.version)
        publish(trip)


def test_h3_a_worker_killed_while_it_prepares_is_noticed_by_nobody(committed, config, tmp_path):
    """icalendar.md H3, U4: whole bytes under their own tag, each session once."""
    port, log = free_port(), tmp_path / "log"
    with transaction():
        trip = make_trip()
        for number in range(SESSIONS):
            make_item(trip, title=Words(en=f"Version 0 of session {number}"))
        publish(trip)
        everybody = [
            make_registration(trip, DELEGATES, RegistrationState.ACCEPTED) for _ in range(COMPANIES)
        ]
        tokens = [feeds.of_company(each).token for each in everybody]
        tokens += [feeds.of_delegate(d).token for each in everybody for d in each.delegates]
    base = f"http://127.0.0.1:{port}"
    reading = Reading([f"{base}/trips/{trip.slug}/calendar.ics"] * 9)
    reading.addresses += [f"{base}/calendars/{token}.ics" for token in tokens]
    with (
        web(config, port, log),
        senders(config, log, work="calendars") as workers,
    ):
        wait_for("the web process answers", lambda: answers(base), log)
        threads = [threading.Thread(target=reading.run, args=(n,)) for n in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            for number, kill in enumerate(KILLS.values(), start=1):
                reading.begun = number
                publish_version(trip, number)
                reading.committed = number
                kill(workers, log)
                assert stored_wrong(number) == []
            workers.start()
            wait_for("all is prepared", lambda: not out_of_date(), log)
        finally:
            reading.over.set()
            for thread in threads:
                thread.join()

    assert reading.faults == []
    assert reading.answers > len(KILLS) * READERS  # some while it was held up, each time
    assert stored_wrong(len(KILLS)) == []
    assert [feed.id for feed, body in feeds.render_many(every()) if feed.body != body] == []


def answers(base: str) -> bool:
    try:
        return urllib.request.urlopen(f"{base}/healthz").status == 200  # noqa: S310
    except OSError:
        return False


def every() -> list[Feed]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Feed).options(sa.orm.undefer(Feed.body))))


def out_of_date() -> int:
    db.session.rollback()
    return db.session.scalar(sa.text("SELECT count(*) FROM feeds WHERE body IS NULL"))


def stored_wrong(version: int) -> list[str]:
    """What is wrong with the bytes that stand in the rows."""
    return [
        fault
        for feed in every()
        if feed.body is not None and (fault := wrong(feed.etag, feed.body, version, version))
    ]
