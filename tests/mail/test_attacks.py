"""What people type to make a letter say, or do, what we did not write: through the whole way, from
putting it to a server that took it, read by two parsers, one of which forgives nothing."""

import email
import html
import re
from email import policy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tasks import outbox as sending
from tests.factories import delegate_data, make_registration, make_trip
from tests.mail import strict
from tests.mail.sinks import Sink
from tests.mail.test_message import NOON, TEXTS, heads, mailbox
from webapp.db import Words, db, transaction
from webapp.domain import correspondence
from webapp.mail import message
from webapp.mail.message import one_line
from webapp.models.mail import Mail, MailState

# Turned around, "gro.elpmaxe" reads "example.org"; each has to end where the text ends.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ATTACKS = {name: text for name, text in TEXTS.items() if "\0" not in text} | {
    "a header after folding": "Ana\r\n\tBcc: victim@example.com\r\nX-Own: 1",
    "a whole message": "Ana\r\n\r\n--=_\r\nContent-Type: text/html\r\n\r\n<h1>Win</h1>",
    "the end of the message": "Ana\r\n.\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>",
    "overrides": f"Pay at {BIDI}gro.elpmaxe\u202e Ana",
    "marks of direction": "\u200fזוהי\u200e Ana \u061c",
    "control characters": "".join(map(chr, range(1, 32))) + "Ana\x7f\x80\x9f",
    "encoded words": "=?utf-8?b?QmNjOiB2aWN0aW1AZXhhbXBsZS5jb20=?= =?utf-8?q?=0D=0ABcc:_x?= Ana",
    "half of an encoded word": "=?utf-8?q?Ana",
    "a name with an address": '"Escale" <tours@escale.example>, <victim@example.com>',
    "a group": "undisclosed: victim@example.com, x@example.com;",
    "comment": "Ana (\\) <victim@example.com>",
    "dots": ".\r\n..\r\n...\r\n. Ana\r\n.",
    "ten thousand": "Ana " * 2500,
    "a page": "<img src=https://example.com/pixel><a href='javascript:alert(1)'>Ana</a><!--",
    "an entity": "&lt;script&gt; &#0; &amp;amp; Ana",
    "a link": "https://example.com/?a=1&b=2 Ana",
    "quoted-printable": "=3D=0D=0A= Ana =\r\n=",
    "private and unassigned": "\ue000\uf8ff\U000e0041\ufeff\ufffd Ana",
}
OURS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "List-Id", "MIME-Version", "Content-Type",
]  # fmt: skip
TAGS = {
    "a",
    "body",
    "br",
    "div",
    "footer",
    "h1",
    "head",
    "html",
    "main",
    "meta",
    "p",
    "style",
    "title",
}
TO = "zoe@example.com"


@pytest.fixture
def sent(app, monkeypatch):
    """`sent()` sends what waits; what the server took, by who reads it."""

    def send() -> dict[str, bytes]:
        sink = Sink()
        with sink.listening() as url:
            monkeypatch.setitem(app.config, "MAIL_URL", url)
            sending.send()
        db.session.commit()
        db.session.expire_all()
        assert len({taken.recipient for taken in sink.taken}) == len(sink.taken)
        return {taken.recipient: taken.content for taken in sink.taken}

    return send


def put(text: str) -> Mail:
    """A letter to a person of that name, of a company of that name, on a tour of that name, with a
    reason that says it too."""
    with transaction():
        registration = make_registration(
            make_trip(title=Words(en=text)),
            delegates=(delegate_data(given_name=text[:200], family_name=""),),
            organization_name=text[:200],
            coordinator_name=text[:200],
            coordinator_email=TO,
        )
        facts = {"state": "declined", "reason": text}
        assert correspondence.to_coordinator("registration_decided", registration, 0, **facts)
    return db.session.scalars(select(Mail)).one()


