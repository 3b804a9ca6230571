"""Charges: what an accepted company owes, by the price list and by hand. (domain.md rules 10-13.)

`charge` makes the charges of the price list and lets them follow it; doing it twice changes
nothing. It never moves a date that was told, except where the price list's own date changed
(`charge_all`). A company that is not accepted (any more) is charged nothing from the price list;
lines that were made by hand stay, as a fee for a late cancellation does.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from webapp import clock
from webapp.db import Facts, Words, db
from webapp.domain import (
    audits,
    fee_letters,
    following,
    form_keys,
    money,
    notices,
    seats,
    statements,
)
from webapp.domain.audits import By
from webapp.domain.confirmations import settle, settle_many
from webapp.domain.following import Dated
from webapp.domain.money import ZERO
from webapp.errors import DomainError
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.fee import Charge, FeeItem, FeeKind
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

MOST = Decimal("999999999.99")  # of one line


class ReasonMissing(DomainError):
    """Waiving, voiding and asking again need a reason."""


class AmountRefused(DomainError):
    """Zero, too much, or more decimals than the currency has."""


class TaxRefused(DomainError):
    """A rate of tax lies between 0 and 100 percent, with two decimals at most."""


class DatePassed(DomainError):
    """The day on which something should be due is over."""


class NotOwed(DomainError):
    """The line was waived or voided before."""


class IsOwed(DomainError):
    """The line is neither waived nor void."""


def charge(registration: Registration, by: By = audits.SYSTEM) -> bool:
    """Charge the company what the price list asks of it now; whether an amount changed.

    Charged afresh, it is written to (`fees_due`). One statement of SQL where the trip has no price
    list. The caller holds the trip and settles afterwards (`confirmations.settle`).
    """
    items = prices(registration.trip_id)
    return bool(items) and bool(_charge([registration], items, by))


def charge_all(trip: Trip, by: By, dated: Dated | None = None) -> int:
    """Charge and settle all accepted companies of the held trip anew after a change of the price
    list; how many amounts changed. Unpaid lines of the instalments in `dated` get its new dates,
    though none sooner than instalments.NOTICE from now."""
    accepted = db.session.scalars(
        select(Registration)
        .where(Registration.trip_id == trip.id, Registration.state == RegistrationState.ACCEPTED)
        .order_by(Registration.id)
    ).all()
    changed = _charge(accepted, prices(trip.id), by, dated or {})
    settle_many(accepted, by)
    return changed


def prices(trip_id: int) -> Sequence[FeeItem]:
    """The price list in its order, with the retired ones."""
    return db.session.scalars(
        select(FeeItem).where(FeeItem.trip_id == trip_id).order_by(FeeItem.position, FeeItem.id)
    ).all()


def add(
    registration: Registration,
    name: str,
    net: Decimal,
    tax_rate: Decimal,
    due_on: date | None,
    *,
    lapses: bool,
    by: By,
    kind: FeeKind = FeeKind.FEE,
    form_key: UUID | None = None,
) -> Charge:
    """A line of its own, in the words of whoever writes it; negative takes something off. With
    `lapses` the place is lost when it is not paid by its date. The same line of the same form
    again (`form_key`, a double click) changes nothing: it is the line that was made. Raises
    AmountRefused, TaxRefused, DatePassed."""
    trip = seats.hold(registration.trip_id)
    key = form_keys.seal(form_key, name, net, tax_rate, due_on, lapses, kind.value)
    before = form_keys.made_by(Charge, registration, key)
    if before is not None:
        return before
    if not net or abs(net) > MOST or not money.fits(net, trip.currency):
        raise AmountRefused
    check_tax(tax_rate)
    _check_date(due_on, trip)
    made = Charge(
        registration_id=registration.id,
        name=Words(en=name),
        kind=kind,
        net=net,
        tax_rate=tax_rate,
        tax=money.tax_on(net, tax_rate, trip.currency),
        due_on=due_on,
        lapses=lapses and due_on is not None,
        created_at=clock.now(),
        form_key=key,
    )
    db.session.add(made)
    db.session.flush()
    _told(made, registration, "add", by, after=_facts(made))
    fee_letters.due([registration])
    settle(registration, by)
    return made


def waive(line: Charge, reason: str, by: By) -> None:
    """Let the company off a line for good: it counts as paid. Raises ReasonMissing, NotOwed."""
    registration = _held(line, reason, is_owed=True)
    line.waived_at, line.waived_reason = clock.now(), reason.strip()
    _told(line, registration, "waive", by, before=_facts(line), reason=reason)
    _owes_more_without(line, registration, by)
    settle(registration, by)


def void(line: Charge, reason: str, by: By) -> None:
    """Take back a line that should not have been; the price list does not make it again. Raises
    ReasonMissing, NotOwed."""
    registration = _held(line, reason, is_owed=True)
    line.voided_at = clock.now()
    _told(line, registration, "void", by, before=_facts(line), reason=reason)
    _owes_more_without(line, registration, by)
    settle(registration, by)


def ask_again(line: Charge, reason: str, by: By) -> None:
    """Undo a waiver or a voiding; the company is written to, and has time for it (notices). Raises
    ReasonMissing, IsOwed."""
    registration = _held(line, reason, is_owed=False)
    line.waived_at = line.waived_reason = line.voided_at = None
    _told(line, registration, "restore", by, after=_facts(line), reason=reason)
    # What was charged beyond the waiver may be too much now.
    notices.give_and_tell(registration, by, is_told=charge(registration, by))
    settle(registration, by)


def put_off(line: Charge, due_on: date, reason: str, by: By) -> None:
    """Give a line another date; the company is written to. Where the place depends on it, the date
    leaves time to pay (notices). Raises ReasonMissing, NotOwed, DatePassed."""
    registration = _held(line, reason, is_owed=True)
    _check_date(due_on, registration.trip)
    before, line.due_on = line.due_on, due_on
    _told(
        line, registration, "change", by,
        before={"due_on": before}, after={"due_on": due_on}, reason=reason,
    )  # fmt: skip
    notices.give_and_tell(registration, by)


def check_tax(rate: Decimal) -> None:
    """Raise TaxRefused unless it is a rate of tax."""
    if not 0 <= rate <= money.HUNDRED or rate != rate.quantize(Decimal("0.01")):
        raise TaxRefused


def find(registration: Registration, charge_id: int) -> Charge | None:
    """The line of this registration with that id, or None: never another's."""
    return db.session.scalars(
        select(Charge).where(Charge.id == charge_id, Charge.registration_id == registration.id)
    ).one_or_none()


