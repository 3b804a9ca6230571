"""Organizers' own words for the texts of letters: kept, checked, and said in both twins."""

import random
import time

import pytest

from tests.factories import make_staff, make_trip
from tests.mail import posting
from tests.mail.cases import CASES, NOON, make_company, make_tour
from tests.mail.test_letters import twins, words
from webapp import own_words
from webapp.db import db
from webapp.domain import audits, copies, wordings
from webapp.domain.wordings import Edit, Fault, Part, Twin, WordsRefused, texts
from webapp.domain.wordings.checks import tidy
from webapp.mail.letters import LETTERS
from webapp.models.mailing import Wording

BY = audits.SYSTEM
THANKS = "Thank you. We have your registration; the organizers will decide, and will write to you."
KEY = "This address is your key: whoever has it can see, change and cancel your registration. Pass it on only to colleagues who may."  # noqa: E501
BUTTON = "Open your company's page"
SUBJECT = "Registration received: %(company)s, %(trip)s"
DEAR = "Dear %(name)s,"
CHANGED = "One thing has changed in your company's registration:"
HARMFUL = [
    "<b>bold</b> & <script>alert(1)</script>",
    '"> <img src=x onerror=alert(1)>',
    "100% sure, 5%, %% and %(x)s %s %d %(company)s",
    "{{ 7 * 7 }} {% if x %} {# note #} {}",
    "Merci 🚢🌊 à bientôt — «ça»",
    "مرحبا بكم في الجولة",
    "a\\nb \\ ` $ ~",
    "&lt;b&gt; &amp; &#39;",
]


@pytest.fixture
def tour(session, app, monkeypatch, hold_clock):
    hold_clock(NOON)
    return make_tour()


def say(trip, text_id, *typed, letter="registration_received", language="en", **more) -> int:
    return wordings.save(trip, letter, language, [Edit(text_id, typed, **more)], BY)


def received(trip, language="en", **facts):
    """Both twins and the subject of a letter that a company is written."""
    mail = posting.received(make_company(trip, language), **facts)
    return (*twins(mail), mail.subject)


def refused(trip, text_id, *typed, **more) -> list[tuple]:
    with pytest.raises(WordsRefused) as error:
        say(trip, text_id, *typed, **more)
    return [(each.fault, each.form, each.name, each.meant) for each in error.value.problems]


def test_every_letter_has_texts_in_the_order_in_which_they_stand(app):
    assert set(texts.letters()) == set(LETTERS) - texts.LEFT_OUT
    for letter in texts.letters():
        found = texts.of_letter(letter)
        order = [text.part for text in found]
        assert order[0] == Part.SUBJECT, letter
        assert order[-1] == Part.OWN, letter
        assert {Part.GREETING, Part.TEXT} <= set(order), letter
        assert len({text.key for text in found}) == len(found), letter
        assert {language for text in found for language in text.product} == {"en", "fr"}


def test_a_text_says_where_it_stands(app):
    found = {text.id: text for text in texts.of_letter("registration_received")}

    assert (found[THANKS].part, found[THANKS].twin) == (Part.TEXT, Twin.BOTH)
    assert (found[BUTTON].part, found[BUTTON].twin) == (Part.BUTTON, Twin.PAGE)
    assert (found["Tour:"].part, found["Tour:"].twin) == (Part.LABEL, Twin.BOTH)
    assert (found[SUBJECT].part, list(found[SUBJECT].placeholders)) == (
        Part.SUBJECT, ["company", "trip"],
    )  # fmt: skip
    assert [found[each].may_have_lines for each in (THANKS, KEY, BUTTON, SUBJECT)] == [
        True, False, False, False,
    ]  # fmt: skip
    assert [found[each].sometimes for each in (THANKS, KEY)] == [True, False]
    assert found[THANKS].product["fr"][0].startswith("Merci.")
    assert "Illustrative sample" not in found
    states = {text.state for text in found.values() if text.part == Part.SUBJECT}
    assert states == {"waitlisted", "accepted", None}


