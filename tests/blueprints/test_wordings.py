"""Organizers' own words over HTTP."""

import re
from html import unescape

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_draft, make_registration, make_staff, make_trip, publish
from tests.mail import posting
from webapp.blueprints.mails.word_diff import diff
from webapp.blueprints.mails.wording_words import PLACEHOLDERS
from webapp.db import transaction
from webapp.domain import audits, letter_previews, wordings
from webapp.domain.wordings import Edit, texts
from webapp.models.staff import Role
from webapp.models.trip import Trip

RECEIVED = "registration_received"
THANKS = "Thank you. We have your registration; the organizers will decide, and will write to you."
SUBJECT = "Registration received: %(company)s, %(trip)s"


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip()


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip, letter: str = RECEIVED, language: str = "en", more: str = "") -> str:
    where = f"/organizer/trips/{trip.slug}/mails/wordings"
    return f"{where}/{letter}/{language}{more}" if letter else where


def key(text_id: str, letter: str = RECEIVED) -> str:
    return texts.find(letter, text_id).key


def filled(client, path: str) -> dict[str, str]:
    """The whole form of a letter as a browser would send it."""
    page = client.get(path).get_data(as_text=True)
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    return hidden(client, path) | {name: unescape(text) for name, text in areas}


def said(trip: Trip, text_id: str, typed: str) -> None:
    with transaction():
        wordings.save(trip, RECEIVED, "en", [Edit(text_id, [typed])], audits.SYSTEM)


def page_of(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_text_is_said_otherwise_looked_at_and_reset(client, trip, staff):
    form = filled(client, at(trip))
    assert form[f"{key(THANKS)}-0"] == THANKS
    assert form[f"{key(SUBJECT)}-0"] == "Registration received: {company}, {tour}"

    answer = client.post(
        at(trip), data=form | {f"{key(THANKS)}-0": "Welcome & <thanks>.\r\n\r\nYou"}
    )

    assert answer.status_code == 303
    assert wordings.of(trip.id, RECEIVED, "en") == {THANKS: ("Welcome & <thanks>.\n\nYou",)}
    page = page_of(client, at(trip))
    assert "1 text saved." in page
    assert "Welcome &amp; &lt;thanks&gt;." in page
    assert page.count("<ins>") == page.count("<del>") == 1
    assert page_of(client, at(trip, "")).count("1 text changed") == 1
    client.post(at(trip, more="/reset"), data=form | {"text": key(THANKS)})
    assert wordings.of(trip.id, RECEIVED, "en") == {}


def test_a_page_that_is_sent_unchanged_saves_nothing_for_any_letter_and_language(
    client, trip, staff
):
    for letter in (wordings.EVERY, "registration_changed", "place_offered", "fees_due"):
        for language in ("en", "fr"):
            where = at(trip, letter, language)
            assert client.post(where, data=filled(client, where)).status_code == 303

    assert wordings.counts(trip.id) == {}


def test_what_is_wrong_stands_at_its_text_with_what_was_typed(client, trip, staff):
    form = filled(client, at(trip))
    form |= {f"{key(THANKS)}-0": "Dear {compnay}", f"{key(SUBJECT)}-0": "No <name>"}

    answer = client.post(at(trip), data=form)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert field_errors(page) == {
        f"{key(THANKS)}-0": "{compnay} cannot stand here: nothing would be filled in.",
        f"{key(SUBJECT)}-0": (
            "{company} is missing. Put it in, or say below that you leave it out on purpose."
        ),
    }
    assert "Dear {compnay}</textarea>" in page
    assert "No &lt;name&gt;</textarea>" in page
    assert wordings.counts(trip.id) == {}
    form |= {f"{key(THANKS)}-0": THANKS, f"on_purpose-{key(SUBJECT)}": "y"}
    assert client.post(at(trip), data=form).status_code == 303
    assert wordings.of(trip.id, RECEIVED, "en") == {SUBJECT: ("No <name>",)}
    assert f'name="on_purpose-{key(SUBJECT)}" value="y" checked' in page_of(client, at(trip))


def test_what_somebody_else_wrote_meanwhile_is_not_lost(client, trip, staff):
    form = filled(client, at(trip))
    said(trip, THANKS, "Theirs")

    answer = client.post(at(trip), data=form | {f"{key(THANKS)}-0": "Mine"})

    assert answer.status_code == 422
    assert "Somebody else has changed this text meanwhile." in answer.get_data(as_text=True)
    assert wordings.of(trip.id, RECEIVED, "en") == {THANKS: ("Theirs",)}
    other = form | {f"{key(SUBJECT)}-0": "{company}: {tour}"}
    assert client.post(at(trip), data=other).status_code == 422  # an old page is told so, too


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"own-0": "a\x00b\ud7ff"}, {"own-0": "x" * 300_000}, {"own-1": "more"},
        {"seen-own": "nonsense", "own-0": "x"}, {"unknown-0": "x"},
    ],
)  # fmt: skip
def test_whatever_is_sent_is_answered(client, trip, staff, sent):
    form = hidden(client, at(trip))

    assert client.post(at(trip), data=form | sent).status_code in (303, 422)


