"""Seats in a crowd: many connections at once, each with a real commit, and never one too many."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import application, delegate_data, make_registration, make_trip
from tests.together import at_once, meanwhile, wait_until_one_waits
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import audits, delegates, people, registrations, seats
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.person import Person
from webapp.models.registration import Registration, RegistrationState
from webapp.models.states import MoveRefused
from webapp.models.trip import Promotion, Trip, Window

ACCEPTED = RegistrationState.ACCEPTED
WAITLISTED = RegistrationState.WAITLISTED


@pytest.fixture
def crowd(committed, config):
    """Forty connections at once, and patience with a slow machine: what is tried is who gets a
    seat, not how long somebody waits."""
    ours = db.engines[None]
    db.engines[None] = sa.create_engine(
        config.database_url,
        pool_size=45,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=60s"},
    )
    yield committed
    db.session.remove()
    db.engines[None].dispose()
    db.engines[None] = ours


def a_trip(**values) -> int:
    """The id of a trip that everybody sees; this thread's connection is given back."""
    with transaction():
        trip_id = make_trip(**values).id
    db.session.remove()
    return trip_id


def register(trip_id: int, size: int = 1, **values):
    """An action that registers a company and returns where that left it."""
    sent = application(size, **values)

    def action():
        with transaction():
            return registrations.submit(trip_id, sent).state

    return action


def refusals(results: list) -> set[type]:
    return {type(r) for r in results if isinstance(r, Exception)}


def rows(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_of_forty_companies_five_get_the_five_seats(crowd):
    trip_id = a_trip(max_delegates=5)

    results = at_once(crowd, *(register(trip_id) for _ in range(40)))

    assert [r for r in results if not isinstance(r, Exception)] == ["submitted"] * 5
    assert refusals(results) == {seats.NoSeatLeft}
    assert (rows(Registration), rows(Delegate), rows(Mail)) == (5, 5, 10)
    assert seats.places(db.session.get_one(Trip, trip_id)).delegates_left == 0


def test_seats_are_given_to_companies_whole(committed):
    trip_id = a_trip(max_delegates=5)

    results = at_once(committed, *(register(trip_id, size=2) for _ in range(8)))

    assert [r for r in results if not isinstance(r, Exception)] == ["submitted"] * 2
    assert {r.left for r in results if isinstance(r, seats.NoSeatLeft)} == {1}
    assert rows(Delegate) == 4


def test_whoever_would_wait_is_put_on_the_waiting_list_and_keeps_the_order_of_arrival(committed):
    trip_id = a_trip(max_delegates=3)

    results = at_once(committed, *(register(trip_id, waits_if_full=True) for _ in range(8)))

    assert sorted(results) == ["submitted"] * 3 + ["waitlisted"] * 5
    trip = db.session.get_one(Trip, trip_id)
    waiting = registrations.of_trip(trip, WAITLISTED)
    assert [r.queued_at for r in waiting] == sorted(r.queued_at for r in waiting)
    assert len(waiting) == 5


def test_a_limit_of_companies_holds_in_a_crowd_too(committed):
    trip_id = a_trip(max_organizations=2)

    results = at_once(committed, *(register(trip_id) for _ in range(8)))

    assert [r for r in results if not isinstance(r, Exception)] == ["submitted"] * 2
    assert refusals(results) == {seats.NoCompanyPlaceLeft}


def test_one_form_sent_eight_times_at_once_makes_one_registration(committed):
    trip_id = a_trip()
    sent = application(2)

    def send():
        with transaction():
            return registrations.submit(trip_id, sent).id

    results = at_once(committed, *[send] * 8)

    assert len(set(results)) == 1
    assert (rows(Registration), rows(Delegate), rows(Mail)) == (1, 2, 3)
    assert [e.action for e in db.session.scalars(select(AuditEntry))] == ["register"]


def test_one_form_may_be_sent_to_two_trips(session):
    sent = application(1, form_key=uuid4())
    trips = [make_trip(), make_trip()]

    made = []
    for trip in trips:
        with transaction():
            made.append(registrations.submit(trip.id, sent))

    assert [r.trip for r in made] == trips
    assert registrations.by_form_key(trips[0], registrations.sealed_key(sent)) is made[0]


def test_a_decision_by_somebody_who_had_not_seen_the_last_one_is_refused(session):
    with transaction():
        registration = make_registration(make_trip(), 1)
        registrations.decide(registration, WAITLISTED, "Full.", audits.SYSTEM, seen=0)

    with pytest.raises(registrations.DecidedMeanwhile), transaction():
        registrations.decide(registration, ACCEPTED, "", audits.SYSTEM, seen=0)

    assert registration.state == WAITLISTED
    with transaction():
        registrations.decide(registration, ACCEPTED, "", audits.SYSTEM, seen=1)
    assert registration.state == ACCEPTED


def test_of_eight_cancellations_at_once_one_is_written_and_told(committed):
    with transaction():
        registration_id = make_registration(make_trip(), 2).id
    db.session.remove()

    def cancel():
        with transaction():
            registration = db.session.get_one(Registration, registration_id)
            return registrations.cancel(registration, "", audits.SYSTEM).decisions

    results = at_once(committed, *[cancel] * 8)

    assert [r for r in results if not isinstance(r, Exception)] == [1]
    assert refusals(results) == {MoveRefused}
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "cancel")).all()
    assert [(e.before, e.after) for e in entries] == [
        ({"state": "submitted"}, {"state": "cancelled"})
    ]
    assert rows(Mail) == 3


