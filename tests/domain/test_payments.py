"""Payments: what they cover, what is refused, what is told."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.domain.fee_cases import HALVES, lines, make_accepted, make_price
from tests.factories import make_trip
from webapp.db import db
from webapp.domain import audits, charges, correspondence, fees, payments, statements
from webapp.domain.instalments import Instalment
from webapp.domain.payments import PaymentData
from webapp.models.fee import FeeKind
from webapp.models.mail import Mail, MailState

SYSTEM = audits.SYSTEM


@pytest.fixture
def company(session):
    """A company that owes 1,000 in two halves."""
    trip = make_trip()
    make_price(trip, "1000", tax_rate=Decimal(0), instalments=HALVES)
    return make_accepted(trip)


def received(registration, amount: str, **values) -> PaymentData:
    day = statements.today(registration.trip.says_deadlines_in)
    return PaymentData(Decimal(amount), values.pop("received_on", day), **values)


def test_what_is_due_first_is_covered_first(company):
    payments.record(company, received(company, "700"), SYSTEM)

    assert lines(company) == [("500.00", "0.00"), ("500.00", "300.00")]
    statement = fees.statement(company)
    assert (statement.paid, statement.owed, statement.next_due.open) == (700, 300, 300)
    assert company.confirmed_at is None


def test_aid_that_is_due_with_the_balance_does_not_pay_the_first_instalment(company):
    make_price(
        company.trip, "-200", kind=FeeKind.AID, tax_rate=Decimal(0),
        instalments=(Instalment(Decimal(100), days=60),),
    )  # fmt: skip

    assert lines(company) == [("500.00", "500.00"), ("500.00", "300.00"), ("-200.00", "0.00")]


def test_who_pays_all_is_confirmed_and_who_pays_more_is_shown_so(company):
    payments.record(company, received(company, "1000"), SYSTEM)
    assert company.confirmed_at is not None
    payments.record(company, received(company, "50"), SYSTEM)

    assert fees.statement(company).overpaid == 50


def test_a_refund_is_a_payment_with_a_minus_and_never_more_than_was_paid(company):
    payments.record(company, received(company, "1050"), SYSTEM)
    payments.record(company, received(company, "-50"), SYSTEM)

    assert fees.statement(company).balance == 0
    with pytest.raises(payments.MoreThanWasPaid) as refused:
        payments.record(company, received(company, "-1000.01"), SYSTEM)
    assert refused.value.paid == 1000


def test_a_deposit_given_back_leaves_the_company_confirmed(company):
    payments.record(company, received(company, "1000"), SYSTEM)
    deposit = charges.add(
        company, "Deposit", Decimal(300), Decimal(0), None, lapses=False, by=SYSTEM
    )
    payments.record(company, received(company, "300"), SYSTEM)

    charges.void(deposit, "Given back after the report", SYSTEM)
    payments.record(company, received(company, "-300"), SYSTEM)

    assert fees.statement(company).balance == 0
    assert company.confirmed_at is not None


@pytest.mark.parametrize("amount", ["0", "0.001", "10000000000"])
def test_an_amount_that_cannot_be_is_refused(company, amount):
    with pytest.raises(charges.AmountRefused):
        payments.record(company, received(company, amount), SYSTEM)

    assert fees.statement(company).payments == []


def test_money_has_not_come_in_tomorrow(company):
    tomorrow = statements.today(company.trip.zone) + timedelta(days=1)

    with pytest.raises(payments.NotYet):
        payments.record(company, received(company, "10", received_on=tomorrow), SYSTEM)


def test_a_void_payment_counts_no_more_and_unconfirms(company):
    payment = payments.record(company, received(company, "1000"), SYSTEM)

    with pytest.raises(charges.ReasonMissing):
        payments.void(payment, "", SYSTEM)
    payments.void(payment, "Another company’s", SYSTEM)
    with pytest.raises(payments.IsVoid):
        payments.void(payment, "Again", SYSTEM)

    assert fees.statement(company).owed == 1000
    assert company.confirmed_at is None
    said = [(e.action, e.reason) for e in audits.of(payment)]
    assert said == [("void", "Another company’s"), ("add", None)]


def test_the_letters_can_be_written_and_say_the_sums(company):
    payments.record(company, received(company, "400", reference="SEPA 1"), SYSTEM)
    payments.record(company, received(company, "600"), SYSTEM)
    db.session.flush()

    correspondence.write_due(50)

    rows = db.session.scalars(
        select(Mail).where(Mail.registration_id == company.id).order_by(Mail.id)
    ).all()
    assert [(row.letter, row.state, row.message is not None) for row in rows] == [
        (letter, MailState.WAITING, True)
        for letter in ("fees_due", "payment_received", "payment_received", "place_confirmed")
    ]


def test_a_form_that_is_sent_twice_records_one_payment(company):
    key = uuid4()
    sent = received(company, "500", reference="SEPA 1", form_key=key)

    first = payments.record(company, sent, SYSTEM)
    again = payments.record(company, sent, SYSTEM)

    assert again is first
    assert fees.statement(company).paid == 500
    assert [e.action for e in audits.of(first)] == ["add"]
    # Gone back to and filled in anew, it is another payment; so is the same one of another form.
    payments.record(company, received(company, "100", reference="SEPA 2", form_key=key), SYSTEM)
    payments.record(company, received(company, "100", reference="SEPA 2", form_key=uuid4()), SYSTEM)
    assert fees.statement(company).paid == 700


def test_money_is_given_back_once_by_a_form_that_is_sent_twice(company):
    payments.record(company, received(company, "50"), SYSTEM)
    back = received(company, "-50", form_key=uuid4())

    assert payments.record(company, back, SYSTEM) is payments.record(company, back, SYSTEM)
    assert fees.statement(company).paid == 0
