"""Who comes up, and who does not: the cases that the written rules are about, one by one."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import (
    application,
    delegate_data,
    make_held,
    make_prospect,
    make_registration,
    make_staff,
    make_trip,
)
from webapp import clock
from webapp.db import db
from webapp.domain import audits, delegates, held_places, queues, registrations, seats, tours
from webapp.models.consent import Consent, Purpose
from webapp.models.delegate import DelegateState
from webapp.models.mail import Mail
from webapp.models.registration import Party, Registration, RegistrationState
from webapp.models.states import MoveRefused
from webapp.models.trip import Promotion, Trip

BY = audits.SYSTEM
IN, WAITS = RegistrationState.SUBMITTED, RegistrationState.WAITLISTED
ACCEPTED, OFFERED = RegistrationState.ACCEPTED, RegistrationState.OFFERED


def apply(trip: Trip, size: int = 1, **values) -> Registration:
    return registrations.submit(trip.id, application(size, **({"waits_if_full": True} | values)))


def later(hold_clock, **by) -> None:
    hold_clock(clock.now() + timedelta(**by))


def test_a_tour_that_takes_place_after_all_lets_up_who_waited(session):
    trip = make_trip(max_delegates=1, promotion=Promotion.AT_ONCE)
    first, second = apply(trip), apply(trip)
    tours.call_off(trip, BY, "Strike")
    registrations.cancel(first, "", BY)
    assert second.state == WAITS  # of a tour that does not take place there is nothing to give

    tours.bring_back(trip, BY)

    assert second.state == ACCEPTED


def test_a_registration_that_nobody_looked_at_vouches_for_nobody(session):
    trip = make_trip(max_delegates=1)
    known = make_registration(make_trip(), 1, organization_name="Held Company").organization
    make_held(trip, 1, organization_id=known.id)
    stranger = {"organization_name": "Held Company", "coordinator_email": "me@evil.example"}

    registrations.cancel(apply(trip, **stranger), "", BY)
    again = apply(trip, **stranger)

    assert (again.state, again.held_id) == (WAITS, None)


def test_what_an_organizer_accepted_vouches_for_its_mail_domain(session):
    trip, other = make_trip(max_delegates=1), make_trip()
    mail = {"organization_name": "Held Company", "coordinator_email": "ana@held.example"}
    before = apply(other, **mail)
    registrations.decide(before, ACCEPTED, "", audits.by_staff(make_staff()))
    block = make_held(trip, 1, organization_id=before.organization_id)

    mine = apply(trip, **mail | {"coordinator_email": "ben@held.example"})

    assert (mine.state, mine.held_id) == (IN, block.id)


def test_an_invitation_opens_the_places_of_its_own_company_only(session):
    trip = make_trip(max_delegates=1)
    known = make_registration(make_trip(), 1, organization_name="Held Company").organization
    block = make_held(trip, 1, organization_id=known.id)
    other, own = (
        make_prospect(trip, organization_name=name) for name in ("Some Other", "Held Company")
    )
    typed = {"organization_name": "Held Company"}

    stranger = apply(trip, **typed, prospect_id=other.id)
    registrations.cancel(stranger, "", BY)
    mine = apply(trip, **typed, prospect_id=own.id)

    assert (stranger.held_id, mine.held_id) == (None, block.id)


def test_a_colleague_does_not_overtake_when_a_block_has_just_ended(session, hold_clock):
    trip = make_trip(max_delegates=2, promotion=Promotion.AT_ONCE)
    first = apply(trip)
    block = make_held(trip, 1, mail_domain="held.example")
    waits = apply(trip)
    hold_clock(block.until_at + timedelta(seconds=1))

    colleague = delegates.add(first, delegate_data(9), BY)

    assert (colleague.state, waits.state) == (DelegateState.WAITING, ACCEPTED)


def test_a_party_larger_than_the_tour_does_not_shut_it(session):
    trip = make_trip(max_delegates=6, skips_parties=False)
    with pytest.raises(seats.TooManyDelegates):
        apply(trip, 8)
    make_registration(trip, 8, WAITS)  # as an import might have it, or a limit lowered since

    assert apply(trip).state == IN
    assert [turn.waits_for for turn in queues.line(trip)] == [queues.WaitsFor.TOO_MANY]


def test_a_company_that_has_applied_anew_does_not_come_back_a_second_time(session, hold_clock):
    trip = make_trip(max_delegates=1)
    named = {"organization_name": "Twice"}
    first = apply(trip)
    lapsed = apply(trip, **named)
    registrations.cancel(first, "", BY)
    later(hold_clock, days=5)
    registrations.lapse_due(trip.id)
    assert lapsed.state == RegistrationState.LAPSED
    apply(trip, **named)

    with pytest.raises(registrations.AlreadyRegistered):
        registrations.wait_again(lapsed, BY)
    with pytest.raises(registrations.AlreadyRegistered):
        registrations.decide(lapsed, ACCEPTED, "Back", BY, out_of_turn=True)


def test_places_held_for_a_party_are_given_to_as_many_of_it(session):
    trip = make_trip(max_delegates=6, skips_parties=False)
    apply(trip, 2)
    make_held(trip, 2, mail_domain="held.example")
    assert apply(trip, 4).state == WAITS  # two are free, and kept for it

    mine = apply(trip, 3, party=Party.ANY, coordinator_email="x@held.example")

    assert (mine.state, len(mine.coming)) == (IN, 2)


def test_one_over_its_own_limit_does_not_shut_a_waiting_company_out(session):
    trip = make_trip(max_delegates=3, max_per_organization=2, promotion=Promotion.AT_ONCE)
    first = apply(trip, 2)
    party = apply(trip, 2)
    extra = delegates.add(party, delegate_data(8), BY)
    assert (party.state, extra.state) == (WAITS, DelegateState.WAITING)

    registrations.cancel(first, "", BY)

    assert (party.state, len(party.coming)) == (ACCEPTED, 2)
    assert [turn.waits_for for turn in queues.line(trip)] == [queues.WaitsFor.OWN_LIMIT]


def test_nothing_is_taken_in_a_tour_that_was_called_off(session):
    trip = make_trip(max_delegates=1)
    first, second = apply(trip), apply(trip)
    registrations.cancel(first, "", BY)
    assert second.state == OFFERED
    tours.call_off(trip, BY, "Strike")

    with pytest.raises(registrations.OfferEnded):
        registrations.accept_offer(second, BY)
    with pytest.raises(MoveRefused):
        registrations.decide(second, ACCEPTED, "", BY)


def test_a_larger_offer_is_told_to_who_has_to_answer(session):
    trip = make_trip(max_delegates=3)
    first, second = apply(trip, 2), apply(trip, 1)
    waits = apply(trip, 3, party=Party.ANY)
    registrations.cancel(second, "", BY)
    assert (waits.state, len(waits.coming)) == (OFFERED, 1)

    registrations.cancel(first, "", BY)

    assert len(waits.coming) == 3
    offers = db.session.scalars(
        select(Mail).where(Mail.registration_id == waits.id, Mail.letter == "place_offered")
    ).all()
    assert [mail.facts["places"] for mail in offers] == [1, 2, 3]
    assert letters(waits, "delegate_in") == 0


def test_lowering_what_a_company_may_send_lets_nobody_in_through_the_back_door(session):
    trip = make_trip(max_delegates=20, max_per_organization=2)
    company = apply(trip, 2)
    registrations.allow_extra(company, 2, "Asked for", BY)
    for number in range(3):
        delegates.add(company, delegate_data(number + 3), BY)
    registrations.allow_extra(company, 0, "No more", BY)

    delegates.withdraw(company.delegates[0], "", BY)

    assert len(company.coming) == 3


def test_the_earlier_of_two_that_are_accepted_together_comes_first(session):
    trip = make_trip(max_delegates=1, ends_on=date(2027, 10, 29))
    first, second = (make_registration(trip, 1, WAITS) for _each in range(2))

    told = registrations.decide_many(trip, [second.id, first.id], ACCEPTED, "", BY)

    assert [(each.id, type(error)) for each, error in told] == [
        (first.id, type(None)),
        (second.id, seats.NoSeatLeft),
    ]


def test_what_is_a_delegates_own_is_not_read_by_sending_the_link_elsewhere(session):
    company = apply(make_trip(), 1)
    (one,) = company.delegates
    delegates.edit(one, delegate_data(1, email="mended@example.com"), BY)  # nothing given yet
    db.session.add(
        Consent(
            delegate_id=one.id,
            purpose=Purpose.LIST,
            wording="Yes",
            language="en",
            given_at=clock.now(),
        )
    )
    db.session.flush()

    with pytest.raises(delegates.HoldsOwnData):
        delegates.edit(one, delegate_data(1, email="elsewhere@example.com"), BY)

    assert one.email == "mended@example.com"


def test_changes_by_a_link_do_not_flood_a_mailbox(session):
    company = apply(make_trip(), 1)
    by = audits.by_company(company)
    (one,) = company.delegates

    for number in range(25):
        data = delegate_data(1, email=one.email, job_title=f"Title {number}")
        delegates.edit(one, data, by)

    assert letters(company, "registration_changed") == 20


def letters(registration: Registration, letter: str) -> int:
    query = select(func.count()).where(
        Mail.registration_id == registration.id, Mail.letter == letter
    )
    return db.session.scalar(query) or 0


def test_blocks_end_tour_by_tour(session, hold_clock):
    trips = [make_trip(), make_trip()]
    for trip in trips:
        make_held(trip, 1, mail_domain="held.example")
    later(hold_clock, days=60)

    assert held_places.due_trips() == sorted(trip.id for trip in trips)
    assert held_places.expire_due(trips[0].id) == 1
    assert held_places.due_trips() == [trips[1].id]
