"""Calendar files of other programs: events become rows, and what cannot is told by event."""

from datetime import datetime

import pytest

from tests.domain.sheets.making import (
    LOS_ANGELES,
    PARIS,
    bring_in,
    draft,
    dry_run,
    english,
    make_full_trip,
    told,
)
from tests.factories import make_item, make_trip, publish
from webapp.db import Words
from webapp.domain import feeds
from webapp.domain.sheets import Deed
from webapp.models.agenda import ItemState

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\n"
# As Google, Outlook and Apple write them.
REAL = (
    HEAD
    + """\
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Provence
X-WR-TIMEZONE:Europe/Paris
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTART:20271026T070000Z
DTEND:20271026T083000Z
DTSTAMP:20270901T120000Z
UID:3gk8f0n1ls2b@google.com
DESCRIPTION:Badges at the gate\\, please.\\nBring an ID.
LOCATION:Palais du Pharo\\, 58 Boulevard Charles Livon\\, 13007 Marseille
STATUS:CONFIRMED
SUMMARY:Visit\\; with lunch
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="Romance Standard Time":20271027T090000
DTEND;TZID="Romance Standard Time":20271027T100000
UID:040000008200E00074C5B7101A82E00800000000B0C1
 5E2D01A82E00800000000
SUMMARY;LANGUAGE=fr:Réunion
LOCATION:Quai 3
STATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=/freeassociation.sourceforge.net/America/Los_Angeles:20271028T180000
DURATION:PT11H
UID:B7F4-apple
SUMMARY:Flight home
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART:20271029T100000
DTEND:20271029T110000
UID:floating
SUMMARY:Floating
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""
)


def calendar(*events: str) -> bytes:
    blocks = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"{HEAD}{blocks}END:VCALENDAR\n".replace("\n", "\r\n").encode()


@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
def test_a_calendar_of_other_programs_is_brought_in_and_the_second_time_changes_nothing(session):
    trip = make_full_trip()
    data = REAL.replace("\n", "\r\n").encode()

    outcome = bring_in(trip, data)

    assert outcome.added == 4
    visit, meeting, flight, floating = draft(trip)
    assert (visit.import_key, visit.title) == (
        "3gk8f0n1ls2b@google.com",
        english("Visit; with lunch"),
    )
    assert visit.description == english("Badges at the gate, please.\nBring an ID.")
    assert (visit.starts_local, visit.starts_zone) == (datetime(2027, 10, 26, 9), PARIS)
    assert (visit.ends_local, visit.venue.name, visit.place) == (
        datetime(2027, 10, 26, 10, 30), "Palais du Pharo", None,
    )  # fmt: skip
    assert (meeting.starts_local, meeting.starts_zone) == (datetime(2027, 10, 27, 9), PARIS)
    assert (meeting.place, meeting.state, meeting.title) == (
        "Quai 3", ItemState.TENTATIVE, english("Réunion"),
    )  # fmt: skip
    assert (flight.starts_local, flight.starts_zone) == (datetime(2027, 10, 28, 18), LOS_ANGELES)
    assert flight.ends_local == datetime(2027, 10, 29, 5)
    assert (floating.starts_local, floating.starts_zone) == (datetime(2027, 10, 29, 10), PARIS)
    assert floating.state == ItemState.CANCELLED
    assert bring_in(trip, data).same == 4


def test_an_event_that_moved_is_found_by_its_uid(session):
    trip = make_trip()
    event = "UID:a@b\nSUMMARY:Visit\nDTSTART:20271026T070000Z\nDTEND:20271026T080000Z"
    bring_in(trip, calendar(event))

    outcome = bring_in(trip, calendar(event.replace("T07", "T06")))

    assert (outcome.added, outcome.changed) == (0, 1)
    assert [item.starts_local for item in draft(trip)] == [datetime(2027, 10, 26, 8)]


@pytest.mark.parametrize(
    ("event", "where", "fault"),
    [
        ("DTSTART:20271026T070000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY", "RRULE", "repeats"),
        ("DTSTART:20271026T070000Z\nDURATION:PT1H\nRDATE:20271027T070000Z", "RRULE", "repeats"),
        (
            "DTSTART:20271026T070000Z\nDURATION:PT1H\nRECURRENCE-ID:20271027T070000Z",
            "RRULE", "repeats",
        ),
        ("DTSTART;VALUE=DATE:20271026", "DTSTART (time)", "all day"),
        ("DTSTART:20271026T070000Z", "DTEND (time)", "missing"),
        ("DTSTART:20271026T070000Z\nDTEND:20271026T070000Z", "DTEND (time)", "ends first"),
        ("DTSTART;TZID=Nowhere/Town:20271026T070000\nDURATION:PT1H", "DTSTART (zone)", "no zone"),
        ("DTSTART;TZID=Europe/Paris:20270328T023000\nDURATION:PT1H", "DTSTART (time)",
         "skipped by the clocks"),
    ],
)  # fmt: skip
def test_an_event_that_is_no_session_is_told(session, event, where, fault):
    trip = make_trip()
    good = "UID:good\nSUMMARY:Visit\nDTSTART:20271026T070000Z\nDTEND:20271026T080000Z"

    assert told(trip, calendar(good, f"UID:x\nSUMMARY:x\n{event}")) == [(2, where, fault)]


def test_an_event_without_a_title_or_a_start_is_told(session):
    assert told(make_trip(), calendar("UID:x")) == [
        (1, "SUMMARY", "missing"),
        (1, "DTSTART (date)", "missing"),
        (1, "DTSTART (time)", "missing"),
        (1, "DTEND (time)", "missing"),
    ]


def test_a_time_that_occurs_twice_is_the_first_as_the_rule_of_calendars_says(session):
    trip = make_trip()

    bring_in(
        trip, calendar("UID:x\nSUMMARY:x\nDTSTART;TZID=Europe/Paris:20271031T023000\nDURATION:PT1H")
    )

    [item] = draft(trip)
    assert (item.starts_fold, item.ends_fold) == (0, 1)
    assert item.ends_local == datetime(2027, 10, 31, 2, 30)


def test_events_of_whole_days_are_taken_when_that_was_asked_for(session):
    trip = make_trip()
    days = "UID:x\nSUMMARY:x\nDTSTART;VALUE=DATE:20271026\nDTEND;VALUE=DATE:20271028"

    bring_in(trip, calendar(days), all_day=True)

    [item] = draft(trip)
    assert (item.starts_local, item.ends_local) == (
        datetime(2027, 10, 26), datetime(2027, 10, 27, 23, 59),
    )  # fmt: skip


def test_a_uid_that_is_too_long_for_a_key_still_finds_its_event(session):
    trip = make_trip()
    event = f"UID:{'x' * 300}\nSUMMARY:x\nDTSTART:20271026T070000Z\nDURATION:PT1H"

    assert [bring_in(trip, calendar(event)).added for _ in range(2)] == [1, 0]


def test_a_feed_of_our_own_finds_its_sessions(session):
    trip = make_trip()
    item = make_item(trip, title=Words(en="Visit", fr="Visite"))
    publish(trip)
    body = feeds.answer(feeds.public(trip, "en")).body

    plan = dry_run(trip, body)[2]

    assert [problem.fault.value for problem in plan.problems] == ["all day"]  # the bar of the tour
    assert [(step.deed, step.item) for step in plan.steps if step.item] == [(Deed.CHANGE, item)]
    assert {d.field.value for d in plan.steps[0].differences} == {"description_en"}  # its address
