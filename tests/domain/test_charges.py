"""Charges: made by the price list, following it and the delegates, waived, voided, by hand."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.domain.fee_cases import (
    HALVES,
    lines,
    make_accepted,
    make_price,
    set_coming,
)
from tests.factories import make_registration, make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import audits, charges, fees, payments, statements
from webapp.domain.instalments import Instalment
from webapp.domain.payments import PaymentData
from webapp.models.fee import Charge, FeeBasis, FeeKind
from webapp.models.mail import Mail
from webapp.models.registration import Registration, RegistrationState

SYSTEM = audits.SYSTEM
PER_HEAD = FeeBasis.DELEGATE


def letters(registration: Registration) -> list[str]:
    rows = select(Mail.letter).where(Mail.registration_id == registration.id).order_by(Mail.id)
    return list(db.session.scalars(rows))


def pay(registration: Registration, amount: str) -> None:
    day = statements.today(registration.trip.says_deadlines_in)
    payments.record(registration, PaymentData(Decimal(amount), day), SYSTEM)


def test_an_accepted_company_of_a_free_tour_is_confirmed_by_one_statement(session, statements):
    registration = make_registration(make_trip(), 2, RegistrationState.ACCEPTED)
    session.flush()

    with statements() as sent:
        fees.follow(registration)

    assert len(sent) == 1
    session.flush()
    assert registration.confirmed_at is not None
    assert audits.of(registration)[0].action == "confirm"
    assert letters(registration) == []  # the acceptance said it


def test_a_company_is_charged_what_the_list_says_and_written_to_once(session):
    trip = make_trip()
    make_price(trip, "333.33", basis=PER_HEAD, instalments=HALVES)
    make_price(trip, "200", kind=FeeKind.DEPOSIT, tax_rate=Decimal(0))
    make_price(trip, "-100", kind=FeeKind.AID, tax_rate=Decimal(0))
    registration = make_accepted(trip, 3)

    assert lines(registration) == [
        ("600.00", "600.00"),
        ("200.00", "100.00"),  # the aid that is due with it lowers it
        ("-100.00", "0.00"),
        ("599.99", "599.99"),
    ]
    assert fees.statement(registration).owed == Decimal("1299.99")
    assert registration.confirmed_at is None
    assert letters(registration) == ["fees_due"]


def test_charging_twice_changes_nothing_and_tells_nobody(session, hold_clock):
    trip = make_trip()
    make_price(trip, "333.33", basis=PER_HEAD, instalments=HALVES)
    registration = make_accepted(trip, 3)
    before = [(c.id, c.net, c.tax, c.due_on) for c in session.scalars(select(Charge))]

    hold_clock(clock.now() + timedelta(days=15))
    fees.follow(registration)
    session.flush()

    session.expire_all()
    assert [(c.id, c.net, c.tax, c.due_on) for c in session.scalars(select(Charge))] == before
    assert letters(registration) == ["fees_due"]


def test_a_company_that_is_not_accepted_is_not_charged(session):
    trip = make_trip()
    make_price(trip)
    registration = make_registration(trip, 1, RegistrationState.WAITLISTED)

    fees.follow(registration)

    assert fees.statement(registration).is_empty
    assert registration.confirmed_at is None


def test_more_delegates_raise_what_is_unpaid_and_leave_what_is_paid(session):
    trip = make_trip()
    make_price(trip, "1000", basis=PER_HEAD, tax_rate=Decimal(0), instalments=HALVES)
    registration = make_accepted(trip, 3)
    set_coming(registration, 2)
    pay(registration, "1000")

    set_coming(registration, 3)

    # A line of its own for what the paid instalment has become, the other one is raised.
    assert sorted(lines(registration)) == [
        ("1000.00", "0.00"), ("1500.00", "1500.00"), ("500.00", "500.00"),
    ]  # fmt: skip


def test_fewer_delegates_lower_what_is_owed_and_lose_no_payment(session):
    trip = make_trip()
    make_price(trip, "1000", basis=PER_HEAD, tax_rate=Decimal(0), instalments=HALVES)
    registration = make_accepted(trip, 3)
    pay(registration, "3000")
    assert registration.confirmed_at is not None

    set_coming(registration, 1)

    statement = fees.statement(registration)
    assert (statement.gross, statement.paid, statement.overpaid) == (1000, 3000, 2000)
    assert registration.confirmed_at is not None


def test_what_comes_late_is_due_later_and_not_at_once(session, hold_clock):
    trip = make_trip()
    make_price(trip, "100", basis=PER_HEAD, tax_rate=Decimal(0))
    registration = make_accepted(trip, 3)
    set_coming(registration, 2)
    first_due = fees.statement(registration).lines[0].charge.due_on
    hold_clock(clock.now() + timedelta(days=28))  # two days before

    set_coming(registration, 3)

    dues = [(line.charge.net, line.charge.due_on) for line in fees.statement(registration).lines]
    assert dues == [(200, first_due), (100, first_due + timedelta(days=28))]


def test_a_fixed_date_that_is_near_or_past_leaves_seven_days(session):
    trip = make_trip()
    today = statements.today(trip.zone)
    make_price(trip, instalments=(Instalment(Decimal(100), due_on=today - timedelta(days=3)),))
    registration = make_accepted(trip)

    assert fees.statement(registration).lines[0].charge.due_on == today + timedelta(days=7)


def test_what_was_waived_stays_waived_and_only_more_is_charged(session):
    trip = make_trip()
    make_price(trip, "1000", basis=PER_HEAD, tax_rate=Decimal(0))
    registration = make_accepted(trip, 3)
    set_coming(registration, 2)
    charges.waive(fees.statement(registration).lines[0].charge, "Speaker", SYSTEM)
    assert registration.confirmed_at is not None

    for coming, owed in ((3, 1000), (2, 0), (1, 0), (2, 0), (3, 1000)):
        set_coming(registration, coming)
        assert fees.statement(registration).owed == owed, coming
        assert (registration.confirmed_at is None) == (owed > 0)

    waived = [c for c in session.scalars(select(Charge)) if c.waived_at]
    assert [(c.net, c.waived_reason) for c in waived] == [(2000, "Speaker")]


def test_a_void_line_is_not_made_again(session):
    trip = make_trip()
    make_price(trip)
    registration = make_accepted(trip)
    charges.void(fees.statement(registration).lines[0].charge, "A mistake", SYSTEM)

    fees.follow(registration)

    assert fees.statement(registration).owed == 0
    assert session.scalar(select(func.count(Charge.id))) == 1


def test_a_line_that_is_asked_for_again_is_not_charged_beside_it(session):
    trip = make_trip()
    make_price(trip, "1000", basis=PER_HEAD, tax_rate=Decimal(0))
    registration = make_accepted(trip, 2)
    line = fees.statement(registration).lines[0].charge
    charges.waive(line, "Guest", SYSTEM)

    charges.ask_again(line, "No guest after all", SYSTEM)

    assert lines(registration) == [("2000.00", "2000.00")]
    assert registration.confirmed_at is None


def test_who_is_out_owes_only_what_was_charged_by_hand(session):
    trip = make_trip()
    make_price(trip, "1000", tax_rate=Decimal(0))
    registration = make_accepted(trip)
    charges.add(
        registration, "Late cancellation", Decimal(300), Decimal(0), None, lapses=False, by=SYSTEM
    )
    pay(registration, "500")

    registration.become(RegistrationState.CANCELLED)
    fees.follow(registration)

    statement = fees.statement(registration)
    assert (statement.gross, statement.overpaid) == (300, 200)


def test_a_company_that_comes_back_is_charged_anew(session, hold_clock):
    trip = make_trip()
    make_price(trip, "1000", tax_rate=Decimal(0))
    registration = make_accepted(trip)
    registration.become(RegistrationState.LAPSED)
    fees.follow(registration)
    hold_clock(clock.now() + timedelta(days=40))

    registration.become(RegistrationState.ACCEPTED)
    fees.follow(registration)

    (line,) = fees.statement(registration).lines
    assert (line.open, line.is_overdue) == (1000, False)
    assert line.charge.due_on == statements.today(trip.zone) + timedelta(days=30)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"net": Decimal(0)}, charges.AmountRefused),
        ({"net": Decimal("0.001")}, charges.AmountRefused),
        ({"net": Decimal(10) ** 10}, charges.AmountRefused),
        ({"tax_rate": Decimal(-1)}, charges.TaxRefused),
        ({"due_on": date(2020, 1, 1)}, charges.DatePassed),
    ],
)
def test_a_line_that_cannot_be_is_refused(session, change, refused):
    registration = make_accepted(make_trip())
    given = {"net": Decimal(10), "tax_rate": Decimal(20), "due_on": None} | change

    with pytest.raises(refused):
        charges.add(registration, "Extra", **given, lapses=True, by=SYSTEM)

    assert fees.statement(registration).is_empty


def test_waiving_needs_a_reason_and_happens_once(session):
    registration = make_accepted(make_trip())
    line = charges.add(
        registration, "Extra", Decimal(10), Decimal(20), None, lapses=False, by=SYSTEM
    )

    with pytest.raises(charges.ReasonMissing):
        charges.waive(line, " ", SYSTEM)
    charges.waive(line, "Guest", SYSTEM)
    with pytest.raises(charges.NotOwed):
        charges.void(line, "Again", SYSTEM)

    assert [e.action for e in audits.of(line)] == ["waive", "add"]


def test_a_place_is_confirmed_told_once_lost_and_confirmed_again(session):
    registration = make_accepted(make_trip())
    line = charges.add(
        registration, "Extra", Decimal(10), Decimal(0), None, lapses=False, by=SYSTEM
    )
    pay(registration, "10")
    charges.add(registration, "More", Decimal(5), Decimal(0), None, lapses=False, by=SYSTEM)
    charges.waive(line, "Guest", SYSTEM)

    said = [e.action for e in audits.of(registration) if "confirm" in e.action]
    assert said == ["confirm", "unconfirm", "confirm", "unconfirm", "confirm"]
    assert letters(registration).count("place_confirmed") == 2


def test_a_form_that_is_sent_twice_charges_once(session):
    registration = make_accepted(make_trip())
    key = uuid4()

    def send(name: str) -> Charge:
        return charges.add(
            registration, name, Decimal(10), Decimal(0), None,
            lapses=False, by=SYSTEM, form_key=key,
        )  # fmt: skip

    assert send("Extra") is send("Extra")
    assert fees.statement(registration).owed == 10
    assert letters(registration) == ["fees_due"]
    send("Another")
    assert fees.statement(registration).owed == 20
