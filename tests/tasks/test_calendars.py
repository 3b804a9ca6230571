"""Preparing feeds in a worker: all of them, in batches, and again after each change."""

import pytest
from sqlalchemy import func, select

from tasks import calendars
from tests.factories import make_item, make_registration, make_trip, publish
from webapp.db import db, transaction
from webapp.domain import feeds
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


def test_with_nothing_to_do_it_ends(session):
    calendars.prepare()

    assert stale() == 0
