"""Payments: money that came in or was given back, as an organizer records it. No card is charged.

A payment belongs to the registration, not to a line: which lines it covers is reckoned each time
(domain/statements.py), so nothing that was paid is lost when lines change.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, fee_letters, form_keys, money, notices, seats, statements
from webapp.domain.audits import By
from webapp.domain.charges import MOST, AmountRefused, ReasonMissing
from webapp.domain.confirmations import settle
from webapp.domain.money import ZERO
from webapp.errors import DomainError
from webapp.models.fee import Payment
from webapp.models.registration import Registration
from webapp.models.trip import Trip


class NotYet(DomainError):
    """The money is said to have come in on a day that has not begun."""


class MoreThanWasPaid(DomainError):
    """More is to be given back than was paid; `paid` says how much that was."""

    def __init__(self, paid: Decimal) -> None:
        super().__init__(f"{paid} paid")
        self.paid = paid


class IsVoid(DomainError):
    """The payment was taken back before."""


@dataclass(frozen=True, slots=True)
class PaymentData:
    """What was received, in the trip's currency; negative was given back. `reference` is that of
    the transfer, or how the money came. `form_key` is that of the form it was typed into."""

    amount: Decimal
    received_on: date
    reference: str | None = None
    purchase_order: str | None = None
    form_key: UUID | None = None


def record(registration: Registration, data: PaymentData, by: By) -> Payment:
    """Write down that money came in or was given back; the coordinator is told. The same payment
    of the same form again (a double click) changes nothing: it is the one that was recorded. Giving
    money back leaves time to pay what is open by it (notices).

    Raises charges.AmountRefused, NotYet, MoreThanWasPaid.
    """
    trip = seats.hold(registration.trip_id)
    key = _key(data)
    before = form_keys.made_by(Payment, registration, key)
    if before is not None:
        return before
    _check(registration, data, trip)
    payment = Payment(
        registration_id=registration.id,
        amount=data.amount,
        received_on=data.received_on,
        reference=data.reference or None,
        purchase_order=data.purchase_order or None,
        recorded_at=clock.now(),
        staff_id=by.staff_id,
        form_key=key,
    )
    db.session.add(payment)
    db.session.flush()
    audits.write(by, payment, "add", trip_id=trip.id, after=_facts(payment))
    fee_letters.received(registration, payment)
    if data.amount < 0 and notices.give(registration, by):
        fee_letters.due([registration])
    settle(registration, by)
    return payment


def void(payment: Payment, reason: str, by: By) -> None:
    """Take back what was recorded by mistake; the company is written to, and has time to pay what
    is open by it (notices). Raises charges.ReasonMissing, IsVoid."""
    registration = payment.registration
    seats.hold(registration.trip_id)
    if not reason.strip():
        raise ReasonMissing
    if payment.voided_at is not None:
        raise IsVoid
    payment.voided_at, payment.voided_reason = clock.now(), reason.strip()
    audits.write(
        by, payment, "void", trip_id=registration.trip_id, before=_facts(payment), reason=reason
    )
    notices.give_and_tell(registration, by)
    settle(registration, by)


def total(registration: Registration) -> Decimal:
    """What was paid less what was given back."""
    paid = db.session.scalar(
        select(func.sum(Payment.amount)).where(
            Payment.registration_id == registration.id, Payment.voided_at.is_(None)
        )
    )
    return Decimal(paid or ZERO)


def find(registration: Registration, payment_id: int) -> Payment | None:
    """The payment of this registration with that id, or None: never another's."""
    return db.session.scalars(
        select(Payment).where(Payment.id == payment_id, Payment.registration_id == registration.id)
    ).one_or_none()


def _key(data: PaymentData) -> UUID | None:
    return form_keys.seal(
        data.form_key, data.amount, data.received_on, data.reference, data.purchase_order
    )


def _check(registration: Registration, data: PaymentData, trip: Trip) -> None:
    amount = data.amount
    if not amount or abs(amount) > MOST or not money.fits(amount, trip.currency):
        raise AmountRefused
    if data.received_on > statements.today(trip.says_deadlines_in):
        raise NotYet
    if amount < 0 and -amount > total(registration):
        raise MoreThanWasPaid(total(registration))


def _facts(payment: Payment) -> dict[str, object]:
    return {"amount": str(payment.amount), "received_on": payment.received_on}
