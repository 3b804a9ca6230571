"""The only commit, the hints that follow it, and the column types."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import redis
import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError

from tests.factories import make_registration, make_trip
from tests.mail.posting import received
from webapp import create_app
from webapp.db import Words, db, hint, transaction
from webapp.domain import audits, feeds
from webapp.models.trip import Trip


class Accident(Exception):
    """Something that nobody expects."""


@pytest.fixture
def woken(config):
    """Which tasks have been hinted at since the test began, those of letters last."""
    broker, queues = redis.Redis.from_url(config.redis_url), ("celery", "letters")
    broker.delete(*queues)

    def found():
        messages = [m for name in queues for m in broker.lrange(name, 0, -1)[::-1]]
        return [json.loads(message)["headers"]["task"] for message in messages]

    yield found
    broker.delete(*queues)
    broker.close()


@pytest.fixture
def another_app(migrated):
    """`another_app(config)` makes one more application; tasks are the first one's afterwards."""
    yield create_app
    migrated.extensions["celery"].set_default()
    migrated.extensions["celery"].set_current()


def stored() -> int:
    """How many trips another connection sees."""
    with db.engine.connect() as other:
        return other.scalar(select(func.count()).select_from(Trip.__table__)) or 0


def test_what_the_block_wrote_is_there_for_everybody_after_it(committed):
    with transaction():
        make_trip()
        assert stored() == 0

    assert stored() == 1


@pytest.mark.parametrize("accident", [Accident, ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_undoes_all_of_it(committed, accident):
    with pytest.raises(accident), transaction():  # noqa: PT012
        make_trip()
        db.session.flush()
        make_trip()
        raise accident

    assert stored() == 0
    assert db.session.scalar(select(func.count()).select_from(Trip)) == 0


def test_a_commit_that_the_database_refuses_undoes_all_of_it(committed):
    with pytest.raises(IntegrityError), transaction():  # noqa: PT012
        trip = make_trip()
        for city in ("Nice", "Toulon"):  # looked at by the database at the commit
            db.session.execute(
                sa.text(
                    "INSERT INTO stops (trip_id, position, city, country, zone, starts_on, ends_on,"
                    " basis, sources) VALUES (:trip, 1, :city, 'FR', 'Europe/Paris', '2027-10-25',"
                    " '2027-10-26', 'real', '[]')"
                ),
                {"trip": trip.id, "city": city},
            )

    assert stored() == 0


def test_a_transaction_in_a_transaction_is_refused_and_the_outer_one_is_undone(committed):
    with pytest.raises(RuntimeError, match="does not nest"), transaction():  # noqa: PT012
        make_trip()
        with transaction():
            make_trip()

    assert stored() == 0


def test_after_a_failed_transaction_the_next_one_works(committed):
    with pytest.raises(Accident), transaction():
        raise Accident

    with transaction():
        make_trip()

    assert stored() == 1


def test_hints_wake_each_task_once_and_only_after_the_commit(committed, woken):
    with transaction():
        hint("outbox.send")
        hint("calendars.prepare")
        hint("outbox.send")
        assert woken() == []

    assert woken() == ["calendars.prepare", "outbox.send"]


def test_what_was_undone_wakes_nobody(committed, woken):
    with pytest.raises(Accident), transaction():  # noqa: PT012
        hint("outbox.send")
        raise Accident
    with transaction():
        make_trip()

    assert woken() == ["calendars.prepare"]  # of the second one: the trip's feeds


def test_a_hint_outside_of_a_transaction_wakes_nobody_later(committed, woken):
    hint("outbox.send")

    with transaction():
        hint("calendars.prepare")

    assert woken() == ["calendars.prepare"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock"])
def test_a_broker_that_is_away_is_neither_an_error_nor_a_wait(
    committed, config, another_app, url, caplog
):
    app = another_app(replace(config, redis_url=url))
    started = time.monotonic()

    with app.app_context():
        with transaction():
            make_trip()
            hint("outbox.send")
        assert stored() == 1
        db.session.remove()
        db.engine.dispose()

    assert time.monotonic() - started < 2
    assert "no hint sent for calendars.prepare" in caplog.text


@pytest.mark.parametrize("naive", [datetime(2017, 10, 30, 9, 0)])
def test_an_instant_without_a_zone_is_a_bug(session, naive):
    with pytest.raises(StatementError, match="an instant needs a zone"):
        make_trip(created_at=naive)


def test_an_instant_comes_back_in_utc(session):
    at = datetime(2017, 10, 30, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    trip = make_trip(created_at=at)

    session.execute(sa.text("SET LOCAL timezone = 'Asia/Kathmandu'"))
    session.expire_all()

    assert trip.created_at == at
    assert trip.created_at.tzinfo is UTC


def test_words_come_back_as_they_were_but_for_empty_ones(session):
    trip = make_trip(title=Words(en="Ne\u00efve \u2603 \U0001f600 \"'\\", fr=""), kind=None)

    session.expire_all()

    assert trip.title == Words(en="Ne\u00efve \u2603 \U0001f600 \"'\\")
    assert isinstance(trip.title, Words)
    assert trip.kind is None


def test_words_and_facts_that_are_missing_are_null_for_sql_too(session):
    trip = make_trip(kind=None)
    audits.write(audits.SYSTEM, trip, "look", trip_id=trip.id)
    session.flush()

    missing = "SELECT kind IS NULL FROM trips UNION ALL SELECT before IS NULL FROM audit_entries"
    with pytest.raises(IntegrityError, match="null value"), transaction():  # noqa: PT012
        trip.summary = None
        session.flush()

    assert session.scalars(sa.text(missing)).all() == []  # all of it was undone
    make_trip(kind=None)
    audits.write(audits.SYSTEM, make_trip(), "look", trip_id=None)
    assert session.scalars(sa.text(missing)).all() == [True] * 3


def test_sealed_bytes_cannot_be_read_by_sql_nor_under_another_key(session, app, monkeypatch):
    registration = make_registration(make_trip(), 1)
    delegate, feed = registration.delegates[0], feeds.of_company(registration)
    mail = received(registration)
    sealed = [
        (registration, "token_sealed", registration.token.encode()),
        (delegate, "token_sealed", delegate.token.encode()),
        (feed, "token_sealed", feed.token.encode()),
        (mail, "message", registration.token.encode()),
    ]

    for thing, column, secret in sealed:
        query = f"SELECT {column} FROM {thing.__tablename__} WHERE id = {thing.id}"  # type: ignore[attr-defined]
        raw = session.connection().exec_driver_sql(query).scalar_one()
        session.refresh(thing, [column])
        assert secret not in raw
        assert secret in getattr(thing, column)

    monkeypatch.setattr(app, "secret_key", "another key than the one it was sealed under")
    for thing, column, _secret in sealed:
        with pytest.raises(InvalidToken):
            session.refresh(thing, [column])


def test_dates_keep_their_day(session):
    trip = make_trip(starts_on=date(2017, 10, 30), ends_on=date(2017, 11, 3))

    session.expire_all()

    assert (trip.starts_on, trip.ends_on) == (date(2017, 10, 30), date(2017, 11, 3))
