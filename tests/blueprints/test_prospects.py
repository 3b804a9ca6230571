"""Invitations to apply, from the list to the form of the invited company."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.blueprints.forms import company_form, field_errors, hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip
from webapp import clock
from webapp.db import transaction
from webapp.domain import audits, prospect_lists, prospects
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import Registration
from webapp.models.trip import Trip, TripState

LIST = "Blue Wave Sensors;Ana Martin;ana@blue.example.com;fr\nGreen Labs;;bob@green.example.com"


@pytest.fixture
def trip(session) -> Trip:
    """A tour that opens in two days."""
    with transaction():
        return make_trip(registration_opens_at=clock.now() + timedelta(days=2))


@pytest.fixture
def pages(client, trip) -> str:
    """Where an organizer who signed in finds the invitations."""
    with transaction():
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return f"/organizer/trips/{trip.slug}/registrations/invitations"


@pytest.fixture
def prospect(trip, session) -> Prospect:
    with transaction():
        rows = prospect_lists.read(LIST, "en")
        return prospects.ask(trip, rows, "We met at <the> fair.", audits.SYSTEM)[0]


def link(prospect: Prospect) -> str:
    return f"/trips/{prospect.trip.slug}/register/invited/{prospect.token}"


def check(client, pages, **values):
    form = hidden(client, pages) | {"people": LIST, "language": "en", "note": "Do come."}
    return client.post(pages, data=form | values, content_type="multipart/form-data")


def letters(session) -> list[str]:
    return list(session.scalars(select(Mail.to_email).order_by(Mail.id)))


def hidden_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input id="rows" name="rows" type="hidden" value="([^"]*)">', page)
    return {"rows": found[0]}


def test_a_list_is_looked_at_and_then_written_to(client, pages, session):
    page = check(client, pages).get_data(as_text=True)

    assert "2 companies would be written to" in page
    assert letters(session) == []
    form = hidden(client, pages) | hidden_of(page) | {"note": "Do come."}
    sent = client.post(f"{pages}/ask", data=form)
    assert sent.status_code == 303
    assert letters(session) == ["ana@blue.example.com", "bob@green.example.com"]
    assert "Blue Wave Sensors" in client.get(pages).get_data(as_text=True)
    client.post(f"{pages}/ask", data=form)
    assert len(letters(session)) == 2


def test_a_file_is_read_and_rows_that_are_left_out_are_named(client, pages, trip, session):
    with transaction():
        make_registration(trip, organization_name="Green Labs")
    sheet = (io.BytesIO((LIST + "\nBad Row;;nonsense@").encode()), "list.csv")

    page = check(client, pages, people="", sheet=sheet).get_data(as_text=True)

    assert "1 company would be written to" in page
    assert "2 rows are left out" in page
    assert "This company has registered already." in page
    assert "“nonsense@” is not a mail address." in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"people": ""}, "people"),
        ({"people": "\x00"}, "people"),
        ({"people": "x" * 400_001}, "people"),
        ({"note": "x" * 2001}, "note"),
        ({"language": "tlh"}, "language"),
        ({"sheet": (io.BytesIO(b"%PDF-1.7"), "list.xlsx")}, "sheet"),
    ],
)
def test_what_cannot_be_read_is_told_and_stays(client, pages, session, values, field):
    answer = check(client, pages, **values)
    page = answer.get_data(as_text=True)

    assert (answer.status_code, list(field_errors(page))) == (422, [field])
    assert letters(session) == []


def test_one_is_reminded_taken_back_and_asked_again(client, pages, prospect, session):
    form = hidden(client, pages)
    one = f"{pages}/{prospect.id}"

    client.post(f"{one}/remind", data=form)
    assert len(letters(session)) == 2
    with transaction():
        prospect.asked_at -= timedelta(days=1)
    client.post(f"{pages}/remind", data=form)
    client.post(f"{one}/take-back", data=form)

    assert letters(session)[2:] == ["ana@blue.example.com"]
    assert prospect.state == ProspectState.WITHDRAWN
    assert client.get(link(prospect)).status_code == 410
    with transaction():
        prospect.asked_at -= timedelta(days=1)
    client.post(f"{one}/remind", data=form)
    assert prospect.state == ProspectState.ASKED
    assert client.get(link(prospect)).status_code == 200


def test_the_link_opens_the_form_filled_in_before_others_may_apply(client, prospect, trip):
    public = client.get(f"/trips/{trip.slug}/register").get_data(as_text=True)
    page = client.get(link(prospect)).get_data(as_text=True)

    assert "Registration has not opened yet" in public
    assert 'value="Blue Wave Sensors"' in page
    assert 'value="ana@blue.example.com"' in page
    assert "We met at &lt;the&gt; fair." in page
    assert client.get(link(prospect)).headers["Cache-Control"] == "no-store"


def test_applying_from_it_is_noted_and_happens_once(client, prospect, session):
    path = link(prospect)

    sent = client.post(path, data=hidden(client, path) | company_form(1))

    assert re.fullmatch(r"/r/[\w-]{32}", sent.location)
    assert session.scalars(select(Registration)).one().prospect_id == prospect.id
    assert prospect.state == ProspectState.APPLIED
    assert prospect.opened_at is not None
    page = client.get(path).get_data(as_text=True)
    assert "You have applied already" in page
    assert 'name="organization_name"' not in page


def test_a_form_saved_from_it_still_opens_early(client, prospect, session):
    path = link(prospect)
    saved = client.post(path, data=hidden(client, path) | company_form(1) | {"save_draft": "1"})

    sent = client.post(saved.location, data=hidden(client, saved.location) | company_form(1))

    assert re.fullmatch(r"/r/[\w-]{32}", sent.location)
    assert prospect.state == ProspectState.APPLIED


def test_saying_no_is_noted_and_leaves_the_door_open(client, prospect, session):
    path = link(prospect)
    form = hidden(client, path)

    for _ in range(2):
        assert client.post(f"{path}/refuse", data=form).status_code == 303

    assert prospect.state == ProspectState.REFUSED
    assert "You told us that you do not come." in client.get(path).get_data(as_text=True)


def test_it_ends_with_the_window_and_is_of_its_tour_alone(client, prospect, trip, session):
    with transaction():
        other = make_trip()
    elsewhere = link(prospect).replace(trip.slug, other.slug)

    assert client.get(elsewhere).status_code == 404
    assert client.get(link(prospect)[:-1]).status_code == 404
    with transaction():
        trip.registration_opens_at = clock.now() - timedelta(days=2)
        trip.registration_closes_at = clock.now() - timedelta(days=1)
    assert "Registration is closed" in client.get(link(prospect)).get_data(as_text=True)
    with transaction():
        trip.state = TripState.WITHDRAWN
    assert client.get(link(prospect)).status_code == 410
