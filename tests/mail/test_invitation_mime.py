"""Mailed invitations as they leave, read by three parsers that have nothing in common: Python's,
one of other people in Rust, and our own strict one. (icalendar.md P1 to P9, X4.)
"""

import email
import email.utils
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import fast_mail_parser
import pytest
from flask import current_app

from tests.calendars import readers, wire
from tests.calendars.readers import KNOWS_ZONES_BY_NAME, disguised
from tests.factories import make_item, make_registration, make_trip, publish, utc
from tests.invited import calendar, deliver, letters, reconcile
from tests.mail import strict
from webapp.db import Words
from webapp.domain import agendas, audits, invitations, item_values
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState
from webapp.models.trip import Inviting

Tree = tuple[str, tuple[Any, ...]]
# The alternative first, with the calendar as its last; then the same octets as a file.
TREE: Tree = (
    "multipart/mixed",
    (
        (
            "multipart/alternative",
            (("text/plain", ()), ("text/html", ()), ("text/calendar", ())),
        ),
        ("application/ics", ()),
    ),
)
NOW = utc(2027, 9, 1, 12, 0)
TITLE = "Visite du chantier naval; « à l'heure », 漢字 🚢" * 3


@pytest.fixture
def sent(session, hold_clock) -> list[Mail]:
    """Three letters about one session: invited, moved, called off."""
    hold_clock(NOW)
    trip = make_trip()
    item = make_item(trip, title=Words(en=TITLE), place="Villa Méditerranée, Marseille")
    publish(trip)
    invitations.set_mode(trip, Inviting.ALL, audits.SYSTEM, hold_minutes=0)
    make_registration(trip, 1, RegistrationState.ACCEPTED)
    mails = told(trip)
    said = item_values.of(item)
    hour = timedelta(hours=1)
    moved = replace(said, starts_local=said.starts_local + hour, ends_local=said.ends_local + hour)
    agendas.change(item, moved, audits.SYSTEM, item.version)
    publish(trip)
    mails += told(trip)
    agendas.call_off(item, audits.SYSTEM)
    publish(trip)
    mails += told(trip)
    assert len(mails) == len(letters()) == 3
    return mails


def told(trip) -> list[Mail]:
    reconcile(trip)
    return deliver()


def python_tree(part: EmailMessage) -> Tree:
    return part.get_content_type(), tuple(python_tree(each) for each in part.iter_parts())


def rust_tree(part: fast_mail_parser.PyMimePart) -> Tree:
    return part.content_type, tuple(rust_tree(each) for each in part.children)


def strict_tree(part: strict.Entity) -> Tree:
    kind = part["Content-Type"].partition(";")[0]
    return kind, tuple(strict_tree(each) for each in part.parts)


def read(mail: Mail) -> EmailMessage:
    found = email.message_from_bytes(mail.message, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def leaves(mail: Mail) -> list[EmailMessage]:
    return [part for part in read(mail).walk() if not part.is_multipart()]


def test_p1_p5_three_parsers_see_the_same_tree_and_the_same_octets(sent):
    for mail in sent:
        rust, ours = fast_mail_parser.parse_email_tree(mail.message), strict.split(mail.message)
        assert python_tree(read(mail)) == rust_tree(rust) == strict_tree(ours) == TREE
        assert [part.defects for part in read(mail).walk()] == [[]] * 6
        ends = [part for part in fast_mail_parser.walk(rust) if not part.children]
        assert [bytes(part.content) for part in ends] == [
            part.get_payload(decode=True) for part in leaves(mail)
        ]


def test_p2_p3_p4_p5_the_calendar_is_the_last_twin_in_base64_and_the_file_has_the_same_octets(sent):
    methods = []
    for mail in sent:
        _text, _page, part, file = leaves(mail)
        said = wire.component(part.get_payload(decode=True))  # CRLF and all (F1 to F9)
        method = said["METHOD"]
        methods.append(method)
        as_written = strict.split(mail.message).leaves[2]["Content-Type"]
        assert as_written == f'text/calendar; charset="utf-8"; method={method}'
        assert part["Content-Transfer-Encoding"] == "base64"
        assert part["Content-Disposition"] is None
        assert file.get_payload(decode=True) == part.get_payload(decode=True)
        assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]


def test_p6_p7_i2_i4_i6_from_is_the_organizer_and_to_is_the_one_guest(sent):
    for mail in sent:
        message = read(mail)
        [event] = wire.component(calendar(mail)).all("VEVENT")
        [sender], [reader] = message["From"].addresses, message["To"].addresses
        assert event["ORGANIZER"] == f"mailto:{sender.addr_spec}"
        assert event["ATTENDEE"] == f"mailto:{reader.addr_spec}"  # once, or this raises
        assert event.parameters("ATTENDEE")["CN"] == reader.display_name
        assert sender.addr_spec != reader.addr_spec
        assert (message["Cc"], message["Bcc"]) == (None, None)


def test_p8_the_plain_text_says_title_time_with_zone_place_and_link(sent):
    for mail, start in zip(sent, ("9:00", "10:00", "10:00"), strict=True):
        text = leaves(mail)[0].get_content()
        flat = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
        assert " ".join(TITLE.split()) in flat
        assert f"{start} AM" in flat
        assert "Paris time, UTC+2" in flat
        assert "Villa Méditerranée, Marseille" in flat
        [event] = wire.component(calendar(mail)).all("VEVENT")
        links = [word for word in flat.split() if word.startswith(current_app.config["PUBLIC_URL"])]
        assert [event["UID"] in link for link in links] == [True]


def test_p9_each_letter_has_a_message_id_of_its_own(sent):
    found = [read(mail)["Message-ID"] for mail in sent]
    assert len(set(found)) == 3
    assert found == [mail.message_id for mail in sent]


def test_x4_i1_i7_a_mail_holds_nothing_that_mail_programs_may_stumble_over(sent):
    for mail in sent:
        said = wire.component(calendar(mail))
        assert {part.name for part in said.parts} == {"VTIMEZONE", "VEVENT"}
        [event] = said.all("VEVENT")
        assert event.parts == []  # no VALARM, PARTICIPANT, VLOCATION
        assert "REQUEST-STATUS" not in event.names
        assert {"NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "UID"} & set(said.names) == set()


def test_i3_i9_every_reader_understands_the_calendar_in_a_mail(sent):
    """One event, its UID, instants and place, as they were mailed; also by VTIMEZONE alone (Z1)."""
    for mail, hour in zip(sent, (7, 8, 8), strict=True):
        octets = calendar(mail)
        said = []
        with readers.everyone() as asked:
            for name, reader in asked.items():
                said.append(reader(octets))
                if name not in KNOWS_ZONES_BY_NAME:
                    said.append(reader(disguised(octets)))
        assert all(each == said[0] for each in said)
        [seen] = said[0]
        assert (seen.starts, seen.ends) == (
            utc(2027, 10, 26, hour, 0),
            utc(2027, 10, 26, hour + 1, 30),
        )
        assert seen.location == "Villa Méditerranée, Marseille"
