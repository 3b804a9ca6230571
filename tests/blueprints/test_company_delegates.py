"""A company's delegates on its page: added, invited, changed, replaced, withdrawn, from a sheet."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.blueprints.forms import hidden
from tests.blueprints.test_company import company, page, post, text_of, told
from tests.blueprints.test_register import hidden_of
from tests.factories import make_item, make_trip, publish
from webapp import clock
from webapp.db import Words, transaction
from webapp.domain import answers, audits, delegates, picks, questions, registrations
from webapp.domain.question_rules import QuestionValues
from webapp.domain.registrations import DelegateData
from webapp.models.agenda import Attendance
from webapp.models.amendment import Amendment
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Sensitivity, Stage
from webapp.models.registration import RegistrationState

BY = audits.SYSTEM
IDA = {
    "given_name": "Ida",
    "family_name": "Roy",
    "email": "ida@example.com",
    "phone": "",
    "job_title": "CEO",
    "language": "fr",
}


def frozen(**values):
    return company(freezes_at=clock.now() - timedelta(hours=1), **values)


def requests(session) -> list[tuple[str, dict]]:
    found = session.scalars(select(Amendment).order_by(Amendment.id))
    return [(each.kind.value, each.wanted) for each in found]


def letters(session, name: str) -> list[str]:
    return list(session.scalars(select(Mail.to_email).where(Mail.letter == name)))


def test_one_more_delegate_has_the_data_and_a_letter(client, session):
    registration = company(size=1)

    for _twice in range(2):
        answer = post(client, registration, "/delegates/new", IDA, "/delegates/new")
        assert answer.status_code == 303

    assert [d.given_name for d in registration.delegates] == ["Zoé", "Ida"]
    assert letters(session, "delegate_welcome") == ["ida@example.com"]


def test_without_a_place_the_new_one_waits_and_the_page_says_so_before_and_after(client, session):
    registration = company(max_delegates=2)
    assert "All places of the tour are taken." in page(
        client, f"/r/{registration.token}/delegates/new"
    )

    post(client, registration, "/delegates/new", IDA, "/delegates/new")

    assert registration.delegates[-1].state == DelegateState.WAITING
    assert "waits for a place" in told(client, registration)[0][1]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("given_name", "", "Please fill in this field."),
        ("email", "nobody", "This is not a mail address."),
        ("given_name", "x" * 201, "This is too long"),
        ("phone", "call me", "This is not a telephone number."),
        ("family_name", "www.evil.example", "Please leave web addresses out"),
        ("language", "xx", "Not a valid choice."),
    ],
)
def test_bad_data_is_told_and_kept(client, session, field, value, words):
    registration = company(size=1)
    form = IDA | {field: value}

    answer = post(client, registration, "/delegates/new", form, "/delegates/new")

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="CEO"' in answer.get_data(as_text=True)
    assert len(registration.delegates) == 1


def test_the_same_mail_address_twice_is_refused(client, session):
    registration = company(size=1)
    form = IDA | {"email": registration.delegates[0].email.upper()}

    answer = post(client, registration, "/delegates/new", form, "/delegates/new")

    assert (answer.status_code, len(registration.delegates)) == (422, 1)
    assert "has this mail address already" in text_of(answer)


def test_a_colleague_is_invited_by_mail_and_asked_again(client, session):
    registration = company(size=1)

    post(client, registration, "/delegates/invite", {"email": "ida@example.com", "language": "fr"},
         "/delegates/invite")  # fmt: skip

    ida = registration.delegates[-1]
    assert (ida.awaits_data, ida.language) == (True, "fr")
    post(client, registration, f"/delegates/{ida.id}/send")
    assert letters(session, "delegate_invited") == ["ida@example.com"] * 2


def test_a_link_is_sent_again_only_so_often(client, session):
    registration = company(size=1)
    ana = registration.delegates[0]
    for _each in range(registrations.MOST_LETTERS + 3):
        post(client, registration, f"/delegates/{ana.id}/send")

    assert len(letters(session, "delegate_welcome")) == registrations.MOST_LETTERS
    assert "several times today" in told(client, registration)[0][1]


def test_a_new_link_ends_the_old_one(client, session):
    registration = company(size=1)
    ana = registration.delegates[0]
    old = ana.token

    post(client, registration, f"/delegates/{ana.id}/link")

    assert client.get(f"/d/{old}").status_code == 404
    assert client.get(f"/d/{ana.token}").status_code == 200
    assert letters(session, "delegate_welcome") == [ana.email]


def at(delegate: Delegate, what: str = "") -> str:
    return f"/delegates/{delegate.id}{what}"


def test_data_is_changed_and_a_stale_form_overwrites_nothing(client, session):
    registration = company(size=1)
    ana = registration.delegates[0]
    here = f"/r/{registration.token}{at(ana)}"
    kept = hidden(client, here)
    form = {**IDA, "email": ana.email, "given_name": "Anna", "job_title": "Head of Sales",
            "phone": ana.phone, "family_name": ana.family_name, "language": "en"}  # fmt: skip
    with transaction():
        data = DelegateData("Zoé", ana.family_name, ana.email, ana.phone, "CFO", "en")
        delegates.edit(ana, data, BY)

    answer = client.post(here, data=kept | form)

    text = text_of(answer)
    assert (answer.status_code, ana.given_name, ana.job_title) == (422, "Zoé", "CFO")
    assert "Job title is now: CFO" in text
    html = answer.get_data(as_text=True)
    assert 'value="Anna"' in html
    assert 'value="CFO"' in html

    again = client.post(here, data=hidden_of(html) | form | {"job_title": "CFO"})
    assert (again.status_code, ana.given_name, ana.job_title) == (303, "Anna", "CFO")


def test_before_a_replacement_the_page_names_what_does_not_pass_on(client, session):
    with transaction():
        trip = make_trip()
        boat = make_item(trip, title=Words(en="Boat tour"), attendance=Attendance.OPTIONAL)
        publish(trip)
    registration = company(size=1, trip=trip)
    ana = registration.delegates[0]
    with transaction():
        picks.choose(ana, boat.uid, BY)
    old = ana.token
    text = page(client, f"/r/{registration.token}{at(ana, '/replace')}")
    assert "These choices do not pass on: Boat tour." in text
    assert "This cannot be undone." in text
    assert ana.state == DelegateState.COMING

    post(client, registration, at(ana, "/replace"), IDA, at(ana, "/replace"))

    assert [d.name for d in registration.delegates] == ["Ida Roy"]
    assert ana.state == DelegateState.REPLACED
    assert client.get(f"/d/{old}").status_code == 410
    assert letters(session, "delegate_replaced") == [ana.email]


def test_a_replacement_can_be_invited(client, session):
    registration = company(size=1)
    ana = registration.delegates[0]
    form = {"how": "invite", "email": "ida@example.com", "language": "fr"}

    post(client, registration, at(ana, "/replace"), form, at(ana, "/replace?how=invite"))

    assert [(d.email, d.awaits_data) for d in registration.delegates] == [("ida@example.com", True)]


def test_one_withdraws_with_a_reason_and_the_last_one_cannot(client, session):
    registration = company(size=2)
    ana, ben = registration.delegates

    post(client, registration, at(ana, "/withdraw"), {"note": "ill"}, at(ana, "/withdraw"))
    answer = post(client, registration, at(ben, "/withdraw"), {}, at(ben, "/withdraw"))

    assert [d.id for d in registration.delegates] == [ben.id]
    assert audits.of(ana)[0].reason == "ill"
    assert (answer.status_code, "your last delegate" in text_of(answer)) == (422, True)


def test_after_the_freeze_each_change_is_a_request_that_can_be_taken_back(client, session):
    registration = frozen(size=2)
    ana = registration.delegates[0]

    post(client, registration, "/delegates/new", IDA | {"note": "new boss"}, "/delegates/new")
    post(client, registration, at(ana, "/withdraw"), {"note": "ill"}, at(ana, "/withdraw"))

    assert [kind for kind, _wanted in requests(session)] == ["add", "withdraw"]
    assert len(registration.delegates) == 2
    text = page(client, f"/r/{registration.token}")
    assert "Ida Roy comes too" in text
    assert "You wrote: new boss" in text
    assert f"{ana.name} does not come" in text
    first = session.scalars(select(Amendment)).first()
    post(client, registration, f"/requests/{first.id}/take-back")
    assert first.state == "withdrawn"


def test_a_company_that_is_out_changes_nothing(client, session):
    registration = company(RegistrationState.CANCELLED, size=1)
    ana = registration.delegates[0]

    for path in ("/delegates/new", at(ana), at(ana, "/replace"), "/data", "/delegates/sheet"):
        answer = client.get(f"/r/{registration.token}{path}")
        assert (answer.status_code, answer.location) == (303, f"/r/{registration.token}")


def test_another_companys_delegate_is_not_found(client, session):
    registration, other = company(size=1), company(size=1)
    theirs = other.delegates[0]

    for path in ("", "/replace", "/withdraw"):
        assert client.get(f"/r/{registration.token}{at(theirs, path)}").status_code == 404


def ask_delegates(trip) -> tuple[str, str]:
    """A plain and a sealed question to each delegate; their keys."""

    def ask(label: str, sensitivity: Sensitivity) -> str:
        asked = Stage.APPLY, Asked.DELEGATE, AnswerKind.TEXT, Words(en=label)
        return questions.add(trip, QuestionValues(*asked, sensitivity=sensitivity), BY).key

    with transaction():
        return ask("Shirt size", Sensitivity.PLAIN), ask("Diet", Sensitivity.HEALTH)


def test_the_company_answers_for_a_delegate_but_never_sees_what_is_sealed(client, session):
    registration = company(size=1)
    shirt, diet = ask_delegates(registration.trip)
    ana = registration.delegates[0]
    text = page(client, f"/r/{registration.token}{at(ana)}")
    assert "Shirt size" in text
    assert "Diet" not in text

    form = {f"q_{shirt}": "M", f"q_{diet}": "forged"}
    assert post(client, registration, at(ana, "/answers"), form, at(ana)).status_code == 303

    assert list(answers.of_delegate(ana, private=True).values()) == ["M"]


SHEET = "First name\tLast name\tEmail\nIda\tRoy\tida@example.com\nOto\tKim\toto@example.com\n"


def test_a_pasted_sheet_is_tried_before_it_is_stored(client, session):
    registration = company(size=1, max_delegates=2)
    path = "/delegates/sheet"

    looked = post(client, registration, path, {"people": SHEET}, path)

    text = text_of(looked)
    assert looked.status_code == 200
    assert "1 person has a place." in text
    assert "1 person waits for a place." in text
    assert session.scalar(select(func.count()).select_from(Delegate)) == 1
    assert list(session.scalars(select(Mail))) == []

    for _twice in range(2):
        post(client, registration, path, {"people": SHEET, "confirm": "y"}, path)

    assert [(d.name, d.state.value) for d in registration.delegates[1:]] == [
        ("Ida Roy", "coming"),
        ("Oto Kim", "waiting"),
    ]


def test_faults_are_told_by_row_and_nothing_is_stored(client, session):
    registration = company(size=1)
    path, people = "/delegates/sheet", SHEET + "\tNo\tnobody\n"

    answer = post(client, registration, path, {"people": people, "confirm": "y"}, path)

    assert (answer.status_code, len(registration.delegates)) == (422, 1)
    assert "“nobody” is not a mail address." in text_of(answer)
    assert "Row 4" in text_of(answer)


def test_a_file_is_read_shown_and_confirmed_as_text(client, session):
    registration = company(size=1)
    path = "/delegates/sheet"
    data = SHEET.replace("\t", ",").encode()

    answer = post(client, registration, path, {"sheet": (io.BytesIO(data), "people.csv")}, path)

    html = answer.get_data(as_text=True)
    assert "ida@example.com" in html.partition("<textarea")[2].partition("</textarea>")[0]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("", "There is nothing in this sheet."),
        ("x" * 200_001, "This is too long"),
        ("\n".join(f"A,B,a{n}@example.com" for n in range(101)), "At most 100 people at once."),
        ("🦀", "No column is chosen for “Email”"),
    ],
)
def test_what_is_no_sheet_is_told(client, session, people, words):
    registration = company(size=1)
    path = "/delegates/sheet"

    answer = post(client, registration, path, {"people": people}, path)

    assert (answer.status_code, len(registration.delegates)) == (422, 1)
    assert words in text_of(answer)


def test_after_the_freeze_a_sheet_makes_requests(client, session):
    registration = frozen(size=1)
    path = "/delegates/sheet"

    post(client, registration, path, {"people": SHEET, "confirm": "y"}, path)

    assert [kind for kind, _wanted in requests(session)] == ["add", "add"]
    assert len(registration.delegates) == 1


def test_an_empty_sheet_can_be_fetched(client, session):
    answer = client.get(f"/r/{company(size=1).token}/delegates/sheet.xlsx")

    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
