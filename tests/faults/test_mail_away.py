"""Two schedulers and four workers of Celery, whose broker is emptied and killed and whose database
is restarted: each letter arrives, and arrives once.

`./escale test tests/faults/test_mail_away.py -s` shows the counts.
"""

import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from threading import Event

import pytest
import redis

from tests.factories import make_trip
from tests.faults import letters
from tests.faults.alone import Alone, crash
from tests.faults.processes import hasty, wait_for
from tests.mail.sinks import Moment, Sink
from webapp.db import db, transaction
from webapp.models.mail import MailState

pytestmark = pytest.mark.faults

SENT = MailState.SENT


@dataclass
class Workers:
    """Two Celery processes with a scheduler each, and the mail server that they send to."""

    processes: list[Popen]
    sink: Sink
    log: Path

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """They do nothing while the block runs."""
        self._all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._all(signal.SIGCONT)

    def _all(self, sign: signal.Signals) -> None:
        for process in self.processes:
            os.killpg(process.pid, sign)


@pytest.fixture(scope="module")
def running(breakable_services: Alone) -> Iterator[Workers]:
    sink, folder = Sink(), Path(tempfile.mkdtemp(dir=breakable_services.config.data_dir))
    log, config = folder / "workers.log", breakable_services.config
    with (
        sink.listening(folder / "smtp.sock") as url,
        hasty(config, log, "one@escale", MAIL_URL=url) as one,
        hasty(config, log, "two@escale", MAIL_URL=url) as two,
    ):
        yield Workers([one, two], sink, log)


@pytest.fixture
def workers(breakable: Alone, running: Workers) -> Workers:
    running.sink.taken.clear()
    running.sink.obey(None)
    return running


def all_sent(workers: Workers, message_ids: set[str]) -> None:
    wait_for(
        "all letters are sent",
        lambda: letters.in_state(SENT) >= message_ids,
        workers.log,
    )


def once(workers: Workers, message_ids: set[str]) -> None:
    """Each of them was sent, and once."""
    times = workers.sink.message_ids
    doubled = sum(1 for message_id in message_ids if times[message_id] > 1)
    lost = len(message_ids - set(times))
    print(f"{len(message_ids)} letters: lost {lost}, doubled {doubled}")
    assert {message_id: times[message_id] for message_id in message_ids} == dict.fromkeys(
        message_ids, 1
    )


def test_two_beats_and_four_workers_send_each_of_500_letters_once(workers):
    message_ids = letters.put(500)

    all_sent(workers, message_ids)

    once(workers, message_ids)


def test_a_broker_that_forgets_everything_loses_no_letter(workers, breakable):
    with workers.stopped():
        message_ids = letters.put(200)
        with redis.Redis.from_url(breakable.config.redis_url) as broker:
            broker.flushall()
        message_ids |= letters.put(20, first=201)

    all_sent(workers, message_ids)

    once(workers, message_ids)


def test_a_broker_that_is_away_loses_no_letter_and_fails_no_request(workers, breakable):
    with transaction():
        slug = make_trip().slug
    with workers.stopped():
        message_ids = letters.put(200)
        crash(breakable.broker)
        answer = register(breakable.app.test_client(), f"/trips/{slug}/register")
        assert answer.status_code == 303
        message_ids |= letters.in_state(MailState.WAITING)
        assert len(message_ids) == 202
    breakable.start_broker()

    all_sent(workers, message_ids)

    once(workers, message_ids)


def register(client, address: str):
    """A company registers one delegate, as by a browser."""
    page = client.get(address).get_data(as_text=True)

    def hidden(name: str) -> str:
        tag = next(t for t in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in t)
        return re.search(r'value="([^"]*)"', tag)[1]

    sent = {
        "csrf_token": hidden("csrf_token"),
        "form_key": hidden("form_key"),
        "organization_name": "Half Way Systems",
        "organization_kind": "company",
        "country": "US",
        "coordinator_name": "Ana Half",
        "coordinator_email": "ana.half@example.com",
        "language": "en",
        "delegates-0-given_name": "Ben",
        "delegates-0-family_name": "Half",
        "delegates-0-email": "ben.half@example.com",
        "delegates-0-language": "en",
        "authority": "y",
    }
    return client.post(address, data=sent)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_a_database_restarted_in_the_middle_of_batches_loses_no_letter(workers, breakable, sign):
    full, go_on = Event(), Event()

    def rule(moment: Moment) -> None:
        if moment.word == "." and moment.number >= 25:
            full.set()
            go_on.wait(60)

    workers.sink.obey(rule)
    message_ids = letters.put(100)
    assert full.wait(60)
    db.session.remove()
    crash(breakable.database, sign)
    go_on.set()
    breakable.start_database()
    db.engine.dispose()
    print(f"when the database is back: {letters.told()}")
    wait_until_quiet()
    letters.minutes_go_by()  # for what was being claimed, if anything was

    all_sent(workers, message_ids)

    once(workers, message_ids)


def wait_until_quiet() -> None:
    """Until all is sent, or nothing has changed for a while: who was on the wire has settled."""
    before, since = letters.states(), time.monotonic()
    while set(before) != {SENT} and time.monotonic() - since < 4:
        time.sleep(0.1)
        if (now := letters.states()) != before:
            before, since = now, time.monotonic()
