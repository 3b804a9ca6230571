"""Answers: kept by kind, refused by name, conditional; the sensitive ones nowhere but sealed."""

import json
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_question, make_registration, make_trip
from webapp.db import Base, Words
from webapp.domain import (
    answer_values,
    answers,
    audits,
    countries,
    delegates,
    missing,
    questions,
)
from webapp.domain.answer_values import AnswersRefused, Asking, Why
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.question import (
    Answer,
    AnswerKind,
    Asked,
    PrivateAnswer,
    Sensitivity,
    Stage,
)
from webapp.models.registration import Registration, RegistrationState

BY = audits.SYSTEM
KINDS = [kind for kind in AnswerKind if kind != AnswerKind.DOCUMENT]
OPTIONS = ["a", "b", "c"]
# What a field could send: no unprintable characters, which the forms take out.
PLAIN = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)
GOOD = {
    AnswerKind.TEXT: PLAIN.map(lambda text: text[:200]),
    AnswerKind.LONG_TEXT: st.lists(PLAIN, min_size=1).map(lambda lines: "\n".join(lines)[:4000]),
    AnswerKind.YES_NO: st.booleans(),
    AnswerKind.CHOICE: st.sampled_from(OPTIONS),
    AnswerKind.CHOICES: st.sets(st.sampled_from(OPTIONS), min_size=1).map(sorted),
    AnswerKind.NUMBER: st.integers(-(10**12) + 1, 10**12 - 1)
    | st.integers(-(10**9), 10**9).map(lambda number: number / 10000),
    AnswerKind.DATE: st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat),
    AnswerKind.COUNTRY: st.sampled_from(sorted(countries.codes())),
}
JUNK: dict[AnswerKind, list] = {
    AnswerKind.TEXT: [5, True, ["a"], {"a": 1}, "nul\x00", "turn\u202e", "\ud800", "x" * 201],
    AnswerKind.LONG_TEXT: [5, ["a"], "bell\x07", "x" * 4001],
    AnswerKind.YES_NO: ["yes", 1, 0, [True], "maybe"],
    AnswerKind.CHOICE: ["d", "A", 1, ["a"], True],
    AnswerKind.CHOICES: ["a", ["a", "d"], [1], {"a": 1}, [["a"]]],
    AnswerKind.NUMBER: ["5", True, 10**12, -(10**12), 0.00001, float("nan"), float("inf"), [1]],
    AnswerKind.DATE: [
        "2027-02-29", "27-10-30", "1899-12-31", "2200-01-01", "2027-10-30T10:00", "٢٠٢٧-١٠-٣٠",
        20271030, "tomorrow",
    ],
    AnswerKind.COUNTRY: ["XX", "fr", "France", "EU", 33, ["FR"]],
    AnswerKind.DOCUMENT: [7, "passport.pdf"],
}  # fmt: skip


def question(kind: AnswerKind) -> Asking:
    """A question of that kind, which no tour asks."""
    options = tuple({"value": each, "label": {"en": each.upper()}} for each in OPTIONS)
    return Asking(
        1, "it", Stage.APPLY, Asked.DELEGATE, kind, Words(en="What is it?"), options=options
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), GOOD[kind])))
def test_what_is_kept_is_what_was_said_and_keeping_it_again_changes_nothing(pair):
    kind, value = pair
    kept = answer_values.normal(question(kind), value)

    if isinstance(value, str):
        assert kept == value.strip()
    else:
        assert kept == value
    assert answer_values.normal(question(kind), kept) == kept
    assert json.loads(json.dumps(kept)) == kept


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in JUNK.items() for value in values]
)
def test_junk_is_refused_by_the_name_of_its_question(kind, value):
    with pytest.raises(AnswersRefused) as refused:
        answer_values.normal(question(kind), value)

    (fault,) = refused.value.faults
    assert (fault.key, fault.label) == ("it", {"en": "What is it?"})
    assert str(refused.value) == f"it: {fault.why}"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(AnswerKind),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
        max_leaves=5,
    ),
)
def test_whatever_is_sent_is_kept_or_refused_and_nothing_else(kind, value):
    try:
        kept = answer_values.normal(question(kind), value)
    except AnswersRefused:
        return
    assert answer_values.normal(question(kind), kept) == kept
    json.dumps(kept, allow_nan=False)


def test_blanks_are_no_answer():
    for value in (None, "", "  ", "\n", [], ()):
        for kind in AnswerKind:
            assert answer_values.normal(question(kind), value) is None


