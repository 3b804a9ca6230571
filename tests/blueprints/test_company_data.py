"""The coordinator's data, the company's answers, handing over, a new link."""

import pytest
from sqlalchemy import select

from tests.blueprints.forms import hidden
from tests.blueprints.test_company import company, page, post, text_of
from webapp.db import Words, transaction
from webapp.domain import answers, audits, questions
from webapp.domain.question_rules import QuestionValues
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Stage

DATA = {
    "coordinator_name": "Max Mustermann",
    "coordinator_phone": "(619) 555-0123",
    "language": "fr",
    "objectives": "Partners for wave energy",
}
EVE = {"name": "Eve Martin", "email": "eve@example.com", "language": "fr"}


def test_the_coordinators_data_is_changed_and_shown(client, session):
    registration = company(size=1)

    assert post(client, registration, "/data", DATA, "/data").status_code == 303

    assert registration.coordinator_phone == "+16195550123"
    text = page(client, f"/r/{registration.token}")
    assert "Max Mustermann" in text
    assert "Partners for wave energy" in text


@pytest.mark.parametrize(("field", "value"), [("coordinator_name", ""), ("objectives", "x" * 2001)])
def test_bad_data_is_told(client, session, field, value):
    registration = company(size=1)

    answer = post(client, registration, "/data", DATA | {field: value}, "/data")

    assert (answer.status_code, registration.coordinator_name) == (422, "Ana Coordinator")


def test_two_windows_do_not_overwrite_each_other(client, session):
    registration = company(size=1)
    here = f"/r/{registration.token}/data"
    kept = hidden(client, here)
    post(client, registration, "/data", DATA, "/data")

    answer = client.post(here, data=kept | DATA | {"objectives": "Something else"})

    assert answer.status_code == 422
    assert "Hopes for the tour is now: Partners for wave energy" in text_of(answer)
    assert "Something else" in answer.get_data(as_text=True)
    assert registration.objectives == "Partners for wave energy"


def ask_company(trip, required: bool = True) -> str:
    with transaction():
        values = QuestionValues(
            Stage.APPLY, Asked.COMPANY, AnswerKind.TEXT, Words(en="Sector"), required=required
        )
        return questions.add(trip, values, audits.SYSTEM).key


def test_the_tours_questions_are_answered_and_what_is_missing_is_said(client, session):
    registration = company(size=1)
    key = ask_company(registration.trip)
    text = page(client, f"/r/{registration.token}")
    assert "Missing: Sector" in text
    assert "Give 1 answer of your company that is missing" in text

    post(client, registration, "/answers", {f"q_{key}": "Wave energy"}, "/answers")

    assert list(answers.of_registration(registration).values()) == ["Wave energy"]
    text = page(client, f"/r/{registration.token}")
    assert "Sector Wave energy" in text
    assert "Missing" not in text


def test_an_answer_that_is_too_long_is_told_beside_its_field(client, session):
    registration = company(size=1)
    key = ask_company(registration.trip)

    answer = post(client, registration, "/answers", {f"q_{key}": "x" * 300}, "/answers")

    assert (answer.status_code, "200 characters at most" in text_of(answer)) == (422, True)
    assert answers.of_registration(registration) == {}


def test_handing_over_asks_first_and_then_ends_this_link(client, session):
    registration = company(size=1)
    old = registration.token

    asked = post(client, registration, "/hand-over", EVE, "/hand-over")
    assert "Hand over to Eve Martin?" in text_of(asked)
    assert registration.coordinator_name == "Ana Coordinator"

    answer = post(client, registration, "/hand-over", EVE | {"sure": "y"}, "/hand-over")

    assert (answer.status_code, answer.location) == (303, f"/trips/{registration.trip.slug}/")
    assert client.get(f"/r/{old}").status_code == 404
    assert "Eve Martin" in page(client, f"/r/{registration.token}")
    told = {mail.letter: mail.to_email for mail in session.scalars(select(Mail))}
    assert told["coordination_handed"] == "eve@example.com"
    assert "coordination_ended" in told


def test_a_wrong_address_to_hand_over_to_is_told(client, session):
    registration = company(size=1)
    form = EVE | {"email": "nobody", "sure": "y"}

    answer = post(client, registration, "/hand-over", form, "/hand-over")

    assert (answer.status_code, registration.coordinator_name) == (422, "Ana Coordinator")


def test_a_new_link_goes_to_the_coordinator_alone(client, session):
    registration = company(size=1)
    old = registration.token

    unsure = post(client, registration, "/link", {}, "/link")
    assert (unsure.status_code, registration.token) == (422, old)

    answer = post(client, registration, "/link", {"sure": "y"}, "/link")

    assert registration.token != old
    assert registration.token not in answer.get_data(as_text=True)
    assert client.get(f"/r/{old}").status_code == 404
    mails = select(Mail.to_email).where(Mail.letter == "coordination_handed")
    assert session.scalars(mails).all() == [registration.coordinator_email]
