"""The organizer's form builder, what is missing, and the fields that ask a tour's questions."""

import re
from html import unescape

import pytest
from werkzeug.datastructures import MultiDict

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_question, make_registration, make_staff, make_trip, utc
from webapp.blueprints.registrations.answer_fields import (
    form_for,
    has_documents,
    plain_and_sealed,
    stored,
)
from webapp.blueprints.registrations.answer_words import answer_text, condition_text, sentence
from webapp.db import Words, transaction
from webapp.domain import answers, audits, form_fields, questions
from webapp.domain.answer_values import Fault, Why, asking
from webapp.i18n import speaking
from webapp.models.mail import Mail
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.staff import Role

BY = audits.SYSTEM


@pytest.fixture
def trip(app):
    with transaction():
        return make_trip(details_due_at=utc(2027, 9, 1, 22))


@pytest.fixture
def staff(trip, client):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def path(trip, tail: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/registrations/form{tail}"


def post(client, trip, tail: str, **fields):
    token = hidden(client, path(trip, "/fields"))["csrf_token"]
    return client.post(path(trip, tail), data={**fields, "csrf_token": token})


def sent(**fields) -> dict[str, str]:
    """The fields of a question, filled in well."""
    return {
        "label_en": "Why?",
        "stage": "apply",
        "asked": "delegate",
        "kind": "text",
        "sensitivity": "plain",
        "after": "",
    } | fields


def text_of(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def only(trip) -> Question:
    (question,) = questions.of(trip)
    return question


def test_a_question_is_written_without_javascript_in_two_languages(client, trip, staff):
    options = {
        "options-0-label_en": "Small",
        "options-0-label_fr": "Petit",
        "options-2-label_en": "Large",
    }
    answer = post(
        client,
        trip,
        "/new",
        **sent(label_fr="Taille ?", kind="choice", required="y", help_en="Of shirts", **options),
    )

    assert answer.status_code == 303
    made = only(trip)
    assert (made.key, made.label, made.help) == (
        "why",
        {"en": "Why?", "fr": "Taille ?"},
        {"en": "Of shirts"},
    )
    assert made.required is True
    assert made.options == [
        {"value": "small", "label": {"en": "Small", "fr": "Petit"}},
        {"value": "large", "label": {"en": "Large"}},
    ]
    assert "Taille ?" in text_of(client.get(path(trip, "?lang=fr")))


def test_more_rows_for_answers_keep_what_was_typed(client, trip, staff):
    typed = {f"options-{row}-label_en": "" for row in range(4)}
    typed |= {"options-0-label_en": "Small", "options-3-label_en": "Huge", "more_options": "1"}

    answer = post(client, trip, "/new", **sent(label_en="Size <b>?", **typed))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert questions.every(trip) == []
    assert len(re.findall(r'name="options-\d+-label_en"', page)) == 8
    assert 'value="Huge"' in page
    assert "Size &lt;b&gt;?" in page


def test_a_question_depends_on_the_answers_that_were_ticked(client, trip, staff):
    with transaction():
        first = make_question(trip, "first", kind=AnswerKind.CHOICE, options=["a", "b"])
        other = make_question(trip, "other", kind=AnswerKind.YES_NO)

    ticked = [f"{first.id}:b", f"{other.id}:yes"]  # without JavaScript both groups are there
    answer = post(client, trip, "/new", **sent(after=str(first.id), when=ticked))

    assert answer.status_code == 303
    made = questions.of(trip)[-1]
    assert (made.depends_on_id, made.depends_values) == (first.id, ["b"])
    assert "Only if you answered “b” to “The first?”." in text_of(client.get(path(trip)))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label_en": ""}, "label_en"),
        ({"label_en": "x" * 201}, "label_en"),
        ({"kind": "poem"}, "kind"),
        ({"stage": "never"}, "stage"),
        ({"asked": ""}, "asked"),
        ({"sensitivity": "secret"}, "sensitivity"),
        ({"kind": "choice"}, "options"),
        ({"kind": "choice", "options-0-label_fr": "Oui"}, "options-0-label_fr"),
        (
            {"kind": "choices", "options-0-label_en": "A", "options-1-label_en": "a"},
            "options",
        ),
        ({"after": "9223372036854775807"}, "after"),
        ({"after": "7", "when": "7:yes"}, "after"),
        ({"asked": "company", "sensitivity": "health"}, "sensitivity"),
    ],
)
def test_what_makes_no_question_is_said_beside_its_field(client, trip, staff, wrong, field):
    answer = post(client, trip, "/new", **sent(**wrong))

    assert answer.status_code == 422
    assert list(field_errors(answer.get_data(as_text=True))) == [field]
    assert questions.every(trip) == []


