"""The questions of a tour: written, ordered, conditional, retired, and what of them stays."""

from dataclasses import replace

import pytest

from tests.factories import make_question, make_registration, make_trip
from webapp.db import Words
from webapp.domain import answers, audits, form_fields, questions, ready_questions
from webapp.domain.question_rules import (
    Answered,
    DependencyRefused,
    LabelMissing,
    Option,
    OptionsMissing,
    OptionsTwice,
    QuestionValues,
    SensitiveOfCompany,
    StandsBefore,
    StillNeeded,
    TooMany,
)
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.question import (
    Answer,
    AnswerKind,
    Asked,
    PrivateAnswer,
    Question,
    Sensitivity,
    Stage,
)

BY = audits.SYSTEM
COMPANY, TRAVEL = Asked.COMPANY, Stage.TRAVEL


def values(**given) -> QuestionValues:
    start = QuestionValues(Stage.APPLY, Asked.DELEGATE, AnswerKind.TEXT, Words(en="Why?"))
    return replace(start, **given)


def changed(question: Question, **given) -> QuestionValues:
    return replace(questions.values_of(question), **given)


def keys(trip, **wanted) -> list[str]:
    return [question.key for question in questions.of(trip, **wanted)]


def test_they_stand_by_stage_then_the_companys_first_then_as_added(session):
    trip = make_trip()
    for key, more in (
        ("flight", {"stage": TRAVEL}),
        ("shoes", {}),
        ("bus", {"stage": TRAVEL, "asked": COMPANY}),
        ("size", {"asked": COMPANY}),
        ("hat", {}),
    ):
        make_question(trip, key, **more)
    make_question(make_trip(), "another tour's")

    assert keys(trip) == ["size", "shoes", "hat", "bus", "flight"]
    assert keys(trip, stage=Stage.APPLY, asked=Asked.DELEGATE) == ["shoes", "hat"]
    assert keys(trip, asked=COMPANY) == ["size", "bus"]


def test_the_keys_come_from_the_english_words_and_never_twice(session):
    trip = make_trip()
    asked = [
        questions.add(trip, values(label=Words(en=text)), BY).key
        for text in ("Où êtes-vous ?", "Ou etes vous", "日本", "x" * 90)
    ]

    assert asked == ["ou_etes_vous", "ou_etes_vous_2", "question", "x" * 40]


def test_options_keep_their_values_when_their_words_change(session):
    trip = make_trip()
    made = questions.add(
        trip,
        values(
            kind=AnswerKind.CHOICE, options=(Option(Words(en="Red!")), Option(Words(en="Blue")))
        ),
        BY,
    )
    questions.change(
        trip,
        made,
        changed(
            made,
            options=(
                Option(Words(en="Green"), "red"),
                Option(Words(en="Blue"), "blue"),
                Option(Words(en="Red")),
                Option(Words(en="Odd"), 'a"b c'),
            ),
        ),
        BY,
    )

    assert [o["value"] for o in made.options] == ["red", "blue", "red_2", "odd"]
    assert [o["label"]["en"] for o in made.options] == ["Green", "Blue", "Red", "Odd"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"label": Words(fr="Pourquoi ?")}, None),
        ({"label": Words()}, LabelMissing),
        ({"kind": AnswerKind.CHOICE, "options": (Option(Words(en="One")),)}, OptionsMissing),
        ({"kind": AnswerKind.CHOICES}, OptionsMissing),
        (
            {"kind": AnswerKind.CHOICE, "options": (Option(Words(en="a")), Option(Words(en="A")))},
            OptionsTwice,
        ),
        (
            {"kind": AnswerKind.CHOICE, "options": (Option(Words()), Option(Words(en="A")))},
            LabelMissing,
        ),
        (
            {
                "kind": AnswerKind.CHOICE,
                "options": tuple(Option(Words(en=str(n))) for n in range(51)),
            },
            TooMany,
        ),
        ({"asked": COMPANY, "sensitivity": Sensitivity.HEALTH}, SensitiveOfCompany),
        ({"depends_on_id": 2**62, "depends_values": ("yes",)}, DependencyRefused),
    ],
)
def test_what_makes_no_question_is_refused(session, wrong, error):
    trip = make_trip()
    if error is None:
        questions.add(trip, values(**wrong), BY)
        return
    with pytest.raises(error):
        questions.add(trip, values(**wrong), BY)
    assert questions.every(trip) == []


def test_options_and_conditions_that_a_kind_does_not_have_are_left_out(session):
    trip = make_trip()
    made = questions.add(
        trip, values(options=(Option(Words(en="A")),), depends_values=("yes",)), BY
    )

    assert made.options == []
    assert made.depends_values == []