@pytest.mark.parametrize(
    ("letter", "language"),
    [("nothing", "en"), ("message", "en"), ("links_sent", "fr"), (RECEIVED, "de"), ("_base", "en")],
)
def test_other_letters_and_languages_are_not_found(client, trip, staff, letter, language):
    assert client.get(at(trip, letter, language)).status_code == 404
    assert client.get(at(trip, letter, language, "/preview")).status_code == 404


def test_what_the_product_says_otherwise_by_now_is_kept_or_dropped(client, trip, staff):
    said(trip, THANKS, "Ours")
    said(trip, SUBJECT, "{company}, {tour}")
    with transaction():
        rows = {row.text_id: row for row in wordings.reading.rows(trip.id, RECEIVED, "en")}
        rows[THANKS].was = ["Thanks: what was said then."]
        rows[SUBJECT].text_id = "Gone: %(company)s"
        gone_id = rows[SUBJECT].id
    assert "2 to look at" in page_of(client, at(trip, ""))
    page = page_of(client, at(trip))
    assert "The product says something else than when you wrote this:" in page
    assert "No longer in this letter" in page

    form = hidden(client, at(trip))
    client.post(at(trip, more="/keep"), data=form | {"text": key(THANKS)})
    client.post(at(trip, more="/drop"), data=form | {"wording": str(gone_id)})

    assert "to look at" not in page_of(client, at(trip, ""))
    assert wordings.of(trip.id, RECEIVED, "en") == {THANKS: ("Ours",)}


def test_words_come_from_another_tour_of_mine_only(client, trip, staff):
    with transaction():
        mine, strange = make_trip(slug="mine"), make_trip(slug="strange")
    for source in (mine, strange):
        said(source, THANKS, f"Words of {source.slug}")
    form = hidden(client, at(trip, ""))

    client.post(at(trip, "", more="") + "/copy", data=form | {"source": "strange"})

    assert wordings.counts(trip.id) == {}


def test_an_owner_takes_words_over(client, trip):
    with transaction():
        other, owner = make_trip(slug="other"), make_staff()
    said(other, THANKS, "Words of the other")
    sign_in(client, owner)
    form = hidden(client, at(trip, ""))

    answer = client.post(at(trip, "") + "/copy", data=form | {"source": "other"})

    assert answer.status_code == 303
    assert wordings.of(trip.id, RECEIVED, "en") == {THANKS: ("Words of the other",)}
    client.post(at(trip, "") + "/copy", data=form | {"source": trip.slug})
    assert len(wordings.of(trip.id, RECEIVED, "en")) == 1


