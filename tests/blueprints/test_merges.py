"""Duplicates as an organizer meets them."""

from html import unescape

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import delegate_data, make_registration, make_staff, make_trip
from webapp.db import db, transaction
from webapp.domain import audits
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role, TripRole


def here(trip, path=""):
    return f"/organizer/trips/{trip.slug}/registrations/duplicates{path}"


def registered(trip, name, email="a@x.example", **values):
    data = delegate_data(email=email, given_name="Zoé", family_name="Lee")
    return make_registration(
        trip, organization_name=name, country="FR", delegates=(data,), **values
    )


def compare(one, other, kind="companies"):
    first, second = sorted((one, other))
    return f"/{kind}/{first}/{second}"


@pytest.fixture
def pair(app, client):
    """Two registrations of one company for a tour, and an organizer who is signed in."""
    with transaction():
        trip = make_trip()
        one = registered(trip, "Blue Wave")
        other = registered(trip, "Blue-Wave SAS", "b@x.example")
        sign_in_as = make_staff(trip=trip)
    sign_in(client, sign_in_as)
    return trip, one, other


def path_of(pair):
    trip, one, other = pair
    return here(trip, compare(one.organization_id, other.organization_id))


def test_what_may_be_the_same_is_listed(client, pair):
    trip, _one, _other = pair

    page = unescape(client.get(here(trip)).get_data(as_text=True))

    assert "The same name but for case, accents or legal form" in page
    assert f'href="{path_of(pair)}"' in page


def test_both_stand_side_by_side_and_become_one(client, pair):
    trip, one, other = pair
    page = client.get(path_of(pair)).get_data(as_text=True)
    assert one.reference in page
    assert other.reference in page
    form = hidden(client, path_of(pair))

    answer = client.post(
        path_of(pair), data=form | {"keep": one.organization_id, "reason": "One company."}
    )

    assert (answer.status_code, answer.location) == (303, here(trip))
    assert other.organization_id == one.organization_id
    assert other.state == RegistrationState.CANCELLED
    assert [d.email for d in one.delegates] == ["a@x.example", "b@x.example"]
    assert "Merged: Blue-Wave SAS is Blue Wave from now on." in client.get(here(trip)).text
    assert "/companies/" not in client.get(here(trip)).text
    assert client.get(path_of(pair)).status_code == 404


def test_what_is_missing_is_said_and_what_was_typed_stays(client, pair):
    form = hidden(client, path_of(pair))

    nothing = client.post(path_of(pair), data=form | {"reason": "One company."})
    no_reason = client.post(path_of(pair), data=form | {"keep": pair[1].organization_id})

    assert nothing.status_code == no_reason.status_code == 422
    assert "Please choose which to keep." in nothing.text
    assert "One company.</textarea>" in nothing.text
    assert field_errors(no_reason.text) == {
        "reason": "Please give a reason: it stays in the history."
    }


def test_a_refusal_says_what_to_do(client, pair):
    _trip, one, other = pair
    with transaction():
        other.state = RegistrationState.ACCEPTED
    form = hidden(client, path_of(pair)) | {"keep": one.organization_id, "reason": "One."}

    answer = client.post(path_of(pair), data=form)

    assert answer.status_code == 422
    assert field_errors(answer.text) == {
        "reason": f"Registrations {one.reference} (Awaiting a decision) and {other.reference} "
        "(Accepted) are in different states. Decide one of them first."
    }
    assert other.organization_id != one.organization_id


def test_they_can_be_told_apart(client, pair):
    trip, one, _other = pair
    form = hidden(client, path_of(pair)) | {"apart": "y"}

    assert client.post(path_of(pair), data=form).status_code == 303

    page = client.get(here(trip)).text
    assert "No two companies look the same." in page
    assert [entry.action for entry in audits.of(one.organization)] == ["tell apart"]


def test_people_become_one(client, pair):
    trip, one, other = pair
    people = one.delegates[0].person_id, other.delegates[0].person_id
    path = here(trip, compare(*people, "people"))
    assert f'href="{path}"' in client.get(here(trip)).text
    form = hidden(client, path) | {"keep": people[0], "reason": "Two addresses."}

    answer = client.post(path, data=form)

    assert answer.status_code == 303
    assert other.delegates[0].person_id == people[0]


def test_only_who_organizes_every_tour_of_both_may(client, app):
    with transaction():
        mine, foreign = make_trip(), make_trip()
        one = registered(mine, "Blue Wave")
        other = registered(foreign, "Blue-Wave SAS", "b@x.example")
        staff, owner = make_staff(trip=mine), make_staff()
    path = here(mine, compare(one.organization_id, other.organization_id))
    people = one.delegates[0].person_id, other.delegates[0].person_id
    sign_in(client, staff)

    assert "Blue-Wave SAS" not in client.get(here(mine)).text
    assert client.get(path).status_code == 404
    assert client.get(here(mine, compare(*people, "people"))).status_code == 404

    with transaction():
        db.session.add(TripRole(staff_id=staff.id, trip_id=foreign.id, role=Role.READER))
    assert client.get(path).status_code == 404

    client.post("/organizer/sign-out", data=hidden(client, "/organizer/"))
    sign_in(client, owner)
    assert "Blue-Wave SAS" in client.get(here(mine)).text
    assert client.get(path).status_code == 200


def test_ids_out_of_range_and_a_pair_of_one_are_not_found(client, pair):
    trip, one, _other = pair
    number = one.organization_id

    for path in (f"/companies/{number}/{number}", f"/companies/{number}/999999999999999999"):
        assert client.get(here(trip, path)).status_code == 404
    assert client.get(here(trip, f"/people/{number}/{10**30}")).status_code == 404
