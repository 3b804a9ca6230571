"""The organizer's page of one registration: deciding, places, acting for the company."""

import pytest

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip
from webapp import clock
from webapp.db import transaction
from webapp.domain import audits
from webapp.models.delegate import DelegateState
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Promotion, Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=10, max_per_organization=5, promotion=Promotion.AT_ONCE)


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(registration: Registration, more: str = "") -> str:
    return f"/organizer/trips/{registration.trip.slug}/registrations/{registration.id}{more}"


def send(client, registration: Registration, more: str = "", page: str = "", **form):
    sent = hidden(client, at(registration, page)) | form
    return client.post(at(registration, more), data=sent)


def words_of(answer) -> str:
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("state", list(RegistrationState))
def test_every_state_has_its_sentence_and_page(client, trip, staff, state):
    with transaction():
        made = make_registration(trip, 2)
        made.offer_ends_at = clock.now()
        made.state = state

    assert client.get(at(made)).status_code == 200


def test_accepting_out_of_turn_is_asked_for_with_a_reason(client, trip, staff):
    with transaction():
        trip.max_delegates = 4
        make_registration(trip, 3)
        big = make_registration(trip, 3, RegistrationState.WAITLISTED)
        small = make_registration(trip, 1, RegistrationState.WAITLISTED)

    refused = send(client, small, decision="accepted")
    assert refused.status_code == 422
    assert "1 other waits before this company" in words_of(refused)
    silent = send(client, small, decision="accepted", out_of_turn="y")
    assert "Please give a reason" in words_of(silent)
    send(client, small, decision="accepted", out_of_turn="y", reason="They host us.")

    assert (small.state, big.state) == ("accepted", "waitlisted")


def test_what_is_put_on_the_list_by_hand_waits_until_let_go(client, trip, staff):
    with transaction():
        made = make_registration(trip, 2)

    send(client, made, decision="waitlisted", reason="Perhaps later")
    assert (made.state, made.in_reserve) == ("waitlisted", True)
    assert "In reserve" in words_of(client.get(at(made))) or "in reserve" in words_of(
        client.get(at(made))
    )
    send(client, made, "/turn")

    assert (made.state, made.in_reserve) == ("accepted", False)


def test_places_over_the_limit_let_in_who_waited_for_that(client, trip, staff):
    with transaction():
        trip.max_per_organization = 1
        made = make_registration(trip, 2, RegistrationState.ACCEPTED)
        second = made.delegates[1]
        second.queued_at = clock.now()
        second.become(DelegateState.WAITING)

    assert send(client, made, "/extra", extra="1", why=" ").status_code == 422
    assert send(client, made, "/extra", extra="", why="x").status_code == 422
    assert send(client, made, "/extra", extra="x", why="x").status_code == 422
    assert send(client, made, "/extra", extra="1", why="Two experts").status_code == 303

    assert (made.extra_places, second.state) == (1, "coming")
    assert "Two experts" in words_of(client.get(at(made)))


def test_a_company_that_called_is_cancelled_for_it(client, trip, staff):
    with transaction():
        made = make_registration(trip, 2)

    assert send(client, made, "/cancel", cause="x" * 1001).status_code == 422
    send(client, made, "/cancel", cause="They telephoned.")

    assert (made.state, made.reason) == ("cancelled", "They telephoned.")
    assert send(client, made, "/cancel", cause="").status_code == 303


PERSON = {
    "given_name": "Chloé", "family_name": "Leroy", "email": "chloe@example.com",
    "phone": "+33 4 91 00 00 00", "job_title": "", "language": "fr", "note": "By telephone",
}  # fmt: skip


def test_a_delegate_is_added_also_after_the_freeze_and_the_window(client, trip, staff):
    with transaction():
        made = make_registration(trip, 1, RegistrationState.ACCEPTED)
        trip.freezes_at = trip.registration_closes_at = clock.now()

    answer = send(client, made, "/delegates/new", "/delegates/new", **PERSON)

    assert answer.status_code == 303
    assert [(d.given_name, d.phone, d.state) for d in made.delegates][1:] == [
        ("Chloé", "+33491000000", "coming")
    ]
    entry = audits.of(made)[0]
    assert (entry.action, entry.reason, entry.actor_name) == ("act for", "By telephone", staff.name)


def test_a_colleague_is_invited_with_a_mail_address_alone(client, trip, staff):
    with transaction():
        made = make_registration(trip, 1)
    where = "/delegates/new"
    bare = PERSON | {"given_name": "", "family_name": "", "phone": "", "note": ""}

    refused = send(client, made, where, where, **bare)
    assert set(field_errors(words_of(refused))) == {"given_name", "family_name"}
    send(client, made, where, where, **bare, invite="y")

    assert made.delegates[1].awaits_data
    assert "has not given their own data yet" in words_of(client.get(at(made)))


def test_the_same_address_twice_is_told(client, trip, staff):
    with transaction():
        made = make_registration(trip, 1)
    there = made.delegates[0].email

    answer = send(client, made, "/delegates/new", "/delegates/new", **PERSON | {"email": there})

    assert answer.status_code == 422
    assert "has this mail address already" in words_of(answer)


def test_a_delegate_is_edited_and_nobody_is_overwritten(client, trip, staff):
    with transaction():
        made = make_registration(trip, 1)
    delegate = made.delegates[0]
    where = f"/delegates/{delegate.id}"
    form = hidden(client, at(made, where)) | PERSON | {"email": delegate.email}

    assert client.post(at(made, where), data=form).status_code == 303
    assert delegate.family_name == "Leroy"
    stale = client.post(at(made, where), data=form | {"family_name": "Other"})

    assert stale.status_code == 422
    assert "Somebody has changed this meanwhile" in words_of(stale)
    assert delegate.family_name == "Leroy"


def test_a_delegate_is_replaced(client, trip, staff):
    with transaction():
        made = make_registration(trip, 2)
    old = made.delegates[0]
    where = f"/delegates/{old.id}/replace"
    assert f"instead of {old.given_name}" in words_of(client.get(at(made, where)))

    send(client, made, where, where, **PERSON)

    assert old.state == "replaced"
    assert {d.given_name for d in made.delegates if d.id != made.everybody[1].id} == {"Chloé"}
    assert client.get(at(made, where)).status_code == 404
    page = words_of(client.get(at(made)))
    assert "No longer part of it" in page
    assert "instead comes Chloé Leroy" in page


def test_a_delegate_is_withdrawn_but_not_the_last(client, trip, staff):
    with transaction():
        made = make_registration(trip, 2)
    first, last = made.delegates
    answers = [
        send(client, made, where, where, note="Ill")
        for where in (f"/delegates/{each.id}/withdraw" for each in (first, last))
    ]

    assert (first.state, last.state) == ("withdrawn", "coming")
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "last delegate" in words_of(answers[1])


def test_a_reader_sees_it_and_does_nothing(client, trip, session):
    with transaction():
        made = make_registration(trip, 2)
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    page = words_of(client.get(at(made)))
    assert "<form" not in page.split("<main")[1]
    form = hidden(client, "/organizer/") | PERSON
    for more in ("/cancel", "/turn", "/extra", "/score", "/delegates/new"):
        assert client.post(at(made, more), data=form).status_code == 404, more
    assert len(made.delegates) == 2
