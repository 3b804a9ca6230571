"""From a letter to a message: whatever people type, the headers are ours and the text is text."""

import email
import re
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import delegate_data, make_registration, make_trip, publish, utc
from tests.mail import posting
from webapp.db import Words
from webapp.domain import feeds
from webapp.mail import message, mime
from webapp.mail.message import Letter, one_line
from webapp.mail.mime import Attachment

NOON = utc(2027, 9, 1, 12, 0)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "Content-Type", "MIME-Version", "List-Id",
]  # fmt: skip
TEXTS = {
    "line ends": "Ana\r\nBcc: victim@example.com\r\n\r\nBuy now",
    "bare line feed": "Ana\nBcc: victim@example.com",
    "bare return": "Ana\rBcc: victim@example.com",
    "nul": "Ana\x00Ana",
    "unicode line ends": "Ana\u2028Bcc: victim@example.com\u2029\x85To: x@example.com",
    "folded": "Ana\r\n Bcc: victim@example.com",
    "quotes and commas": 'Núñez, "Zoé" (Ana) <victim@example.com>; x@example.com',
    "an address": "victim@example.com",
    "looks encoded": "=?utf-8?q?Ana=0ABcc=3A?= victim@example.com",
    "right to left": "\u202eevil\u202c \u05d6\u05d5\u05d4\u05d9",
    "emoji": "Zoé 👩🏽‍🚀🇫🇷",
    "combining": "Zo\u0065\u0301 N\u0303",
    "backslash": "Ana\\ \\\" O'Brien",
    "long": "Nuñez " * 1666,
    "long without blanks": "é" * 10_000,
    "long ascii": "x" * 10_000,
    "markup": "<script>alert(1)</script> & Söhne",
    "template": "{{ config }} {% include 'x' %} %(name)s %s",
}


