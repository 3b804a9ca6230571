"""Limits, deadlines and the rules of the queue."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.factories import make_registration, make_trip, utc
from webapp import clock
from webapp.db import db
from webapp.domain import audits, enrolling
from webapp.domain.item_values import TimeRefused
from webapp.models.delegate import DelegateState
from webapp.models.fee import Charge
from webapp.models.held import HeldPlaces
from webapp.models.registration import RegistrationState
from webapp.models.trip import Order, Promotion

BY = audits.SYSTEM


def rules(**said) -> enrolling.Rules:
    given = {"zone": "Europe/Paris", "closes_local": datetime(2027, 6, 1, 12)} | said
    return enrolling.Rules(**given)


def test_deadlines_are_wall_times_in_the_zone_they_are_said_in(session):
    trip = make_trip(zone="Europe/Paris")

    enrolling.set_rules(
        trip,
        rules(
            zone="America/Los_Angeles",
            opens_local=datetime(2027, 4, 1, 9),
            closes_local=datetime(2027, 11, 7, 1, 30),  # twice in Los Angeles
            closes_fold=1,
            freezes_local=datetime(2027, 10, 1, 18),
            details_local=datetime(2027, 9, 1, 18),
        ),
        BY,
    )

    assert trip.registration_opens_at == utc(2027, 4, 1, 16)
    assert trip.registration_closes_at == utc(2027, 11, 7, 9, 30)
    assert trip.freezes_at == utc(2027, 10, 2, 1)
    assert trip.details_due_at == utc(2027, 9, 2, 1)
    assert trip.says_deadlines_in == "America/Los_Angeles"
    again = enrolling.rules_of(trip)
    assert (again.closes_local, again.closes_fold) == (datetime(2027, 11, 7, 1, 30), 1)


def test_saving_the_rules_as_they_stand_changes_nothing(session):
    trip = make_trip(queue_order=Order.SCORE, promotion=Promotion.REVIEW, currency="USD")
    before = trip.registration_closes_at  # with its seconds

    enrolling.set_rules(trip, replace(enrolling.rules_of(trip)), BY)

    assert (trip.registration_closes_at, audits.of(trip)) == (before, [])


def test_a_form_that_knows_only_minutes_leaves_the_seconds_alone(session):
    trip = make_trip()
    before = trip.registration_closes_at
    said = enrolling.rules_of(trip)

    typed = replace(said, closes_local=said.closes_local.replace(second=0, microsecond=0))
    enrolling.set_rules(trip, replace(typed, offer_hours=5), BY)

    assert trip.registration_closes_at == before


def test_a_change_is_audited_with_what_was_before(session):
    trip = make_trip(max_delegates=10)

    enrolling.set_rules(trip, replace(enrolling.rules_of(trip), max_delegates=12), BY)

    entry = audits.of(trip)[0]
    assert (entry.action, entry.before, entry.after) == (
        "change",
        {"max_delegates": 10},
        {"max_delegates": 12},
    )


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"closes_local": None, "opens_local": datetime(2027, 1, 1)}, enrolling.WindowOutOfOrder),
        ({"opens_local": datetime(2027, 7, 1)}, enrolling.WindowOutOfOrder),
        ({"freezes_local": datetime(2027, 3, 28, 2, 30)}, TimeRefused),  # skipped in Paris
        ({"details_local": datetime(2027, 10, 31, 2, 30)}, TimeRefused),  # twice
        ({"zone": "Paris"}, clock.UnknownZone),
    ],
)
def test_what_cannot_be_is_refused(session, said, refusal):
    trip = make_trip()

    with pytest.raises(refusal):
        enrolling.set_rules(trip, rules(**said), BY)


def test_the_end_that_is_refused_is_named(session):
    trip = make_trip()

    with pytest.raises(TimeRefused) as refused:
        enrolling.set_rules(trip, rules(freezes_local=datetime(2027, 3, 28, 2, 30)), BY)
    assert refused.value.end == "freezes"


def test_no_limit_is_put_below_what_is_taken_or_held(session):
    trip = make_trip(max_delegates=10, max_organizations=5)
    make_registration(trip, 3)
    make_registration(trip, 2, RegistrationState.ACCEPTED)
    now = clock.now()
    db.session.add(
        HeldPlaces(
            trip_id=trip.id, mail_domain="example.org", places=2, created_at=now,
            until_at=now + timedelta(days=1),
        )
    )  # fmt: skip
    db.session.flush()
    said = enrolling.rules_of(trip)

    for limit, low, figures in (
        ("max_delegates", 6, (5, 2)),
        ("max_organizations", 2, (2, 1)),
        ("max_per_organization", 2, (3, 0)),
    ):
        with pytest.raises(enrolling.LimitBelowTaken) as refused:
            enrolling.set_rules(trip, replace(said, **{limit: low}), BY)
        assert (refused.value.limit, refused.value.taken, refused.value.held) == (limit, *figures)
        enough = sum(figures)
        enrolling.set_rules(trip, replace(said, **{limit: enough}), BY)
        enrolling.set_rules(trip, said, BY)


def test_a_limit_that_stands_below_may_stay(session):
    trip = make_trip(max_delegates=2)
    make_registration(trip, 3)

    said = enrolling.rules_of(trip)
    assert enrolling.set_rules(trip, replace(said, offer_hours=1), BY).offer_hours == 1
    with pytest.raises(enrolling.LimitBelowTaken):
        enrolling.set_rules(trip, replace(said, max_delegates=1), BY)


def test_places_that_were_allowed_over_the_limit_do_not_raise_it(session):
    trip = make_trip(max_per_organization=3)
    make_registration(trip, 5).extra_places = 2
    db.session.flush()

    said = enrolling.rules_of(trip)
    assert enrolling.set_rules(trip, replace(said, offer_hours=1), BY)
    with pytest.raises(enrolling.LimitBelowTaken) as refused:
        enrolling.set_rules(trip, replace(said, max_per_organization=2), BY)
    assert refused.value.taken == 3


def test_raising_a_limit_lets_the_waiting_list_move(session):
    trip = make_trip(max_delegates=2, promotion=Promotion.AT_ONCE)
    make_registration(trip, 2)
    waits = make_registration(trip, 2, RegistrationState.WAITLISTED)
    after = make_registration(trip, 2, RegistrationState.WAITLISTED)

    enrolling.set_rules(trip, replace(enrolling.rules_of(trip), max_delegates=5), BY)

    assert [r.state for r in (waits, after)] == ["accepted", "waitlisted"]


def test_raising_what_one_company_may_send_lets_its_delegates_in(session):
    trip = make_trip(max_per_organization=1)
    company = make_registration(trip, 2, RegistrationState.ACCEPTED)
    second = company.delegates[1]
    second.queued_at = clock.now()
    second.become(DelegateState.WAITING)
    db.session.flush()

    enrolling.set_rules(trip, replace(enrolling.rules_of(trip), max_per_organization=2), BY)

    assert second.state == "coming"


def test_who_saw_other_rules_does_not_overwrite_them(session):
    trip = make_trip()
    seen = enrolling.fingerprint(trip)
    said = enrolling.rules_of(trip)
    enrolling.set_rules(trip, replace(said, max_delegates=9), BY, seen)

    with pytest.raises(enrolling.RulesChanged):
        enrolling.set_rules(trip, replace(said, max_delegates=8), BY, seen)
    assert trip.max_delegates == 9


def test_the_currency_stays_once_somebody_was_charged(session):
    trip = make_trip(currency="EUR")
    said = enrolling.rules_of(trip)
    assert enrolling.set_rules(trip, replace(said, currency="USD"), BY).currency == "USD"
    registration = make_registration(trip, 1)
    db.session.add(
        Charge(
            registration_id=registration.id, name={"en": "Fee"}, net=1, tax_rate=0, tax=0,
            created_at=clock.now(),
        )
    )  # fmt: skip
    db.session.flush()

    with pytest.raises(enrolling.CurrencyFixed):
        enrolling.set_rules(trip, said, BY)
    assert trip.currency == "USD"
