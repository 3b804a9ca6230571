"""Every letter as its reader reads it: the plain text of each, in each state and language, against
a file. `LETTERS=write pytest tests/mail/test_letters.py` writes the files anew; then read them.
"""

import email
import os
import re
from email import policy
from html import unescape
from pathlib import Path

import pytest

from tests.mail import posting
from tests.mail.cases import CASES, KEYS, NOON, make_company, make_tour
from webapp.domain import opt_outs
from webapp.i18n import LANGUAGES
from webapp.mail.letters import LETTERS
from webapp.models.basis import Basis
from webapp.models.mail import Mail

FILES = Path(__file__).parent / "letters"
TEMPLATES = Path(__file__).parents[2] / "templates/mail"
COMPANY, ZOE, TOM, FEED, DRAFT, FORM = KEYS
OUT = ("declined", "cancelled", "lapsed")
OF_ADDRESS = {
    "links_sent": [COMPANY, ZOE],
    "draft_saved": [DRAFT],
    "prospect_asked": [FORM],
    "prospect_reminded": [FORM],
}
EVERY = [
    pytest.param(case, language, id=f"{case}-{language}")
    for case in CASES
    for language in LANGUAGES
]


@pytest.fixture
def tour(session, app, monkeypatch, hold_clock):
    """A tour whose addresses are the same in every run."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://tours.example.org")
    monkeypatch.setattr(opt_outs, "token", lambda _thing: "the-link-to-stop")
    hold_clock(NOON)
    return make_tour()


def twins(mail: Mail) -> tuple[str, str]:
    """The plain text and the page of a letter."""
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    plain, page = (parsed.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return plain.replace("\r\n", "\n"), page.replace("\r\n", "\n")


def words(text: str) -> str:
    """What a text or a page says: without marks, every blank a plain one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("case", CASES)
def test_a_letter_reads_as_its_file_in_both_twins_and_holds_its_reader_s_own_links(tour, case):
    for language in LANGUAGES:
        mail = CASES[case](make_company(tour, language))
        text, page = twins(mail)

        assert f"Subject: {mail.subject}\n\n{text}" == kept(case, language, mail, text)
        assert missing(text, page) == []
        assert keys_in(mail, text, page) == own_keys(case, mail)


def kept(case: str, language: str, mail: Mail, text: str) -> str:
    """What the file says; with LETTERS=write it is made to say what the letter says."""
    file = FILES / f"{case}-{language}.txt"
    if os.environ.get("LETTERS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"Subject: {mail.subject}\n\n{text}")
    return file.read_text()


def missing(text: str, page: str) -> list[str]:
    """What the text says and the page does not: each paragraph of the one stands in the other; a
    bare address is a link there."""
    said = words(page[page.index("<body") :])
    lines = [words(re.sub(r"^ *(?:\d+\.|-) ", "", line)) for line in text.splitlines()]
    links = [line for line in lines if line.startswith("https://")]
    labels = [line for line in lines if line.endswith(":")]
    # Of "Tour: Invest in Provence" the page may say the name alone, at its foot.
    rest = [
        line.partition(": ")[2] or line for line in lines if line not in (*links, *labels, "--")
    ]
    return [link for link in links if link not in page] + [
        line for line in rest if line not in said
    ]


def keys_in(mail: Mail, text: str, page: str) -> list[str]:
    """The keys that a letter holds; its head and its row must hold none."""
    assert not any(key in f"{mail.subject} {mail.key} {mail.facts}" for key in KEYS)
    return [key for key in KEYS if key in text or key in page]


def own_keys(case: str, mail: Mail) -> list[str]:
    """The keys of the one who reads it."""
    letter, _dash, state = case.partition("-")
    if not LETTERS[letter].holds_link:
        return []
    if letter in OF_ADDRESS:
        return OF_ADDRESS[letter]
    if mail.delegate_id is None:
        return [COMPANY]
    with_calendar = letter in ("bulletin", "delegate_welcome", "program") or (
        letter == "delegate_status" and state not in OUT
    )
    return [ZOE, FEED] if with_calendar else [ZOE]


def test_every_letter_and_every_file_is_looked_at_here():
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}

    assert folders == set(LETTERS) == {case.partition("-")[0] for case in CASES}
    assert {path.stem for path in FILES.glob("*.txt")} == {
        f"{case}-{language}" for case in CASES for language in LANGUAGES
    }
    for folder in folders:
        names = {path.name for path in (TEMPLATES / folder).iterdir()}
        assert names >= {"subject.txt", "_words.txt", "body.txt", "body.html"}


def test_each_reader_s_own_language_decides(tour):
    registration = make_company(tour, "fr")
    registration.delegates[0].language = "en"

    mails = [
        posting.received(registration),
        posting.write("delegate_welcome", registration.delegates[0]),
    ]

    assert [mail.language for mail in mails] == ["fr", "en"]
    assert "Investir en Provence" in mails[0].subject
    assert "Invest in Provence" in mails[1].subject
    for mail in mails:
        assert f"Content-Language: {mail.language}\r\n".encode() in mail.message
        assert f'<html lang="{mail.language}"' in twins(mail)[1]


@pytest.mark.parametrize(
    "case", ["registration_received-submitted", "delegate_left", "draft_saved", "person_erased"]
)
def test_a_sample_is_said_to_be_one_in_both_twins(tour, case):
    before = CASES[case](make_company(tour))
    tour.basis = Basis.ILLUSTRATIVE

    after = CASES[case](make_company(tour))

    assert ["Illustrative sample" in twin for twin in twins(before)] == [False, False]
    assert ["Illustrative sample" in twin for twin in twins(after)] == [True, True]


@pytest.mark.parametrize("case", ["registration_received-submitted", "delegate_left"])
def test_a_sample_company_on_a_real_tour_is_said_to_be_one(tour, case):
    registration = make_company(tour)
    registration.basis = Basis.ILLUSTRATIVE

    mail = CASES[case](registration)

    assert ["Illustrative sample" in twin for twin in twins(mail)] == [True, True]