def test_of_six_accepted_at_once_from_the_waiting_list_the_first_in_line_come_in(committed):
    """Whoever waits longest is accepted, and what is left passes on by itself; the others would be
    out of turn, and with a reason there is still no seat for them."""
    with transaction():
        trip = make_trip(max_delegates=2, promotion=Promotion.AT_ONCE)
        ids = [make_registration(trip, 1, WAITLISTED).id for _ in range(6)]
    db.session.remove()

    def accept(registration_id):
        def action():
            with transaction():
                registration = db.session.get_one(Registration, registration_id)
                return registrations.decide(
                    registration, ACCEPTED, "Asked for", audits.SYSTEM, out_of_turn=True
                ).state

        return action

    results = at_once(committed, *(accept(registration_id) for registration_id in ids))

    states = dict(
        db.session.execute(
            select(Registration.state, func.count()).group_by(Registration.state)
        ).all()
    )
    assert states == {ACCEPTED: 2, WAITLISTED: 4}
    assert refusals(results) <= {seats.NoSeatLeft, MoveRefused}


def test_accepting_out_of_turn_needs_a_reason(session):
    trip = make_trip(max_delegates=2)
    with transaction():
        first, second = (make_registration(trip, 2, WAITLISTED) for _each in range(2))

    with pytest.raises(registrations.OutOfTurn) as refused, transaction():
        registrations.decide(second, ACCEPTED, "", audits.SYSTEM)
    with pytest.raises(registrations.ReasonMissing), transaction():
        registrations.decide(second, ACCEPTED, " ", audits.SYSTEM, out_of_turn=True)
    with transaction():
        registrations.decide(
            second, ACCEPTED, "The host asks for it", audits.SYSTEM, out_of_turn=True
        )

    assert refused.value.before == 1
    assert (first.state, second.state) == (WAITLISTED, ACCEPTED)
    decided = next(entry for entry in audits.of(second) if entry.action == "decide")
    assert decided.reason == "The host asks for it"


def test_a_seat_that_is_being_freed_is_waited_for(committed):
    """Whoever asks while a cancellation is under way gets the seat once it is through."""
    with transaction():
        trip = make_trip(max_delegates=1)
        taken = make_registration(trip, 1)
        trip_id = trip.id

    with transaction():
        registrations.cancel(taken, "", audits.SYSTEM)
        with meanwhile(committed, register(trip_id)) as asked:
            wait_until_one_waits()
            db.session.commit()

    assert asked.result() == "submitted"