@pytest.fixture
def asked(session) -> tuple[Registration, Delegate]:
    """A company of one person, whom a tour asks a question of each kind, plain and sealed."""
    trip = make_trip()
    for kind in KINDS:
        options = OPTIONS if "choice" in kind else []
        make_question(trip, f"open_{kind}", kind=kind, options=options)
        make_question(
            trip, f"sealed_{kind}", kind=kind, options=options, sensitivity=Sensitivity.HEALTH
        )
        make_question(trip, f"firm_{kind}", kind=kind, options=options, asked=Asked.COMPANY)
    registration = make_registration(trip)
    return registration, registration.delegates[0]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.fixed_dictionaries({kind: st.none() | GOOD[kind] for kind in KINDS}))
def test_whatever_was_saved_reads_back_equal(asked, session, said):
    registration, person = asked
    wanted = {kind: answer_values.normal(question(kind), value) for kind, value in said.items()}
    mine = {f"{how}_{kind}": said[kind] for how in ("open", "sealed") for kind in KINDS}

    answers.save(registration, person, mine, BY)
    answers.save(registration, None, {f"firm_{kind}": said[kind] for kind in KINDS}, BY)
    session.expire_all()

    by_id = {each.id: each.key for each in questions.of(registration.trip)}
    own = answers.of_delegate(person, private=True)
    assert {by_id[each]: value for each, value in own.items()} == {
        f"{how}_{kind}": value
        for how in ("open", "sealed")
        for kind, value in wanted.items()
        if value is not None
    }
    plain = answers.of_delegate(person, private=False)
    assert {by_id[each].split("_")[0] for each in plain} <= {"open"}
    firm = answers.of_registration(registration)
    assert {by_id[each]: value for each, value in firm.items()} == {
        f"firm_{kind}": value for kind, value in wanted.items() if value is not None
    }


def test_all_that_is_wrong_is_said_at_once_and_then_nothing_is_kept(asked):
    registration, person = asked
    wrong = {"open_number": "many", "sealed_date": "soon", "open_text": "good", "who": "me"}

    with pytest.raises(AnswersRefused) as refused:
        answers.save(registration, person, wrong, BY)

    assert {(each.key, each.why, each.delegate_id) for each in refused.value.faults} == {
        ("open_number", Why.NUMBER, person.id),
        ("sealed_date", Why.DATE, person.id),
        ("who", Why.UNKNOWN, person.id),
    }
    assert answers.of_delegate(person, private=True) == {}


def test_a_company_answers_no_delegates_question_and_a_delegate_none_of_the_company(asked):
    registration, person = asked

    for whose, key in ((None, "open_text"), (person, "firm_text")):
        with pytest.raises(AnswersRefused) as refused:
            answers.save(registration, whose, {key: "x"}, BY)
        assert [each.why for each in refused.value.faults] == [Why.UNKNOWN]


def test_a_key_left_out_leaves_its_answer_and_none_takes_it_back(asked):
    registration, person = asked
    answers.save(registration, person, {"open_text": "one", "open_number": 0}, BY)

    changed = answers.save(registration, person, {"open_text": "two"}, BY)
    assert changed == ["open_text"]
    assert sorted(map(str, answers.of_delegate(person, private=False).values())) == ["0", "two"]
    assert answers.save(registration, person, {"open_text": "two"}, BY) == []
    assert answers.save(registration, person, {"open_text": " "}, BY) == ["open_text"]
    assert list(answers.of_delegate(person, private=False).values()) == [0]


def test_what_is_required_is_asked_for_only_when_it_must_be_complete(session):
    trip = make_trip()
    make_question(trip, "must", required=True)
    make_question(trip, "later", required=True, stage=Stage.TRAVEL)
    make_question(trip, "may")
    registration = make_registration(trip)
    person = registration.delegates[0]

    answers.save(registration, person, {"may": "x"}, BY)
    for stage, key in ((Stage.APPLY, "must"), (Stage.TRAVEL, "later")):
        with pytest.raises(AnswersRefused) as refused:
            answers.save(registration, person, {}, BY, complete=True, stage=stage)
        assert [(each.key, each.why) for each in refused.value.faults] == [(key, Why.MISSING)]
    answers.save(registration, person, {"must": "x"}, BY, complete=True)
    answers.save(registration, person, {}, BY, complete=True)  # it was answered before
    with pytest.raises(AnswersRefused):
        answers.save(registration, person, {"must": None}, BY, complete=True)


