"""What opens again when its day is near or over: the company is told and has seven days."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import select

from tests.domain.fee_cases import make_accepted, make_price, set_coming
from tests.factories import make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import audits, charges, fees, payments, registrations, statements
from webapp.domain.payments import PaymentData
from webapp.models.fee import Charge, FeeBasis
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState

SYSTEM = audits.SYSTEM
HUNDRED = Decimal(100)
S = RegistrationState


def today(registration: Registration) -> date:
    return statements.today(registration.trip.says_deadlines_in)


def charge(registration: Registration, days: int, amount: Decimal = HUNDRED) -> Charge:
    """A line of its own on which the place depends, due in so many days."""
    due_on = today(registration) + timedelta(days=days)
    return charges.add(registration, "Fee", amount, Decimal(0), due_on, lapses=True, by=SYSTEM)


def pay(registration: Registration, amount: Decimal = HUNDRED):
    return payments.record(registration, PaymentData(amount, today(registration)), SYSTEM)


def letters(registration: Registration) -> int:
    """How many letters told the coordinator what is due."""
    rows = select(Mail.id).where(Mail.registration_id == registration.id, Mail.letter == "fees_due")
    return len(db.session.scalars(rows).all())


@pytest.fixture
def company(session):
    return make_accepted(make_trip())


@pytest.fixture
def in_10_days(hold_clock):
    return lambda: hold_clock(clock.now() + timedelta(days=10))


def soonest(registration: Registration) -> date:
    return today(registration) + timedelta(days=7)


def test_a_payment_that_is_voided_late_leaves_seven_days(company, in_10_days):
    line = charge(company, 3)
    payment = pay(company)
    in_10_days()
    before = letters(company)

    payments.void(payment, "Another company’s", SYSTEM)

    assert (line.due_on, letters(company) - before) == (soonest(company), 1)
    assert registrations.due_trips() == []
    assert audits.of(line)[0].after == {"due_on": soonest(company).isoformat()}


def test_a_waiver_that_is_undone_late_leaves_seven_days(company, in_10_days):
    line = charge(company, 3)
    charges.waive(line, "Guest", SYSTEM)
    in_10_days()
    before = letters(company)

    charges.ask_again(line, "No guest after all", SYSTEM)

    assert (line.due_on, letters(company) - before) == (soonest(company), 1)
    assert registrations.due_trips() == []


def test_a_line_of_the_price_list_asked_for_again_is_told_once(session, monkeypatch):
    trip = make_trip()
    make_price(trip, basis=FeeBasis.DELEGATE)  # due in 30 days
    registration = make_accepted(trip, 3)
    (line,) = (each.charge for each in fees.statement(registration).lines)
    charges.waive(line, "Guest", SYSTEM)
    set_coming(registration, 2)  # less is owed for two than was waived, which says a letter too
    late, ticks = clock.now() + timedelta(days=40), count()  # letters of one moment are one
    monkeypatch.setattr(clock, "now", lambda: late + timedelta(microseconds=next(ticks)))
    before = letters(registration)

    charges.ask_again(line, "No guest after all", SYSTEM)

    assert (line.due_on, letters(registration) - before) == (soonest(registration), 1)
    assert fees.statement(registration).net == 2000


def test_another_date_is_told_and_leaves_seven_days_where_the_place_depends_on_it(company):
    line = charge(company, 60)
    lenient = charges.add(
        company, "Extra", HUNDRED, Decimal(0), soonest(company), lapses=False, by=SYSTEM
    )
    before = letters(company)

    charges.put_off(line, today(company), "Sooner", SYSTEM)
    assert (line.due_on, letters(company) - before) == (soonest(company), 1)
    charges.put_off(lenient, today(company), "Sooner", SYSTEM)
    assert lenient.due_on == today(company)
    later = today(company) + timedelta(days=90)
    charges.put_off(line, later, "Later", SYSTEM)
    assert line.due_on == later


def test_money_given_back_and_a_discount_taken_back_leave_seven_days(company, in_10_days):
    line = charge(company, 3, Decimal(150))
    discount = charge(company, 3, Decimal(-50))
    pay(company)
    in_10_days()

    charges.void(discount, "Not theirs", SYSTEM)
    assert line.due_on == soonest(company)
    pay(company, Decimal(50))
    in_10_days()
    before = letters(company)
    pay(company, Decimal(-150))
    assert (line.due_on, letters(company) - before) == (soonest(company), 1)
    assert registrations.due_trips() == []


def test_what_moves_uncovers_no_other_line_unseen(company, in_10_days):
    first, second = charge(company, 3), charge(company, 4)
    charge(company, 5, -HUNDRED)  # what is due with it or later comes before what is due earlier
    payment = pay(company)
    in_10_days()

    payments.void(payment, "Another company’s", SYSTEM)

    # As the second moves it takes the discount from the first, which moves as well.
    assert (first.due_on, second.due_on) == (soonest(company), soonest(company))
    assert fees.statement(company).overdue == 0


@pytest.mark.parametrize("way", ["lapsed", "declined"])
def test_who_is_accepted_again_has_seven_days_for_its_own_lines(company, in_10_days, way):
    line = charge(company, 3)
    lenient = charges.add(
        company, "Extra", HUNDRED, Decimal(0), today(company), lapses=False, by=SYSTEM
    )
    in_10_days()
    before = letters(company)
    if way == "lapsed":
        assert registrations.lapse_due(company.trip_id) == 1
    else:
        registrations.decide(company, S.DECLINED, "No", SYSTEM)

    registrations.decide(company, S.ACCEPTED, "They will pay", SYSTEM)

    assert company.state == S.ACCEPTED
    assert (line.due_on, letters(company) - before) == (soonest(company), 1)
    assert lenient.due_on < today(company)
    assert registrations.due_trips() == []


def test_who_stays_accepted_keeps_the_dates_that_were_told(company, in_10_days):
    line = charge(company, 3)
    told = line.due_on
    in_10_days()

    fees.follow(company)

    assert line.due_on == told