def test_a_reader_reads(client, trip):
    with transaction():
        sign_in(client, make_staff(trip=trip, role=Role.READER))
    page = page_of(client, at(trip))

    assert page.count("<textarea") == page.count(" readonly>")
    assert re.findall(r"<button[^>]*>(?:(?!</button>).)*Save", page, re.S) == []
    assert client.post(at(trip), data=hidden(client, at(trip))).status_code == 404


def test_the_preview_shows_the_words_with_real_data_and_no_key(client, trip, staff):
    with transaction():
        registration = make_registration(trip, 2)
    said(trip, THANKS, "Welcome <b>aboard</b>.")
    said(trip, wordings.OWN, "Greetings to {name} of {company}")
    company = registration.organization.name

    page = page_of(client, at(trip, more="/preview"))
    frame = client.get(unescape(re.search(r'<iframe[^>]* src="([^"]+)"', page)[1]))

    assert "Welcome &lt;b&gt;aboard&lt;/b&gt;." in page
    assert f"Greetings to {registration.coordinator_name} of {company}" in unescape(page)
    assert "/r/…" in page
    assert "Welcome &lt;b&gt;aboard&lt;/b&gt;." in frame.get_data(as_text=True)
    assert frame.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    for token in (registration.token, *(each.token for each in registration.delegates)):
        assert token not in page + frame.get_data(as_text=True)


def test_a_letter_that_was_put_is_previewed_with_its_facts_in_either_language(client, trip, staff):
    with transaction():
        registration = make_registration(trip, 1)
        posting.put("registration_decided", registration, state="declined", reason="No room at all")

    page = page_of(client, at(trip, "registration_decided", "fr", "/preview"))

    assert "Motif\xa0: No room at all" in unescape(page)
    assert '<option value="mail-' in page


def test_every_letter_has_a_preview_once_there_is_somebody(trip, client, staff):
    with transaction():
        publish(trip)
        make_registration(trip, 1)
        make_draft(trip)
    shown, none = set(), set()
    for letter in texts.letters():
        choices = letter_previews.choices(trip, letter)
        try:
            found = letter_previews.show(trip, letter, "en", choices[0].key if choices else "")
        except letter_previews.NoPreview:
            none.add(letter)
        else:
            shown.add(letter)
            assert found.subject
            assert found.text.strip()
            assert "</html>" in found.page

    # Those that need a request, a session, a host or somebody asked, or that have nothing to tell.
    assert none <= {
        "amendment_asked", "bulletin", "day_sheet", "host_visit", "offer_ending", "program",
        "prospect_asked", "prospect_reminded", "session_invited", "session_place",
        "session_uninvited", "team_day_sheet",
    }  # fmt: skip
    assert len(shown) > 20


@pytest.mark.parametrize("of", ["", "mail-1", "delegate-999999999999999999999", "x", "mail-"])
def test_a_preview_of_nobody_is_a_page_that_says_so(client, trip, staff, of):
    page = page_of(client, f"{at(trip, more='/preview')}?of={of}")

    assert "No preview" in page
    assert page_of(client, f"{at(trip, more='/preview/page')}?of={of}") == ""


def test_every_placeholder_of_every_letter_is_explained(app):
    every = [text for letter in texts.letters() for text in texts.of_letter(letter)]

    assert {name for text in every for name in text.placeholders} - PLACEHOLDERS.keys() == set()


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        ("a b c", "a x c", [("same", "a "), ("gone", "b "), ("new", "x "), ("same", "c")]),
        ("", "new", [("new", "new")]),
        ("a\n\nb", "a", [("gone", "a\n\nb"), ("new", "a")]),
    ],
)
def test_texts_are_compared_word_by_word(before, after, pieces):
    found = diff(before, after)

    assert [(piece.kind, piece.text) for piece in found] == pieces
    assert "".join(piece.text for piece in found if piece.kind != "new") == before
    assert "".join(piece.text for piece in found if piece.kind != "gone") == after
