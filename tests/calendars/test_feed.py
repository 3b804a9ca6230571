"""Calendars and files: what stands around the events, and that equal input gives equal octets."""

from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import wire
from tests.calendars.cases import (
    LOS_ANGELES,
    PARIS,
    TOUR,
    UNHURRIED,
    VISIT,
    WEEK,
    entries,
    los_angeles,
    moment,
    paris,
    session,
    spans,
    uid,
)
from webapp.calendars.event import Entry, Span, event
from webapp.calendars.feed import PRODID, block, etag, feed, file, join
from webapp.calendars.zones import vtimezone

EVERYTHING = [entry for case in WEEK.values() for entry in case]
FLIGHT = session(7, los_angeles("10-27 18:05"), paris("10-28 17:40"))


def uids(calendar: wire.Component) -> list[str]:
    return [part["UID"] for part in calendar.all("VEVENT")]


def zones(calendar: wire.Component) -> list[str]:
    return [part["TZID"] for part in calendar.all("VTIMEZONE")]


def test_the_octets_of_a_feed_are_head_zones_events():
    assert feed(
        "Invest in Provence; 2017",
        [VISIT, FLIGHT],
        spans=[TOUR],
        description="Companies of San Diego, in Marseille",
        url="https://escale.example/trips/invest-in-provence/",
        color="teal",
        refresh_hours=6,
    ) == (
        b"BEGIN:VCALENDAR\r\n"
        b"VERSION:2.0\r\n"
        b"PRODID:-//Escale//Escale//EN\r\n"
        b"CALSCALE:GREGORIAN\r\n"
        b"NAME:Invest in Provence\\; 2017\r\n"
        b"X-WR-CALNAME:Invest in Provence\\; 2017\r\n"
        b"DESCRIPTION:Companies of San Diego\\, in Marseille\r\n"
        b"X-WR-CALDESC:Companies of San Diego\\, in Marseille\r\n"
        b"URL:https://escale.example/trips/invest-in-provence/\r\n"
        b"COLOR:teal\r\n"
        b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"
        b"X-PUBLISHED-TTL:PT6H\r\n"
        + vtimezone(LOS_ANGELES)
        + vtimezone(PARIS)
        + event(FLIGHT)
        + event(TOUR)
        + event(VISIT)
        + b"END:VCALENDAR\r\n"
    )


def test_m1_m3_u3_a_file_is_the_event_of_the_feed_without_a_method():
    assert file(VISIT, language="fr") == (
        b"BEGIN:VCALENDAR\r\n"
        b"VERSION:2.0\r\n"
        b"PRODID:-//Escale//Escale//FR\r\n"
        b"CALSCALE:GREGORIAN\r\n" + vtimezone(PARIS) + event(VISIT) + b"END:VCALENDAR\r\n"
    )


@UNHURRIED
@given(
    st.lists(entries(), max_size=6, unique_by=lambda entry: entry.uid),
    st.lists(spans(), max_size=2, unique_by=lambda span: span.uid),
    st.text(),
)
def test_any_feed_keeps_to_the_rules(several: list[Entry], bars: list[Span], words: str):
    octets = feed(f"A tour {words}", several, spans=bars, description=words)
    calendar = wire.component(octets)
    assert calendar.name == "VCALENDAR"
    assert {"METHOD", "UID", "SOURCE", "X-WR-TIMEZONE"} & set(calendar.names) == set()  # M1 N5 N7
    assert all(calendar.names.count(name) == 1 for name in calendar.names)
    kinds = [part.name for part in calendar.parts]
    assert set(kinds) <= {"VTIMEZONE", "VEVENT"}  # F12
    assert kinds == sorted(kinds, reverse=True)  # F9, Z1: zones before events
    assert kinds != []  # F11
    assert sorted(uids(calendar)) == sorted(
        [entry.uid for entry in several] + [bar.uid for bar in bars]
    )  # U4
    used = {
        part.parameters(name)["TZID"]
        for part in calendar.all("VEVENT")
        for name in ("DTSTART", "DTEND")
        if "TZID" in part.parameters(name)
    }
    if used or several or bars:
        assert zones(calendar) == sorted(used)  # Z1
    shuffled = Random(1).sample(several, len(several))
    assert feed(f"A tour {words}", iter(shuffled), spans=bars[::-1], description=words) == octets


def test_f11_a_feed_without_events_has_one_component_all_the_same():
    assert [part.name for part in wire.component(feed("Soon", [])).parts] == ["VTIMEZONE"]


def test_f11_a_feed_of_the_bar_alone_needs_no_zone():
    assert [part.name for part in wire.component(feed("Soon", [], spans=[TOUR])).parts] == [
        "VEVENT"
    ]


