"""A delegate's own data: an invited colleague fills it in; what is sealed is theirs alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.blueprints.forms import hidden
from tests.blueprints.test_company import company, page, text_of
from tests.blueprints.test_company_delegates import ask_delegates
from webapp import clock
from webapp.db import transaction
from webapp.domain import answers, audits, delegates
from webapp.domain.registrations import DelegateData
from webapp.models.amendment import Amendment
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState

BY = audits.SYSTEM
IDA = {"given_name": "Ida", "family_name": "Roy", "phone": "", "job_title": "CEO", "language": "fr"}


def invited(**values) -> Delegate:
    registration = company(size=1, **values)
    with transaction():
        data = DelegateData("", "", "ida@example.com")
        return delegates.add(registration, data, BY, invited=True)


def post(client, delegate: Delegate, form: dict, path: str = "/data"):
    here = f"/d/{delegate.token}"
    return client.post(here + path, data=hidden(client, f"{here}/data") | form)


def test_an_invited_colleague_is_asked_and_fills_in_the_own_data(client, session):
    ida = invited()
    assert "Please fill in your data" in page(client, f"/d/{ida.token}")

    for _twice in range(2):
        assert post(client, ida, IDA).status_code == 303

    assert (ida.name, ida.language, ida.awaits_data) == ("Ida Roy", "fr", False)
    assert "Please fill in your data" not in page(client, f"/d/{ida.token}")
    welcomed = select(Mail.to_email).where(Mail.letter == "delegate_welcome")
    assert session.scalars(welcomed).all() == ["ida@example.com"]


def test_also_after_the_freeze_what_was_never_given_is_no_request(client, session):
    ida = invited(freezes_at=clock.now() + timedelta(hours=1))
    with transaction():
        ida.registration.trip.freezes_at = clock.now() - timedelta(hours=1)

    post(client, ida, IDA)

    assert (ida.name, session.scalars(select(Amendment)).all()) == ("Ida Roy", [])


def test_after_the_freeze_another_name_is_a_request_by_the_delegate(client, session):
    registration = company(size=1, freezes_at=clock.now() - timedelta(hours=1))
    ana = registration.delegates[0]
    form = IDA | {"family_name": ana.family_name, "phone": ana.phone, "note": "as in my passport"}

    post(client, ana, form)

    asked = session.scalars(select(Amendment)).one()
    assert (asked.asked_by, asked.note) == (ana.name, "as in my passport")
    assert asked.wanted == {"given_name": "Ida", "job_title": "CEO", "language": "fr"}
    assert ana.given_name == "Zoé"
    assert "What you asked the organizers for" in page(client, f"/d/{ana.token}")


def test_the_mail_address_is_not_the_delegates_to_change(client, session):
    ana = company(size=1).delegates[0]
    before = ana.email

    post(client, ana, IDA | {"email": "other@example.com"})

    assert (ana.given_name, ana.email) == ("Ida", before)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("given_name", "", "Please fill in this field."),
        ("phone", "🦀", "This is not a telephone number."),
        ("job_title", "x" * 201, "This is too long"),
    ],
)
def test_bad_data_is_told_and_kept(client, session, field, value, words):
    ana = company(size=1).delegates[0]

    answer = post(client, ana, IDA | {field: value})

    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert 'value="Roy"' in answer.get_data(as_text=True)


def test_sealed_answers_are_given_and_seen_by_the_delegate_alone(client, session):
    registration = company(size=1)
    shirt, diet = ask_delegates(registration.trip)
    ana = registration.delegates[0]

    post(client, ana, {f"q_{shirt}": "M", f"q_{diet}": "no nuts at all"}, "/answers")

    assert list(answers.of_delegate(ana, private=True).values()) == ["M", "no nuts at all"]
    assert "no nuts at all" in client.get(f"/d/{ana.token}/data").get_data(as_text=True)
    for path in ("", f"/delegates/{ana.id}"):
        html = client.get(f"/r/{registration.token}{path}").get_data(as_text=True)
        assert "no nuts" not in html
    told = [str((e.before, e.after)) for e in session.scalars(select(AuditEntry))]
    assert "no nuts" not in "".join(told)


def test_a_stale_answer_form_overwrites_nothing(client, session):
    registration = company(size=1)
    shirt, _diet = ask_delegates(registration.trip)
    ana = registration.delegates[0]
    here = f"/d/{ana.token}"
    kept = hidden(client, f"{here}/data")
    with transaction():
        answers.save(registration, ana, {shirt: "M"}, BY)

    answer = client.post(f"{here}/answers", data=kept | {f"q_{shirt}": "L"})

    assert answer.status_code == 422
    assert "Shirt size is now: M" in text_of(answer)
    assert 'value="L"' in answer.get_data(as_text=True)
    assert list(answers.of_delegate(ana, private=True).values()) == ["M"]


def test_one_who_waits_is_told_so(client, session):
    registration = company(size=1, max_delegates=1)
    with transaction():
        new = delegates.add(registration, DelegateData("Ida", "Roy", "ida@example.com"), BY)

    assert "you wait for a place" in page(client, f"/d/{new.token}")


def test_who_has_no_part_any_more_changes_nothing(client, session):
    registration = company(RegistrationState.DECLINED, size=1)
    ana = registration.delegates[0]

    answer = client.get(f"/d/{ana.token}/data")

    assert (answer.status_code, answer.location) == (303, f"/d/{ana.token}")


def test_one_who_left_finds_a_page_that_says_so(client, session):
    registration = company(size=2)
    ana = registration.delegates[0]
    with transaction():
        delegates.withdraw(ana, "", BY)

    assert client.get(f"/d/{ana.token}/data").status_code == 410
