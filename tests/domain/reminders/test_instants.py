"""When reminders go out: the clocks of the places, the weeks in which they change."""

from datetime import date, datetime

import pytest

from tests.factories import make_stop, make_trip, utc
from webapp import clock
from webapp.domain.reminders import instants
from webapp.models.mailing import Anchor, Reminder, ReminderKind

PROVENCE = {"starts_on": date(2017, 10, 30), "ends_on": date(2017, 11, 3)}


def reminder(anchor: Anchor, days: int = 0, minute: int = 9 * 60) -> Reminder:
    return Reminder(kind=ReminderKind.MESSAGE, anchor=anchor, days=days, minute=minute)


def due(trip, *what, **more) -> list[datetime]:
    return [moment.due_at for moment in instants.of(reminder(*what, **more), trip)]


@pytest.fixture
def provence(session):
    """The week after the clocks of France have changed, and before those of California do."""
    return make_trip(**PROVENCE)


def test_days_are_counted_on_the_calendar_not_in_hours(provence):
    # France goes from UTC+2 to UTC+1 on October 29.
    assert due(provence, Anchor.START, -3) == [utc(2017, 10, 27, 7, 0)]
    assert due(provence, Anchor.START) == [utc(2017, 10, 30, 8, 0)]
    assert due(provence, Anchor.END, 1) == [utc(2017, 11, 4, 8, 0)]
    assert due(provence, Anchor.START, -365, 0) == [utc(2016, 10, 29, 22, 0)]


def test_a_deadline_counts_by_the_date_on_which_it_is_said_to_be(provence):
    provence.deadline_zone = "America/Los_Angeles"
    # October 1, 23:30 in Los Angeles; in Paris it is the second already.
    provence.details_due_at = utc(2017, 10, 2, 6, 30)
    provence.freezes_at = None

    assert due(provence, Anchor.DETAILS_DUE, -1) == [utc(2017, 9, 30, 7, 0)]
    assert due(provence, Anchor.FREEZE, -1) == []


def test_each_day_has_the_clocks_of_where_the_tour_is(session):
    trip = make_trip(**PROVENCE, zone="America/Los_Angeles")
    make_stop(trip, city="San Diego", zone="America/Los_Angeles",
              starts_on=date(2017, 10, 30), ends_on=date(2017, 10, 31))  # fmt: skip
    make_stop(trip, starts_on=date(2017, 10, 31), ends_on=date(2017, 11, 3))

    morning = due(trip, Anchor.EACH_DAY, 0, 6 * 60 + 30)
    evening = instants.of(reminder(Anchor.EACH_DAY, -1, 18 * 60), trip)

    # On the day of the journey: in San Diego in the morning, in Marseille in the evening.
    assert morning == [
        utc(2017, 10, 30, 13, 30),
        utc(2017, 10, 31, 13, 30),
        utc(2017, 11, 1, 5, 30),
        utc(2017, 11, 2, 5, 30),
        utc(2017, 11, 3, 5, 30),
    ]
    assert [(each.day.day, each.due_at, each.zone) for each in evening] == [
        (30, utc(2017, 10, 30, 1, 0), "America/Los_Angeles"),
        (31, utc(2017, 10, 31, 1, 0), "America/Los_Angeles"),
        (1, utc(2017, 10, 31, 17, 0), "Europe/Paris"),
        (2, utc(2017, 11, 1, 17, 0), "Europe/Paris"),
        (3, utc(2017, 11, 2, 17, 0), "Europe/Paris"),
    ]


def test_without_stops_each_day_has_the_clocks_of_the_tour(provence):
    assert due(provence, Anchor.EACH_DAY, 0, 6 * 60)[0] == utc(2017, 10, 30, 5, 0)


def test_a_day_between_two_stops_belongs_to_the_one_before(session):
    trip = make_trip(**PROVENCE)
    make_stop(trip, zone="America/Los_Angeles", starts_on=date(2017, 10, 30),
              ends_on=date(2017, 10, 30))  # fmt: skip
    make_stop(trip, starts_on=date(2017, 11, 2), ends_on=date(2017, 11, 3))

    zones = [each.zone for each in instants.of(reminder(Anchor.EACH_DAY), trip)]

    assert zones == ["America/Los_Angeles"] * 3 + ["Europe/Paris"] * 2


def test_a_time_that_the_clocks_skip_is_an_hour_later_and_of_one_shown_twice_the_first(session):
    spring = make_trip(starts_on=date(2027, 3, 28), ends_on=date(2027, 3, 28))
    autumn = make_trip(starts_on=date(2027, 10, 31), ends_on=date(2027, 10, 31))

    skipped = due(spring, Anchor.START, 0, 2 * 60 + 30)
    twice = due(autumn, Anchor.START, 0, 2 * 60 + 30)

    assert [clock.wall(at, "Europe/Paris").hour for at in skipped] == [3]
    assert skipped == [utc(2027, 3, 28, 1, 30)]
    assert twice == [utc(2027, 10, 31, 0, 30)]


def test_years_in_which_nobody_travels_have_no_instant(session):
    late = make_trip(starts_on=date(2199, 12, 30), ends_on=date(2199, 12, 31))

    assert due(late, Anchor.END, 1) == []
    assert instants.day_ends_at(late, date(2199, 12, 31)) == instants.NEVER


def test_a_day_is_over_at_midnight_where_the_tour_sleeps(session):
    trip = make_trip(**PROVENCE, zone="America/Los_Angeles")
    make_stop(trip, starts_on=date(2017, 10, 30), ends_on=date(2017, 11, 3))

    assert instants.day_ends_at(trip, date(2017, 10, 30)) == utc(2017, 10, 30, 23, 0)