def test_what_was_read_before_the_lock_is_read_anew_after_it(committed):
    with transaction():
        trip = make_trip(max_delegates=5)
        trip_id = trip.id

    def close_there():
        with transaction():
            there = db.session.get_one(Trip, trip_id)
            there.max_delegates = 1
            there.registration_closes_at = clock.now() - timedelta(minutes=1)

    assert trip.max_delegates == 5  # read, and kept in the session
    assert at_once(committed, close_there) == [None]
    with pytest.raises(registrations.RegistrationClosed) as refused, transaction():
        registrations.submit(trip_id, application())

    assert refused.value.window == Window.CLOSED


def test_two_trips_that_register_the_same_new_person_at_once_know_one_person(committed):
    trip_ids = [a_trip() for _ in range(4)]
    zoe = delegate_data(1, email="zoe@example.com")

    results = at_once(committed, *(register(t, delegates=(zoe,)) for t in trip_ids))

    assert results == ["submitted"] * 4
    assert rows(Person) == 1
    assert rows(Delegate) == 4


def test_two_trips_that_register_the_same_people_in_another_order_do_not_block_each_other(
    committed,
):
    """People are written in one order whatever the form's, so that no two trips deadlock."""
    trip_id = a_trip()
    backwards = tuple(delegate_data(n, email=f"{name}@example.com") for n, name in enumerate("BA"))

    with transaction():
        people.find_or_add("Ana", "Other", "a@example.com")
        with meanwhile(committed, register(trip_id, delegates=backwards)) as there:
            wait_until_one_waits()
            people.find_or_add("Ben", "Other", "b@example.com")
            db.session.commit()

    assert there.result() == "submitted"
    found = db.session.scalars(select(Delegate).order_by(Delegate.position)).all()
    assert [d.email for d in found] == ["B@example.com", "A@example.com"]  # as the form has them
    assert rows(Person) == 2


def test_the_same_new_people_registered_and_added_at_once_in_any_order_are_known_once(crowd):
    trip_ids = [a_trip(max_delegates=None) for _ in range(3)]
    with transaction():
        there = make_registration(db.session.get_one(Trip, trip_ids[2]), 1).id
    db.session.remove()
    data = tuple(delegate_data(n, email=f"p{n}@example.com") for n in range(6))

    def add():
        with transaction():
            mine = db.session.get_one(Registration, there)
            return len(delegates.add_many(mine, data[::-1], audits.SYSTEM))

    actions = [register(trip_ids[n % 2], delegates=data[:: 1 - n % 2 * 2]) for n in range(8)]
    results = at_once(crowd, *actions[:4], add, *actions[4:])

    refused = [r for r in results if isinstance(r, Exception)]
    assert {type(r) for r in refused} <= {registrations.WrittenTooOften}
    assert 6 in results
    assert rows(Person) == 1 + len(data)


def test_a_trip_without_limits_is_never_full(session):
    trip = make_trip(max_delegates=None, max_organizations=None)
    make_registration(trip, 3)

    places = seats.places(trip)

    assert (places.delegates, places.organizations) == (3, 1)
    assert (places.delegates_left, places.organizations_left, places.is_full) == (None, None, False)


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        (RegistrationState.SUBMITTED, (2, 1)),
        (ACCEPTED, (2, 1)),
        (WAITLISTED, (0, 0)),
        (RegistrationState.DECLINED, (0, 0)),
        (RegistrationState.CANCELLED, (0, 0)),
    ],
)
def test_seats_are_held_by_what_was_accepted_or_awaits_a_decision(session, state, taken):
    trip = make_trip(max_delegates=2, max_organizations=1)
    make_registration(make_trip(), 1)

    make_registration(trip, 2, state)

    places = seats.places(trip)
    assert (places.delegates, places.organizations) == taken
    assert places.is_full is (taken == (2, 1))


def test_a_trip_that_was_filled_past_a_limit_set_later_has_no_seat_left(session):
    trip = make_trip(max_delegates=5)
    make_registration(trip, 4)
    trip.max_delegates = 3
    session.flush()

    assert seats.places(trip).delegates_left == 0
    with pytest.raises(seats.NoSeatLeft) as refused, transaction():
        registrations.submit(trip.id, application(1))
    assert refused.value.left == 0
