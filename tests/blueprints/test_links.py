"""A lost link: the same answer for every address, and a letter only where there is a link."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.blueprints.forms import field_errors, hidden
from tests.factories import make_registration, make_trip
from webapp.blueprints.registrations import links
from webapp.db import transaction
from webapp.models.mail import Mail


def ask(client, email: str):
    return client.post("/links", data=hidden(client, "/links") | {"email": email})


def test_the_answer_does_not_tell_who_is_registered(client, session):
    with transaction():
        make_registration(make_trip(), coordinator_email="ana@example.com")

    answers = [ask(client, email) for email in ("ana@example.com", "nobody@example.com")]
    pages = [client.get("/links").get_data(as_text=True) for _ in answers]

    assert [(a.status_code, a.location) for a in answers] == [(303, "/links")] * 2
    assert "If we have links for this address, they are on their way to it." in pages[0]
    assert [m.to_email for m in session.scalars(select(Mail))] == ["ana@example.com"]


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com"])
def test_nor_does_the_time_that_it_takes(client, session, monkeypatch, email):
    waits: list[float] = []
    moments = iter([100.0, 100.04])
    clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=waits.append)
    with transaction():
        make_registration(make_trip(), coordinator_email="ana@example.com")
    monkeypatch.setattr(links, "time", clock)

    assert ask(client, email).status_code == 303
    assert waits == [pytest.approx(links.SHORTEST - 0.04)]


@pytest.mark.parametrize("email", ["", "x", "ana@example.com\nBcc: all@example.com", "é@é.fr"])
def test_what_is_no_address_is_told(client, session, email):
    answer = ask(client, email)

    assert answer.status_code == 422
    assert list(field_errors(answer.get_data(as_text=True))) == ["email"]
