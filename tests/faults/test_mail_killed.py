"""A worker killed with SIGKILL at each step of 500 letters: none lost, none doubled but those that
the server had taken and no row said so yet (DESIGN rule 9). A worker whose clock is wrong.

`./escale test tests/faults/test_mail_killed.py -s` shows the counts.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from tasks.outbox import GROUP
from tests.faults import letters
from tests.faults.processes import Senders, end, senders, wait_for
from tests.mail.sinks import Moment, Sink
from webapp.db import db
from webapp.models.mail import MailState

pytestmark = pytest.mark.faults

LETTERS = 500
WRITES = "OLD.message IS NULL AND NEW.message IS NOT NULL"
CLAIMS = "OLD.state = 'waiting' AND NEW.state = 'sending'"
SETTLES = "OLD.state = 'sending' AND NEW.state = 'sent'"


@contextmanager
def held_up(moment: str, number: int, *, at_commit: bool) -> Iterator[sa.Connection]:
    """While the yielded connection's transaction is open, who comes to that moment of the letter
    with this number, or of a later one, waits: inside the statement, or inside the COMMIT."""
    kind = "CONSTRAINT TRIGGER" if at_commit else "TRIGGER"
    when = "AFTER UPDATE ON mails DEFERRABLE INITIALLY DEFERRED" if at_commit else (
        "BEFORE UPDATE ON mails")  # fmt: skip
    with db.engine.begin() as making:
        making.exec_driver_sql(
            "CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(4); RETURN NEW; END $$"
        )
        making.exec_driver_sql(
            f"CREATE {kind} hold_up {when} FOR EACH ROW "
            f"WHEN (NEW.id >= {number} AND {moment}) EXECUTE FUNCTION hold_up()"
        )
    try:
        with db.engine.connect() as holder:
            holder.execute(sa.text("SELECT pg_advisory_xact_lock(4)"))
            yield holder
    finally:
        with db.engine.begin() as ending:
            ending.exec_driver_sql("DROP FUNCTION hold_up CASCADE")


def is_waited_for(holder: sa.Connection) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(holder.scalar(sa.text(query)))


def open_transactions() -> int:
    db.session.rollback()
    return db.session.scalar(
        sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "datname = current_database() AND (state LIKE '%in transaction%' OR state = 'active')"
        )
    )


Kill = Callable[[Senders, Sink, Path], None]


def in_the_database(moment: str, number: int, *, at_commit: bool = False) -> Kill:
    """Killed while it waits for the database to do that with the letter of this number."""

    def kill(workers: Senders, sink: Sink, log: Path) -> None:
        sink.obey(None)
        with held_up(moment, number, at_commit=at_commit) as holder:
            pid = workers.start()
            wait_for("the worker is held up", lambda: is_waited_for(holder), log)
            end(pid)
            holder.rollback()
            wait_for("the database has let go", lambda: not open_transactions())

    return kill


def on_the_wire(word: str, number: int) -> Kill:
    """Killed when the server hears this word for the how-manieth time; at the end of a message
    the server has taken it, and its answer lies in the worker's socket."""

    def rule(moment: Moment) -> str | None:
        if (moment.word, moment.number) != (word, number):
            return None
        pid = moment.pid
        os.kill(pid, signal.SIGSTOP)  # it reads no answer any more
        if word == ".":
            moment.say(moment.take())
        os.kill(pid, signal.SIGKILL)
        return "close"

    def kill(workers: Senders, sink: Sink, log: Path) -> None:
        sink.obey(rule)
        pid = workers.start()
        wait_for("the worker is killed", lambda: not Path(f"/proc/{pid}").exists(), log)
        wait_for("the database has let go", lambda: not open_transactions())

    return kill


# In the order of the work; the numbers spread them over the letters.
KILLS: dict[str, Kill] = {
    "while it writes letters": in_the_database(WRITES, 1),
    "written, before the claim is committed": in_the_database(CLAIMS, 15),
    "the claim just committed": in_the_database(CLAIMS, 40, at_commit=True),
    "claimed, when it connects": on_the_wire("HELLO", 2),
    "connected, at a recipient in the middle of a group": on_the_wire("RCPT", 24),
    "inside a message": on_the_wire("DATA", 13),
    "the first letter of a group taken": on_the_wire(".", 31),
    "the last letter of a group taken": on_the_wire(".", 40),
    "while it settles": in_the_database(SETTLES, 300),
    "settled": in_the_database(SETTLES, 400, at_commit=True),
}


@pytest.fixture(scope="module")
def started(config, tmp_path_factory) -> Iterator[tuple[Senders, Sink, Path]]:
    """What starts workers, the server that they send to, and their log."""
    folder, sink = tmp_path_factory.mktemp("senders"), Sink()
    log = folder / "log"
    with (
        sink.listening(folder / "smtp.sock") as url,
        senders(config, log, MAIL_URL=url) as workers,
    ):
        yield workers, sink, log


def test_500_letters_and_ten_kills(committed, started):
    workers, sink, log = started
    message_ids = letters.put(LETTERS)
    unsure: Counter[str] = Counter()  # taken by the server, and no row said so when we killed

    for step, kill in KILLS.items():
        before = len(sink.taken)
        kill(workers, sink, log)
        taken = {taken.message_id for taken in sink.taken[before:]}
        window = taken & letters.in_state(MailState.SENDING)
        print(f"killed {step}: {letters.told()}; taken and not settled: {len(window)}")
        assert len(window) <= GROUP
        unsure.update(window)
        letters.minutes_go_by()
    sink.obey(None)
    last = workers.start()
    wait_for("all are sent", lambda: letters.states() == {MailState.SENT: LETTERS}, log)
    end(last)

    times = sink.message_ids
    doubled = Counter({message_id: n - 1 for message_id, n in times.items() if n > 1})
    lost = message_ids - set(times)
    print(f"{LETTERS} letters, {len(KILLS)} kills: lost {len(lost)}, doubled {doubled.total()}")
    assert set(times) == message_ids
    assert doubled == unsure  # in the named window, each of them, and nowhere else
    assert 0 < doubled.total() <= len(KILLS) * GROUP
    # A reader's program sees that it is the same: what was sent again is the same, octet by octet.
    assert len({(taken.recipient, taken.content) for taken in sink.taken}) == LETTERS


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_worker_whose_clock_is_wrong_loses_and_doubles_nothing(committed, started, ahead):
    """It holds letters while another one, whose clock is right, looks for some to rescue."""
    workers, sink, log = started
    sink.taken.clear()
    held, go_on, pids = Event(), Event(), []

    def rule(moment: Moment) -> None:
        if moment.word == "." and moment.pid == pids[0]:
            held.set()
            go_on.wait(60)

    message_ids = letters.put(60)
    letters.minutes_go_by(90)  # so that they are due by either clock
    sink.obey(rule)
    pids.append(workers.start(ahead))
    assert held.wait(60)
    pids.append(workers.start())
    mine = letters.in_state(MailState.SENDING)
    wait_for("the other one sends the rest", lambda: len(sink.taken) >= 60 - len(mine), log)
    time.sleep(0.3)  # it goes on looking
    print(f"a clock is ahead by {ahead} s, its worker held up: {letters.told()}")
    go_on.set()
    wait_for("all are sent", lambda: letters.states() == {MailState.SENT: 60}, log)
    for pid in pids:
        end(pid)

    print(f"60 letters: taken {sink.message_ids.total()}")
    assert sink.message_ids == Counter(message_ids)
