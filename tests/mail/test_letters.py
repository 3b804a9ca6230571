"""Every letter as its reader reads it: the plain text of each, in each state and language, against
a file. `LETTERS=write pytest tests/mail/test_letters.py` writes the files anew; then read them.
"""

import email
import os
import re
from datetime import date
from email import policy
from html import unescape
from pathlib import Path

import pytest

from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_trip,
    publish,
    utc,
)
from webapp.db import Words, db
from webapp.domain import feeds, registrations
from webapp.i18n import LANGUAGES
from webapp.mail import letters
from webapp.models.basis import Basis
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState

FILES = Path(__file__).parent / "letters"
TEMPLATES = Path(__file__).parents[2] / "templates/mail"
DECIDED = ("accepted", "waitlisted", "declined", "cancelled")
STATES = {
    "registration_received": ("submitted", "waitlisted"),
    "registration_decided": DECIDED,
    "delegate_welcome": ("submitted", "waitlisted"),
    "delegate_status": DECIDED,
}
REASONS = {
    "waitlisted": {"en": "All forty places are taken.", "fr": "Les quarante places sont prises."},
    "declined": {
        "en": "This tour is for makers of sensors.",
        "fr": "Cette mission s'adresse aux fabricants de capteurs.",
    },
}
EVERY = [
    pytest.param(letter, state, language, id=f"{letter}-{state}-{language}")
    for letter, states in STATES.items()
    for state in states
    for language in LANGUAGES
]


@pytest.fixture
def company(session, app, monkeypatch, hold_clock):
    """A company of two on a tour, with links that are the same in every run."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://tours.example.org")
    hold_clock(utc(2027, 9, 1, 12, 0))
    trip = make_trip(
        slug="invest-in-provence-2027",
        title=Words(en="Invest in Provence", fr="Investir en Provence"),
        starts_on=date(2027, 10, 30),
        ends_on=date(2027, 11, 3),
    )
    make_item(trip)
    publish(trip)

    def made(state="submitted", language="en", **values):
        people = (
            delegate_data(given_name="Zoé", family_name="Núñez", email="zoe@bluewave.example",
                          job_title="Head of Sales", language=language),
            delegate_data(given_name="Tom", family_name="O'Brien", email="tom@bluewave.example",
                          job_title=None, language=language),
        )  # fmt: skip
        sent = application(
            delegates=people, language=language, organization_name="Blue Wave Sensors",
            coordinator_name="Ana Costa", coordinator_email="ana@bluewave.example", **values,
        )  # fmt: skip
        registration = registrations.record(trip, sent, RegistrationState(state))
        registration.reference = f"WAVE-{2345 + len(registrations.of_trip(trip)) - 1}"
        registration.token_sealed = b"the-link-of-the-company"
        registration.reason = REASONS.get(state, {}).get(language)
        for delegate in registration.delegates:
            delegate.token_sealed = f"the-link-of-{delegate.email[:3]}".encode()
            feeds.of_delegate(delegate).token_sealed = b"the-secret-of-the-feed"
        db.session.flush()
        return registration

    return made


def write(letter, registration):
    """The letter, to the coordinator or to the first delegate."""
    first = registration.delegates[0]
    match letter:
        case "delegate_welcome":
            feed = feeds.of_delegate(first)
            return letters.delegate_welcome(first, feed, feeds.delegate_file(first))
        case "delegate_status":
            return letters.delegate_status(first, feeds.of_delegate(first))
    return getattr(letters, letter)(registration)


def twins(mail: Mail) -> tuple[str, str]:
    """The plain text and the page of a letter."""
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    plain, page = (parsed.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return plain.replace("\r\n", "\n"), page.replace("\r\n", "\n")


def words(text: str) -> str:
    """What a text or a page says: without marks, every blank a plain one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(("letter", "state", "language"), EVERY)
def test_a_letter_reads_as_its_file(company, letter, state, language):
    mail = write(letter, company(state, language))
    text = f"Subject: {mail.subject}\n\n{twins(mail)[0]}"
    file = FILES / f"{letter}-{state}-{language}.txt"

    if os.environ.get("LETTERS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    assert text == file.read_text()


@pytest.mark.parametrize(("letter", "state", "language"), EVERY)
def test_the_page_of_a_letter_says_what_its_plain_twin_says(company, letter, state, language):
    """Each paragraph of the text stands in the page; a bare address is a link there."""
    text, page = twins(write(letter, company(state, language)))
    said = words(page[page.index("<body") :])
    lines = [words(re.sub(r"^ *\d+\. ", "", line)) for line in text.splitlines()]

    links = [line for line in lines if line.startswith("https://")]
    labels = [line for line in lines if line.endswith(":")]
    # Of "Tour: Invest in Provence" the page may say the name alone, at its foot.
    rest = [
        line.partition(": ")[2] or line for line in lines if line not in (*links, *labels, "--")
    ]
    assert [link for link in links if link not in page] == []
    assert [line for line in rest if line not in said] == []


def test_every_letter_and_every_file_is_looked_at_here():
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    functions = {
        name
        for name, value in vars(letters).items()
        if callable(value) and value.__module__ == letters.__name__ and not name.startswith("_")
    }

    assert folders == functions == set(STATES)
    assert {path.stem for path in FILES.glob("*.txt")} == {param.id for param in EVERY}
    for folder in folders:
        names = {path.name for path in (TEMPLATES / folder).iterdir()}
        assert names >= {"subject.txt", "body.txt", "body.html"}


def test_each_reader_s_own_language_decides(company):
    registration = company(language="fr")
    registration.delegates[0].language = "en"

    mails = [write("registration_received", registration), write("delegate_welcome", registration)]

    assert [mail.language for mail in mails] == ["fr", "en"]
    assert "Investir en Provence" in mails[0].subject
    assert "Invest in Provence" in mails[1].subject
    for mail in mails:
        assert f"Content-Language: {mail.language}\r\n".encode() in mail.message
        assert f'<html lang="{mail.language}"' in twins(mail)[1]


@pytest.mark.parametrize("letter", STATES)
@pytest.mark.parametrize("what", ["trip", "registration"])
def test_a_sample_is_said_to_be_one_in_both_twins(company, letter, what):
    real, sample = company("waitlisted"), company("waitlisted")
    before = write(letter, real)
    (sample if what == "registration" else sample.trip).basis = Basis.ILLUSTRATIVE

    after = write(letter, sample)

    assert ["Illustrative sample" in twin for twin in twins(before)] == [False, False]
    assert ["Illustrative sample" in twin for twin in twins(after)] == [True, True]


@pytest.mark.parametrize(("letter", "state", "language"), EVERY)
def test_a_letter_holds_its_reader_s_own_links_and_nobody_else_s(company, letter, state, language):
    mail = write(letter, company(state, language))
    keys = {
        key: any(key in twin for twin in twins(mail))
        for key in ("the-link-of-the-company", "the-link-of-zoe", "the-link-of-tom",
                    "the-secret-of-the-feed")
    }  # fmt: skip

    if letter.startswith("registration"):
        own = ["the-link-of-the-company"]
    elif state in ("declined", "cancelled"):
        own = ["the-link-of-zoe"]
    else:
        own = ["the-link-of-zoe", "the-secret-of-the-feed"]
    assert [key for key, found in keys.items() if found] == own
    assert "the-link" not in mail.subject
    assert "the-link" not in mail.key
