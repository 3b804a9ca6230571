"""One session as a message to one guest: what its octets must and must not hold."""

from dataclasses import replace
from datetime import UTC, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import wire
from tests.calendars.cases import ANYTHING, UNHURRIED, VISIT, entries
from webapp.calendars import kept, reply
from webapp.calendars.event import Entry, event
from webapp.calendars.invitation import CANCEL, REQUEST, Party, cancel, request

TOURS = Party("replies+i7-0123456789abcdef@tours.example", 'Tours: "Provence"; 2027')
ZOE = Party("zoe.o'brien+1@bluewave.example", "Zoé Núñez, Head of Sales")
AT = datetime(2027, 9, 1, 12, 0, tzinfo=UTC)
ANSWER = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP="


def asked(entry: Entry = VISIT, **values) -> wire.Component:
    given = {"wants_reply": True} | values
    return wire.component(request(entry, TOURS, ZOE, AT, **given))


def taken_back(entry: Entry = VISIT, *, is_off: bool) -> wire.Component:
    return wire.component(cancel(entry, TOURS, ZOE, AT, is_off=is_off))


def the_event(calendar: wire.Component) -> wire.Component:
    (found,) = calendar.all("VEVENT")
    return found


def test_a_request_holds_what_one_must_and_the_session_of_the_feeds():
    """(icalendar.md I1, I3, U3, R2, R4, X4, E11)"""
    calendar = asked()
    said = the_event(calendar)

    assert calendar["METHOD"] == "REQUEST"
    assert (said["UID"], said["SEQUENCE"], said["DTSTAMP"]) == (VISIT.uid, "2", "20270901T120000Z")
    assert (said["LAST-MODIFIED"], said["STATUS"]) == ("20170912T143005Z", "CONFIRMED")
    assert said.parts == []
    assert not {"REQUEST-STATUS", "RECURRENCE-ID"} & set(said.names)
    feed = wire.component(b"BEGIN:VCALENDAR\r\n" + event(VISIT) + b"END:VCALENDAR\r\n").all(
        "VEVENT"
    )[0]
    own = {"DTSTAMP", "ORGANIZER", "ATTENDEE"}
    assert [line for line in said.lines if line[0] not in own] == [
        line for line in feed.lines if line[0] not in own
    ]
    assert [zone["TZID"] for zone in calendar.all("VTIMEZONE")] == ["Europe/Paris"]


def test_who_invites_and_the_one_guest_are_bare_addresses_with_quoted_names():
    """(icalendar.md I2, I4, I5, F8)"""
    said = the_event(asked())

    assert said.raw("ORGANIZER") == "mailto:replies+i7-0123456789abcdef@tours.example"
    assert said.parameters("ORGANIZER") == {"CN": "Tours: 'Provence'; 2027"}
    assert said.raw("ATTENDEE") == "mailto:zoe.o'brien+1@bluewave.example"
    assert said.parameters("ATTENDEE") == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Zoé Núñez, Head of Sales",
    }
    assert the_event(asked(wants_reply=False)).parameters("ATTENDEE")["RSVP"] == "FALSE"


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("a%b&c=d?e@x.example", "mailto:a%25b%26c%3Dd%3Fe@x.example"),
        ("plain.one_2-3@x.example", "mailto:plain.one_2-3@x.example"),
    ],
)
def test_an_address_is_a_uri_whatever_it_holds(address, uri):
    """(icalendar.md I2)"""
    assert Party(address).uri == uri
    calendar = wire.component(request(VISIT, TOURS, Party(address), AT, wants_reply=True))
    assert the_event(calendar).raw("ATTENDEE") == uri
    assert "CN" not in the_event(calendar).parameters("ATTENDEE")


@pytest.mark.parametrize(
    "address", ["Zoé <zoe@x.example>", "zoe", "zoé@x.example", "a b@x.example", ""]
)
def test_what_is_no_bare_address_is_refused(address):
    with pytest.raises(ValueError, match="mail address"):
        Party(address)


def test_a_session_that_is_off_says_so_and_what_it_was():
    """(icalendar.md I7, I8)"""
    calendar = taken_back(replace(VISIT, sequence=3), is_off=True)
    said = the_event(calendar)

    assert (calendar["METHOD"], said["STATUS"], said["SEQUENCE"]) == ("CANCEL", "CANCELLED", "3")
    assert said["UID"] == VISIT.uid
    assert said.raw("ORGANIZER") == the_event(asked()).raw("ORGANIZER")
    assert said["DTSTART"] == the_event(asked())["DTSTART"]
    assert said["DTEND"] == the_event(asked())["DTEND"]
    assert said["SUMMARY"] == f"CANCELLED: {VISIT.title}"
    assert said.parameters("ATTENDEE") == {"CN": "Zoé Núñez, Head of Sales"}
    assert said.parts == []


