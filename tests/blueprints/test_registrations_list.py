"""The organizer's list of registrations over HTTP."""

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from tests.blueprints.forms import hidden, sign_in
from tests.factories import delegate_data, make_registration, make_staff, make_trip
from webapp.db import transaction
from webapp.domain import listings
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=10, max_per_organization=5)


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip, more: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/registrations{more}"


def shown(answer) -> list[str]:
    text = answer.get_data(as_text=True)
    return re.findall(r'<a class="table__main" href="[^"]*">([^<]*)</a>', text)


def send(client, trip: Trip, where: str, **form):
    return client.post(at(trip, where), data=hidden(client, at(trip)) | form)


def test_the_list_is_searched_and_its_states_are_counted(client, trip, staff):
    with transaction():
        make_registration(trip, 1, organization_name="Écume")
        make_registration(trip, 1, RegistrationState.WAITLISTED, organization_name="Ecume Sud")
        make_registration(trip, 1, organization_name="Other")

    found = client.get(at(trip, "?q=ECUME"))
    assert shown(found) == ["Écume", "Ecume Sud"]
    text = found.get_data(as_text=True)
    assert re.findall(r'aria-current="true">([^<]*) <span class="count">(\d+)', text) == [
        ("All", "2")
    ]
    assert shown(client.get(at(trip, "?q=ecume&state=waitlisted"))) == ["Ecume Sud"]


@pytest.mark.parametrize(
    "query",
    ["state=nothing", "page=0", "page=-1", "page=x", "page=9999999999999999999", "kind=x",
     "country=France", "sort=random", "q=%F0%9F%8C%8A", "q=" + "x" * 5000,
     "missing=1", "q=%5B%28%2A"],
)  # fmt: skip
def test_whatever_an_address_asks_for_there_is_a_page(client, trip, staff, query):
    with transaction():
        make_registration(trip, 1)

    assert client.get(at(trip, f"?{query}")).status_code == 200


def test_a_page_past_the_end_leads_back(client, trip, staff):
    with transaction():
        make_registration(trip, 1)

    assert "Go to the first page" in client.get(at(trip, "?page=7")).get_data(as_text=True)


def test_ticked_rows_are_decided_with_one_reason_and_each_result_is_told(
    client, trip, staff, session
):
    with transaction():
        fits = make_registration(trip, 2, organization_name="Fits")
        more = make_registration(trip, 2, organization_name="More")
        left = make_registration(trip, 2, organization_name="Left alone")

    answer = send(
        client,
        trip,
        "/many",
        id=[fits.id, more.id],
        decision="declined",
        reason="No room on the bus",
    )

    assert answer.status_code == 200
    assert shown(answer) == ["Fits", "More"]
    assert [r.state for r in (fits, more, left)] == ["declined", "declined", "submitted"]
    assert [r.reason for r in (fits, more)] == ["No room on the bus"] * 2
    assert "2 of 2 registrations decided" in answer.get_data(as_text=True)


def test_one_that_cannot_be_decided_so_does_not_keep_the_others_from_it(client, trip, staff):
    with transaction():
        first = make_registration(trip, 8, RegistrationState.ACCEPTED, organization_name="First")
        big = make_registration(trip, 3, RegistrationState.DECLINED, organization_name="Big")
        small = make_registration(trip, 2, RegistrationState.DECLINED, organization_name="Small")

    answer = send(client, trip, "/many", id=[big.id, small.id], decision="accepted")

    assert (big.state, small.state, first.state) == ("declined", "accepted", "accepted")
    text = answer.get_data(as_text=True)
    assert "1 of 2 registrations decided" in text
    assert "Only 2 places are left; this company needs 3." in text


def test_all_that_is_shown_can_be_decided_at_once(client, trip, staff):
    with transaction():
        blue = [make_registration(trip, 1, organization_name=f"Blue {n}") for n in range(3)]
        other = make_registration(trip, 1, organization_name="Other")

    send(client, trip, "/many?q=blue", all="y", decision="accepted")

    assert [r.state for r in (*blue, other)] == ["accepted"] * 3 + ["submitted"]


def test_no_more_are_decided_at_once_than_said(client, trip, staff, monkeypatch):
    monkeypatch.setattr(listings, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(listings.ids, "__defaults__", (2,))
    with transaction():
        made = [make_registration(trip, 1) for _n in range(3)]

    send(client, trip, "/many", all="y", decision="accepted")

    assert [r.state for r in made] == ["accepted", "accepted", "submitted"]


@pytest.mark.parametrize(
    "form",
    [
        {"decision": "accepted"},
        {"id": ["x", "-1", "9" * 30], "decision": "accepted"},
        {"id": ["1"], "decision": "cancelled"},
        {"all": "y", "decision": "declined", "reason": " "},
        {"all": "y", "decision": "declined", "reason": "x" * 1001},
    ],
)
def test_many_that_cannot_be_decided_are_told_and_nothing_is_done(
    client, trip, staff, form, session
):
    with transaction():
        made = make_registration(trip, 1)

    answer = send(client, trip, "/many", **form)

    assert answer.status_code == 422
    assert "Please look at this again" in answer.get_data(as_text=True)
    assert made.state == "submitted"


def test_registrations_of_another_tour_are_not_decided(client, trip, staff):
    with transaction():
        theirs = make_registration(make_trip(), 1)

    send(client, trip, "/many", id=[theirs.id], decision="accepted")

    assert theirs.state == "submitted"


def test_the_delegates_of_what_is_shown_are_taken_out(client, trip, staff):
    with transaction():
        formula = delegate_data(given_name="=HYPERLINK(1)", job_title="+1", family_name="Évil")
        make_registration(trip, 1, organization_name="Blue", delegates=(formula,))
        make_registration(trip, 1, organization_name="Other")

    book = client.get(at(trip, "/delegates.xlsx?q=blue"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["Organization", "Blue"]
    assert (rows[1][6], rows[1][7], rows[1][8]) == ("=HYPERLINK(1)", "Évil", "+1")
    assert b"<f>" not in book.data
    lines = client.get(at(trip, "/delegates.csv?q=blue")).get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert "'=HYPERLINK(1)" in lines[1]
    assert ",'+1," in lines[1]


def test_a_reader_sees_no_boxes_and_may_not_decide(client, trip, session):
    with transaction():
        made = make_registration(trip, 1)
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    assert 'name="decision"' not in client.get(at(trip)).get_data(as_text=True)
    form = hidden(client, "/organizer/") | {"id": [made.id], "decision": "accepted"}
    assert client.post(at(trip, "/many"), data=form).status_code == 404
    assert made.state == "submitted"