def _charge(
    registrations: Sequence[Registration],
    items: Sequence[FeeItem],
    by: By,
    dated: Dated | None = None,
) -> int:
    """Charge several registrations of one trip in a constant number of reads."""
    ids = [each.id for each in registrations]
    coming, (charges, payments) = _coming(ids), statements.rows_of(ids)
    at = clock.now()
    changed = []
    for each in registrations:
        statement = statements.reckon(each, charges[each.id], payments[each.id], at)
        if dated:
            following.redate(statement, items, dated)
        made = following.follow(statement, charges[each.id], items, coming.get(each.id, 0))
        db.session.add_all(made)
        gross = sum((row.gross for row in (*charges[each.id], *made) if row.is_owed), ZERO)
        if gross != statement.gross:
            audits.write(
                by, each, "charge", trip_id=each.trip_id,
                before={"gross": str(statement.gross)}, after={"gross": str(gross)},
            )  # fmt: skip
            changed.append(each)
    db.session.flush()
    fee_letters.due([e for e in changed if e.state == RegistrationState.ACCEPTED])
    return len(changed)


def _coming(registration_ids: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Delegate.registration_id, func.count())
        .where(
            Delegate.registration_id.in_(registration_ids),
            Delegate.state == DelegateState.COMING,
        )
        .group_by(Delegate.registration_id)
    )
    return {registration_id: count for registration_id, count in rows}


def _held(line: Charge, reason: str, *, is_owed: bool) -> Registration:
    """Lock the trip of the line and see that it stands as it should."""
    registration = line.registration
    seats.hold(registration.trip_id)
    if not reason.strip():
        raise ReasonMissing
    if line.is_owed != is_owed:
        raise NotOwed if is_owed else IsOwed
    return registration


def _owes_more_without(line: Charge, registration: Registration, by: By) -> None:
    """What took something off counts no more: what it covered is to be paid, in good time."""
    if line.gross < 0:
        notices.give_and_tell(registration, by)


def _check_date(due_on: date | None, trip: Trip) -> None:
    if due_on is not None and due_on < statements.today(trip.says_deadlines_in):
        raise DatePassed


def _facts(line: Charge) -> Facts:
    return {"name": dict(line.name), "net": str(line.net), "tax": str(line.tax)}


def _told(
    line: Charge,
    registration: Registration,
    action: str,
    by: By,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str | None = None,
) -> None:
    audits.write(
        by, line, action, trip_id=registration.trip_id, before=before, after=after, reason=reason
    )