def test_odd_input_is_no_error_of_ours(client, trip, staff):
    for odd in (
        {"after": "x" * 100},
        {"after": "99999999999999999999"},
        {"when": ["", "::", "1:"]},
        {"label_en": "🦩\x00\u202e"},
        {"options-999999-label_en": "far"},
        {"options-x-label_en": "x"},
    ):
        assert post(client, trip, "/new", **sent(**odd)).status_code in (303, 422)


def test_a_question_is_changed_and_says_what_cannot_change_any_more(client, trip, staff):
    with transaction():
        question = make_question(trip, "diet", sensitivity=Sensitivity.HEALTH)
        registration = make_registration(trip)
        answers.save(registration, registration.delegates[0], {"diet": "fish"}, BY)
    tail = f"/{question.id}"

    page = client.get(path(trip, tail)).get_data(as_text=True)
    assert 'value="The diet?"' in page
    assert "1 answer is there" in page
    refused = post(client, trip, tail, **sent(sensitivity="plain"))
    assert (refused.status_code, list(field_errors(refused.get_data(as_text=True)))) == (
        422,
        ["sensitivity"],
    )
    kept = post(client, trip, tail, **sent(label_en="Meals?", label_fr="", sensitivity="health"))
    assert kept.status_code == 303
    assert only(trip).label == {"en": "Meals?"}


def test_the_history_of_a_question_is_told_in_words(client, trip, staff):
    with transaction():
        first = make_question(trip, "first", kind=AnswerKind.YES_NO)
        second = make_question(trip, "second")
    tail = f"/{second.id}"
    changed = sent(label_en="Now?", label_fr="", stage="travel", after=str(first.id))

    post(client, trip, tail, **changed, when=f"{first.id}:yes", required="y")

    page = text_of(client.get(path(trip, tail)))
    told = re.findall(r"<dt>(.*?)</dt><dd><del>(.*?)</del>.*?<ins>(.*?)</ins>", page)
    assert told == [
        ("Question", "The second?", "Now?"),
        ("When it is asked", "With the application", "Once accepted"),
        ("It must be answered", "No", "Yes"),
        ("It depends on", "nothing", "The first?"),
        ("After one of these answers", "nothing", "yes"),
    ]


def test_questions_are_put_in_order_retired_and_brought_back_by_buttons(client, trip, staff):
    with transaction():
        first = make_question(trip, "first", kind=AnswerKind.YES_NO)
        second = make_question(trip, "second", after=(first, ["yes"]))
        third = make_question(trip, "third")
        registration = make_registration(trip)
        answers.save(registration, registration.delegates[0], {"third": "x"}, BY)

    def keys():
        return [question.key for question in questions.of(trip)]

    post(client, trip, f"/{third.id}/move", way="earlier")
    assert keys() == ["first", "third", "second"]
    post(client, trip, f"/{third.id}/retire")
    assert keys() == ["first", "second"]
    assert "third" in text_of(client.get(path(trip)))
    post(client, trip, f"/{first.id}/retire")
    told = text_of(client.get(path(trip)))
    assert "Other questions depend on this one: The second?" in told
    post(client, trip, f"/{second.id}/move", way="earlier")
    assert keys() == ["first", "second"]
    post(client, trip, f"/{third.id}/again")
    assert keys() == ["first", "second", "third"]
    post(client, trip, f"/{second.id}/retire")
    post(client, trip, f"/{first.id}/retire")
    assert [question.key for question in questions.every(trip)] == ["third"]


def test_a_ready_made_question_takes_one_click(client, trip, staff):
    post(client, trip, "/ready", key="diet_other")
    post(client, trip, "/ready", key="no-such-question")

    assert [question.key for question in questions.of(trip)] == ["diet", "diet_other"]
    page = text_of(client.get(path(trip)))
    assert 'value="passport_number"' in page
    assert 'value="diet"' not in page


