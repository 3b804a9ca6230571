"""A tour at other dates: every wall time stays, or is told."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import item_values as values
from tests.factories import make_item, make_stop, make_trip, publish, utc
from webapp import clock
from webapp.domain import agendas, audits, item_values, shifts
from webapp.domain.shifts import Why
from webapp.errors import DomainError

BY = audits.SYSTEM
ZONES = (
    "Europe/Paris",
    "America/Los_Angeles",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # skipped a whole day
    "Asia/Kolkata",
    "America/St_Johns",
    "Africa/Casablanca",
)


@settings(max_examples=250, deadline=None)
@given(
    starts=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)),
    minutes=st.integers(1, 3 * 24 * 60),
    zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    days=st.integers(-3000, 3000).filter(bool),
)
def test_every_wall_time_is_kept_or_told(starts, minutes, zones, days):
    starts = starts.replace(second=0, microsecond=0)
    try:
        starts_at = clock.instant(starts, zones[0], 0)
    except DomainError:
        return  # nothing was ever agreed at a time that does not exist
    ends_at = starts_at + timedelta(minutes=minutes)
    ends = clock.wall(ends_at, zones[1])
    fold = int(clock.is_doubled(ends, zones[1]) and clock.instant(ends, zones[1], 1) == ends_at)
    said = values(
        starts_local=starts, starts_zone=zones[0], starts_fold=0,
        ends_local=ends, ends_zone=zones[1], ends_fold=fold,
    )  # fmt: skip

    there, told = shifts.moved(said, days)

    columns = item_values.columns(there)  # it can be stored: each time exists, in order
    assert columns["starts_at"] < columns["ends_at"]
    by = timedelta(days=days)
    for end, before in (("starts", starts), ("ends", ends)):
        reasons = {each.why for each in told if each.end == end}
        kept = getattr(there, f"{end}_local") == before + by
        assert kept or reasons & {Why.MISSING, Why.ORDER}
        if kept and clock.is_doubled(before + by, getattr(there, f"{end}_zone")):
            assert Why.TWICE in reasons
    assert (there.starts_zone, there.ends_zone) == zones


def test_moving_by_no_day_changes_nothing_not_even_the_second_pass():
    said = values(
        starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=1,
        ends_local=datetime(2027, 10, 31, 4), ends_fold=0,
    )  # fmt: skip

    assert shifts.moved(said, 0) == (said, [])


@pytest.mark.parametrize(
    ("local", "days", "taken", "why"),
    [
        (datetime(2027, 3, 27, 2, 30), 1, datetime(2027, 3, 28, 3, 30), Why.MISSING),
        (datetime(2027, 10, 30, 2, 30), 1, datetime(2027, 10, 31, 2, 30), Why.TWICE),
    ],
)
def test_what_the_clocks_do_not_allow_is_put_right_and_told(local, days, taken, why):
    said = values(starts_local=local, ends_local=local + timedelta(hours=6))

    there, told = shifts.moved(said, days)

    assert there.starts_local == taken
    assert [(t.end, t.wanted, t.taken, t.why) for t in told] == [
        ("starts", local + timedelta(days=days), taken, why)
    ]


def test_an_end_before_the_start_keeps_the_length_instead():
    said = values(  # half an hour, across the hour that occurs twice
        starts_local=datetime(2027, 10, 31, 2, 45), starts_fold=0,
        ends_local=datetime(2027, 10, 31, 2, 15), ends_fold=1,
    )  # fmt: skip

    there, told = shifts.moved(said, 7)

    assert (there.starts_local, there.ends_local) == (
        datetime(2027, 11, 7, 2, 45),
        datetime(2027, 11, 7, 3, 15),
    )
    assert [(each.end, each.why) for each in told] == [("ends", Why.ORDER)]


def test_moving_a_tour_across_a_clock_change_keeps_every_wall_time(session):
    trip = make_trip(
        starts_on=date(2027, 10, 25), ends_on=date(2027, 10, 29),
        registration_opens_at=utc(2027, 9, 1, 7), registration_closes_at=utc(2027, 10, 1, 16),
    )  # fmt: skip
    make_stop(trip)
    make_item(trip)
    make_item(
        trip,
        starts_local=datetime(2027, 10, 26, 10), starts_zone="America/Los_Angeles",
        ends_local=datetime(2027, 10, 27, 9),
    )  # fmt: skip
    before = [
        (i.starts_local, i.starts_zone, i.ends_local, i.ends_zone) for i in agendas.draft(trip)
    ]

    told = shifts.shift(trip, 14, BY)

    assert told == []
    later = timedelta(days=14)
    draft = agendas.draft(trip)
    assert [(i.starts_local, i.starts_zone, i.ends_local, i.ends_zone) for i in draft] == [
        (starts + later, one, ends + later, other) for starts, one, ends, other in before
    ]
    # Paris has left summer time and Los Angeles (on 7 November 2027) too.
    assert draft[0].starts_at == utc(2027, 11, 9, 8)
    assert (trip.starts_on, trip.ends_on) == (date(2027, 11, 8), date(2027, 11, 12))
    assert [(s.starts_on, s.ends_on) for s in trip.stops] == [(trip.starts_on, trip.ends_on)]
    assert trip.registration_closes_at == utc(2027, 10, 15, 16)


def test_the_window_stays_when_asked_to(session):
    trip = make_trip()
    closes = trip.registration_closes_at

    shifts.shift(trip, 7, BY, window=False)

    assert trip.registration_closes_at == closes


def test_a_move_is_audited_and_moves_the_bar_but_not_what_is_published(session):
    trip = make_trip()
    item = make_item(trip)
    release = publish(trip)
    sequence = trip.sequence

    shifts.shift(trip, 364, BY)

    assert [e.action for e in audits.of(trip)] == ["shift"]
    assert audits.of(trip)[0].after["starts_on"] == "2028-10-23"
    assert audits.of(item)[0].after["starts_local"] == "2028-10-24T09:00:00"
    assert trip.sequence == sequence + 1
    assert release.items[0].starts_local == datetime(2027, 10, 26, 9)


@pytest.mark.parametrize("days", [-30_000, 80_000, 10_000_000])
def test_no_tour_is_moved_out_of_all_years(session, days):
    trip = make_trip()

    for verb in (
        lambda: shifts.shift(trip, days, BY),
        lambda: shifts.surprises(trip, days),
        lambda: shifts.clock_changes(trip, days),
    ):
        with pytest.raises(shifts.DatesRefused):
            verb()
    assert trip.starts_on == date(2027, 10, 25)


def test_a_preview_names_clock_changes_and_the_way_home(session):
    trip = make_trip(starts_on=date(2017, 10, 23), ends_on=date(2017, 10, 27))

    found = shifts.clock_changes(trip, 7)
    gaps = shifts.gaps(trip, 7)

    # 30 October to 3 November 2017: France changed the day before, California two days after.
    assert found == []
    assert (gaps.now, gaps.then) == (9, 8)
    assert [(c.zone, c.minutes) for c in shifts.clock_changes(trip, 4)] == [("Europe/Paris", -60)]