def test_a_form_has_an_end(session, monkeypatch):
    monkeypatch.setattr(questions, "MOST_QUESTIONS", 2)
    trip = make_trip()
    make_question(trip, "one")
    make_question(trip, "two")

    with pytest.raises(TooMany):
        make_question(trip, "three")


def test_one_may_depend_only_on_what_is_asked_before_of_the_same_people_or_the_company(session):
    trip, elsewhere = make_trip(), make_trip()
    yes_no = {"kind": AnswerKind.YES_NO}
    company = make_question(trip, "company", asked=COMPANY, **yes_no)
    delegate = make_question(trip, "delegate", **yes_no)
    late = make_question(trip, "late", stage=TRAVEL, **yes_no)
    text = make_question(trip, "text")
    foreign = make_question(elsewhere, "foreign", **yes_no)
    retired = make_question(trip, "retired", **yes_no)
    answers.save(make_registration(trip), None, {}, BY)
    questions.retire(trip, retired, BY)

    make_question(trip, "good", after=(company, ["no"]))
    make_question(trip, "fine", stage=TRAVEL, after=(delegate, ["yes"]))
    make_question(trip, "own", after=(delegate, ["no", "yes"]))
    for asked, stage, parent, when in (
        (COMPANY, Stage.APPLY, delegate.id, ["yes"]),
        (Asked.DELEGATE, Stage.APPLY, late.id, ["yes"]),
        (Asked.DELEGATE, Stage.APPLY, text.id, ["yes"]),
        (Asked.DELEGATE, Stage.APPLY, foreign.id, ["yes"]),
        (Asked.DELEGATE, Stage.APPLY, 2**62, ["yes"]),
        (Asked.DELEGATE, Stage.APPLY, delegate.id, []),
        (Asked.DELEGATE, Stage.APPLY, delegate.id, ["maybe"]),
    ):
        wrong = values(asked=asked, stage=stage, depends_on_id=parent, depends_values=tuple(when))
        with pytest.raises(DependencyRefused):
            questions.add(trip, wrong, BY)
    assert keys(trip, asked=Asked.DELEGATE, stage=Stage.APPLY) == [
        "delegate",
        "text",
        "good",
        "own",
    ]


def test_no_circle_can_be_made(session):
    trip = make_trip()
    first = make_question(trip, "first", kind=AnswerKind.YES_NO)
    second = make_question(trip, "second", kind=AnswerKind.YES_NO, after=(first, ["yes"]))

    for question, parent in ((first, second), (first, first), (second, second)):
        with pytest.raises(DependencyRefused):
            questions.change(
                trip,
                question,
                changed(question, depends_on_id=parent.id, depends_values=("yes",)),
                BY,
            )
    with pytest.raises(StandsBefore):
        questions.move(trip, second, BY, earlier=True)
    with pytest.raises(StandsBefore):
        questions.move(trip, first, BY, earlier=False)
    assert keys(trip) == ["first", "second"]


def test_it_changes_places_with_its_neighbor_of_the_same_group(session):
    trip = make_trip()
    make_question(trip, "company", asked=COMPANY)
    one, two = make_question(trip, "one"), make_question(trip, "two")
    make_question(trip, "late", stage=TRAVEL)

    questions.move(trip, two, BY, earlier=True)
    assert keys(trip) == ["company", "two", "one", "late"]
    questions.move(trip, two, BY, earlier=True)
    questions.move(trip, one, BY, earlier=False)
    assert keys(trip) == ["company", "two", "one", "late"]
    entry = audits.of(two)[0]
    assert (entry.action, entry.before, entry.after) == (
        "order",
        {"questions": ["one", "two"]},
        {"questions": ["two", "one"]},
    )


def test_questions_that_share_a_position_can_be_put_in_order(session):
    trip = make_trip()
    made = [make_question(trip, key) for key in ("a", "b", "c")]
    for question in made:
        question.position = 7
    session.flush()

    questions.move(trip, made[2], BY, earlier=True)

    assert keys(trip) == ["a", "c", "b"]


def test_one_that_nobody_answered_is_deleted_and_another_is_only_asked_no_more(session):
    trip = make_trip()
    registration = make_registration(trip)
    unused, used = make_question(trip, "unused"), make_question(trip, "used")
    sealed = make_question(trip, "sealed", sensitivity=Sensitivity.HEALTH)
    person = registration.delegates[0]
    answers.save(registration, person, {"used": "x", "sealed": "y"}, BY)

    assert [questions.retire(trip, each, BY) for each in (unused, used, sealed)] == [
        True,
        False,
        False,
    ]

    assert keys(trip) == []
    assert [question.key for question in questions.every(trip)] == ["used", "sealed"]
    assert answers.of_delegate(person, private=True) == {used.id: "x", sealed.id: "y"}
    assert session.query(Question).filter_by(trip_id=trip.id).count() == 2


