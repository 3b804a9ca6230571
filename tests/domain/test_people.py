"""People, apart from trips: who is known already, and that nobody is overwritten."""

import pytest
from sqlalchemy import func, select

from tests.factories import delegate_data, make_registration, make_trip
from webapp.domain import people, registrations
from webapp.models.person import Person


def test_somebody_is_known_by_mail_address_whatever_its_case_and_stays_as_known(session):
    first = people.find_or_add("Zoé", "Núñez", "zoe@example.com")

    again = people.find_or_add("Z.", "Nunez-Other", "ZOE@Example.com")

    assert again is first
    assert (first.given_name, first.family_name, first.email) == (
        "Zoé",
        "Núñez",
        "zoe@example.com",
    )
    assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize("email", ["ÉRIC@example.com", "İpek@example.com", "ẞ@example.com"])
def test_somebody_whose_address_the_database_lowers_otherwise_is_found_too(session, email):
    first = people.find_or_add("Éric", "Núñez", email)

    assert people.find_or_add("Éric", "Núñez", email) is first


def test_one_person_travels_with_two_companies_under_the_names_each_of_them_gave(session):
    data = [delegate_data(email="zoe@example.com", family_name=name) for name in ("A", "B")]

    first, second = (
        make_registration(make_trip(), delegates=(each,)).delegates[0] for each in data
    )

    assert first.person is second.person
    assert (first.family_name, second.family_name) == ("A", "B")
    assert first.person.family_name == "A"


def test_a_registration_is_found_by_its_own_link_and_in_its_own_trip_only(session):
    trip, other = make_trip(), make_trip()
    registration = make_registration(trip, 1)

    assert registrations.by_token(registration.token) is registration
    assert registrations.by_token(registration.delegates[0].token) is None
    assert registrations.find(trip, registration.id) is registration
    assert registrations.find(other, registration.id) is None
    assert registrations.by_form_key(other, registration.form_key) is None
