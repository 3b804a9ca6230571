"""An invitation as a mail: its parts and headers. (icalendar.md P1 to P9.)"""

import pytest

from tests.domain.test_invitations import BY, NOW, coming, item_of
from tests.factories import make_item, make_trip, publish
from tests.invited import calendar, deliver, letters, parsed, reconcile
from webapp.domain import agendas, invitations
from webapp.mail import mime
from webapp.mail.mime import Scheduling
from webapp.models.trip import Inviting


@pytest.fixture
def mails(session, app, monkeypatch, hold_clock):
    """An invitation and the letter that takes it back."""
    monkeypatch.setitem(app.config, "MAIL_REPLIES", "replies@escale.example")
    hold_clock(NOW)
    trip = make_trip(contact_email="tours@chamber.example")
    make_item(trip, place="Villa Noailles, à gauche")
    publish(trip)
    invitations.set_mode(trip, Inviting.ALL, BY, hold_minutes=0)
    coming(trip)
    reconcile(trip)
    deliver()
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    reconcile(trip)
    deliver()
    return letters()


def test_the_calendar_is_the_last_of_the_twins_and_a_file_beside_them(mails):
    """(icalendar.md P1, P2, P3, P4, P5)"""
    for mail, method in zip(mails, ("REQUEST", "CANCEL"), strict=True):
        message = parsed(mail)
        twins, file = message.iter_parts()
        plain, page, invite = twins.iter_parts()

        assert message.get_content_type() == "multipart/mixed"
        assert twins.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in (plain, page, invite)] == [
            "text/plain", "text/html", "text/calendar",
        ]  # fmt: skip
        assert dict(invite["Content-Type"].params) == {"charset": "utf-8", "method": method}
        assert invite["Content-Transfer-Encoding"] == "base64"
        assert invite["Content-Disposition"] is None
        assert f"METHOD:{method}\r\n".encode() in calendar(mail)
        assert file.get_content_type() == "application/ics"
        assert file.get_filename() == "invite.ics"
        assert file.get_payload(decode=True) == calendar(mail)


def test_it_comes_from_who_invites_and_goes_to_the_one_guest(mails):
    """(icalendar.md P6, P7, P9)"""
    assert len({parsed(mail)["Message-ID"] for mail in mails}) == 2
    for mail in mails:
        said = calendar(mail).decode().replace("\r\n ", "")
        (sender,) = parsed(mail)["From"].addresses
        (guest,) = parsed(mail)["To"].addresses
        assert f":mailto:{sender.addr_spec}\r\n" in said
        assert f":mailto:{guest.addr_spec}\r\n" in said
        assert said.count("ATTENDEE") == 1
        assert {parsed(mail)[name] for name in ("Cc", "Bcc")} == {None}


def test_the_plain_text_says_title_time_with_zone_place_and_a_link(mails):
    """(icalendar.md P8)"""
    for mail in mails:
        plain = parsed(mail).get_body(("plain",)).get_content()
        assert "Visit of the shipyard" in plain
        assert "Paris time, UTC+2" in plain
        assert "Villa Noailles, à gauche" in plain
        assert "http://" in plain


def test_every_line_of_a_message_is_short_and_ends_as_mail_does():
    body = mime.body("text", "<p>page</p>", (), "mark", Scheduling("REQUEST", b"BEGIN:X\r\n" * 99))

    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) < 80
