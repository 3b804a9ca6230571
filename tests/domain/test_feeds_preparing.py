"""Workers that prepare calendars: many at a time, side by side, and never what is old."""

import pytest
from sqlalchemy import select

from tests.factories import make_item, make_registration, make_trip, publish
from tests.together import at_once
from webapp.db import db, transaction
from webapp.domain import feeds
from webapp.domain.feeds import preparing
from webapp.models.feed import Feed
from webapp.models.registration import RegistrationState

STALE = select(Feed.id).where(Feed.body.is_(None))


def stale() -> int:
    return len(db.session.scalars(STALE).all())


def full_trip(size: int) -> int:
    """A tour with so many delegates; how many feeds it has."""
    trip = make_trip()
    make_item(trip)
    publish(trip)
    make_registration(trip, size, RegistrationState.ACCEPTED)
    return size + 3


def prepare_all() -> list[int | None]:
    last: int | None = 0
    found = []
    while last is not None:
        with transaction():
            last = feeds.prepare(last)
        found.append(last)
    return found


def test_a_batch_takes_as_many_statements_for_30_feeds_as_for_6(session, statements):
    counts, updates = [], 0
    for size in (3, 27):
        with transaction():
            full_trip(size)
        db.session.remove()
        with statements() as sent:
            prepare_all()
        counts.append(len(sent))
        updates = sum("UPDATE feeds" in statement for statement in sent)
        assert stale() == 0

    # Ids may run over the end of a stretch: then it is two batches.
    assert counts[1] <= 2 * counts[0]
    assert updates <= 2


def test_two_workers_do_not_make_the_same_feeds(committed, monkeypatch):
    """What one has claimed another passes over; what it left over is claimed next."""
    made: list[int] = []

    def noted(found):
        made.extend(feed.id for feed in found)
        return feeds.render_many(found)

    monkeypatch.setattr(preparing, "render_many", noted)
    monkeypatch.setattr(preparing, "CHUNK", 4)
    with transaction():
        number = full_trip(10)

    with transaction():
        feeds.prepare(limit=3)
        mine = set(made)
        assert at_once(committed, lambda: prepare_all()[-1]) == [None]
        left = at_once(committed, lambda: set(db.session.scalars(STALE)))  # we have not committed
    db.session.remove()

    assert len(mine) == 3
    assert left[0] >= mine
    prepare_all()
    assert stale() == 0
    assert len(made) == len(set(made)) == number


def test_a_worker_asks_for_help_only_where_there_is_much_and_nobody_helps(committed, monkeypatch):
    with transaction():
        number = full_trip(3)
    first = min(db.session.scalars(STALE))
    assert not feeds.needs_help(0)
    monkeypatch.setattr(preparing, "CHUNK", number - 1)
    assert feeds.needs_help(0)
    assert not feeds.needs_help(first)

    with transaction():
        feeds.prepare(limit=1)
        assert feeds.needs_help(0) is False  # one less than before
        monkeypatch.setattr(preparing, "CHUNK", 1)
        assert feeds.needs_help(first)  # nobody but us
        assert at_once(committed, lambda: feeds.needs_help(first)) == [False]  # we are at it


@pytest.mark.parametrize("most", [1, 10_000_000])
def test_large_calendars_are_stored_a_few_at_a_time(session, monkeypatch, most):
    monkeypatch.setattr(preparing, "MOST_BYTES", most)
    with transaction():
        full_trip(4)

    prepare_all()
    session.expire_all()

    assert stale() == 0
    found = session.scalars(select(Feed)).all()
    assert all(feed.body == feeds.render(feed) for feed in found)