def test_standard_fields_and_the_words_above_the_form(client, trip, staff):
    rules = dict.fromkeys(form_fields.FIELDS, "optional")
    wanted = {**rules, "phone": "required", "website": "hidden", "note_en": "Call us <i>first</i>."}

    assert post(client, trip, "/fields", **wanted).status_code == 303

    assert form_fields.rule(trip, "phone") == "required"
    assert trip.form_note == {"en": "Call us <i>first</i>."}
    assert "Call us &lt;i&gt;first" in client.get(path(trip)).get_data(as_text=True)
    assert post(client, trip, "/fields", **wanted | {"phone": "maybe"}).status_code == 422


def test_the_preview_shows_what_each_is_asked_in_the_readers_language(client, trip, staff):
    with transaction():
        hotel = make_question(
            trip, "hotel", kind=AnswerKind.YES_NO, label=Words(fr="Hôtel ?", en="H?")
        )
        make_question(trip, "room", after=(hotel, ["yes"]), sensitivity=Sensitivity.HEALTH)
        make_question(trip, "stand", asked=Asked.COMPANY, stage=Stage.TRAVEL)

    page = text_of(client.get(path(trip, "/preview?lang=fr")))

    assert "Hôtel ?" in page
    assert 'data-asked-after="hotel" data-asked-when="yes"' in page
    assert page.index('data-question="hotel"') < page.index('data-question="stand"')
    assert 'name="apply-delegate-q_hotel"' in page


def test_who_lacks_what_is_listed_and_written_to_once(client, trip, staff, session):
    with transaction():
        make_question(trip, "hat", required=True)
        registration = make_registration(trip, organization_name="Alpha & Sons")
        name = registration.delegates[0].name
    missing = f"/organizer/trips/{trip.slug}/registrations/missing"

    page = text_of(client.get(missing))
    assert "Alpha & Sons" in page
    assert re.search(rf"<dt>{re.escape(name)}</dt><dd>The hat\?</dd>", page)
    for _twice in range(2):
        assert client.post(missing, data=hidden(client, missing)).status_code == 303
    assert session.query(Mail).filter_by(letter="details_wanted").count() == 1


def test_sealed_answers_are_shown_only_to_who_may_and_each_look_is_recorded(client, trip, staff):
    with transaction():
        make_question(trip, "diet", sensitivity=Sensitivity.HEALTH)
        make_question(trip, "hat")
        registration = make_registration(trip)
        said = {"diet": "no peanuts", "hat": "bowler"}
        answers.save(registration, registration.delegates[0], said, BY)
    look = f"/organizer/trips/{trip.slug}/registrations/{registration.id}/sealed-answers"
    token = {"csrf_token": hidden(client, path(trip, "/fields"))["csrf_token"]}

    assert client.post(look, data=token).status_code == 404
    with transaction():
        staff.roles[0].sees_private = True
    answer = client.post(look, data=token)

    assert answer.status_code == 200
    assert "no peanuts" in text_of(answer)
    assert "bowler" not in text_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    looks = [entry for entry in audits.of(registration) if entry.action == "look"]
    assert [(entry.staff_id, "peanuts" in str(entry.after)) for entry in looks] == [
        (staff.id, False)
    ]


def test_the_page_of_a_registration_shows_plain_answers_and_how_many_are_sealed(
    client, trip, staff
):
    with transaction():
        make_question(trip, "diet", sensitivity=Sensitivity.HEALTH)
        stand = make_question(trip, "stand", kind=AnswerKind.YES_NO, asked=Asked.COMPANY)
        registration = make_registration(trip)
        person = registration.delegates[0]
        answers.save_all(
            registration, {None: {"stand": True}, person.id: {"diet": "no peanuts"}}, BY
        )
        questions.retire(trip, stand, BY)
    address = f"/organizer/trips/{trip.slug}/registrations/{registration.id}"

    page = text_of(client.get(address))

    assert re.search(r"<dt>The stand\? .*?\(asked no more\).*?</dt>\s*<dd>Yes</dd>", page)
    assert "1 answer is sealed; your account may not read it." in page
    assert "peanuts" not in page
    assert "sealed-answers" not in page
    with transaction():
        staff.roles[0].sees_private = True
    page = text_of(client.get(address))
    assert "Show 1 sealed answer" in page
    assert "peanuts" not in page


