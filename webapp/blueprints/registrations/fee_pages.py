"""What pages and sheets of fees show, for the organizer and for the company."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.labels import label
from webapp.domain import fees, instalments, statements
from webapp.domain.instalments import Instalment
from webapp.domain.sheets.plain import Value
from webapp.domain.statements import Line, Statement
from webapp.i18n import date_short
from webapp.i18n import words as said
from webapp.models.fee import FeeItem, Payment
from webapp.models.registration import Registration


def fees_context(registration: Registration) -> dict[str, Any]:
    """What `registrations/_fees.html` and `organizer/_registration_fees.html` want besides
    `registration`, `trip` and `may_change`."""
    statement = fees.statement(registration)
    return {
        "statement": statement,
        "owes": bool(statement.owed),
        "grace": fees.GRACE.days,
        "line_name": line_name,
        "percent": percent,
    }


def line_name(line: Line) -> str:
    """What a line is for, with its number where the price has several instalments."""
    name = said(line.charge.name)
    if line.numbers < 2:
        return name
    return _(
        "%(name)s, instalment %(number)d of %(numbers)d",
        name=name, number=line.number, numbers=line.numbers,
    )  # fmt: skip


def percent(rate: Decimal) -> str:
    """A rate in percent, as short as it can be: 20, 5.5."""
    return f"{rate:.2f}".rstrip("0").rstrip(".")


def terms(item: FeeItem) -> list[str]:
    """When a price is due, an instalment a line."""
    return [_term(each) for each in instalments.read(item.instalments)]


def sheet(of_all: Sequence[Statement]) -> list[list[Value]]:
    """One row for each line and each payment of every company: a ledger to take out."""
    head: list[Value] = [
        _("Organization"), _("Reference"), _("State"), _("What"), _("Due on"), _("Currency"),
        _("Net"), _("Tax"), _("Gross"), _("Paid"), _("Still to pay"), _("Overdue"),
        _("Remark"),
    ]  # fmt: skip
    rows = [head]
    for each in of_all:
        rows += [_charged(each, line) for line in each.lines]
        rows += [_paid(each, payment) for payment in each.payments if payment.voided_at is None]
        rows.append(
            [*_who(each), _("Total"), None, each.currency, each.net, each.tax, each.gross,
             each.paid, each.balance, each.overdue, None]
        )  # fmt: skip
    return rows


def _term(each: Instalment) -> str:
    share = percent(each.percent)
    if each.due_on:
        return _("%(share)s %% by %(date)s", share=share, date=date_short(each.due_on))
    return ngettext(
        "%(share)s %% within %(num)d day of the acceptance",
        "%(share)s %% within %(num)d days of the acceptance",
        each.days or 0,
        share=share,
    )


def _charged(of: Statement, line: Line) -> list[Value]:
    charge = line.charge
    remark = _("Waived: %(reason)s", reason=charge.waived_reason) if charge.waived_at else None
    return [
        *_who(of), line_name(line), _day(charge.due_on), of.currency,
        charge.net, charge.tax, charge.gross, None, line.open,
        line.open if line.is_overdue else Decimal(0), remark,
    ]  # fmt: skip


def _paid(of: Statement, payment: Payment) -> list[Value]:
    said_by = payment.reference or payment.purchase_order
    day = _day(payment.received_on)
    nothing: list[Value] = [None, None, None]
    return [
        *_who(of), _("Payment"), day, of.currency, *nothing, payment.amount, None, None, said_by,
    ]  # fmt: skip


def _who(of: Statement) -> list[Value]:
    registration = of.registration
    return [
        registration.organization.name,
        registration.reference,
        str(label(registration.state)),
    ]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def today(of: Statement) -> date:
    """The date where the deadlines of the tour are said."""
    return statements.today(of.zone)