def test_the_words_of_a_tour_stand_in_both_twins_in_one_language_of_one_letter(tour):
    other = make_trip(slug="another")
    say(tour, THANKS, "Welcome aboard.\n\nWe decide by Friday.")
    say(tour, KEY, "Keep this to yourself.")
    say(tour, BUTTON, "Go on")
    say(tour, SUBJECT, "{company} has applied: {tour}")

    text, page, subject = received(tour)
    assert "Welcome aboard.\n\nWe decide by Friday.\n" in text
    assert "Welcome aboard.</p>" in page
    assert "We decide by Friday.</p>" in page
    assert "Keep this to yourself." in text
    assert "Keep this to yourself.</p>" in page
    assert ">Go on</a>" in page
    assert subject == "Blue Wave Sensors has applied: Invest in Provence"
    assert "Thank you." not in text + page
    for unchanged in (received(tour, "fr"), received(other)):
        assert "Welcome" not in "".join(unchanged)
    decided = CASES["registration_decided-accepted"](make_company(tour))
    assert "Go on" not in "".join(twins(decided))


def test_whatever_is_typed_is_text_in_both_twins_and_injects_nothing(tour):
    before = received(tour)[1]
    for typed in HARMFUL:
        for text_id in (THANKS, KEY, BUTTON):
            say(tour, text_id, typed)
        say(tour, SUBJECT, f"{typed} {{company}} {{tour}}")
        say(tour, wordings.OWN, f"{typed} {{name}}")

        text, page, subject = received(tour)

        assert [part for part in (typed, f"{typed} Ana Costa") if part not in text] == []
        assert subject == f"{typed} Blue Wave Sensors Invest in Provence"
        assert words(page).count(" ".join(typed.split())) >= 5  # of the title, too
        assert page.count("<") == before.count("<") + 2  # the paragraph of its own
        assert [mark for mark in ("<script", "<img", "<b>") if mark in page] == []


def mark_all(trip, draw) -> dict[tuple[str, str], str]:
    """Give each text of each letter something to be known by, and something harmful."""
    marks = {}
    for letter in texts.letters():
        edits = []
        for number, text in enumerate(texts.of_letter(letter)[:-1]):
            mark = f"«{number}»{draw.choice(['<i>', '& ', '%', '{{', '🚢'])}»"
            names = " ".join(f"{{{own_words.shown_name(name)}}}" for name in text.placeholders)
            edits.append(Edit(text.id, [f"{mark} {names}"] * len(text.product["en"])))
            marks[letter, text.id] = mark
        assert wordings.save(trip, letter, "en", edits, BY) == len(edits)
    return marks


def test_any_text_of_any_letter_that_is_edited_survives_into_its_twins(tour):
    """One case of each letter is written; what was edited stands as text in both of its twins,
    wherever the product's own words stand in both."""
    draw = random.Random(5)
    marks = mark_all(tour, draw)
    cases = {}
    for case in draw.sample(sorted(CASES), len(CASES)):
        cases.setdefault(case.partition("-")[0], case)
    seen = set()
    for letter, case in cases.items():
        with db.session.begin_nested() as point:  # one case knows nothing of the others
            mail = CASES[case](make_company(tour))
            text, page = twins(mail)
            subject, said = mail.subject, words(page)
            point.rollback()
        assert "<i>" not in page
        for (of, text_id), mark in marks.items():
            stands = [mark in subject, mark in text, mark in said]
            if of == letter and any(stands):
                seen.add((of, text_id))
                known = texts.find(letter, text_id)
                both = known.twin == Twin.BOTH and known.part not in (Part.SUBJECT, Part.LABEL)
                assert not both or stands[1] == stands[2], (case, text_id)
    assert len(seen) > len(marks) / 3  # the rest stands in other cases of its letter
    assert {text_id for _letter, text_id in seen} >= {KEY, BUTTON, DEAR}


def test_placeholders_have_to_be_known_and_are_left_out_on_purpose_only(tour):
    assert refused(tour, SUBJECT, "{compani} {tour}") == [(Fault.UNKNOWN, 0, "compani", "company")]
    assert refused(tour, SUBJECT, "{company} {Trips} {}") == [(Fault.UNKNOWN, 0, "Trips", "tour")]
    assert refused(tour, SUBJECT, "Hello") == [
        (Fault.LEFT_OUT, 0, "company", ""), (Fault.LEFT_OUT, 0, "tour", ""),
    ]  # fmt: skip
    assert say(tour, SUBJECT, "Hello", on_purpose=True) == 1
    assert received(tour)[2] == "Hello"


WRONG = [
    ("", Fault.EMPTY),
    ("  \n ", Fault.EMPTY),
    ("x" * 2001, Fault.LONG),
    ("a\x00b", Fault.UNPRINTABLE),
    ("a\u202eb", Fault.UNPRINTABLE),
    ("\ud800", Fault.UNPRINTABLE),
    ("See http://localhost/r/abc", Fault.KEY),
    (f"See https://elsewhere.example.org/d/{'x' * 32}", Fault.KEY),
    (f"/calendars/{'x' * 32}.ics", Fault.KEY),
]