def test_z1_one_vtimezone_for_each_zone_that_is_named_and_no_other():
    calendar = wire.component(feed("All", EVERYTHING))
    assert zones(calendar) == [
        "America/Los_Angeles",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        "Asia/Tokyo",
        "Australia/Lord_Howe",
        "Australia/Sydney",
        "Europe/Dublin",
        "Europe/Paris",
        "Pacific/Auckland",
        "Pacific/Chatham",
    ]
    in_utc = session(1, paris("10-29 02:30"), paris("10-29 04:00"))
    assert zones(wire.component(feed("One", [in_utc]))) == []


def test_z2_a_zone_keeps_the_name_it_was_given():
    pacific = moment("2017-10-30 09:00", "US/Pacific")
    entry = session(1, pacific, los_angeles("10-30 12:00"))
    assert zones(wire.component(feed("One", [entry]))) == ["America/Los_Angeles", "US/Pacific"]


def test_h3_order_is_start_then_uid():
    same = [session(number, paris("10-30 09:00"), paris("10-30 10:00")) for number in (5, 3, 4)]
    earlier = session(9, los_angeles("10-30 00:30"), los_angeles("10-30 00:45"))
    calendar = wire.component(feed("All", [*same, earlier], spans=[TOUR]))
    assert uids(calendar) == [uid(2), uid(9), uid(3), uid(4), uid(5)]


def test_h3_joined_from_blocks_written_before_is_the_same():
    items: list[Entry | Span] = [TOUR, *EVERYTHING]
    blocks = [block(item) for item in items]
    assert join("All", reversed(blocks), language="fr", refresh_hours=12) == feed(
        "All", EVERYTHING, spans=[TOUR], language="fr", refresh_hours=12
    )


def test_u4_a_uid_that_occurs_twice_is_refused_by_name():
    twin = replace(VISIT, starts=paris("10-30 08:00"))
    with pytest.raises(ValueError, match=VISIT.uid):
        feed("Two", [VISIT, FLIGHT, twin])
    with pytest.raises(ValueError, match=TOUR.uid):
        feed("Two", [replace(VISIT, uid=TOUR.uid)], spans=[TOUR])


def test_n1_the_name_stands_twice_alike_on_one_line():
    calendar = wire.component(feed(" Tour,\nde Provence\x00 ", [VISIT]))
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "Tour, de Provence"
    assert {"DESCRIPTION", "X-WR-CALDESC", "URL", "COLOR"} & set(calendar.names) == set()


def test_n2_the_interval_stands_twice_alike():
    calendar = wire.component(feed("Tour", [VISIT]))
    assert calendar.parameters("REFRESH-INTERVAL") == {"VALUE": "DURATION"}
    assert calendar["REFRESH-INTERVAL"] == calendar["X-PUBLISHED-TTL"] == "PT4H"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"refresh_hours": 0}, "an hour at least"),  # N3
        ({"color": "#00ff00"}, "CSS3 name"),  # N6
        ({"color": "Teal\r\nMETHOD:PUBLISH"}, "CSS3 name"),
        ({"url": "/trips/x/"}, "not an absolute"),  # E6
        ({"language": "fr\r\nMETHOD:PUBLISH"}, "tag of a language"),
        ({"language": ""}, "tag of a language"),
        ({"name": "\x00 \n"}, "needs a name"),  # N1
    ],
)
def test_what_no_calendar_may_say_is_refused(wrong: dict[str, Any], says: str):
    with pytest.raises(ValueError, match=says):
        feed(**{"name": "Tour", "entries": [VISIT], **wrong})


def test_f10_prodid_names_the_product_and_the_language_of_the_words():
    assert wire.component(feed("Tour", [VISIT]))["PRODID"] == f"{PRODID}//EN"
    assert wire.component(feed("Tour", [VISIT], language="fr"))["PRODID"] == f"{PRODID}//FR"


def test_h3_the_tag_changes_with_any_octet_and_with_nothing_else():
    octets = feed("Tour", [VISIT])
    assert etag(octets) == etag(bytes(octets))
    assert etag(octets) != etag(feed("Tour", [replace(VISIT, sequence=3)]))
    assert etag(octets) != etag(octets + b" ")
    assert len(etag(octets)) == 32
    assert set(etag(octets)) <= set("0123456789abcdef")


def test_r1_h3_nothing_depends_on_when_it_is_written(monkeypatch: pytest.MonkeyPatch):
    before = feed("Tour", EVERYTHING)
    event.cache_clear()

    class Timeless(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            raise AssertionError(f"a calendar asked what time it is in {tz}")

        utcnow = today = now

    for module in ("event", "feed", "zones"):
        monkeypatch.setattr(f"webapp.calendars.{module}.datetime", Timeless)
    assert feed("Tour", EVERYTHING) == before