def test_what_is_not_asked_is_dropped_however_wrong_and_whatever_hangs_on_it(session):
    trip = make_trip()
    hotel = make_question(trip, "hotel", kind=AnswerKind.YES_NO)
    floor = make_question(
        trip, "floor", kind=AnswerKind.CHOICE, options=["low", "high"], after=(hotel, ["yes"])
    )
    view = make_question(trip, "view", after=(floor, ["high"]), required=True)
    registration = make_registration(trip)
    person = registration.delegates[0]

    answers.save(
        registration, person, {"hotel": False, "floor": 9, "view": "sea"}, BY, complete=True
    )
    assert answers.of_delegate(person, private=True) == {hotel.id: False}

    full = {"hotel": True, "floor": "high", "view": "sea"}
    answers.save(registration, person, full, BY, complete=True)
    assert answers.of_delegate(person, private=True) == {
        hotel.id: True,
        floor.id: "high",
        view.id: "sea",
    }
    with pytest.raises(AnswersRefused):
        answers.save(registration, person, {"view": None}, BY, complete=True)
    changed = answers.save(registration, person, {"hotel": False}, BY, complete=True)
    assert changed == ["hotel", "floor", "view"]
    assert answers.of_delegate(person, private=True) == {hotel.id: False}


def test_the_companys_answer_decides_what_its_delegates_are_asked(session):
    trip = make_trip()
    stand = make_question(trip, "stand", kind=AnswerKind.YES_NO, asked=Asked.COMPANY)
    shirt = make_question(
        trip, "shirt", after=(stand, ["yes"]), required=True, sensitivity=Sensitivity.HEALTH
    )
    registration = make_registration(trip, 2)
    one, two = registration.delegates

    both = {None: {"stand": True}, one.id: {"shirt": "M"}, two.id: {"shirt": "L"}}
    answers.save_all(registration, both, BY, complete=True)
    assert answers.of_delegate(two, private=True) == {shirt.id: "L"}
    with pytest.raises(AnswersRefused) as refused:
        answers.save_all(registration, {one.id: {}, two.id: {"shirt": ""}}, BY, complete=True)
    assert [each.delegate_id for each in refused.value.faults] == [two.id]

    answers.save(registration, None, {"stand": False}, BY)
    assert answers.of_registration(registration) == {stand.id: False}
    assert answers.of_delegate(one, private=True) == {}
    assert answers.of_delegate(two, private=True) == {}


def test_a_sealed_answer_may_decide_too(session):
    trip = make_trip()
    diet = make_question(
        trip,
        "diet",
        kind=AnswerKind.CHOICES,
        options=["none", "other"],
        sensitivity=Sensitivity.HEALTH,
    )
    which = make_question(trip, "which", after=(diet, ["other"]))
    registration = make_registration(trip)
    person = registration.delegates[0]

    answers.save(registration, person, {"diet": ["none"], "which": "x"}, BY)
    assert answers.of_delegate(person, private=False) == {}
    answers.save(registration, person, {"diet": ["none", "other"], "which": "x"}, BY)
    assert answers.of_delegate(person, private=False) == {which.id: "x"}


def test_answers_to_a_question_that_was_just_retired_are_ignored(asked):
    registration, person = asked
    answers.save(registration, person, {"open_text": "before"}, BY)
    found = {each.key: each for each in questions.of(registration.trip)}
    questions.retire(registration.trip, found["open_text"], BY)

    changed = answers.save(registration, person, {"open_text": "after", "open_number": 1}, BY)

    assert changed == ["open_number"]
    assert answers.of_delegate(person, private=False)[found["open_text"].id] == "before"


def test_who_has_gone_answers_no_more(session):
    registration = make_registration(make_trip(), 2)
    other = make_registration(make_trip())
    gone = registration.delegates[1]
    delegates.withdraw(gone, "ill", BY)

    for person in (gone, other.delegates[0]):
        with pytest.raises(answers.NobodyThere):
            answers.save(registration, person, {}, BY)