def test_a_question_that_others_need_stays(session):
    trip = make_trip()
    first = make_question(trip, "first", kind=AnswerKind.CHOICE, options=["a", "b", "c"])
    second = make_question(trip, "second", after=(first, ["b"]), stage=TRAVEL)
    without_b = (Option(Words(en="a"), "a"), Option(Words(en="c"), "c"))

    with pytest.raises(StillNeeded) as refused:
        questions.retire(trip, first, BY)
    assert refused.value.labels == (second.label,)
    for wrong in (
        {"options": without_b},
        {"kind": AnswerKind.TEXT},
        {"kind": AnswerKind.YES_NO},
    ):
        with pytest.raises(StillNeeded):
            questions.change(trip, first, changed(first, **wrong), BY)
    without_c = (Option(Words(en="a"), "a"), Option(Words(en="b"), "b"))
    questions.change(trip, first, changed(first, options=without_c, stage=Stage.APPLY), BY)
    questions.retire(trip, second, BY)
    assert questions.retire(trip, first, BY) is True


def test_a_question_cannot_move_behind_those_that_need_it(session):
    trip = make_trip()
    first = make_question(trip, "first", kind=AnswerKind.YES_NO, asked=COMPANY)
    make_question(trip, "second", after=(first, ["yes"]))

    for wrong in ({"stage": TRAVEL}, {"asked": Asked.DELEGATE}):
        with pytest.raises(StillNeeded):
            questions.change(trip, first, changed(first, **wrong), BY)


def test_one_that_is_brought_back_is_asked_again_with_what_it_depends_on(session):
    trip = make_trip()
    registration = make_registration(trip)
    person = registration.delegates[0]
    first = make_question(trip, "first", kind=AnswerKind.YES_NO)
    second = make_question(trip, "second", after=(first, ["yes"]))
    answers.save(registration, person, {"first": True, "second": "x"}, BY)
    questions.retire(trip, second, BY)
    questions.retire(trip, first, BY)

    with pytest.raises(DependencyRefused):
        questions.bring_back(trip, second, BY)
    questions.bring_back(trip, first, BY)
    questions.bring_back(trip, second, BY)

    assert keys(trip) == ["first", "second"]
    assert [entry.action for entry in audits.of(second)] == ["restore", "retire", "add"]


def test_what_was_answered_keeps_its_kind_its_people_and_its_secrecy(session):
    trip = make_trip()
    registration = make_registration(trip)
    question = make_question(
        trip,
        "diet",
        kind=AnswerKind.CHOICES,
        options=["a", "b", "c"],
        sensitivity=Sensitivity.HEALTH,
    )
    answers.save(registration, registration.delegates[0], {"diet": ["a", "b"]}, BY)

    for wrong, what in (
        ({"kind": AnswerKind.TEXT}, "kind"),
        ({"asked": COMPANY, "sensitivity": Sensitivity.PLAIN}, "asked"),
        ({"sensitivity": Sensitivity.PLAIN}, "sensitivity"),
        ({"sensitivity": Sensitivity.TRAVEL}, "sensitivity"),
        ({"options": (Option(Words(en="a"), "a"), Option(Words(en="c"), "c"))}, "options"),
    ):
        with pytest.raises(Answered) as refused:
            questions.change(trip, question, changed(question, **wrong), BY)
        assert refused.value.what == what
    fine = (Option(Words(en="a"), "a"), Option(Words(en="Bee"), "b"))
    questions.change(trip, question, changed(question, options=fine, required=True), BY)
    assert [o["label"]["en"] for o in question.options] == ["a", "Bee"]


def test_before_any_answer_all_of_it_may_change(session):
    trip = make_trip()
    question = make_question(trip, "diet", sensitivity=Sensitivity.HEALTH)

    questions.change(
        trip,
        question,
        changed(question, sensitivity=Sensitivity.PLAIN, asked=COMPANY, kind=AnswerKind.DATE),
        BY,
    )

    assert (question.sensitivity, question.asked, question.kind) == (
        Sensitivity.PLAIN,
        COMPANY,
        AnswerKind.DATE,
    )


