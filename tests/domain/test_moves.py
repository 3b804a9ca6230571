"""Moving an item: the wall time stays as it was dropped, the length as it was, the zone follows."""

from datetime import date, datetime

import pytest

from tests.factories import (
    item_values,
    make_item,
    make_room,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    utc,
)
from webapp import clock
from webapp.domain import item_values as values_of
from webapp.domain import moves
from webapp.domain.moves import Times
from webapp.models.agenda import Mode

PARIS, LOS_ANGELES = "Europe/Paris", "America/Los_Angeles"
NINE = datetime(2027, 10, 26, 9, 0)


@pytest.fixture
def trip(session):
    return make_trip()


def moved(item, starts_local, along=None, **more):
    """The columns that the move would leave."""
    return values_of.columns(moves.moved(item, Times(starts_local, **more), along or {}))


def test_a_move_keeps_all_but_the_time(trip):
    item = make_item(trip, place="Gate 2", internal_note="Badges")

    values = moves.moved(item, Times(datetime(2027, 10, 27, 14, 15)), {})

    assert values == item_values(
        place="Gate 2",
        internal_note="Badges",
        starts_local=datetime(2027, 10, 27, 14, 15),
        ends_local=datetime(2027, 10, 27, 15, 45),
        starts_fold=None,
        ends_fold=0,
    )


def test_the_length_is_kept_in_minutes_that_pass_across_a_clock_change(trip):
    night = make_item(
        trip,
        starts_local=datetime(2027, 10, 26, 23, 0),
        ends_local=datetime(2027, 10, 27, 5, 0),
    )

    found = moved(night, datetime(2027, 10, 30, 23, 0))

    # Six hours, one of which the clocks show twice.
    assert found["ends_local"] == datetime(2027, 10, 31, 4, 0)
    assert found["ends_at"] - found["starts_at"] == night.ends_at - night.starts_at


def test_an_end_that_falls_into_the_second_pass_says_so(trip):
    item = make_item(
        trip,
        starts_local=datetime(2027, 10, 26, 1, 0),
        ends_local=datetime(2027, 10, 26, 3, 0),
    )

    found = moved(item, datetime(2027, 10, 31, 1, 0))

    assert (found["ends_local"], found["ends_fold"]) == (datetime(2027, 10, 31, 2, 0), 1)


def test_a_start_that_occurs_twice_is_asked_about_unless_it_stays(trip):
    twice = datetime(2027, 10, 31, 2, 30)
    item = make_item(trip)
    with pytest.raises(values_of.TimeRefused) as refused:
        moved(item, twice)
    assert isinstance(refused.value.cause, clock.WallTimeTwice)
    assert moved(item, twice, starts_fold=1)["starts_at"] == utc(2027, 10, 31, 1, 30)

    second = make_item(
        trip, starts_local=twice, starts_fold=1, ends_local=datetime(2027, 10, 31, 4, 0)
    )
    assert moved(second, twice, {"track_id": None})["starts_fold"] == 1


def test_a_start_that_does_not_exist_is_refused(trip):
    with pytest.raises(values_of.TimeRefused) as refused:
        moved(make_item(trip), datetime(2027, 3, 28, 2, 30))

    assert refused.value.end == "starts"
    assert isinstance(refused.value.cause, clock.WallTimeMissing)


def test_to_a_stop_in_another_zone_the_wall_time_and_the_length_stay(trip):
    stop = make_stop(trip, city="San Diego", country="US", zone=LOS_ANGELES)
    item = make_item(trip)

    found = moved(item, NINE, moves.to_stop(item, stop))

    assert (found["stop_id"], found["starts_zone"], found["ends_zone"]) == (
        stop.id,
        LOS_ANGELES,
        LOS_ANGELES,
    )
    assert (found["starts_local"], found["ends_local"]) == (NINE, datetime(2027, 10, 26, 10, 30))
    assert found["starts_at"] == utc(2027, 10, 26, 16, 0)