def test_a_sealed_answer_of_any_kind_is_not_on_the_page_of_a_registration(client, trip, staff):
    with transaction():
        every_kind(trip, sensitivity=Sensitivity.TRAVEL)
        registration = make_registration(trip)
        said = {
            "text": "two words",
            "long_text": "a\nb",
            "yes_no": True,
            "choice": "b",
            "choices": ["a", "b"],
            "number": -1234.5,
            "date": "2027-10-30",
            "country": "FR",
        }
        answers.save(registration, registration.delegates[0], said, BY)
        staff.roles[0].sees_private = True
    address = f"/organizer/trips/{trip.slug}/registrations/{registration.id}"

    page = client.get(address)

    assert page.status_code == 200
    assert f"Show {len(said)} sealed answers" in text_of(page)
    assert "two words" not in text_of(page)
    token = {"csrf_token": hidden(client, path(trip, "/fields"))["csrf_token"]}
    looked = text_of(client.post(f"{address}/sealed-answers", data=token))
    assert [each for each in ("two words", "Oct 30, 2027", "-1234.5") if each not in looked] == []


def test_a_reader_looks_at_the_form_and_finds_no_button(client, trip):
    with transaction():
        make_question(trip, "hat")
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    page = text_of(client.get(path(trip)))

    assert "The hat?" in page
    assert "/move" not in page
    assert client.get(path(trip, "/new")).status_code == 404


# The fields themselves, as the application form and their own pages embed them.


def every_kind(trip, **values) -> list[Question]:
    return [
        make_question(
            trip,
            kind.value,
            kind=kind,
            options=["a", "b"] if "choice" in kind.value else [],
            **values,
        )
        for kind in AnswerKind
    ]


def test_what_a_browser_sends_becomes_an_answer_of_its_kind(app, trip):
    with app.test_request_context():
        made = form_for(every_kind(trip), "row-")
        form = made(
            MultiDict(
                [
                    ("row-q_text", "  two \x00 words "),
                    ("row-q_long_text", "a\r\nb"),
                    ("row-q_yes_no", "no"),
                    ("row-q_choice", "b"),
                    ("row-q_choices", "b"),
                    ("row-q_choices", "a"),
                    ("row-q_number", "−1 234,50"),
                    ("row-q_date", "2027-10-30"),
                    ("row-q_country", "FR"),
                ]
            )
        )
        assert form.validate()

        assert form.answers() == {
            "text": "two words",
            "long_text": "a\r\nb",
            "yes_no": False,
            "choice": "b",
            "choices": ["b", "a"],
            "number": -1234.5,
            "date": "2027-10-30",
            "country": "FR",
        }


def test_what_was_stored_fills_the_fields_and_comes_back_the_same(app, trip, session):
    asked = every_kind(trip)
    registration = make_registration(trip)
    person = registration.delegates[0]
    said = {
        "text": "two words",
        "long_text": "a\nb",
        "yes_no": False,
        "choice": "b",
        "choices": ["a", "b"],
        "number": -1234.5,
        "date": "2027-10-30",
        "country": "FR",
    }
    answers.save(registration, person, said, BY)

    for language in ("en", "fr"):
        with app.test_request_context(), speaking(language):
            form = form_for(asked)(data=stored(asked, answers.of_delegate(person, False)))
            assert form.answers() == said
            pages = [str(shown.field()) for shown in form.shown()]
            assert 'value="-1234,5"' in pages[5] or language == "en"
            assert '<option selected value="FR">' in pages[7]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("yes_no", "perhaps"),
        ("choice", "z"),
        ("choices", "z"),
        ("number", "1e9"),
        ("number", "12 apples"),
        ("number", "9" * 14),
        ("date", "30/10/2027"),
        ("country", "ZZ"),
        ("text", "x" * 201),
        ("long_text", "x" * 4001),
    ],
)
def test_junk_is_said_beside_its_field_and_stays_there(app, trip, kind, typed):
    with app.test_request_context():
        form = form_for(every_kind(trip))(MultiDict([(f"q_{kind}", typed)]))

        assert not form.validate()
        assert list(form.errors) == [f"q_{kind}"]
        data = form[f"q_{kind}"].data
        assert data == typed or data == [typed]


