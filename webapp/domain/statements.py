"""What a company owes, has paid and still has to pay: reckoned from its charges and payments.

Money is not tied to a line. Aid (and any other negative line) lowers the lines that are due on its
own date or later, the oldest first, then earlier ones; payments cover what is left, the oldest due
first, lines without a date last. So an aid that is due with the balance does not pay the first
instalment, and a payment is never lost when lines change. (domain.md rules 10 to 13.)
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain.money import ZERO
from webapp.models.fee import Charge, Payment
from webapp.models.registration import Registration

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One charge as it stands. `covered` is what aid and payments take of its gross, `open` what
    is left; `due_at` is 23:59 of its day (aware UTC). `number` of `numbers` instalments."""

    charge: Charge
    covered: Decimal
    open: Decimal
    due_at: datetime | None
    is_overdue: bool
    number: int
    numbers: int

    @property
    def is_paid(self) -> bool:
        """Whether aid and payments cover the whole of it; never so of what lowers the sum."""
        return self.charge.is_owed and self.charge.gross > 0 and not self.open


@dataclass(frozen=True, slots=True)
class Statement:
    """All lines of one registration that count or were waived, by due date, in one currency.

    `net`, `tax` and `gross` are of the lines that are owed; `balance` is gross less what was paid:
    positive is owed, negative was paid too much. `overdue` is what should have been paid by now.
    """

    registration: Registration
    currency: str
    zone: str  # of the deadlines
    lines: list[Line]
    voided: list[Charge]
    payments: list[Payment]
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal

    @property
    def balance(self) -> Decimal:
        return self.gross - self.paid

    @property
    def owed(self) -> Decimal:
        return max(ZERO, self.balance)

    @property
    def overpaid(self) -> Decimal:
        return max(ZERO, -self.balance)

    @property
    def overdue(self) -> Decimal:
        return sum((line.open for line in self.lines if line.is_overdue), ZERO)

    @property
    def next_due(self) -> Line | None:
        """The first line that is still to be paid and is not overdue, or None."""
        waiting = (line for line in self.lines if line.open and not line.is_overdue)
        return next(waiting, None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: nothing charged and nothing paid."""
        return not (self.lines or self.voided or self.payments)


def due_at(due_on: date, zone: str) -> datetime:
    """The last minute of the day, 23:59 on the clocks of `zone`, aware UTC; where they show it
    twice the second one, where they skip it the last one before."""
    try:
        return clock.instant(datetime.combine(due_on, time(23, 59)), zone, fold=1)
    except clock.WallTimeMissing as missing:
        return clock.instant(missing.before, zone, fold=1)


def is_over(due_on: date, zone: str, at: datetime) -> bool:
    """Whether the day has ended at the aware instant `at`."""
    return at >= due_at(due_on, zone) + MINUTE


def today(zone: str) -> date:
    """The date on the clocks of `zone`."""
    return clock.wall(clock.now(), zone).date()


def of(registration: Registration) -> Statement:
    """The statement of one registration as it stands now: two statements of SQL."""
    return of_many([registration])[registration.id]


def of_many(registrations: Sequence[Registration]) -> dict[int, Statement]:
    """The statements of several registrations by their ids, in two statements of SQL."""
    charges, payments = rows_of([registration.id for registration in registrations])
    at = clock.now()
    return {
        each.id: reckon(each, charges[each.id], payments[each.id], at) for each in registrations
    }


def rows_of(
    registration_ids: Sequence[int],
) -> tuple[dict[int, list[Charge]], dict[int, list[Payment]]]:
    """All charges and all payments of these registrations, by their ids; each is a key."""
    charges: dict[int, list[Charge]] = {each: [] for each in registration_ids}
    payments: dict[int, list[Payment]] = {each: [] for each in registration_ids}
    for charge in db.session.scalars(
        select(Charge).where(Charge.registration_id.in_(registration_ids)).order_by(Charge.id)
    ):
        charges[charge.registration_id].append(charge)
    for payment in db.session.scalars(
        select(Payment)
        .where(Payment.registration_id.in_(registration_ids))
        .order_by(Payment.received_on, Payment.id)
    ):
        payments[payment.registration_id].append(payment)
    return charges, payments


def reckon(
    registration: Registration,
    charges: Iterable[Charge],
    payments: Iterable[Payment],
    at: datetime,
) -> Statement:
    """The statement of these rows at the aware instant `at`."""
    trip = registration.trip
    shown = sorted((c for c in charges if c.net or c.tax), key=_order)
    counted = [charge for charge in shown if charge.is_owed]
    done = [payment for payment in payments if payment.voided_at is None]
    paid = sum((payment.amount for payment in done), ZERO)
    still = _open(counted, paid)
    numbers = _numbers(shown)
    return Statement(
        registration=registration,
        currency=trip.currency,
        zone=trip.says_deadlines_in,
        lines=[
            _line(charge, still, numbers, trip.says_deadlines_in, at)
            for charge in shown
            if charge.voided_at is None
        ],
        voided=[charge for charge in shown if charge.voided_at is not None],
        payments=list(payments),
        net=sum((charge.net for charge in counted), ZERO),
        tax=sum((charge.tax for charge in counted), ZERO),
        gross=sum((charge.gross for charge in counted), ZERO),
        paid=paid,
    )


def _open(charges: Sequence[Charge], paid: Decimal) -> dict[Charge, Decimal]:
    """What is left to pay of each positive charge; the charges come in order of due."""
    still = {charge: charge.gross for charge in charges if charge.gross > 0}
    positive = [charge for charge in charges if charge.gross > 0]
    for credit in charges:
        if credit.gross < 0:
            earlier = [c for c in positive if _day(c) < _day(credit)]
            later = [c for c in positive if _day(c) >= _day(credit)]
            _take(still, later + earlier, -credit.gross)
    _take(still, list(still), max(ZERO, paid))
    return still


def _take(still: dict[Charge, Decimal], charges: Sequence[Charge], amount: Decimal) -> None:
    for charge in charges:
        taken = min(still[charge], amount)
        still[charge] -= taken
        amount -= taken


def _line(
    charge: Charge, still: dict[Charge, Decimal], numbers: dict[int, int], zone: str, at: datetime
) -> Line:
    left = still.get(charge, ZERO)
    return Line(
        charge=charge,
        covered=charge.gross - left if charge in still else ZERO,
        open=left,
        due_at=due_at(charge.due_on, zone) if charge.due_on else None,
        is_overdue=bool(left and charge.due_on and is_over(charge.due_on, zone, at)),
        number=charge.instalment + 1,
        numbers=numbers.get(charge.fee_item_id or 0, 1),
    )


def _numbers(charges: Iterable[Charge]) -> dict[int, int]:
    """Of how many instalments each price of the list consists here, by its id."""
    last: dict[int, int] = {}
    for charge in charges:
        if charge.fee_item_id:
            last[charge.fee_item_id] = max(charge.instalment + 1, last.get(charge.fee_item_id, 1))
    return last


def _day(charge: Charge) -> date:
    return charge.due_on or date.max


def _order(charge: Charge) -> tuple[date, int]:
    return _day(charge), charge.id or sys.maxsize  # a new one comes last