def test_the_latest_document_answers_its_question(session):
    trip = make_trip()
    registration = make_registration(trip)
    person = registration.delegates[0]
    visa = make_question(
        trip,
        "visa",
        kind=AnswerKind.DOCUMENT,
        required=True,
        sensitivity=Sensitivity.TRAVEL,
    )
    with pytest.raises(AnswersRefused):
        answers.save(registration, person, {}, BY, complete=True)
    for number in (1, 2):
        session.add(
            Document(
                registration_id=registration.id,
                delegate_id=person.id,
                question_id=visa.id,
                filename="visa.pdf",
                media_type="application/pdf",
                size=1,
                sha256=str(number),
                storage_key=f"visa-{number}",
                uploaded_at=trip.created_at,
            )
        )
        session.flush()

    assert answers.save(registration, person, {"visa": None}, BY, complete=True) == []
    latest = session.scalar(sa.select(sa.func.max(Document.id)))
    assert answers.of_delegate(person, private=True) == {visa.id: latest}
    assert answers.of_delegate(person, private=False) == {}
    assert questions.counts(trip) == {visa.id: 2}


def test_the_audit_says_which_plain_questions_were_answered_and_how_many_sealed_ones(asked):
    registration, person = asked
    mine = {"open_text": "alpha", "open_number": 5, "sealed_text": "omega", "sealed_date": None}

    answers.save(registration, person, mine, audits.by_delegate(person))
    answers.save(registration, person, mine, audits.by_delegate(person))
    answers.save(registration, None, {"firm_yes_no": True}, BY)

    entry, *rest = [each for each in audits.of(person) if each.action == "answer"]
    assert (entry.before, entry.after) == (
        None,
        {"answers": ["open_text", "open_number"], "sealed_answers": 1},
    )
    assert rest == []
    assert audits.of(registration)[0].after == {"answers": ["firm_yes_no"]}


def test_a_look_at_sealed_answers_is_in_the_history(asked):
    registration, person = asked

    answers.looked_at(registration, BY)

    entry = audits.of(registration)[0]
    assert (entry.action, entry.after) == ("look", {"delegate_ids": [person.id]})


def test_no_sensitive_value_stands_anywhere_in_the_database_but_sealed(asked, session):
    """Every table is read whole, as text: only the sealed column may know, and it does not say."""
    registration, person = asked
    trip = registration.trip
    registration.state = RegistrationState.ACCEPTED
    make_question(trip, "needed", required=True, sensitivity=Sensitivity.TRAVEL)
    secrets = {
        "sealed_text": "Zwieback-Allergie",
        "sealed_long_text": "needs the blue inhaler",
        "sealed_number": 714253647,
        "sealed_date": "1951-03-07",
        "needed": "X0918273645",
    }
    plain = {"open_text": "Panamahut"}

    answers.save(registration, person, {**secrets, **plain}, audits.by_delegate(person))
    answers.save(registration, person, {"needed": None}, BY)
    missing.chase(trip, BY)
    answers.save(registration, person, {"needed": "X0918273645", "sealed_number": 5}, BY)
    bad = secrets | {"sealed_date": "1951-03-07 or so", "sealed_number": "714253647!"}
    with pytest.raises(AnswersRefused) as refused:
        answers.save(registration, person, bad, BY)
    answers.looked_at(registration, BY)
    session.flush()

    said = everything(session) + repr(refused.value) + repr(refused.value.faults)
    assert "Panamahut" in said
    assert [secret for secret in map(str, secrets.values()) if secret in said] == []
    assert session.query(PrivateAnswer).count() == 5
    assert session.query(AuditEntry).filter_by(action="chase").count() == 1


def everything(session) -> str:
    """All rows of all tables as PostgreSQL writes them down; bytes as the text they may hold."""
    texts = [
        bytes(value).decode("latin-1")
        if isinstance(value, bytes | memoryview)
        else json.dumps(value, default=str, ensure_ascii=False)
        for table in Base.metadata.sorted_tables
        for row in session.execute(sa.text(f'SELECT * FROM "{table.name}"'))
        for value in row
    ]
    return "\n".join(texts)


def test_the_number_of_statements_does_not_grow_with_people_or_questions(session, statements):
    numbers = []
    for people, many in ((1, 2), (8, 12)):
        trip = make_trip()
        for number in range(many):
            make_question(trip, f"plain{number}")
            make_question(trip, f"sealed{number}", sensitivity=Sensitivity.HEALTH)
        registration = make_registration(trip, people)
        given_ = {
            person.id: {f"{how}{n}": "x" for how in ("plain", "sealed") for n in range(many)}
            for person in registration.delegates
        }
        with statements() as sent:
            answers.save_all(registration, given_, BY)
        session.flush()
        numbers.append(len(sent))
        with statements() as sent:
            answers.of_delegate(registration.delegates[0], private=True)
        numbers.append(len(sent))

    assert numbers[0] == numbers[2]
    assert numbers[1] == numbers[3] == 3
    assert session.query(Answer).count() == 2 + 8 * 12