def test_what_is_required_is_asked_for_where_it_is_asked(app, trip):
    hotel = make_question(trip, "hotel", kind=AnswerKind.YES_NO, required=True)
    make_question(trip, "room", after=(hotel, ["yes"]), required=True)
    make_question(trip, "visa", kind=AnswerKind.DOCUMENT, required=True)
    asked = questions.of(trip)

    def errors(known=None, complete=True, **fields):
        form = form_for(asked)(MultiDict(fields))
        form.known, form.complete = known, complete
        form.validate()
        return {name: [str(text) for text in said] for name, said in form.errors.items()}

    must = ["Please answer this question."]
    with app.test_request_context():
        assert errors() == {"q_hotel": must, "q_visa": must}
        assert errors(q_hotel="no", q_room="x" * 999) == {"q_visa": must}
        assert errors(q_hotel="yes", known={asked[2].id: 5}) == {"q_room": must}
        assert errors(complete=False) == {}


def test_a_companys_answer_decides_which_fields_a_delegate_sees(app, trip):
    stand = make_question(trip, "stand", kind=AnswerKind.YES_NO, asked=Asked.COMPANY)
    make_question(trip, "shirt", after=(stand, ["yes"]), required=True)
    make_question(trip, "hat")
    mine = questions.of(trip, asked=Asked.DELEGATE)

    def keys(known):
        form = form_for(mine)(MultiDict())
        form.known = known
        return [shown.key for shown in form.shown()], form.validate()

    with app.test_request_context():
        assert keys({stand.id: False}) == (["hat"], True)
        assert keys({stand.id: True}) == (["shirt", "hat"], False)
        assert keys(None)[0] == ["shirt", "hat"]  # the company's part is on the same page
        company = form_for(questions.of(trip, asked=Asked.COMPANY))(MultiDict({"q_stand": "yes"}))
        assert company.by_id() == {stand.id: True}


def test_sensitive_answers_are_parted_from_those_that_may_be_requested(app, trip):
    make_question(trip, "diet", sensitivity=Sensitivity.HEALTH)
    make_question(trip, "hat")
    asked = questions.of(trip)

    with app.test_request_context():
        form = form_for(asked)(MultiDict({"q_diet": "fish", "q_hat": "bowler"}))
        assert plain_and_sealed(form) == ({"hat": "bowler"}, {"diet": "fish"})
        assert 'autocomplete="off"' in str(form["q_diet"]())
    assert has_documents(asked) is False


def test_answers_and_faults_are_said_in_the_readers_language(app, trip):
    made = {question.key: asking(question) for question in every_kind(trip)}
    later = make_question(
        trip, "later", after=(questions.of(trip)[3], ["a", "b"]), label=Words(en="Later?")
    )

    with app.test_request_context():
        said = {
            "yes_no": True,
            "choice": "gone",
            "choices": ["a", "b"],
            "number": 2.5,
            "date": "2027-10-30",
            "country": "FR",
        }
        assert [answer_text(made[key], value) for key, value in said.items()] == [
            "Yes",
            "gone",
            "a, b",
            "2.5",
            "Oct 30, 2027",
            "France",
        ]
        assert condition_text(asking(later)) == (
            "Only if you answered “a” or “b” to “The choice?”."
        )
        fault = Fault("text", Words(en="The text?", fr="Le texte ?"), Why.MISSING)
        assert sentence(fault) == "The text?: Please answer this question."
        assert all(sentence(Fault("x", Words(), why)) for why in Why)


def test_a_form_expires_with_no_lock(app, trip, session, statements):
    """What the fields say was copied: after a lock or a rollback nobody reads it again."""
    asked = every_kind(trip)
    with app.test_request_context():
        form = form_for(asked)(MultiDict())
        session.flush()
        session.expire_all()
        with statements() as sent_:
            form.validate()
            assert len(form.shown()) == len(asked)
        assert sent_ == []
