"""Companies that are known: offered for a name like theirs, asked about once, joined by nobody."""

import re

import pytest
from sqlalchemy import func, select

from tests.blueprints.forms import company_form, field_errors, hidden
from tests.factories import make_registration, make_trip
from webapp.db import transaction
from webapp.domain import organizations
from webapp.models.mail import Mail
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.registration import Registration
from webapp.models.trip import Trip

ASKED = "We know a name like this one. Please say below whether it is yours."


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip()


@pytest.fixture
def known(session) -> Organization:
    with transaction():
        return organizations.find_or_add(
            "Blue Wave Sensors, Inc.", OrganizationKind.COMPANY, "US", None
        )


def send(client, trip, **values):
    path = f"/trips/{trip.slug}/register"
    form = hidden(client, path) | company_form(1, **values)
    return client.post(path, data={name: value for name, value in form.items() if value})


def offered(page: str) -> list[str]:
    return re.findall(r'data-name="([^"]*)"', page)


def applied(session) -> list[tuple[str, int | None]]:
    rows = session.scalars(select(Registration).order_by(Registration.id))
    return [(row.organization.name, row.says_to_be_id) for row in rows]


def test_the_form_is_told_of_names_like_the_one_typed(client, trip, known):
    path = f"/trips/{trip.slug}/register/names"

    like = client.get(path, query_string={"organization_name": "bluewave sensors"})
    other = client.get(path, query_string={"q": "Something Else"})

    assert offered(like.get_data(as_text=True)) == ["Blue Wave Sensors, Inc."]
    assert offered(other.get_data(as_text=True)) == []
    assert 'name="says_to_be" value="none"' in other.get_data(as_text=True)


@pytest.mark.parametrize("name", ["", "Bl", "x" * 5000, "\u202e%_'\";--", "\U0001f30a" * 9])
def test_odd_names_are_offered_nothing(client, trip, known, name):
    answer = client.get(f"/trips/{trip.slug}/register/names?", query_string={"q": name})

    assert (answer.status_code, offered(answer.get_data(as_text=True))) == (200, [])


def test_without_a_script_it_is_asked_once_before_anything_is_stored(client, trip, known, session):
    asked = send(client, trip, says_to_be="", names_seen="")
    page = asked.get_data(as_text=True)

    assert asked.status_code == 422
    assert field_errors(page) == {"organization_name": ASKED}
    assert offered(page) == ["Blue Wave Sensors, Inc."]
    assert applied(session) == []
    assert send(client, trip, says_to_be="none").status_code == 303
    assert applied(session) == [("Blue Wave Sensors", None)]


def test_whoever_chooses_a_known_name_takes_it_and_the_organizers_confirm(
    client, trip, known, session
):
    answer = send(client, trip, says_to_be=str(known.id), country="FR")

    assert answer.status_code == 303
    assert applied(session) == [("Blue Wave Sensors, Inc.", known.id)]
    assert session.scalars(select(Registration)).one().organization_id != known.id


@pytest.mark.parametrize("choice", ["999999", "-1", "x", "²", "9" * 400])
def test_an_id_that_was_not_offered_counts_for_nothing(client, trip, known, session, choice):
    with transaction():
        other = organizations.find_or_add("Another Company", OrganizationKind.COMPANY, "US", None)

    for wrong in (choice, str(other.id)):
        assert send(client, trip, says_to_be=wrong).status_code == 422
    assert applied(session) == []


def test_none_of_these_counts_for_the_name_that_was_offered_and_for_no_other(
    client, trip, known, session
):
    page = send(client, trip, says_to_be="none", names_seen="another name")

    assert field_errors(page.get_data(as_text=True)) == {"organization_name": ASKED}
    assert applied(session) == []


@pytest.fixture
def registered(trip, session) -> Registration:
    with transaction():
        return make_registration(
            trip,
            organization_name="Blue Wave Sensors",
            coordinator_name="Zoltan Secret",
            coordinator_email="zoltan@secret.example.com",
        )


def letters(session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Mail).order_by(Mail.id))
    return [(row.letter, row.to_email) for row in rows]


def test_a_company_that_takes_part_is_named_and_its_coordinator_is_not(
    client, trip, registered, session
):
    page = send(client, trip, says_to_be="", names_seen="").get_data(as_text=True)

    assert "Blue Wave Sensors is registered for this tour already." in page
    assert offered(page) == []
    for secret in ("Zoltan", "secret.example.com", registered.token, registered.reference):
        assert secret not in page


def test_its_link_is_mailed_to_whoever_registered_it_and_the_form_stays(
    client, trip, registered, session
):
    answer = send(client, trip, send_link=str(registered.organization_id))
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert letters(session) == [("links_sent", "zoltan@secret.example.com")]
    assert 'value="Given0"' in page
    assert "secret.example.com" not in page


@pytest.mark.parametrize("wanted", ["", "x", "0", "9" * 400])
def test_no_link_is_mailed_for_what_is_not_offered(client, trip, registered, session, wanted):
    path = f"/trips/{trip.slug}/register"
    form = hidden(client, path) | company_form(1)
    other = form | {"organization_name": "Somebody Else"}

    client.post(path, data=form | {"send_link": wanted})
    client.post(path, data=other | {"send_link": str(registered.organization_id)})
    client.post(path, data=form | {"send_link": str(registered.organization_id), "csrf_token": ""})

    assert letters(session) == []


def test_the_very_name_of_a_company_that_takes_part_is_refused_with_the_way_to_its_link(
    client, trip, registered, session
):
    page = send(client, trip, says_to_be="none").get_data(as_text=True)

    assert field_errors(page) == {
        "organization_name": "This organization is registered for this tour already, and each "
        "applies once. Whoever registered it can add people."
    }
    assert f'name="send_link" value="{registered.organization_id}"' in page
    assert session.scalar(select(func.count()).select_from(Registration)) == 1