def test_a_guest_who_is_uninvited_alone_reads_no_state():
    """(icalendar.md I8)"""
    said = the_event(taken_back(is_off=False))

    assert "STATUS" not in said.names
    assert (said["SUMMARY"], said["TRANSP"]) == (VISIT.title, "OPAQUE")


def test_what_makes_no_invitation_is_refused():
    """(icalendar.md I1, I6)"""
    with pytest.raises(ValueError, match="off"):
        asked(replace(VISIT, cancelled=True))
    with pytest.raises(ValueError, match="guest"):
        request(VISIT, ZOE, replace(ZOE, email=ZOE.email.upper()), AT, wants_reply=True)
    with pytest.raises(ValueError, match="instant"):
        request(VISIT, TOURS, ZOE, AT.replace(tzinfo=None), wants_reply=True)


@UNHURRIED
@given(entries(), st.booleans(), ANYTHING)
def test_any_session_is_said_on_the_wire_and_another_reader_reads_it(entry, is_off, name):
    """The same octets each time (icalendar.md F1 to F8, R7, P10)."""
    entry = replace(entry, cancelled=False)
    guest = Party(ZOE.email, name)
    sent = request(entry, TOURS, guest, AT, wants_reply=False)
    off = cancel(entry, TOURS, guest, AT, is_off=is_off)

    assert request(entry, TOURS, guest, AT, wants_reply=False) == sent
    for octets, method in ((sent, REQUEST), (off, CANCEL)):
        strict = the_event(wire.component(octets))
        read = icalendar.Calendar.from_ical(octets)
        (found,) = read.walk("VEVENT")
        assert (read["METHOD"], str(found["UID"])) == (method, entry.uid)
        assert found["DTSTART"].dt.astimezone(UTC) == entry.starts.instant
        assert found["ATTENDEE"] == strict.raw("ATTENDEE")


@UNHURRIED
@given(entries())
def test_what_is_kept_is_the_same_session(entry):
    assert kept.entry(kept.facts(entry)) == entry


def answered() -> bytes:
    """What a program makes of a request."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Some//Program", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{VISIT.uid}", "SEQUENCE:2", "DTSTAMP:20270902T080000Z",
        "ORGANIZER:mailto:replies@tours.example",
        'ATTENDEE;CN="Zoé: N";PARTSTAT=ACCEPTED:mailto:ZOE@bluewave.example',
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()


def test_an_answer_is_read():
    found = reply.read(answered())

    assert found == reply.Reply(
        uid=VISIT.uid,
        sequence=2,
        stamped_at=datetime(2027, 9, 2, 8, 0, tzinfo=UTC),
        answers=(("zoe@bluewave.example", "ACCEPTED"),),
    )
    assert found.of("anybody@x.example") == "ACCEPTED"


def test_of_several_the_guest_answers():
    octets = answered().replace(
        b"END:VEVENT", b"ATTENDEE;PARTSTAT=DECLINED:MAILTO:tom@bluewave.example\r\nEND:VEVENT"
    )
    found = reply.read(octets)
    assert found is not None

    assert found.of("Tom@bluewave.example") == "DECLINED"
    assert found.of("eva@bluewave.example") is None


def test_folded_lines_and_bare_line_ends_are_read():
    octets = answered().replace(b"PARTSTAT=", b"PART\r\n STAT=").replace(b"\r\n", b"\n")
    found = reply.read(octets)

    assert found is not None
    assert found.answers == (("zoe@bluewave.example", "ACCEPTED"),)


def test_what_is_no_answer_says_nothing():
    two = answered().replace(
        b"END:VEVENT\r\n", b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\n"
    )
    for octets in (b"", b"\xff\xfe", answered().replace(b"REPLY", b"COUNTER"), two, asked_octets()):
        assert reply.read(octets) is None
    assert reply.read(answered().replace(b"T080000Z", b"T256199Z")).stamped_at is None


def asked_octets() -> bytes:
    return request(VISIT, TOURS, ZOE, AT, wants_reply=True)


@UNHURRIED
@given(st.binary(max_size=300), st.integers(0, 400))
def test_whatever_comes_is_read_without_an_error_and_noise_is_no_answer(octets, cut):
    assert reply.read(octets) is None
    whole = answered()
    reply.read(whole[: cut % len(whole)] + octets)
