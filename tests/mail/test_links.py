"""What stands in letters: links that change nothing when they are followed, nothing from outside.

Programs that look for harm follow every link of a mail before its reader does.
"""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa

from tests.mail.cases import CASES, NOON, make_company, make_tour
from tests.mail.test_letters import twins
from webapp import tokens
from webapp.db import Base, db
from webapp.mail.letters import LETTERS
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.feed import Feed
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration

ONE_OF_EACH = {case.partition("-")[0]: case for case in CASES}.values()
HOME = "https://tours.example.org"
# What a page of ours writes when it is read: that somebody came.
READ_MARKS = frozenset({"opened_at"})
LOADS = frozenset({"src", "srcset", "background", "poster", "data", "action", "formaction"})


class Page(HTMLParser):
    """The attributes of a page that hold addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:  # type: ignore[no-untyped-def]
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value)
            elif name in LOADS or name == "href":
                self.loads.append(value)


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables, but for the marks that reading leaves."""
    return {
        table.name: sorted(
            db.session.execute(
                sa.select(*(column for column in table.c if column.name not in READ_MARKS))
            ).all(),
            key=str,
        )
        for table in Base.metadata.sorted_tables
    }


def open_doors() -> None:
    """Let the keys of the cases, which are the same in every run, open what they are keys of."""
    models: tuple[Any, ...] = (Registration, Delegate, Feed, Draft, Prospect)
    for model in models:
        for thing in db.session.scalars(sa.select(model).where(model.token_sealed.is_not(None))):
            thing.token_digest = tokens.digest(thing.token_sealed.decode())
    db.session.commit()


def addresses_in(mail: Mail) -> set[str]:
    text, page = twins(mail)
    head = mail.message.decode("ascii", "replace").partition("\r\n\r\n")[0].replace("\r\n ", " ")
    found = re.findall(r"https?://[^\s<>\"]+", text) + re.findall(r"<(https?://[^>]+)>", head)
    return {link for link in (*found, *Page(page).links) if link.startswith("http")}


@pytest.fixture
def tour(session, app, monkeypatch, hold_clock):
    monkeypatch.setitem(app.config, "PUBLIC_URL", HOME)
    hold_clock(NOON)
    return make_tour()


@pytest.mark.parametrize("case", ONE_OF_EACH)
def test_whoever_follows_the_links_of_a_letter_changes_nothing(tour, client, case):
    mail = CASES[case](make_company(tour))
    open_doors()
    before = everything()
    ours = {link for link in addresses_in(mail) if link.startswith(HOME)}
    links = {link for link in ours if "the-link-of-each-reader" not in link}  # stands for all

    codes = {link: client.get(link.removeprefix(HOME)).status_code for link in sorted(links)}

    assert {link: code for link, code in codes.items() if code not in (200, 302, 308)} == {}
    assert everything() == before
    assert links or not LETTERS[mail.letter].holds_link


@pytest.mark.parametrize("case", CASES)
def test_a_letter_needs_nothing_from_outside_and_tells_nobody_that_it_was_read(tour, case):
    _text, page = twins(CASES[case](make_company(tour, "fr")))
    found = Page(page)

    assert found.loads == []
    assert "url(" not in page
    assert "@import" not in page
    assert [link for link in found.links if not link.startswith((HOME, "mailto:", "webcal:"))] == []
