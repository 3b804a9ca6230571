"""The addresses of hosts and speakers."""

import pytest
from markupsafe import escape

from tests.blueprints.forms import hidden, sign_in
from tests.factories import make_item, make_registration, make_staff, make_trip
from webapp.db import db, transaction
from webapp.domain import people
from webapp.models.agenda import ItemPerson, ItemRole
from webapp.models.person import Person
from webapp.models.trip import Trip


@pytest.fixture
def trip(app, client) -> Trip:
    """A tour with a host without an address, and a delegate who speaks."""
    with transaction():
        trip, staff = make_trip(), make_staff()
        delegate = make_registration(trip, 1).delegates[0]
        item = make_item(trip)
        host = people.named(trip, "Claire", "Martin")
        item.people = [
            ItemPerson(person=host, role=ItemRole.HOST),
            ItemPerson(person=delegate.person, role=ItemRole.SPEAKER),
        ]
    sign_in(client, staff)
    return trip


def claire() -> Person:
    return db.session.query(Person).filter_by(given_name="Claire").one()


def give(client, trip: Trip, email: str, person_id: object = None):
    here = f"/organizer/trips/{trip.slug}/mails/hosts"
    sent = {"person": person_id or claire().id, "email": email}
    return client.post(here, data=hidden(client, here) | sent)


def test_a_host_gets_an_address_and_loses_it(client, trip):
    assert give(client, trip, "claire@port.example.org").status_code == 303
    assert claire().email == "claire@port.example.org"

    assert give(client, trip, "").status_code == 303
    assert claire().email is None


def test_a_wrong_address_is_told_beside_the_name_and_kept_as_typed(client, trip):
    answer = give(client, trip, "claire at port")

    assert answer.status_code == 422
    assert 'value="claire at port"' in answer.text
    assert "This is not a mail address" in answer.text
    assert claire().email is None


def test_somebody_else_s_address_is_told_to_be_theirs(client, trip):
    delegate = db.session.query(Person).filter(Person.email.is_not(None)).one()
    answer = give(client, trip, delegate.email.upper())

    assert answer.status_code == 422
    assert f"This is the address of {escape(delegate.name)}" in answer.text
    assert claire().email is None


@pytest.mark.parametrize("number", ["0", "x", "9" * 40, "-1"])
def test_who_is_in_no_session_gets_no_address(client, trip, number):
    assert give(client, trip, "a@example.org", number).status_code == 303
    assert claire().email is None


def test_the_address_of_a_delegate_is_the_delegate_s_own(client, trip):
    delegate = db.session.query(Person).filter(Person.email.is_not(None)).one()
    was = delegate.email

    assert give(client, trip, "other@example.org", delegate.id).status_code == 303
    assert db.session.get(Person, delegate.id).email == was
