"""Places held, over HTTP."""

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip, utc
from webapp.db import transaction
from webapp.domain import audits, held_places
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Promotion, Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=10, promotion=Promotion.AT_ONCE)


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip, more: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/registrations/held{more}"


GOOD = {
    "organization": "",
    "mail_domain": "@Blue.Example",
    "places": "3",
    "until_local": "2027-09-01T18:00",
    "zone": "America/Los_Angeles",
    "note": "Promised to the chamber",
}


def send(client, trip: Trip, more: str = "", page: str = "", **form):
    return client.post(at(trip, more), data=hidden(client, at(trip, page)) | GOOD | form)


def test_places_are_held_for_a_mail_domain(client, trip, staff):
    assert send(client, trip).status_code == 303

    (row,) = held_places.of_trip(trip)
    assert (row.block.mail_domain, row.block.places) == ("blue.example", 3)
    assert row.block.until_at == utc(2027, 9, 2, 1)
    page = client.get(at(trip)).get_data(as_text=True)
    assert "@blue.example" in page
    assert "Promised to the chamber" in page


def test_places_are_held_for_a_company_that_is_known(client, trip, staff):
    with transaction():
        known = make_registration(trip, 2, organization_name="Blue Wave")

    send(client, trip, organization="blue wave", mail_domain="")

    (row,) = held_places.of_trip(trip)
    assert (row.block.organization_id, row.used, row.left) == (known.organization_id, 2, 1)
    assert known.held_id == row.block.id


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mail_domain": ""}, "organization"),
        ({"organization": "Nobody Knows", "mail_domain": ""}, "organization"),
        ({"mail_domain": "blue"}, "mail_domain"),
        ({"mail_domain": "x@blue.example"}, "mail_domain"),
        ({"places": "11"}, "places"),
        ({"places": "0"}, "places"),
        ({"places": ""}, "places"),
        ({"places": "9" * 30}, "places"),
        ({"until_local": ""}, "until_local"),
        ({"until_local": "2020-01-01T10:00"}, "until_local"),
        ({"until_local": "2027-11-07T01:30"}, "until_local"),
        ({"zone": "California"}, "zone"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(client, trip, staff, said, field):
    answer = send(client, trip, **said)

    assert answer.status_code == 422
    assert set(field_errors(answer.get_data(as_text=True))) == {field}
    assert held_places.of_trip(trip) == []


def test_how_many_are_free_is_told(client, trip, staff):
    with transaction():
        make_registration(trip, 8)

    page = send(client, trip).get_data(as_text=True)

    assert field_errors(page)["places"] == "Only 2 more places are free."


def test_held_twice_is_told(client, trip, staff):
    send(client, trip)

    page = send(client, trip).get_data(as_text=True)

    assert set(field_errors(page)) == {"mail_domain"}


def test_a_block_is_changed_and_released(client, trip, staff):
    send(client, trip, places="9")
    with transaction():
        waits = make_registration(trip, 5, RegistrationState.WAITLISTED)
    block = held_places.of_trip(trip)[0].block
    one = f"/{block.id}"

    changed = send(client, trip, one, one, places="6")
    assert (changed.status_code, block.places, waits.state) == (303, 6, "waitlisted")
    assert send(client, trip, one, one, places="11").status_code == 422
    send(client, trip, f"{one}/release")
    assert (block.released_at is None, waits.state) == (False, "accepted")
    assert "not held any longer" in client.get(at(trip, one)).get_data(as_text=True)
    assert send(client, trip, one, "", places="2").status_code == 422
    assert send(client, trip, f"{one}/release").status_code == 303


def test_a_reader_sees_them_and_changes_nothing(client, trip, session):
    with transaction():
        held_places.hold(
            trip,
            held_places.Hold(
                2, utc(2027, 9, 1).replace(tzinfo=None), "Europe/Paris", mail_domain="blue.example"
            ),
            audits.SYSTEM,
        )
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    page = client.get(at(trip)).get_data(as_text=True)
    assert "@blue.example" in page
    assert "<button" not in page.split("<main")[1]