def shown(page: str) -> str:
    """What a page says, without its style."""
    body = re.sub(r"(?s)<(style|title)\b.*?</\1>", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


def flat(text: str) -> str:
    """Without blanks: parsers and wrapping differ in them."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_whatever_people_type_stays_text_from_the_form_to_the_reader(sent, text):
    mail = put(text)

    [(recipient, content)] = sent().items()

    assert recipient == TO
    found = strict.split(content)
    name = one_line(text[:200])
    assert found.names == OURS
    assert strict.mailbox(found["From"]) == ("Escale", "tours@escale.example")
    assert strict.mailbox(found["To"]) == (name, TO)
    assert strict.words(found["Subject"]) == mail.subject
    assert len(mail.subject) <= message.MAX_SUBJECT
    assert flat(name)[:60] in flat(mail.subject)
    twins = [part.text for part in found.leaves]
    assert [part["Content-Type"].partition(";")[0] for part in found.leaves] == [
        "text/plain",
        "text/html",
    ]
    assert flat(text) in flat(twins[0])
    assert flat(text) in flat(shown(twins[1])), twins[1]
    assert set(re.findall(r"<(\w+)", twins[1])) <= TAGS
    links = re.findall(r"\bhref=\"([^\"]*)", twins[1])
    assert {link.startswith(("http://127.0.0.1:8000/", "mailto:tours@")) for link in links} == {
        True
    }
    # Python's own reads the same in it.
    parsed = email.message_from_bytes(content, policy=policy.SMTP)
    assert mailbox(heads(content)["To"]) == (name, TO)
    assert [to.addr_spec for to in parsed["To"].addresses] == [TO]
    assert [
        parsed.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")
    ] == twins


@pytest.mark.parametrize("mark", BIDI, ids=lambda mark: f"U+{ord(mark):04X}")
def test_no_mark_turns_around_what_a_subject_or_a_name_says(sent, mark):
    """A mail program lists subjects and names with other words on the same line."""
    mail = put(f"Ana {mark}gro.elpmaxe")

    [content] = sent().values()

    found = strict.split(content)
    assert strict.mailbox(found["To"])[0] == "Ana gro.elpmaxe"
    assert mark not in mail.subject
    assert mark not in strict.words(found["Subject"])


GOOD_ADDRESSES = ('"a,b"@example.com', "o'brien+x@example.com")
ODD_ADDRESSES = ("a,b@example.com", "a..b@example.org")  # their own server may say what it thinks
BAD_ADDRESSES = (
    '"a b"@example.com',
    "zoé@example.com",
    "x@example.com, y@example.com",
    "<x@example.com>",
    "Ana <x@example.com>",
    "x@example.com (y)",
    "x@example.com>\r\nBcc: y@example.com",
    "x@example.com\r\nRCPT TO:<y@example.com>",
    "x@example.com\nDATA",
    "a b@example.com",
    "@example.com",
    "",
)


def tell(address: str) -> None:
    with transaction():
        assert correspondence.to_address("person_erased", make_trip(), address, "Ana", "en", 0)


def test_a_letter_goes_to_the_address_that_stands_in_its_row_or_to_nobody(sent):
    """Forms refuse most of these; whatever comes past them reaches nobody else."""
    for address in (*GOOD_ADDRESSES, *ODD_ADDRESSES, *BAD_ADDRESSES):
        tell(address)

    taken = sent()

    assert taken.keys() == {*GOOD_ADDRESSES, *ODD_ADDRESSES}
    for address in GOOD_ADDRESSES:
        assert strict.mailbox(strict.split(taken[address])["To"]) == ("Ana", address)
    states = {mail.to_email: mail.state for mail in db.session.scalars(select(Mail))}
    refused = {address for address, state in states.items() if state == MailState.FAILED}
    assert refused == set(BAD_ADDRESSES) - {"zoé@example.com"}
    assert states["zoé@example.com"] == MailState.WAITING  # it cannot be written, and fails later


@pytest.fixture
def registration(session):
    return make_registration(make_trip(), 1)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(*[st.text(max_size=60)] * 3)
def test_any_text_stays_text(registration, person, company, tour):
    registration.trip.title = Words(en=tour)
    registration.organization.name = company
    context = {
        "registration": registration, "trip": registration.trip, "company_link": "https://x.org/r",
        "zone": "UTC", "told": {"state": "declined", "reason": tour},
    }  # fmt: skip
    letter = message.Letter(
        name="registration_decided", key="k", to_email=TO, to_name=person, language="en",
        context=context,
    )  # fmt: skip

    found = strict.split(message.write(letter, NOON).content)

    assert found.names == OURS
    assert strict.mailbox(found["To"]) == (one_line(person), TO)
    subject = strict.words(found["Subject"])
    assert one_line(company) in subject
    assert one_line(tour) in subject
    plain, page = [part.text for part in found.leaves]
    assert flat(tour) in flat(plain)
    assert flat(tour) in flat(shown(page))
