"""What a company and its people have not given yet, by when, and the letter that says so."""

from datetime import timedelta

import pytest

from tests.factories import (
    delegate_data,
    make_question,
    make_registration,
    make_trip,
    utc,
)
from webapp import clock
from webapp.domain import answers, audits, correspondence, delegates, form_fields, missing
from webapp.domain.missing import Lack, LackKind
from webapp.i18n import speaking
from webapp.models.delegate import DelegateState
from webapp.models.document import Document
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Sensitivity, Stage
from webapp.models.registration import RegistrationState

BY = audits.SYSTEM
ACCEPTED = RegistrationState.ACCEPTED
DUE, FROZEN = utc(2027, 9, 1, 22), utc(2027, 10, 1, 22)


@pytest.fixture
def trip(session):
    """A tour that asks for something at each stage, of the company and of each delegate."""
    trip = make_trip(details_due_at=DUE, freezes_at=FROZEN)
    for stage in Stage:
        for asked in Asked:
            key = f"{stage}_{asked}"
            make_question(trip, key, stage=stage, asked=asked, required=True)
            make_question(trip, f"{key}_not", stage=stage, asked=asked)
    return trip


def lacks(found: list[Lack]) -> list[tuple]:
    return [(lack.kind, missing.text(lack), lack.due_at) for lack in found]


def test_travel_details_are_due_once_the_company_is_accepted(trip):
    waits, comes = make_registration(trip), make_registration(trip, state=ACCEPTED)

    early, late = missing.of(waits), missing.of(comes)

    company = (LackKind.QUESTION, "The apply_company?", FROZEN)
    person = (LackKind.QUESTION, "The apply_delegate?", FROZEN)
    assert lacks(early.company) == [company]
    assert {each: lacks(found) for each, found in early.delegates.items()} == {
        waits.delegates[0].id: [person]
    }
    assert lacks(late.company) == [company, (LackKind.QUESTION, "The travel_company?", DUE)]
    assert lacks(late.delegates[comes.delegates[0].id]) == [
        person,
        (LackKind.QUESTION, "The travel_delegate?", DUE),
    ]
    assert (early.total, late.total) == (2, 4)


def test_nothing_is_missing_once_it_was_answered(trip):
    registration = make_registration(trip, state=ACCEPTED)
    person = registration.delegates[0]
    answers.save(registration, None, {"apply_company": "x", "travel_company": "x"}, BY)
    answers.save(registration, person, {"apply_delegate": "x", "travel_delegate": "x"}, BY)

    assert not missing.of(registration)
    assert missing.of_trip(trip) == []
    assert missing.counts(trip) == {registration.id: 0}


def test_of_somebody_who_waits_travel_details_are_not_asked_and_nothing_of_who_left(trip):
    registration = make_registration(trip, 3, state=ACCEPTED)
    one, two, three = registration.delegates
    delegates.withdraw(three, "", BY)
    two.become(DelegateState.WAITING)
    two.queued_at = clock.now()

    found = missing.of(registration).delegates

    assert {each: [lack.stage for lack in said] for each, said in found.items()} == {
        one.id: [Stage.APPLY, Stage.TRAVEL],
        two.id: [Stage.APPLY],
    }


@pytest.mark.parametrize("state", ["declined", "cancelled", "lapsed"])
def test_nothing_is_missing_of_who_is_out(trip, session, state):
    registration = make_registration(trip)
    registration.state = RegistrationState(state)
    session.flush()

    assert not missing.of(registration)
    assert missing.counts(trip) == {}


def test_a_question_that_is_not_asked_is_not_missing(session):
    trip = make_trip()
    hotel = make_question(
        trip, "hotel", kind=AnswerKind.CHOICE, options=["a", "b"], sensitivity=Sensitivity.HEALTH
    )
    make_question(trip, "room", after=(hotel, ["b"]), required=True)
    registration = make_registration(trip)
    person = registration.delegates[0]

    assert not missing.of(registration)
    answers.save(registration, person, {"hotel": "a"}, BY)
    assert not missing.of(registration)
    answers.save(registration, person, {"hotel": "b"}, BY)
    assert [lack.label["en"] for lack in missing.of(registration).every] == ["The room?"]


def test_a_document_is_missing_until_it_is_sent(session):
    trip = make_trip()
    visa = make_question(trip, "visa", kind=AnswerKind.DOCUMENT, required=True)
    registration = make_registration(trip)
    (lack,) = missing.of(registration).every
    assert (lack.kind, lack.question_id, lack.due_at) == (LackKind.DOCUMENT, visa.id, None)

    session.add(
        Document(
            registration_id=registration.id,
            delegate_id=registration.delegates[0].id,
            question_id=visa.id,
            filename="visa.pdf",
            media_type="application/pdf",
            size=1,
            sha256="1",
            storage_key="visa",
            uploaded_at=clock.now(),
        )
    )
    session.flush()
    assert not missing.of(registration)