def test_words_that_cannot_stand_in_a_letter_are_refused(tour, monkeypatch, app):
    monkeypatch.setitem(app.config, "PUBLIC_URL", "http://localhost")

    for typed, fault in WRONG:
        assert [each[0] for each in refused(tour, THANKS, typed)] == [fault], typed
    assert wordings.of(tour.id, "registration_received", "en") == {}


def test_addresses_that_are_nobody_s_key_may_stand(tour):
    typed = "https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit"

    say(tour, THANKS, typed)

    assert typed in received(tour)[0]


def test_every_plural_form_has_words_and_the_number_chooses(tour):
    of = {"letter": "registration_changed"}
    assert [each[0] for each in refused(tour, CHANGED, "Just one form {num}", **of)] == [
        Fault.FORMS
    ]
    assert refused(tour, CHANGED, "", "{num} changes", **of) == [(Fault.EMPTY, 0, "", "")]
    assert refused(tour, CHANGED, "A change", "Changes", **of) == [(Fault.LEFT_OUT, 1, "num", "")]
    say(tour, CHANGED, "A change:", "{num} changes, 100% real:", **of)
    say(tour, CHANGED, "Un :", "{num} en tout :", language="fr", **of)

    for language, one, many in (("en", "A change:", "8 changes, 100% real:"),
                                ("fr", "Un :", "8 en tout :")):  # fmt: skip
        for case, expected in (("one", one), ("all", many)):
            mail = CASES[f"registration_changed-{case}"](make_company(tour, language))
            assert [expected in twin for twin in twins(mail)] == [True, True]


def test_words_of_every_letter_stand_where_a_letter_has_none_of_its_own(tour):
    say(tour, DEAR, "Ahoy {name}!", letter=wordings.EVERY)
    say(tour, wordings.OWN, "Your team, {tour}", letter=wordings.EVERY)
    assert received(tour)[0].startswith("Ahoy Ana Costa!")
    say(tour, DEAR, "Good day {name},")
    say(tour, wordings.OWN, "")  # this letter goes without

    text, page, _subject = received(tour)
    assert text.startswith("Good day Ana Costa,")
    assert "Your team" not in text + page
    decided = twins(CASES["registration_decided-accepted"](make_company(tour)))
    assert ["Ahoy Ana Costa!" in twin for twin in decided] == [True, True]
    assert "\n\nYour team, Invest in Provence\n\n-- \n" in decided[0]
    assert '">Your team, Invest in Provence</p>' in decided[1]
    say(tour, DEAR, "Dear {name},")  # the product's, in this letter alone
    assert received(tour)[0].startswith("Dear Ana Costa,")


def test_names_in_a_paragraph_of_one_s_own_are_not_read_again(tour):
    say(tour, wordings.OWN, "{name}, {company}: {tour}")
    registration = make_company(tour)
    registration.organization.name = "{tour} %(name)s <b>"
    db.session.flush()

    text, page = twins(posting.received(registration))

    assert "Ana Costa, {tour} %(name)s <b>: Invest in Provence" in text
    assert "Ana Costa, {tour} %(name)s <b>: Invest in Provence" in words(page)


def test_what_says_the_same_as_the_product_is_no_wording(tour):
    assert say(tour, THANKS, THANKS) == 0
    assert say(tour, THANKS, "Other words") == 1
    assert say(tour, THANKS, THANKS) == 1

    assert db.session.query(Wording).count() == 0
    assert wordings.counts(tour.id) == {}
    assert received(tour)[0].count(THANKS) == 1


def test_one_text_or_all_are_reset(tour):
    for text_id in (THANKS, KEY):
        say(tour, text_id, "Other words")
    say(tour, THANKS, "D'autres mots", language="fr")

    assert wordings.reset(tour, "registration_received", "en", THANKS, BY) == 1
    assert wordings.of(tour.id, "registration_received", "en") == {KEY: ("Other words",)}
    assert wordings.reset(tour, "registration_received", "en", None, BY) == 1
    assert wordings.of(tour.id, "registration_received", "en") == {}
    assert len(wordings.of(tour.id, "registration_received", "fr")) == 1


