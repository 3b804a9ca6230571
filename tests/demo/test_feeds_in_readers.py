"""The feeds of the three real tours, read by five programs of other people."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.calendars import readers
from tests.calendars.readers import disguised
from webapp.db import db
from webapp.demo import loader
from webapp.domain import feeds, published
from webapp.models.feed import Feed, Scope
from webapp.models.registration import Registration, RegistrationState

TOURS = ("oceanology-2017", "invest-in-provence-2017", "south-of-france-san-diego-2019")


@pytest.fixture
def documents(app):
    """The public feed in both languages and one delegate's feed of each tour, each with the
    published items that it must hold."""
    loader.load(date(2027, 2, 3))
    found = {}
    for trip in loader.demonstration_tours():
        if trip.slug in TOURS:
            for language in ("en", "fr"):
                feed = feeds.public(trip, language)
                found[f"{trip.slug} {language}"] = (feeds.render(feed), published.items(trip))
            delegate = (
                db.session.query(Registration)
                .filter_by(trip_id=trip.id, state=RegistrationState.ACCEPTED)
                .first()
                .delegates[0]
            )
            secret = db.session.query(Feed).filter_by(scope=Scope.DELEGATE, delegate_id=delegate.id)
            items = published.for_delegate(delegate)
            found[f"{trip.slug} delegate"] = (feeds.render(secret.one()), items)
    return found


def test_every_reader_sees_the_same_sessions_at_the_same_instants(documents):
    assert len(documents) == 9
    with readers.everyone() as asked:
        assert len(asked) >= 4
        for which, (document, items) in documents.items():
            wanted = sorted((str(item.uid), item.starts_at, item.ends_at) for item in items)
            for name, read in asked.items():
                for text in (document, disguised(document)):
                    seen = [s for s in read(text) if isinstance(s.starts, datetime)]
                    times = sorted((s.uid, s.starts, s.ends) for s in seen)
                    assert times == wanted, (which, name)
            titles = [sorted(s.summary for s in read(document)) for read in asked.values()]
            assert all(title == titles[0] for title in titles), which


def test_in_the_week_of_the_tour_the_call_home_is_eight_hours_away(documents):
    document, _items = documents["invest-in-provence-2017 en"]
    calls = [
        seen
        for seen in readers.read_icalendar(document)
        if isinstance(seen.starts, datetime) and "San Diego" in seen.summary
        and seen.starts.date() == date(2017, 10, 31)
    ]  # fmt: skip

    # 17:30 in Paris (UTC+1) is 16:30 UTC, and 9:30 in San Diego (still UTC-7): eight hours.
    assert [call.starts for call in calls] == [datetime(2017, 10, 31, 16, 30, tzinfo=UTC)]
    san_diego = calls[0].starts.astimezone(timezone(timedelta(hours=-7)))
    assert (san_diego.hour, san_diego.minute) == (9, 30)
