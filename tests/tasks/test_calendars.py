"""Preparing feeds in a worker: all of them, in batches, and again after each change."""

from functools import partial

import pytest
from sqlalchemy import func, select

from tasks import calendars
from tests.factories import make_item, make_registration, make_trip, publish
from webapp.db import db, transaction
from webapp.domain import feeds
from webapp.domain.feeds import preparing
from webapp.models.feed import Feed


def stale() -> int:
    query = select(func.count()).select_from(Feed).where(Feed.body.is_(None))
    return db.session.scalar(query) or 0


@pytest.fixture
def trip(session):
    with transaction():
        made = make_trip()
        make_item(made)
        publish(made)
        make_registration(made, 60)  # more than one batch
    return made


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Calls that are not over after a second: the machine may be busy."""
    monkeypatch.setattr(calendars, "CALL", 60.0)


def test_every_feed_is_prepared_and_says_what_an_answer_made_on_the_spot_says(trip):
    assert stale() == 63
    inline = feeds.answer(feeds.public(trip, "en"))

    calendars.prepare()

    db.session.expire_all()
    assert stale() == 0
    assert feeds.answer(feeds.public(trip, "en")) == inline


def test_after_a_change_it_prepares_what_the_change_touched(trip):
    calendars.prepare()
    other = make_trip()
    calendars.prepare()
    with transaction():
        make_item(trip)
        publish(trip)
    assert stale() == 63

    calendars.prepare()

    db.session.expire_all()
    assert stale() == 0
    assert feeds.public(trip, "en").body.count(b"BEGIN:VEVENT") == 3
    assert feeds.public(other, "en").body.count(b"BEGIN:VEVENT") == 1


def test_where_there_is_much_it_asks_one_other_worker_to_help(trip, monkeypatch):
    woken = []
    monkeypatch.setattr(preparing, "CHUNK", 5)
    monkeypatch.setattr(calendars, "wake", woken.append)
    monkeypatch.setattr(feeds, "prepare", partial(feeds.prepare, limit=10))

    calendars.prepare()

    assert woken == [{calendars.GO_ON}]
    assert stale() == 0


def test_what_is_left_over_is_taken_up_without_more_and_more_messages(trip, monkeypatch):
    """A message for a message: they do not double each second while there is much to do."""
    woken = []
    monkeypatch.setattr(preparing, "CHUNK", 5)
    monkeypatch.setattr(calendars, "wake", woken.append)
    monkeypatch.setattr(calendars, "CALL", 0.0)
    monkeypatch.setattr(feeds, "prepare", partial(feeds.prepare, limit=10))

    calls = []
    for _ in range(9):  # of ten feeds at most
        before = len(woken)
        calendars.go_on()
        calls.append((len(woken) - before, stale()))

    assert [number for number, left in calls if left] == [1] * 6
    assert calls[-1] == (0, 0)
    assert set(map(str, woken)) == {str({calendars.GO_ON})}


def test_with_nothing_to_do_it_ends(session):
    calendars.prepare()

    assert stale() == 0