def test_each_change_is_in_the_audit_with_the_words_before_and_after(tour):
    staff = make_staff(trip=tour)
    by = audits.by_staff(staff)
    wordings.save(tour, "registration_received", "en", [Edit(THANKS, ["One"])], by)
    wordings.save(tour, "registration_received", "en", [Edit(THANKS, ["Two"])], by)
    wordings.reset(tour, "registration_received", "en", THANKS, by)

    entries = [each for each in audits.latest(tour.id) if each.object_kind == "wordings"]
    said = [
        (each.action, (each.before or {}).get("words"), (each.after or {}).get("words"))
        for each in reversed(entries)
    ]
    assert said == [
        ("change", [THANKS], ["One"]), ("change", ["One"], ["Two"]), ("reset", ["Two"], None),
    ]  # fmt: skip
    assert {each.actor_name for each in entries} == {staff.name}


def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(tour):
    (read,) = [
        at for at in wordings.standing(tour.id, "registration_received", "en") if at.text.id == KEY
    ]
    say(tour, KEY, "Somebody else's")

    assert [each[0] for each in refused(tour, KEY, "Mine", seen=read.seen)] == [Fault.MEANWHILE]
    assert say(tour, KEY, "Somebody else's", seen=read.seen) == 0


def test_words_for_what_the_product_says_otherwise_by_now_are_shown_and_kept_or_dropped(tour):
    say(tour, THANKS, "Ours")
    say(tour, KEY, "Ours too")
    rows = {row.text_id: row for row in db.session.query(Wording)}
    rows[THANKS].was = ["What the product said then."]
    rows[KEY].text_id = "A text that is gone"
    db.session.flush()

    (at,) = [each for each in wordings.standing(tour.id, "registration_received", "en") if each.was]
    assert (at.text.id, at.was, at.now) == (THANKS, ("What the product said then.",), ("Ours",))
    (row,) = wordings.gone(tour.id, "registration_received", "en")
    assert row.forms == ["Ours too"]
    count = wordings.counts(tour.id)["registration_received", "en"]
    assert (count.changed, count.stale) == (2, 2)
    text = received(tour)[0]
    assert "Ours\n" in text
    assert KEY in text
    assert wordings.keep(tour, "registration_received", "en", THANKS, BY)
    assert wordings.drop(tour, row.id, BY)
    assert not wordings.drop(tour, row.id, BY)
    count = wordings.counts(tour.id)["registration_received", "en"]
    assert (count.changed, count.stale) == (1, 0)


def test_kept_words_that_cannot_be_said_are_passed_over(tour):
    say(tour, THANKS, "Ours")
    (row,) = db.session.query(Wording)
    for forms in (["%(nobody)s"], ["100%"], ["%d"], ["one", "two"], []):
        row.forms = forms
        db.session.flush()

        assert THANKS in received(tour)[0]
        assert len(wordings.gone(tour.id, "registration_received", "en")) == 1


def test_words_are_copied_from_another_tour_where_there_are_none(tour):
    other = make_trip(slug="another")
    say(tour, THANKS, "From the first")
    say(tour, KEY, "From the first")
    say(other, KEY, "Of the other")

    assert wordings.copy(tour, other, BY) == 1
    assert wordings.of(other.id, "registration_received", "en") == {
        THANKS: ("From the first",), KEY: ("Of the other",),
    }  # fmt: skip


def test_a_tour_made_from_another_brings_its_words_along(tour):
    say(tour, THANKS, "From the first")

    for parts, expected in ((frozenset({"wordings"}), {THANKS: ("From the first",)}),
                            (frozenset({"stops"}), {})):  # fmt: skip
        made = copies.copy(tour, f"like-{len(expected)}", tour.starts_on, tour.title, parts, BY)
        assert wordings.of(made.id, "registration_received", "en") == expected


def test_the_words_of_a_batch_are_one_statement(tour, statements):
    say(tour, DEAR, "Ahoy {name}!")
    rows = [posting.put("registration_received", make_company(tour), n, state="submitted")
            for n in range(5)]  # fmt: skip
    rows[0].trip_id = None
    db.session.flush()
    key = (tour.id, "registration_received", "en")

    with statements() as sent:
        found = wordings.of_batch(rows)

    assert len(sent) == 1
    assert found == {key: {DEAR: ("Ahoy %(name)s!",)}, (None, *key[1:]): {}}
    with statements() as sent:
        assert wordings.of_batch([]) == {}
    assert sent == []


def test_a_long_run_of_blanks_does_not_hold_up_whoever_saves(app):
    (text,) = (each for each in texts.of_letter("registration_received") if each.id == texts.OWN)
    began = time.process_time()

    assert tidy(text, "a" + " " * 300_000 + "b  \nc") == "a" + " " * 300_000 + "b\nc"
    assert time.process_time() - began < 1
