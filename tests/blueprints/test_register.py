"""The application form over HTTP: good input once, bad input told next to its field."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.blueprints.forms import company_form, field_errors, hidden
from tests.factories import make_registration, make_trip
from webapp import clock
from webapp.blueprints.registrations.forms import MOST_ROWS
from webapp.db import transaction
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=10, max_per_organization=5)


def send(client: FlaskClient, trip: Trip, form: dict[str, str]):
    path = f"/trips/{trip.slug}/register"
    return client.post(path, data=hidden(client, path) | form)


def stored(session) -> list[int]:
    return [
        session.scalar(select(func.count()).select_from(model))
        for model in (Registration, Delegate, Mail)
    ]


def test_a_good_form_makes_a_registration_and_shows_the_company_its_page(client, trip, session):
    answer = send(client, trip, company_form(3, coordinator_phone="(619) 555-0123"))

    assert answer.status_code == 303
    assert re.fullmatch(r"/r/[\w-]{32}", answer.location)
    assert stored(session) == [1, 3, 4]
    registration = session.scalars(select(Registration)).one()
    assert registration.organization.website == "https://www.blue-wave.example.com"
    assert registration.coordinator_phone == "+16195550123"
    assert [d.language for d in registration.delegates] == ["fr"] * 3
    assert client.get(answer.location).status_code == 200


def test_the_same_form_sent_twice_leads_to_the_same_page(client, trip, session):
    path = f"/trips/{trip.slug}/register"
    form = hidden(client, path) | company_form(2)

    first, second = client.post(path, data=form), client.post(path, data=form)

    assert first.location == second.location
    assert stored(session) == [1, 2, 3]


LONG = "x" * 201


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("organization_name", "", "Please fill in this field."),
        ("organization_name", " \t ", "Please fill in this field."),
        ("organization_name", LONG, "This is too long: 200 characters at most."),
        ("country", "", "Please choose a country."),
        ("country", "XX", "Not a valid choice."),
        ("organization_kind", "spies", "Not a valid choice."),
        (
            "website",
            "not a site",
            "This is not a web address. Write it like www.company.com.",
        ),
        (
            "website",
            "javascript:alert(1)",
            "This is not a web address. Write it like www.company.com.",
        ),
        (
            "coordinator_email",
            "ana at company",
            "This is not a mail address. Write it like name@company.com.",
        ),
        (
            "coordinator_email",
            "ana@company.com\nBcc: all@company.com",
            "This is not a mail address. Write it like name@company.com.",
        ),
        (
            "coordinator_phone",
            "call me",
            "This is not a telephone number. Write it with its country code: +33 4 91 00 00 00.",
        ),
        ("objectives", "x" * 2001, "This is too long: 2000 characters at most."),
        ("authority", None, "Please confirm this: you enter other people's data."),
        ("delegates-0-given_name", "", "Please fill in this field."),
        (
            "delegates-1-email",
            "d0@BLUE-wave.example.com",
            "Another delegate on this form has the same email.",
        ),
        ("delegates-0-language", "tlh", "Not a valid choice."),
    ],
)
def test_bad_input_is_told_next_to_its_field_and_nothing_is_stored(
    client, trip, session, field, value, words
):
    form = company_form(2, objectives="We look for partners.")
    form[field] = value
    if value is None:
        del form[field]

    answer = send(client, trip, form)
    page = answer.get_data(as_text=True)

    assert (answer.status_code, field_errors(page)) == (422, {field: words})
    assert stored(session) == [0, 0, 0]
    assert 'value="Blue Wave Sensors"' in page or field == "organization_name"
    assert 'value="Given1"' in page


def test_the_words_are_the_readers(client, trip):
    client.get(f"/trips/{trip.slug}/register?lang=fr")

    page = send(client, trip, company_form(1, organization_name="")).get_data(as_text=True)

    assert 'lang="fr"' in page
    assert field_errors(page)["organization_name"] not in ("", "Please fill in this field.")


def test_a_full_tour_says_how_many_places_are_left_and_offers_the_waiting_list(
    client, trip, session
):
    with transaction():
        make_registration(trip, 5)
        make_registration(trip, 4)
    form = company_form(2)

    refused = send(client, trip, form).get_data(as_text=True)
    waiting = send(client, trip, form | {"waits_if_full": "y"})

    assert field_errors(refused) == {
        "delegates": "Only 1 place is left and you ask for 2. Send fewer people, or tick the "
        "waiting list below."
    }
    assert waiting.status_code == 303
    last = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert last.state == RegistrationState.WAITLISTED


def test_ten_thousand_delegates_are_counted_refused_and_not_shown_again(client, trip, session):
    answer = send(client, trip, company_form(10_000))
    page = answer.get_data(as_text=True)

    assert (answer.status_code, stored(session)) == (422, [0, 0, 0])
    assert field_errors(page)["delegates"] == (
        "You entered 10000 delegates; one organization may send 5."
    )
    assert page.count('-given_name"') < 10 * MOST_ROWS


@pytest.mark.parametrize(
    "name",
    [
        "delegates-{}",
        "delegates-1{:09}-email",
        "delegates-²-email",
        "delegates-" + "9" * 5000 + "-email",
    ],
)
def test_rows_by_other_names_than_the_forms_own_count_for_nothing(client, trip, session, name):
    form = company_form(1) | {name.format(number): "x" for number in range(2000)}

    answer = send(client, trip, form)

    assert answer.status_code == 303
    assert stored(session) == [1, 1, 2]


def test_a_long_website_and_a_web_address_for_a_name_are_field_errors(client, trip, session):
    form = company_form(1, website="w" * 186 + ".com", organization_name="Win at www.evil.example")

    page = send(client, trip, form).get_data(as_text=True)

    assert field_errors(page) == {
        "organization_name": "Please leave web addresses out of this field."
    }
    kept = send(client, trip, company_form(1, website="w" * 186 + ".com"))
    assert kept.status_code == 303


def test_more_than_the_tour_allows_to_one_company_is_refused(client, trip, session):
    page = send(client, trip, company_form(6)).get_data(as_text=True)

    assert field_errors(page) == {
        "delegates": "You entered 6 delegates; one organization may send 5."
    }


@pytest.mark.parametrize(("opens", "closes"), [(-2, -1), (1, 2)])
def test_a_closed_registration_says_so_and_takes_nothing(client, session, opens, closes):
    now = clock.now()
    with transaction():
        trip = make_trip()
    form = hidden(client, f"/trips/{trip.slug}/register") | company_form(1)
    with transaction():
        trip.registration_opens_at = now + timedelta(days=opens)
        trip.registration_closes_at = now + timedelta(days=closes)

    answer = client.post(f"/trips/{trip.slug}/register", data=form)

    assert answer.status_code == 422
    assert re.search("Registration (is closed|has not opened yet)", answer.get_data(as_text=True))
    assert stored(session) == [0, 0, 0]


@pytest.mark.parametrize("missing", ["csrf_token", "form_key"])
def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(client, trip, session, missing):
    path = f"/trips/{trip.slug}/register"
    form = hidden(client, path) | company_form(1) | {missing: "stale"}

    answer = client.post(path, data=form)
    page = answer.get_data(as_text=True)
    again = client.post(path, data=company_form(1) | hidden_of(page))

    assert answer.status_code == 422
    assert 'value="Blue Wave Sensors"' in page
    assert again.status_code == 303
    assert stored(session) == [1, 1, 2]


def hidden_of(page: str) -> dict[str, str]:
    return {
        re.search(r'name="([^"]*)"', tag)[1]: re.search(r'value="([^"]*)"', tag)[1]
        for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    }


def test_rows_are_added_and_removed_without_a_script_and_keep_what_was_typed(client, trip):
    path = f"/trips/{trip.slug}/register"
    form = hidden(client, path) | company_form(2)

    more = client.post(path, data=form | {"add_delegate": "1"}).get_data(as_text=True)
    fewer = client.post(path, data=form | {"remove_delegate": "0"}).get_data(as_text=True)

    assert 'name="delegates-2-given_name"' in more
    assert 'value="Given1"' in more
    assert 'name="delegates-1-given_name"' not in fewer
    assert 'name="delegates-0-given_name"' in fewer
    assert 'value="Given1"' in fewer
    assert 'value="Given0"' not in fewer


@pytest.mark.parametrize("index", ["-1", "99", "x", ""])
def test_a_row_that_is_not_there_cannot_be_removed(client, trip, index):
    path = f"/trips/{trip.slug}/register"

    answer = client.post(
        path, data=hidden(client, path) | company_form(2) | {"remove_delegate": index}
    )

    assert answer.status_code == 200
    assert 'value="Given1"' in answer.get_data(as_text=True)


def test_unprintable_characters_are_dropped_and_markup_is_text(client, trip, session):
    form = company_form(1, organization_name="Blue\x00\x07 <b>Wave</b>\u202e", objectives="a\x00b")

    page = client.get(send(client, trip, form).location).get_data(as_text=True)

    organization = session.scalars(select(Registration)).one().organization
    assert organization.name.startswith("Blue <b>Wave</b>")
    assert "<b>Wave</b>" not in page
    assert "&lt;b&gt;Wave&lt;/b&gt;" in page
