"""Our VTIMEZONE against zoneinfo, and which wall times may be said with it."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import wire
from tests.calendars.cases import LOS_ANGELES, PARIS, UNHURRIED, wall_times
from webapp.calendars import zones

EVERY = sorted(available_timezones())
SECOND = timedelta(seconds=1)
ODD = [
    PARIS, LOS_ANGELES, "Europe/Dublin", "Atlantic/Azores", "Asia/Beirut",
    "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu",
]  # fmt: skip


@cache
def said() -> list[str]:
    """The zones that have a VTIMEZONE. (A few seconds.)"""
    return [zone for zone in EVERY if zones.law(zone)]


def offset(value: str) -> timedelta:
    """A TZOFFSET as it stands in the line."""
    sign = {"+": 1, "-": -1}[value[0]]
    return sign * timedelta(hours=int(value[1:3]), minutes=int(value[3:5]))


@cache
def onsets(zone: str) -> list[tuple[datetime, timedelta, timedelta]]:
    """Each change that the VTIMEZONE says up to 2066: wall time before, offset before, after.

    Expanded by dateutil from the lines as they stand, so that nothing of ours is asked twice.
    """
    found = []
    for part in wire.component(zones.vtimezone(zone)).parts:
        start = datetime.strptime(part["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007
        days = [start]
        if "RRULE" in part.names:
            rule = rrulestr(part["RRULE"], dtstart=start)
            days = list(takewhile(lambda day: day.year <= zones.LAST_YEAR, rule))
        before, after = offset(part["TZOFFSETFROM"]), offset(part["TZOFFSETTO"])
        found += [(day, before, after) for day in days]
    return sorted(found)


@cache
def teller(zone: str) -> Callable[[datetime], timedelta]:
    """By how much the zone is ahead of UTC at an aware instant, going by our VTIMEZONE only."""
    instants = [(local - before).replace(tzinfo=UTC) for local, before, _ in onsets(zone)]
    offsets = [after for _, _, after in onsets(zone)]
    return lambda at: offsets[bisect_right(instants, at) - 1]


def test_z1_to_z8_the_octets_of_two_zones_with_summer_time_and_one_without():
    assert zones.vtimezone(PARIS).decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Paris",
        "BEGIN:DAYLIGHT",
        "DTSTART:19960331T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]
    american = wire.component(zones.vtimezone(LOS_ANGELES))
    assert [(part.name, part["DTSTART"], part["RRULE"]) for part in american.parts] == [
        ("DAYLIGHT", "20070311T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
        ("STANDARD", "20071104T020000", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
    ]
    (indian,) = wire.component(zones.vtimezone("Asia/Kolkata")).parts
    assert indian.name == "STANDARD"
    assert indian.lines == [
        ("DTSTART", {}, "19700101T000000"),
        ("TZOFFSETFROM", {}, "+0530"),
        ("TZOFFSETTO", {}, "+0530"),
        ("TZNAME", {}, "IST"),
    ]


def test_z6_nearly_every_city_has_a_vtimezone():
    cities = {zone for zone in EVERY if "/" in zone and not zone.startswith("Etc/")}
    assert len(cities) > 450
    assert len(cities - set(said())) < 40  # a good half of these show UTC all year


def test_z3_z4_one_standard_and_at_most_one_daylight_by_yearly_rule():
    for zone in said():
        vtimezone = wire.component(zones.vtimezone(zone))
        assert vtimezone.lines == [("TZID", {}, zone)]
        kinds = sorted(part.name for part in vtimezone.parts)
        assert kinds in (["STANDARD"], ["DAYLIGHT", "STANDARD"]), zone
        rule = ["RRULE"] if len(kinds) == 2 else []
        for part in vtimezone.parts:
            assert part.names == ["DTSTART", *rule, "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"], zone
        ahead = {part.name: offset(part["TZOFFSETTO"]) for part in vtimezone.parts}
        assert ahead.get("DAYLIGHT", timedelta.max) > ahead["STANDARD"], zone


def test_z6_z7_agrees_with_zoneinfo_around_every_change_and_between():
    assert {zone: wrong for zone in said() if (wrong := disagreements(zone))} == {}


def disagreements(zone: str) -> list[datetime]:
    """Instants at which our VTIMEZONE and zoneinfo differ, of those for which it may be used."""
    clocks, ahead = ZoneInfo(zone), teller(zone)
    now = zones.law(zone)
    assert now
    start = datetime(now.first_year + 1, 1, 1, tzinfo=UTC) - timedelta(hours=15)
    end = datetime(zones.LAST_YEAR, 12, 31, tzinfo=UTC)
    changes = [(local - before).replace(tzinfo=UTC) for local, before, _ in onsets(zone)]
    instants = [
        *(at + step for at in changes if at > start for step in (-SECOND, timedelta(0), SECOND)),
        *(start + timedelta(days=25 * step) for step in range((end - start).days // 25)),
    ]
    return [at for at in instants if at.astimezone(clocks).utcoffset() != ahead(at)]


@pytest.mark.parametrize("zone", ODD)
def test_z6_z7_agrees_with_zoneinfo_hour_by_hour(zone: str):
    """`zones` looks from week to week; this sees what could happen in between."""
    clocks, ahead = ZoneInfo(zone), teller(zone)
    start = datetime(2014, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=step) for step in range(16 * 365 * 24)]
    assert [at for at in hours if at.astimezone(clocks).utcoffset() != ahead(at)] == []


@UNHURRIED
@given(
    st.sampled_from(EVERY),
    wall_times("1965-01-01", "2080-01-01"),
    st.sampled_from((0, 1)),
)
def test_z6_z7_a_wall_time_that_may_be_said_means_what_zoneinfo_means(
    zone: str, local: datetime, fold: int
):
    if zones.sayable(zone, local):
        applies = [after for start, _, after in onsets(zone) if start <= local]
        assert local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() == applies[-1]


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (PARIS, "1997-01-01 00:00"),
        (PARIS, "2017-10-29 01:59:59"),
        (PARIS, "2017-10-29 03:00"),
        (PARIS, "2017-03-26 03:00"),
        (LOS_ANGELES, "2008-01-01 00:00"),
        (LOS_ANGELES, "2017-11-05 02:00"),
        ("Asia/Tokyo", "1971-06-01 12:00"),
        ("America/Sao_Paulo", "2024-01-15 12:00"),
        ("Australia/Lord_Howe", "2017-10-30 09:00"),
        ("Europe/Dublin", "2017-07-01 09:00"),
        ("Atlantic/Azores", "2017-07-01 09:00"),  # changes at midnight
        ("Asia/Beirut", "2017-07-01 09:00"),  # changes at midnight
        ("US/Pacific", "2017-10-30 09:00"),
        (PARIS, "2065-12-31 23:59"),
    ],
)
def test_t3_is_said_with_its_zone(zone: str, local: str):
    assert zones.sayable(zone, datetime.fromisoformat(local))


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (PARIS, "2017-10-29 02:00"),  # repeated (T6)
        (PARIS, "2017-10-29 02:59:59"),
        (LOS_ANGELES, "2017-11-05 01:00"),
        (LOS_ANGELES, "2017-11-05 01:59:59"),
        ("Australia/Lord_Howe", "2017-04-02 01:45"),
        (PARIS, "2017-03-26 02:30"),  # skipped
        (PARIS, "1996-07-01 12:00"),  # the year in which the law began
        (PARIS, "1990-07-01 12:00"),  # an older law (Z6)
        (LOS_ANGELES, "2006-07-01 12:00"),
        ("America/Sao_Paulo", "2017-12-01 12:00"),
        (PARIS, "2066-01-01 00:00"),  # as far as was looked
        ("Africa/Casablanca", "2024-03-20 12:00"),  # Ramadan
        ("Africa/Cairo", "2024-07-01 12:00"),  # 24:00 of the last Thursday
        ("America/Santiago", "2024-07-01 12:00"),  # the Sunday after the first Saturday
        ("Asia/Jerusalem", "2024-07-01 12:00"),  # the Friday before the last Sunday
        ("America/Nuuk", "2025-07-01 12:00"),  # the Saturday before the last Sunday
        ("UTC", "2017-10-30 09:00"),  # (T2)
        ("Etc/GMT+5", "2017-10-30 09:00"),  # no Area/City (Z2)
        ("CET", "2017-10-30 09:00"),
        ("GB", "2017-10-30 09:00"),
    ],
)
def test_t6_z2_z6_can_only_be_said_in_utc(zone: str, local: str):
    assert not zones.sayable(zone, datetime.fromisoformat(local))


def test_z6_a_law_no_pair_of_rules_can_say_has_no_vtimezone():
    with pytest.raises(ValueError, match="Africa/Cairo"):
        zones.vtimezone("Africa/Cairo")


@pytest.mark.parametrize(
    "zone",
    ["", "Europe", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "right/Europe/Paris"],
)
def test_a_name_that_is_no_zone_is_refused(zone: str):
    with pytest.raises(ValueError, match="not a zone"):
        zones.info(zone)