def test_a_leg_takes_the_zone_where_it_leaves_and_lands_where_it_did(trip):
    stop = make_stop(trip, city="New York", country="US", zone="America/New_York")
    leg = make_item(
        trip, mode=Mode.FLIGHT, starts_zone=LOS_ANGELES, ends_local=datetime(2027, 10, 27, 5, 0)
    )

    found = moved(leg, NINE, moves.to_stop(leg, stop))

    assert (found["starts_zone"], found["ends_zone"]) == ("America/New_York", PARIS)
    assert found["ends_at"] - found["starts_at"] == leg.ends_at - leg.starts_at


def test_a_venue_in_another_city_is_left_behind_and_one_in_the_city_comes_along(trip):
    marseille, nice = make_stop(trip, city="Marseille"), make_stop(trip, city="Nice")
    venue = make_venue(city="marseille")
    item = make_item(trip, venue_id=venue.id, room_id=make_room(venue).id)

    away = moves.to_stop(item, nice)
    assert (away["venue_id"], away["room_id"]) == (None, None)
    assert "venue_id" not in moves.to_stop(item, marseille)
    assert moves.to_stop(item, None) == {"stop_id": None}


def test_to_a_room_the_stop_of_its_city_and_its_zone_go_along(trip):
    make_stop(trip, city="San Diego", zone=LOS_ANGELES, ends_on=date(2027, 10, 25))
    later = make_stop(trip, city="San Diego", zone=LOS_ANGELES, starts_on=date(2027, 10, 26))
    venue = make_venue(city="San Diego", country="US", zone=LOS_ANGELES)
    room, item = make_room(venue), make_item(trip)

    along = moves.to_place(trip, item, NINE.date(), venue, room)

    assert along == {
        "venue_id": venue.id,
        "room_id": room.id,
        "stop_id": later.id,
        "starts_zone": LOS_ANGELES,
        "ends_zone": LOS_ANGELES,
    }
    assert moves.to_place(trip, item, NINE.date(), None) == {"venue_id": None, "room_id": None}


def test_to_a_track_nothing_else_changes(trip):
    track = make_track(trip)

    assert moves.to_track(track) == {"track_id": track.id}
    assert moves.to_track(None) == {"track_id": None}


def test_another_day_changes_the_zone_only_of_what_has_no_place(trip):
    first = make_stop(trip, ends_on=date(2027, 10, 26))
    make_stop(trip, city="San Diego", zone=LOS_ANGELES, starts_on=date(2027, 10, 27))
    there = date(2027, 10, 28)

    assert moves.to_day(trip, make_item(trip), there) == {
        "starts_zone": LOS_ANGELES,
        "ends_zone": LOS_ANGELES,
    }
    assert moves.to_day(trip, make_item(trip), date(2027, 10, 25)) == {}
    assert moves.to_day(trip, make_item(trip, stop_id=first.id), there) == {}
    assert moves.to_day(trip, make_item(trip, venue_id=make_venue().id), there) == {}
    call = make_item(trip, starts_zone="Asia/Tokyo", ends_zone="Asia/Tokyo")
    assert moves.to_day(trip, call, there) == {}


def test_the_zones_of_a_day_are_those_of_its_stops_else_of_the_stop_before(trip):
    assert moves.zones_on(trip, date(2027, 10, 25)) == [PARIS]
    make_stop(trip, starts_on=date(2027, 10, 25), ends_on=date(2027, 10, 26))
    make_stop(
        trip,
        city="San Diego",
        zone=LOS_ANGELES,
        starts_on=date(2027, 10, 26),
        ends_on=date(2027, 10, 27),
    )

    assert moves.zones_on(trip, date(2027, 10, 26)) == [PARIS, LOS_ANGELES]
    assert moves.zones_on(trip, date(2027, 10, 29)) == [LOS_ANGELES]
    assert moves.zones_on(trip, date(2027, 10, 24)) == [PARIS]
