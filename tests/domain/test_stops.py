"""The stops of a tour."""

from datetime import date

import pytest

from tests.factories import make_item, make_stop, make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import audits, feeds, stops, trips
from webapp.domain.stops import StopValues

BY = audits.SYSTEM


def values(city: str = "Toulon", **said) -> StopValues:
    given = {
        "country": "FR",
        "zone": "Europe/Paris",
        "starts_on": date(2027, 10, 26),
        "ends_on": date(2027, 10, 27),
    } | said
    return StopValues(city=city, **given)


def cities(trip) -> list[str]:
    db.session.expire(trip)
    return [stop.city for stop in trip.stops]


def test_a_new_stop_comes_last_and_reaches_calendars(session):
    trip = make_trip()
    make_stop(trip, city="Marseille")
    sequence = trip.sequence

    stops.add(trip, values("Toulon"), BY)

    assert cities(trip) == ["Marseille", "Toulon"]
    assert trip.sequence == sequence + 1
    text = feeds.render(feeds.public(trip, "en")).decode()
    assert "LOCATION:Marseille\\, Toulon" in text


def test_another_zone_and_other_dates_are_audited_and_sessions_stay(session):
    trip = make_trip()
    stop = stops.add(trip, values(), BY)
    item = make_item(trip, stop_id=stop.id)
    starts_at = item.starts_at

    stops.change(trip, stop, values(zone="Europe/London", ends_on=date(2027, 10, 28)), BY)

    entry = audits.of(stop)[0]
    assert (entry.before, entry.after) == (
        {"zone": "Europe/Paris", "ends_on": "2027-10-27"},
        {"zone": "Europe/London", "ends_on": "2027-10-28"},
    )
    assert (item.starts_zone, item.starts_at) == ("Europe/Paris", starts_at)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [({"ends_on": date(2027, 10, 25)}, trips.DatesOutOfOrder), ({"zone": "x"}, clock.UnknownZone)],
)
def test_what_cannot_be_of_a_stop_is_refused(session, said, refusal):
    with pytest.raises(refusal):
        stops.add(make_trip(), values(**said), BY)


def test_stops_change_places_with_their_neighbors(session):
    trip = make_trip()
    one, two, three = (stops.add(trip, values(city), BY) for city in ("A", "B", "C"))

    stops.move(trip, three, BY, earlier=True)
    assert cities(trip) == ["A", "C", "B"]
    stops.move(trip, one, BY, earlier=True)  # the first stays
    stops.move(trip, two, BY, earlier=False)  # the last stays
    assert cities(trip) == ["A", "C", "B"]
    assert [e.action for e in audits.of(three)] == ["order", "add"]
    assert audits.of(one)[0].action == "add"


def test_a_stop_that_somebody_deleted_since_does_not_move(session):
    trip = make_trip()
    stays, gone = stops.add(trip, values("A"), BY), stops.add(trip, values("B"), BY)
    stops.remove(trip, gone, BY)

    stops.move(trip, gone, BY, earlier=True)

    assert trip.stops == [stays]


def test_a_stop_that_sessions_name_stays_and_says_which(session):
    trip = make_trip()
    stop = stops.add(trip, values(), BY)
    item = make_item(trip, stop_id=stop.id)

    with pytest.raises(stops.StopInUse) as refused:
        stops.remove(trip, stop, BY)

    assert refused.value.items == (item,)
    assert cities(trip) == ["Toulon"]


def test_a_free_stop_is_removed(session):
    trip = make_trip()
    stop = stops.add(trip, values(), BY)

    stops.remove(trip, stop, BY)

    assert cities(trip) == []
    assert audits.latest(trip.id)[0].before["city"] == "Toulon"


def test_a_stop_of_another_tour_is_not_found(session):
    assert stops.find(make_trip(), make_stop(make_trip()).id) is None