def test_an_invited_colleague_lacks_names_or_the_own_data(session):
    trip = make_trip(freezes_at=FROZEN)
    registration = make_registration(trip)
    nameless = delegates.invite(registration, "a@example.com", "en", BY)
    named = delegates.invite(registration, "b@example.com", "en", BY)
    named.given_name, named.family_name = "Li", "Wei"

    found = missing.of(registration).delegates

    assert {each: lacks(said) for each, said in found.items()} == {
        nameless.id: [(LackKind.NAME, "First and last name", FROZEN)],
        named.id: [(LackKind.DATA, "Own data and answers", FROZEN)],
    }
    delegates.fill(nameless, delegate_data(email="a@example.com"), BY)
    assert list(missing.of(registration).delegates) == [named.id]


def test_standard_fields_are_missing_where_the_form_requires_them(session):
    trip = make_trip()
    registration = make_registration(trip, website=None, coordinator_phone=None)
    delegates.edit(registration.delegates[0], delegate_data(phone=None, job_title=None), BY)
    assert not missing.of(registration)

    form_fields.set_form(trip, dict.fromkeys(form_fields.FIELDS, "required"), None, BY)
    found = missing.of(registration)

    assert [(lack.kind, lack.field) for lack in found.company] == [
        (LackKind.DATA, "website"),
        (LackKind.PHONE, "coordinator_phone"),
        (LackKind.DATA, "objectives"),
    ]
    assert [(lack.kind, lack.field) for lack in found.every[3:]] == [
        (LackKind.PHONE, "phone"),
        (LackKind.DATA, "job_title"),
    ]
    with speaking("fr"):
        assert "" not in [missing.text(lack) for lack in found.every]


def test_the_whole_tour_takes_as_many_statements_as_one_company(trip, session, statements):
    numbers = []
    for more in (1, 6):
        for _number in range(more):
            make_registration(trip, 3, state=ACCEPTED)
        session.flush()
        session.expire_all()
        with statements() as sent:
            found = missing.counts(trip)
        numbers.append((len(found), set(found.values()), len(sent)))
        session.expire_all()
        with statements() as sent:
            everybody = missing.of_trip(trip)
        assert len(everybody) == len(found)

    assert [each[:2] for each in numbers] == [(1, {8}), (7, {8})]
    assert numbers[0][2] == numbers[1][2]


def test_each_is_written_to_about_the_own_and_nobody_twice_within_a_day(trip, session, hold_clock):
    now = clock.now()
    hold_clock(now)
    lacking = make_registration(trip, 2, state=ACCEPTED)
    complete = make_registration(trip)
    answers.save(complete, None, {"apply_company": "x"}, BY)
    answers.save(complete, complete.delegates[0], {"apply_delegate": "x"}, BY)
    one, two = lacking.delegates
    answers.save(lacking, two, {"apply_delegate": "x", "travel_delegate": "x"}, BY)

    def letters() -> list[tuple]:
        rows = session.query(Mail).filter_by(letter="details_wanted").order_by(Mail.id)
        return [(row.registration_id, row.delegate_id, row.to_email) for row in rows]

    to_company = (lacking.id, None, lacking.coordinator_email)
    to_one = (lacking.id, one.id, one.email)
    assert missing.chase(trip, BY) == 2
    assert letters() == [to_company, to_one]
    hold_clock(now + timedelta(hours=23))
    assert missing.chase(trip, BY) == 0
    answers.save(lacking, two, {"travel_delegate": None}, BY)
    assert missing.chase(trip, BY) == 1
    hold_clock(now + timedelta(hours=25))
    assert missing.chase(trip, BY) == 2
    assert letters() == [to_company, to_one, (lacking.id, two.id, two.email), to_company, to_one]
    chased = [entry.after for entry in audits.of(trip) if entry.action == "chase"]
    assert chased == [{"letters": 2}, {"letters": 1}, {"letters": 2}]


def test_the_letter_names_what_is_missing_in_the_readers_language_and_until_when(trip, session):
    registration = make_registration(trip, state=ACCEPTED, language="fr")
    delegates.invite(registration, "li@example.com", "en", BY)
    answers.save(registration, None, {"apply_company": "x", "travel_company": "x"}, BY)

    missing.chase(trip, BY)

    rows = session.query(Mail).filter_by(letter="details_wanted").order_by(Mail.id).all()
    coordinator, *people = [row.facts for row in rows]
    assert [each["who"] for each in coordinator["lacks"]] == ["li@example.com"]
    assert coordinator["stage"] == "apply"
    assert [each["label"] for each in people[0]["lacks"]] == [
        "The apply_delegate?",
        "The travel_delegate?",
    ]
    assert people[0]["stage"] == "travel"
    assert people[0]["due_at"] == DUE.isoformat()
    assert len(people) == 2


def test_the_letter_is_written(trip, session):
    registration = make_registration(trip, state=ACCEPTED)
    missing.chase(trip, BY)

    correspondence.write_due(50)

    rows = session.query(Mail).filter_by(letter="details_wanted").all()
    assert [row.message is not None for row in rows] == [True, True]
    texts = [row.message.decode() for row in rows]
    assert ["The travel_company?" in text for text in texts] == [True, False]
    assert ["The travel_delegate?" in text for text in texts] == [False, True]
    assert registration.state == ACCEPTED
