"""Wall times and instants: either side of clock changes, in gaps, in doubled hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import utc
from webapp import clock

PARIS = "Europe/Paris"
LOS_ANGELES = "America/Los_Angeles"
LORD_HOWE = "Australia/Lord_Howe"  # its clocks move by half an hour

zone_names = st.sampled_from(sorted(clock.zone_names()))
# Since 1971 offsets are whole minutes nearly everywhere; tours are in our days anyway.
wall_times = st.datetimes(datetime(1971, 1, 1), datetime(2065, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
UNHURRIED = settings(deadline=None, max_examples=150)


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        (PARIS, datetime(2017, 3, 26, 1, 59), utc(2017, 3, 26, 0, 59)),
        (PARIS, datetime(2017, 3, 26, 3, 0), utc(2017, 3, 26, 1, 0)),
        (PARIS, datetime(2017, 10, 29, 1, 59), utc(2017, 10, 28, 23, 59)),
        (PARIS, datetime(2017, 10, 29, 3, 0), utc(2017, 10, 29, 2, 0)),
        (LOS_ANGELES, datetime(2017, 3, 12, 1, 59), utc(2017, 3, 12, 9, 59)),
        (LOS_ANGELES, datetime(2017, 3, 12, 3, 0), utc(2017, 3, 12, 10, 0)),
        (LOS_ANGELES, datetime(2017, 11, 5, 0, 59), utc(2017, 11, 5, 7, 59)),
        (LOS_ANGELES, datetime(2017, 11, 5, 2, 0), utc(2017, 11, 5, 10, 0)),
        (LORD_HOWE, datetime(2017, 10, 1, 1, 59), utc(2017, 9, 30, 15, 29)),
        (LORD_HOWE, datetime(2017, 10, 1, 2, 30), utc(2017, 9, 30, 15, 30)),
        (LORD_HOWE, datetime(2017, 4, 2, 1, 29), utc(2017, 4, 1, 14, 29)),
        (LORD_HOWE, datetime(2017, 4, 2, 2, 0), utc(2017, 4, 1, 15, 30)),
    ],
)
def test_either_side_of_a_clock_change_a_wall_time_is_one_instant(zone, local, instant):
    assert clock.instant(local, zone) == instant
    assert clock.wall(instant, zone) == local


@pytest.mark.parametrize(
    ("zone", "local", "before", "after"),
    [
        (PARIS, datetime(2017, 3, 26, 2, 30), (2017, 3, 26, 1, 30), (2017, 3, 26, 3, 30)),
        (PARIS, datetime(2017, 3, 26, 2, 0), (2017, 3, 26, 1, 0), (2017, 3, 26, 3, 0)),
        (LOS_ANGELES, datetime(2017, 3, 12, 2, 59), (2017, 3, 12, 1, 59), (2017, 3, 12, 3, 59)),
        (LORD_HOWE, datetime(2017, 10, 1, 2, 15), (2017, 10, 1, 1, 45), (2017, 10, 1, 2, 45)),
        ("Pacific/Apia", datetime(2011, 12, 30, 9, 0), (2011, 12, 29, 9, 0), (2011, 12, 31, 9, 0)),
    ],
)
@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_time_that_the_clocks_skip_is_refused_with_the_two_nearest_that_exist(
    zone, local, before, after, fold
):
    with pytest.raises(clock.WallTimeMissing) as refused:
        clock.instant(local, zone, fold)

    assert (refused.value.before, refused.value.after) == (datetime(*before), datetime(*after))
    clock.instant(refused.value.before, zone)
    clock.instant(refused.value.after, zone)


@pytest.mark.parametrize(
    ("zone", "local", "first", "second"),
    [
        (PARIS, datetime(2017, 10, 29, 2, 0), utc(2017, 10, 29, 0, 0), utc(2017, 10, 29, 1, 0)),
        (PARIS, datetime(2017, 10, 29, 2, 59), utc(2017, 10, 29, 0, 59), utc(2017, 10, 29, 1, 59)),
        (
            LOS_ANGELES,
            datetime(2017, 11, 5, 1, 30),
            utc(2017, 11, 5, 8, 30),
            utc(2017, 11, 5, 9, 30),
        ),
        (
            LORD_HOWE,
            datetime(2017, 4, 2, 1, 30),
            utc(2017, 4, 1, 14, 30),
            utc(2017, 4, 1, 15, 0),
        ),
    ],
)
def test_a_time_that_occurs_twice_is_asked_about_and_the_fold_says_which(
    zone, local, first, second
):
    with pytest.raises(clock.WallTimeTwice):
        clock.instant(local, zone)

    assert [clock.instant(local, zone, fold) for fold in (0, 1)] == [first, second]
    assert {clock.wall(first, zone), clock.wall(second, zone)} == {local}


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "",
        "UTC",
        "GMT",
        "Etc/UTC",
        "europe/paris",
        " Europe/Paris",
        "Europe/Paris\0",
        "Europe/",
        "posix/Europe/Paris",
        "right/Europe/Paris",
        "../etc/passwd",
        "/etc/passwd",
        "Europe/../../../etc/passwd",
    ],
)
def test_what_names_no_zone_is_refused_by_name(name):
    for use in (
        lambda: clock.instant(datetime(2017, 10, 30, 9, 0), name),
        lambda: clock.wall(utc(2017, 10, 30), name),
        lambda: clock.gap_hours(utc(2017, 10, 30), PARIS, name),
    ):
        with pytest.raises(clock.UnknownZone) as refused:
            use()
        assert refused.value.zone == name


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
@pytest.mark.parametrize("zone", [PARIS, LOS_ANGELES, "Pacific/Kiritimati"])
@pytest.mark.parametrize("fold", [None, 0])
def test_a_year_in_which_nobody_travels_is_refused_with_the_nearest_that_can_be_said(
    year, zone, fold
):
    ends = (datetime(year, 1, 1), datetime(year, 12, 31, 23, 59))

    for local in ends:
        with pytest.raises(clock.WallTimeMissing) as refused:
            clock.instant(local, zone, fold)

        nearest = clock.EARLIEST if year < 2000 else clock.LATEST
        assert (refused.value.before, refused.value.after) == (nearest, nearest)
        assert clock.wall(clock.instant(nearest, zone), zone) == nearest


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (utc(2017, 10, 29, 0, 59), 9),
        (utc(2017, 10, 29, 1, 0), 8),  # Europe's clocks go back
        (utc(2017, 11, 1, 12, 0), 8),
        (utc(2017, 11, 5, 8, 59), 8),
        (utc(2017, 11, 5, 9, 0), 9),  # America's follow a week later
        (utc(2017, 3, 12, 9, 59), 9),
        (utc(2017, 3, 12, 10, 0), 8),
        (utc(2017, 3, 26, 0, 59), 8),
        (utc(2017, 3, 26, 1, 0), 9),
    ],
)
def test_paris_is_nine_hours_ahead_of_california_and_eight_between_the_changes(at, hours):
    assert clock.gap_hours(at, PARIS, LOS_ANGELES) == hours
    assert clock.gap_hours(at, LOS_ANGELES, PARIS) == -hours


def test_the_changes_of_a_zone_are_found_at_their_instant():
    year = (utc(2017, 1, 1), utc(2018, 1, 1))

    assert list(clock.changes(PARIS, *year)) == [
        clock.Change(utc(2017, 3, 26, 1), 60),
        clock.Change(utc(2017, 10, 29, 1), -60),
    ]
    assert list(clock.changes(LORD_HOWE, *year)) == [
        clock.Change(utc(2017, 4, 1, 15), -30),
        clock.Change(utc(2017, 9, 30, 15, 30), 30),
    ]
    assert list(clock.changes("Asia/Tokyo", *year)) == []


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (utc(2017, 10, 29, 1, 0), utc(2017, 10, 30), []),  # it is over when the clocks have moved
        (utc(2017, 10, 29, 0, 59), utc(2017, 10, 30), [utc(2017, 10, 29, 1, 0)]),
        (utc(2017, 10, 28), utc(2017, 10, 29, 1, 0), [utc(2017, 10, 29, 1, 0)]),
        (utc(2017, 10, 28), utc(2017, 10, 29, 0, 59), []),
    ],
)
def test_only_changes_after_the_start_and_until_the_end_count(start, end, found):
    assert [change.at for change in clock.changes(PARIS, start, end)] == found


def test_now_is_aware_and_in_utc():
    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before <= now <= after
    assert now.tzinfo is UTC


@UNHURRIED
@given(wall_times, zone_names, st.sampled_from([0, 1]))
def test_an_instant_shows_the_wall_time_that_it_was_made_from(local, zone, fold):
    try:
        at = clock.instant(local, zone, fold)
    except clock.WallTimeMissing as missing:
        assert missing.before < local < missing.after  # noqa: PT017
        # zoneinfo's own round trip of such a time does not come back either.
        gone = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert gone.replace(tzinfo=None) != local
    else:
        assert clock.wall(at, zone) == local
        assert at == local.replace(tzinfo=ZoneInfo(zone), fold=fold)


@UNHURRIED
@given(wall_times, zone_names)
def test_without_a_fold_an_answer_is_the_only_one_there_is(local, zone):
    possible = {
        at
        for hours in range(-27, 28)
        for minutes in (0, 15, 30, 45)
        for at in [local.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes)]
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    }
    try:
        found = {clock.instant(local, zone)}
    except clock.WallTimeMissing:
        found = set()
    except clock.WallTimeTwice:
        found = {clock.instant(local, zone, fold) for fold in (0, 1)}
        assert len(found) == 2

    if all(at.minute % 15 == local.minute % 15 for at in found):  # not Liberia before 1972
        assert found == possible


@UNHURRIED
@given(st.datetimes(datetime(1971, 1, 1), datetime(2065, 12, 31)), zone_names)
def test_every_instant_has_a_wall_time_and_one_of_its_folds_leads_back(naive, zone):
    at = naive.replace(tzinfo=UTC)

    local = clock.wall(at, zone)

    assert at in {clock.instant(local, zone, fold) for fold in (0, 1)}
