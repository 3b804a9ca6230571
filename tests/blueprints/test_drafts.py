"""Saving the form and coming back: with an email alone, by the link, until it is sent."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.blueprints.forms import company_form, field_errors, hidden
from tests.factories import make_trip
from webapp import clock
from webapp.db import transaction
from webapp.domain import drafts
from webapp.models.draft import Draft
from webapp.models.mail import Mail
from webapp.models.registration import Registration
from webapp.models.trip import Trip, TripState


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip()


def half() -> dict[str, str]:
    """A form that is far from done."""
    return company_form(2, organization_name="", country="", authority="") | {
        "objectives": "Ports & <b>partners</b>",
        "delegates-1-email": "not an address",
        "delegates-1-invited": "y",
    }


def save(client, path, **values):
    return client.post(path, data=hidden(client, path) | half() | {"save_draft": "1"} | values)


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_an_email_is_enough_and_everything_typed_is_there_again(client, trip, session):
    answer = save(client, f"/trips/{trip.slug}/register")
    page = client.get(answer.location).get_data(as_text=True)

    assert answer.status_code == 303
    assert re.fullmatch(rf"/trips/{trip.slug}/register/draft/[\w-]{{32}}", answer.location)
    assert 'value="Given1"' in page
    assert 'value="not an address"' in page
    assert "Ports &amp; &lt;b&gt;partners" in page
    assert re.search(r'<input[^>]*checked[^>]*name="delegates-1-invited"', page)
    assert field_errors(page) == {}
    assert [m.letter for m in session.scalars(select(Mail))] == ["draft_saved"]
    assert count(session, Registration) == 0


def test_its_page_is_nobody_elses(client, trip):
    location = save(client, f"/trips/{trip.slug}/register").location

    answer = client.get(location)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("email", ["", "no address", "x" * 300 + "@example.com"])
def test_without_a_good_email_nothing_is_saved_and_all_stays(client, trip, session, email):
    answer = save(client, f"/trips/{trip.slug}/register", coordinator_email=email)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert list(field_errors(page)) == ["coordinator_email"]
    assert 'value="Given1"' in page
    assert count(session, Draft) == 0


def test_saving_again_overwrites_and_writes_no_second_letter(client, trip, session):
    location = save(client, f"/trips/{trip.slug}/register").location

    again = save(client, location, organization_name="Green Wave")

    assert again.location == location
    assert 'value="Green Wave"' in client.get(location).get_data(as_text=True)
    assert (count(session, Draft), count(session, Mail)) == (1, 1)


def test_sending_the_form_ends_the_draft(client, trip, session):
    location = save(client, f"/trips/{trip.slug}/register").location

    sent = client.post(location, data=hidden(client, location) | company_form(1))

    assert re.fullmatch(r"/r/[\w-]{32}", sent.location)
    assert count(session, Draft) == 0
    assert client.get(location).status_code == 404


def test_a_form_that_is_refused_keeps_the_draft(client, trip, session):
    location = save(client, f"/trips/{trip.slug}/register").location

    refused = client.post(location, data=hidden(client, location) | company_form(1, country=""))

    assert refused.status_code == 422
    assert count(session, Draft) == 1


def test_its_writer_may_delete_it(client, trip, session):
    location = save(client, f"/trips/{trip.slug}/register").location

    gone = client.post(f"{location}/remove", data=hidden(client, location))

    assert gone.status_code == 303
    assert count(session, Draft) == 0


def test_a_draft_opens_under_its_own_tour_alone_and_not_past_the_window(client, trip, session):
    location = save(client, f"/trips/{trip.slug}/register").location
    with transaction():
        other = make_trip()
    elsewhere = location.replace(trip.slug, other.slug)
    with transaction():
        trip.registration_closes_at = clock.now() - timedelta(minutes=1)
    form = hidden(client, "/links") | company_form(1)

    closed = client.get(location).get_data(as_text=True)

    assert client.get(elsewhere).status_code == 404
    assert "Registration is closed" in closed
    assert 'name="organization_name"' not in closed
    assert client.post(location, data=form).status_code == 422
    assert client.post(location, data=form | {"save_draft": "1"}).status_code == 422
    with transaction():
        trip.state = TripState.WITHDRAWN
    assert client.get(location).status_code == 410


def test_what_is_too_much_or_too_many_is_said_and_stays(client, trip, session, monkeypatch):
    path = f"/trips/{trip.slug}/register"
    large = save(client, path, objectives="x" * drafts.LARGEST).get_data(as_text=True)
    monkeypatch.setattr(drafts, "MOST_OF_ADDRESS", 0)
    many = save(client, path).get_data(as_text=True)

    assert "This is too much to be saved. Please shorten your texts." in large
    assert list(field_errors(many)) == ["coordinator_email"]
    assert 'value="Given1"' in many
    assert count(session, Draft) == 0


def test_a_stale_page_saves_nothing(client, trip, session):
    assert save(client, f"/trips/{trip.slug}/register", csrf_token="stale").status_code == 422
    assert count(session, Draft) == 0
