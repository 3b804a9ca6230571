"""Whether the product is fit to serve: each part, there and away."""

import socket
import time
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import delete, select

from tests.factories import make_mail, make_registration, make_trip
from tests.mail.posting import put
from webapp import clock, create_app
from webapp.db import db
from webapp.domain import health
from webapp.models.heartbeat import Heartbeat
from webapp.models.mail import Mail, MailState

FIT = {"database": "ok", "broker": "ok", "worker": "ok", "mail": "ok"}


def look(config) -> dict[str, str]:
    return health.look(config.redis_url).parts


@pytest.fixture
def silent_broker():
    """A server that takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []
        Thread(target=lambda: kept.append(server.accept()), daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        for connection, _peer in kept:
            connection.close()


def test_with_all_there_it_is_fit(session, config):
    health.beat("worker")

    found = health.look(config.redis_url)

    assert found.parts == FIT
    assert found.is_fit


def test_before_the_first_beat_no_worker_has_been_seen(session, config):
    found = health.look(config.redis_url)

    assert found.parts == FIT | {"worker": "no worker has been seen"}
    assert not found.is_fit


def test_a_worker_that_stopped_is_told_with_its_last_sign_of_life(session, config, hold_clock):
    last = clock.now()
    hold_clock(last)
    health.beat("worker")
    hold_clock(last + health.FRESH)
    assert look(config) == FIT

    hold_clock(last + health.FRESH + timedelta(seconds=1))

    assert look(config)["worker"] == f"no sign of life since {last:%Y-%m-%d %H:%M:%S} UTC"


def test_one_worker_alive_is_enough_and_those_of_long_ago_are_forgotten(
    session, config, hold_clock
):
    now = clock.now()
    hold_clock(now - health.FORGOTTEN - timedelta(days=1))
    health.beat("long gone")
    hold_clock(now - timedelta(hours=1))
    health.beat("gone")
    hold_clock(now)
    health.beat("alive")
    health.beat("alive")

    assert look(config) == FIT
    assert set(session.scalars(select(Heartbeat.worker))) == {"gone", "alive"}


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "redis://nowhere.invalid/0"]
)
def test_a_broker_that_is_away_is_told_at_once(session, url):
    health.beat("worker")
    started = time.monotonic()

    found = health.look(url)

    assert found.parts == FIT | {"broker": "away"}
    assert not found.is_fit
    assert time.monotonic() - started < 1


def test_a_broker_that_says_nothing_is_away_after_a_second(session, silent_broker):
    started = time.monotonic()

    assert health.look(silent_broker).parts["broker"] == "away"
    assert time.monotonic() - started < 3


def test_a_database_that_is_away_is_told_and_nothing_is_raised(migrated, config):
    """The product of another address, where no database listens."""
    away = create_app(replace(config, database_url="postgresql+psycopg://127.0.0.1:1/escale"))
    try:
        with away.app_context():
            started = time.monotonic()
            found = health.look(config.redis_url)
            db.engine.dispose()
    finally:
        migrated.extensions["celery"].set_default()
        migrated.extensions["celery"].set_current()

    assert found.parts == {
        "database": "away",
        "broker": "ok",
        "worker": "unknown",
        "mail": "unknown",
    }
    assert not found.is_fit
    assert time.monotonic() - started < 5


def test_mail_that_waits_too_long_is_told_and_no_reason_to_stop(session, config, hold_clock):
    health.beat("worker")
    mail = put("registration_received", make_registration(make_trip(), 1))  # nobody writes it
    due = mail.due_at
    hold_clock(due + health.LATE_MAIL)
    health.beat("worker")

    late = health.look(config.redis_url)
    mail.become(MailState.SENDING)
    session.flush()

    assert late.parts["mail"] == f"the oldest letter has waited since {due:%Y-%m-%d %H:%M:%S} UTC"
    assert late.is_fit
    assert look(config) == FIT


def test_how_many_letters_failed_and_how_long_the_oldest_has_waited_is_counted(
    session, config, hold_clock
):
    now = clock.now()
    company = make_registration(make_trip(), 1)
    session.execute(delete(Mail))
    make_mail(company, state=MailState.FAILED, sent_at=None, claimed_at=now)
    make_mail(company, state=MailState.FAILED, sent_at=None, claimed_at=now - health.LATELY)
    make_mail(company, state=MailState.WAITING, sent_at=None, due_at=now - timedelta(minutes=2))
    make_mail(company, state=MailState.HELD, hold="window", due_at=now - timedelta(days=2))
    hold_clock(now)

    found = health.look(config.redis_url)

    assert (found.failed, found.waited) == (1, 120)


def test_a_beat_that_comes_soon_after_another_writes_nothing(session, hold_clock, statements):
    now = clock.now()
    hold_clock(now)
    health.beat("worker")
    hold_clock(now + timedelta(seconds=3))

    with statements() as sent:
        health.beat("worker")

    assert session.scalars(select(Heartbeat.at)).all() == [now]
    assert len(sent) == 1


def test_a_beat_of_a_clock_that_was_set_back_counts(session, config, hold_clock):
    now = clock.now()
    hold_clock(now + timedelta(hours=1))
    health.beat("worker")
    hold_clock(now)

    health.beat("worker")

    assert session.scalars(select(Heartbeat.at)).all() == [now]


def test_a_process_that_was_silent_for_long_counts_as_started_anew(session, hold_clock):
    now = clock.now()
    begun = []
    for seconds in (0, 30, 60 + 31):
        hold_clock(now + timedelta(seconds=seconds))
        health.beat("worker")
        begun.append(session.scalars(select(Heartbeat.started_at)).one())

    assert begun == [now, now, now + timedelta(seconds=91)]


def test_readyz_and_metrics_tell_of_letters_and_workers(client, config):
    company = make_registration(make_trip(), 1)
    db.session.execute(delete(Mail))
    make_mail(company, state=MailState.FAILED, sent_at=None, claimed_at=clock.now())
    health.beat("box:1")

    ready = client.get("/readyz").json
    told = client.get("/metrics").text

    assert ready["letters"] == {"failed": 1, "oldest_waiting_seconds": 0}
    assert 'escale_mails{state="failed"} 1.0' in told
    assert "escale_mail_oldest_waiting_seconds 0.0" in told
    assert "escale_workers_alive 1.0" in told