def parse(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


def heads(content: bytes) -> dict[str, str]:
    """The headers unfolded and otherwise as they stand, each of which must stand once.

    Not by the policy of `parse`: in Python 3.11 it leaves blanks between encoded words.
    """
    found = email.message_from_bytes(content, policy=policy.compat32)
    assert sorted(found.keys()) == sorted(HEADERS)
    return {name: re.sub(r"\r?\n(?=[ \t])", "", found[name]) for name in HEADERS}


def decoded(raw: str) -> str:
    """What a header of encoded words says."""
    return str(make_header(decode_header(raw)))


def mailbox(raw: str) -> tuple[str, str]:
    """The name and the address of a header that holds just one."""
    [(name, address)] = getaddresses([raw])
    return decoded(name), address


def write(registration, name="registration_decided", **values) -> message.Written:
    context = {
        "registration": registration, "trip": registration.trip, "company_link": "https://x.org/r",
        "zone": "UTC", "told": {"state": "declined", "reason": registration.reason},
    }  # fmt: skip
    given = {
        "name": name, "key": "k", "to_email": "zoe@example.com", "to_name": "Zoé Núñez",
        "language": "en", "context": context,
    } | values  # fmt: skip
    return message.write(Letter(**given), NOON)


def welcome(registration) -> message.Written:
    """The letter with all that a letter can have, for the first delegate, as it is written."""
    return stored(posting.write("delegate_welcome", registration.delegates[0]))


def stored(mail) -> message.Written:
    return message.Written(mail.subject, mail.message_id, mail.message)


def shape(part) -> object:
    """The tree of the parts by their types."""
    if part.is_multipart():
        return (part.get_content_type(), *map(shape, part.iter_parts()))
    return part.get_content_type()


def plain(parsed: EmailMessage) -> str:
    return parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")


def page(parsed: EmailMessage) -> str:
    return parsed.get_body(("html",)).get_content()


@pytest.fixture
def registration(session):
    return make_registration(make_trip(), 1)


def test_a_letter_is_a_text_with_its_page_and_a_calendar_beside_them(registration):
    publish(registration.trip)

    parsed = parse(welcome(registration).content)

    assert shape(parsed) == (
        "multipart/mixed",
        ("multipart/alternative", "text/plain", "text/html"),
        "text/calendar",
    )
    [attachment] = parsed.iter_attachments()
    assert attachment["Content-Disposition"] == 'attachment; filename="sessions.ics"'
    assert attachment["Content-Transfer-Encoding"] == "base64"
    assert attachment.get_content_charset() == "utf-8"
    assert attachment.get_payload(decode=True) == feeds.delegate_file(registration.delegates[0])


def test_a_letter_without_files_is_a_text_with_its_page(registration):
    parsed = parse(write(registration).content)

    assert shape(parsed) == ("multipart/alternative", "text/plain", "text/html")
    assert [parsed.get_body((kind,)).get_content_charset() for kind in ("plain", "html")] == [
        "utf-8",
        "utf-8",
    ]


def test_a_file_of_any_octets_arrives_as_it_is(registration):
    octets = bytes(range(256)) * 10
    files = (
        Attachment("b\xe9ton \u2013 \u201cplan\u201d.bin", "application/octet-stream", octets),
        Attachment("text.csv", "text/csv", b"a;b\r\n\x00\xff"),
    )

    found = list(parse(write(registration, attachments=files).content).iter_attachments())

    assert [f.get_filename() for f in found] == [f.filename for f in files]
    assert [f.get_payload(decode=True) for f in found] == [f.content for f in files]


def test_the_headers_are_ours(registration):
    written = write(registration)

    found = heads(written.content)

    assert found["From"] == "Escale <tours@escale.example>"
    assert mailbox(found["To"]) == ("Zoé Núñez", "zoe@example.com")
    assert parse(written.content)["To"] == "Zoé Núñez <zoe@example.com>"
    assert decoded(found["Subject"]) == written.subject
    assert parsedate_to_datetime(found["Date"]) == NOON
    assert found["Message-ID"] == written.message_id
    assert written.message_id == message.message_id("k", "tours@escale.example")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Content-Language"] == "en"


def test_the_message_id_is_that_of_the_key_and_names_nobody(registration, app, monkeypatch):
    def ids():
        keys = ("k", "k", "l:ana@example.com")
        return [write(registration, key=key).message_id for key in keys]

    found = ids()
    monkeypatch.setattr(app, "secret_key", "another")
    others = ids()

    assert found[0] == found[1] != found[2]
    assert all(re.fullmatch(r"<[0-9a-f]{40}@escale\.example>", each) for each in found)
    assert not set(found) & set(others)  # who knows the key cannot work it out


def test_a_letter_that_may_be_refused_has_the_link_for_it_and_one_click_is_enough(registration):
    link = "https://tours.example/mail/stop/m21-4c0ad8912e38565142646dfc?topic=changes"
    content = write(registration, stop_link=link).content

    found = email.message_from_bytes(content, policy=policy.compat32)

    assert found["List-Unsubscribe"] == f"<{link}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sorted(found.keys()) == sorted([*HEADERS, "List-Unsubscribe", "List-Unsubscribe-Post"])
    assert link in plain(parse(content))  # in the letter too, where people look
    assert link in page(parse(content))


def test_the_letters_of_a_tour_are_a_list_of_their_own(registration):
    slug = registration.trip.slug

    assert heads(write(registration).content)["List-Id"] == f"<{slug}.tours.escale.example>"


@pytest.mark.parametrize(
    ("contact", "answers_to"),
    [
        ("provence@example.org", "provence@example.org"),
        (None, None),
        ("a@b.example, c@d.example", None),
        ("ada@example.org\r\nBcc: all@example.org", None),
        ("zoé@example.org", None),
    ],
)
def test_answers_go_to_the_organizers_of_the_tour(session, contact, answers_to):
    registration = make_registration(make_trip(contact_email=contact), 1)

    found = email.message_from_bytes(write(registration).content, policy=policy.compat32)
    assert (found["Reply-To"], found["Bcc"]) == (answers_to, None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("plan.pdf", "plan.pdf"),
        ("a\r\nBcc: x@example.com.pdf", "a Bcc: x@example.com.pdf"),
        ('a"; x="b.pdf', 'a"; x="b.pdf'),
        ("../../etc/passwd", ".. .. etc passwd"),
        ("", "file"),
        ("é" * 300 + ".pdf", "é" * 76 + ".pdf"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_a_file_s_name_is_a_name_and_nothing_else(registration, given, named):
    files = (Attachment(given, "application/pdf", b"x"),)

    content = write(registration, attachments=files).content

    [found] = parse(content).iter_attachments()
    assert found.get_filename() == named
    assert "Bcc" not in found
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("kind", ["text/html\r\nX: y", "nonsense", "", "a/b; name=x", "é/é"])
def test_a_file_of_a_kind_that_is_none_is_octets(registration, kind):
    content = write(registration, attachments=(Attachment("x", kind, b"\x00\xff"),)).content

    [found] = parse(content).iter_attachments()
    assert found.get_content_type() == "application/octet-stream"
    assert found.get_payload(decode=True) == b"\x00\xff"


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back_as_it_went(text):
    made = mime.body(text, text, [], "mark")

    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 78
    for part in parse(made).iter_parts():
        found = part.get_payload(decode=True).decode().replace("\r\n", "\n")
        assert found in (lines, lines + "\n")


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("tours@example.org", "Escale"),
        ("Tours & Cie <tours@example.org>", "Tours & Cie"),
        ('"Tours, Marseille" <tours@example.org>', "Tours, Marseille"),
        ('"Délégations, Marseille" <tours@example.org>', "Délégations, Marseille"),
    ],
)
def test_the_sender_is_the_setting_s(registration, app, monkeypatch, sender, name):
    monkeypatch.setitem(app.config, "MAIL_FROM", sender)

    found = heads(write(registration).content)

    assert mailbox(found["From"]) == (name, "tours@example.org")
    assert found["Message-ID"].endswith("@example.org>")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_name_cannot_add_a_header_or_a_recipient(registration, text):
    content = write(registration, to_name=text).content

    shown = one_line(text)[: message.MAX_NAME].strip()
    assert mailbox(heads(content)["To"]) == (shown, "zoe@example.com")
    assert [to.addr_spec for to in parse(content)["To"].addresses] == ["zoe@example.com"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_title_a_company_and_a_reason_stay_text_wherever_they_stand(registration, text):
    registration.trip.title = Words(en=text)
    registration.organization.name = text
    registration.reason = text

    written = write(registration)
    parsed = parse(written.content)

    assert decoded(heads(written.content)["Subject"]) == written.subject
    assert len(written.subject) <= message.MAX_SUBJECT
    assert one_line(text)[:60] in written.subject
    assert shape(parsed) == ("multipart/alternative", "text/plain", "text/html")
    assert one_line(text) in one_line(plain(parsed))
    assert "<script>" not in page(parsed)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_goes_over_the_wire_is_short_lines_of_seven_bits_with_crlf(registration, text):
    registration.trip.title = Words(en=text)
    registration.reason = text
    content = write(registration, to_name=text).content

    lines = content.split(b"\r\n")

    assert max(len(line) for line in lines) <= 998
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert content.isascii()
    assert b"\x00" not in content
    assert content.endswith(b"\r\n")


def test_markup_is_text_in_the_page_and_as_typed_in_the_plain_twin(session):
    bad = "<script>alert('x')</script> & <b>Söhne</b>"
    registration = make_registration(
        make_trip(title=Words(en=f"Tour {bad}")),
        delegates=(delegate_data(given_name=bad, family_name="", job_title=bad),),
        organization_name=bad,
        coordinator_name=bad,
    )
    registration.reason = bad
    made = [
        write(registration),
        welcome(registration),
        stored(posting.received(registration)),
        stored(
            posting.write(
                "delegate_status",
                registration.delegates[0],
                state="submitted",
                delegate_state="coming",
            )
        ),
    ]

    for written in made:
        parsed = parse(written.content)
        assert bad in plain(parsed)
        assert "<script" not in page(parsed)
        assert "<b>" not in page(parsed)
        assert "&lt;script&gt;" in page(parsed)
        assert "&amp;lt;" not in page(parsed)  # escaped once


def test_the_page_needs_nothing_from_elsewhere_and_says_its_language(registration):
    found = page(parse(write(registration, language="en").content))

    assert '<html lang="en"' in found
    assert re.findall(r"<(?:img|link|script|iframe|object|form)\b", found) == []
    assert re.findall(r"url\(|@import|\bon\w+=", found) == []
    assert 'style="' in found  # readers that drop <style> see the same letter


def test_a_plain_text_has_no_runs_of_blank_lines_and_a_foot_that_readers_cut(registration):
    text = plain(parse(write(registration).content))

    assert "\n\n\n" not in text
    assert text.count("\n-- \n") == 1
    assert text == text.strip() + "\n"


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120))
def test_any_name_and_any_subject_come_back_as_they_went(text):
    lines = [
        message.address_line("To", text, "zoe@example.com"),
        message.text_line("Subject", text),
    ]

    found = email.message_from_string("\r\n".join([*lines, "", ""]), policy=policy.compat32)

    assert found.keys() == ["To", "Subject"]
    assert found.defects == []
    unfolded = [re.sub(r"\r?\n(?=[ \t])", "", found[name]) for name in found]
    assert mailbox(unfolded[0]) == (one_line(text), "zoe@example.com")
    assert decoded(unfolded[1]) == one_line(text)
    assert max(len(line) for part in lines for line in part.split("\r\n")) <= 78


@pytest.mark.parametrize("text", ["x" * 180, "x " * 90, "é" * 180, "=?" * 90, "a,b;" * 45])
def test_a_header_is_folded_into_short_lines(text):
    subject = message.text_line("Subject", text).split("\r\n")
    to = message.address_line("To", text, "zoe@example.com").split("\r\n")

    assert max(map(len, subject)) <= 78
    assert max(map(len, to)) <= 998  # a name as it is stands on one line, and is no longer


@pytest.mark.parametrize(
    "text", ["Déjà vu", "é" * 500, "x" * 2000, "a \t\n.\nFrom x \n\n", "\ud800"]
)
def test_a_part_is_written_in_seven_bits_and_short_lines(text):
    made = mime.body(text, text, [], "mark")

    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 78
    for part in parse(made).iter_parts():
        found = part.get_content().replace("\r\n", "\n")
        assert found.rstrip("\n") == text.replace("\ud800", "?").rstrip("\n")


@given(st.text())
def test_one_line_is_one_line_whatever_it_was(text):
    found = one_line(text)

    assert len(found.splitlines()) <= 1
    assert found == found.strip()
    assert one_line(found) == found
