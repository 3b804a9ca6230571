"""Registering: what is stored, what is refused, and what the letters are."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import application, delegate_data, make_registration, make_trip
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import audits, feeds, registrations, seats
from webapp.models.audit import AuditEntry
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState
from webapp.models.states import MoveRefused
from webapp.models.trip import Window

ACCEPTED = RegistrationState.ACCEPTED
WAITLISTED = RegistrationState.WAITLISTED
DECLINED = RegistrationState.DECLINED


def letters_of(registration: Registration) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Mail.letter, Mail.to_email)
        .where(Mail.registration_id == registration.id)
        .order_by(Mail.id)
    )
    return [(letter, email) for letter, email in rows]


def test_registering_stores_the_company_its_delegates_and_a_letter_for_each(session):
    trip = make_trip()
    sent = application(3)

    with transaction():
        registration = registrations.submit(trip.id, sent)

    assert registration.state == RegistrationState.SUBMITTED
    assert [d.email for d in registration.delegates] == [d.email for d in sent.delegates]
    assert letters_of(registration) == [
        ("registration_received", sent.coordinator_email),
        *(("delegate_welcome", d.email) for d in sent.delegates),
    ]
    assert [e.action for e in audits.of(registration)] == ["register"]


def test_the_same_form_sent_twice_makes_one_registration_and_one_set_of_letters(session):
    trip = make_trip()
    sent = application(2)

    with transaction():
        first = registrations.submit(trip.id, sent)
    with transaction():
        second = registrations.submit(trip.id, sent)

    assert second is first
    assert session.scalar(select(func.count()).select_from(Registration)) == 1
    assert session.scalar(select(func.count()).select_from(Mail)) == 3
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


@pytest.mark.parametrize(
    ("opens", "closes", "window"),
    [(1, 2, Window.BEFORE), (-2, -1, Window.CLOSED)],
)
def test_outside_the_window_nothing_is_stored(session, opens, closes, window):
    now = clock.now()
    trip = make_trip(
        registration_opens_at=now + timedelta(days=opens),
        registration_closes_at=now + timedelta(days=closes),
    )

    with pytest.raises(registrations.RegistrationClosed) as refused, transaction():
        registrations.submit(trip.id, application())

    assert refused.value.window == window
    assert session.scalar(select(func.count()).select_from(Registration)) == 0


def test_a_full_trip_refuses_with_the_places_that_are_left(session):
    trip = make_trip(max_delegates=3)
    make_registration(trip, 2)

    with pytest.raises(seats.NoSeatLeft) as refused, transaction():
        registrations.submit(trip.id, application(2))

    assert (refused.value.asked, refused.value.left) == (2, 1)
    assert session.scalar(select(func.count()).select_from(Registration)) == 0  # rolled back whole


def test_a_company_that_waits_is_put_on_the_waiting_list(session):
    trip = make_trip(max_delegates=3)
    make_registration(trip, 2)

    with transaction():
        registration = registrations.submit(trip.id, application(2, waits_if_full=True))

    assert registration.state == WAITLISTED
    assert seats.places(trip).delegates == 2


def test_a_company_place_is_a_limit_of_its_own(session):
    trip = make_trip(max_organizations=1)
    make_registration(trip, 1)

    with pytest.raises(seats.NoCompanyPlaceLeft), transaction():
        registrations.submit(trip.id, application(1))


def test_no_organization_sends_more_than_the_trip_allows(session):
    trip = make_trip(max_per_organization=2)

    with pytest.raises(seats.TooManyDelegates) as refused, transaction():
        registrations.submit(trip.id, application(3))

    assert (refused.value.asked, refused.value.limit) == (3, 2)


def test_two_delegates_with_one_address_are_told_apart_by_position(session):
    trip = make_trip()
    twice = (
        delegate_data(1, email="same@example.com"),
        delegate_data(2),
        delegate_data(3, email="SAME@example.com"),
    )

    with pytest.raises(registrations.DelegateTwice) as refused, transaction():
        registrations.submit(trip.id, application(delegates=twice))

    assert refused.value.position == 2


def test_a_decision_is_stored_told_and_audited_with_its_reason(session):
    trip = make_trip()
    with transaction():
        registration = make_registration(trip, 2)
    by = audits.SYSTEM

    with transaction():
        registrations.decide(registration, DECLINED, "  Full for your sector. ", by)

    assert (registration.state, registration.reason) == (DECLINED, "Full for your sector.")
    assert letters_of(registration) == [
        ("registration_decided", registration.coordinator_email),
        *(("delegate_status", d.email) for d in registration.delegates),
    ]
    entry = audits.of(registration)[0]
    assert (entry.action, entry.before, entry.after, entry.reason) == (
        "decide",
        {"state": "submitted"},
        {"state": "declined"},
        "Full for your sector.",
    )


@pytest.mark.parametrize("state", [DECLINED, WAITLISTED])
def test_a_refusal_needs_a_reason(session, state):
    trip = make_trip()
    with transaction():
        registration = make_registration(trip)

    with pytest.raises(registrations.ReasonMissing), transaction():
        registrations.decide(registration, state, "   ", audits.SYSTEM)

    assert registration.state == RegistrationState.SUBMITTED


def test_accepting_from_the_waiting_list_takes_seats_and_never_more_than_there_are(session):
    trip = make_trip(max_delegates=2)
    with transaction():
        make_registration(trip, 1)
        waiting = make_registration(trip, 2, WAITLISTED)

    with pytest.raises(seats.NoSeatLeft), transaction():
        registrations.decide(waiting, ACCEPTED, "", audits.SYSTEM)

    assert waiting.state == WAITLISTED
    assert letters_of(waiting) == []


def test_declining_frees_the_seats_for_whoever_waits(session):
    trip = make_trip(max_delegates=2)
    with transaction():
        first = make_registration(trip, 2)
        waiting = make_registration(trip, 2, WAITLISTED)

    with transaction():
        registrations.decide(first, DECLINED, "Not this time.", audits.SYSTEM)
    with transaction():
        registrations.decide(waiting, ACCEPTED, "", audits.SYSTEM)

    assert waiting.state == ACCEPTED
    assert seats.places(trip).delegates == 2


def test_a_cancelled_company_stays_cancelled_and_its_feeds_are_gone(session):
    trip = make_trip()
    with transaction():
        registration = make_registration(trip, 1)

    with transaction():
        registrations.cancel(registration, "", audits.by_company(registration))

    with pytest.raises(MoveRefused), transaction():
        registrations.decide(registration, ACCEPTED, "", audits.SYSTEM)
    assert feeds.is_gone(feeds.of_company(registration))
    assert feeds.is_gone(feeds.of_delegate(registration.delegates[0]))


def test_a_second_decision_writes_a_second_letter(session):
    trip = make_trip()
    with transaction():
        registration = make_registration(trip, 1)
    for state in (WAITLISTED, ACCEPTED):
        with transaction():
            registrations.decide(registration, state, "Because.", audits.SYSTEM)

    assert [letter for letter, _ in letters_of(registration)] == [
        "registration_decided",
        "delegate_status",
    ] * 2


def test_links_are_stored_hashed_and_sealed(session):
    """icalendar.md S2."""
    trip = make_trip()
    with transaction():
        registration = make_registration(trip, 1)
    token = registration.token

    row = session.execute(
        select(Registration.__table__).where(Registration.__table__.c.id == registration.id)
    ).one()

    assert registrations.by_token(token) is registration
    stored = (
        session.connection()
        .exec_driver_sql("SELECT token_digest, token_sealed FROM registrations")
        .one()
    )
    assert token not in stored[0]
    assert token.encode() not in stored[1]
    assert len(token) >= 22
    assert row.token_digest == stored[0]