def test_answers_that_become_sensitive_are_sealed_and_struck_out_of_requests(session):
    trip = make_trip()
    registration = make_registration(trip)
    person = registration.delegates[0]
    question = make_question(trip, "feet")
    make_question(trip, "hat")
    answers.save(registration, person, {"feet": "flat feet", "hat": "round"}, BY)
    request = Amendment(
        trip_id=trip.id,
        registration_id=registration.id,
        delegate_id=person.id,
        kind=AmendmentKind.ANSWERS,
        before={"feet": "flat feet", "hat": "round"},
        wanted={"feet": "sore feet", "hat": "square"},
        asked_by="Ana",
        asked_at=trip.created_at,
    )
    session.add(request)
    session.flush()

    questions.change(trip, question, changed(question, sensitivity=Sensitivity.HEALTH), BY)

    assert answers.of_delegate(person, private=True)[question.id] == "flat feet"
    assert question.id not in answers.of_delegate(person, private=False)
    assert session.query(Answer).filter_by(question_id=question.id).count() == 0
    assert session.query(PrivateAnswer).filter_by(question_id=question.id).count() == 1
    session.refresh(request)
    assert (request.before, request.wanted) == ({"hat": "round"}, {"hat": "square"})


def test_a_change_says_in_the_audit_what_it_was_and_nothing_when_nothing_changes(session):
    trip = make_trip()
    question = make_question(trip, "hat", label=Words(en="Hat?"))

    questions.change(trip, question, changed(question, required=True), BY)
    questions.change(trip, question, changed(question), BY)

    entry, *rest = audits.of(question)
    assert (entry.action, entry.before, entry.after) == (
        "change",
        {"required": False},
        {"required": True},
    )
    assert [each.action for each in rest] == ["add"]


def test_one_statement_reads_all_questions_and_what_they_depend_on(session, statements):
    trip = make_trip()
    first = make_question(trip, "first", kind=AnswerKind.YES_NO)
    for number in range(9):
        make_question(trip, f"then{number}", after=(first, ["yes"]))
    session.expire_all()
    trip_id = trip.id  # not the question's business

    with statements() as sent:
        found = questions.of(trip)
        parents = {question.depends_on.key for question in found if question.depends_on}

    assert trip_id
    assert parents == {"first"}
    assert len(sent) == 1


def test_every_ready_made_question_can_be_added_and_is_offered_once(session):
    trip = make_trip()
    wanted = [ready.key for ready in ready_questions.offered(trip)]

    for key in wanted:
        ready_questions.add(trip, key, BY)

    assert sorted(keys(trip)) == sorted(wanted)
    assert ready_questions.offered(trip) == []
    found = {question.key: question for question in questions.of(trip)}
    assert {key for key, each in found.items() if each.sensitivity == Sensitivity.HEALTH} == {
        "diet",
        "diet_other",
        "allergies",
        "mobility",
    }
    assert {key for key, each in found.items() if each.sensitivity == Sensitivity.TRAVEL} == {
        "passport_name",
        "passport_number",
        "passport_expiry",
        "birth_date",
        "nationality",
    }
    assert all(set(each.label) == {"en", "fr"} for each in found.values())
    assert found["diet_other"].depends_on is found["diet"]


def test_a_ready_made_question_brings_the_one_that_it_depends_on_and_comes_back(session):
    trip = make_trip()
    registration = make_registration(trip)
    ready_questions.add(trip, "diet_other", BY)
    assert keys(trip) == ["diet", "diet_other"]
    answers.save(
        registration, registration.delegates[0], {"diet": "other", "diet_other": "roots"}, BY
    )
    for key in ("diet_other", "diet"):
        question = next(each for each in questions.every(trip) if each.key == key)
        questions.retire(trip, question, BY)

    ready_questions.add(trip, "diet_other", BY)

    assert keys(trip) == ["diet", "diet_other"]
    assert len(questions.every(trip)) == 2
    with pytest.raises(ready_questions.NotReady):
        ready_questions.add(trip, "shoe_size", BY)


def test_standard_fields_are_optional_until_somebody_says_otherwise(session):
    trip = make_trip()
    assert set(form_fields.rules(trip).values()) == {form_fields.Rule.OPTIONAL}

    note = Words(en="Call us.", fr="Appelez-nous.")
    form_fields.set_form(trip, {"phone": "required", "website": "hidden"}, note, BY)
    form_fields.set_form(trip, {"phone": "required", "website": "hidden"}, note, BY)

    assert form_fields.rule(trip, "phone") == form_fields.Rule.REQUIRED
    assert form_fields.rule(trip, "website") == form_fields.Rule.HIDDEN
    assert form_fields.rule(trip, "objectives") == form_fields.Rule.OPTIONAL
    assert trip.form_note == note
    entries = audits.of(trip)
    assert len(entries) == 1
    assert entries[0].after == {"phone": "required", "website": "hidden", "form_note": note}
    for wrong in ({"email": "hidden"}, {"phone": "perhaps"}):
        with pytest.raises(form_fields.RuleUnknown):
            form_fields.set_form(trip, wrong, note, BY)
