"""How the charges of one price follow the price list and the number of delegates. Pure: it changes
the rows that it is given and makes new ones, it reads nothing.

What an instalment should come to is told (`Part`); what there is already:
- waived and void rows were somebody's decision: they are never touched, and what they were for is
  not asked for again. Only what goes beyond them is charged.
- rows that are paid are left alone when more is owed: the difference goes to an unpaid row of the
  same instalment if its date is not too near (instalments.NOTICE), else to a row of its own.
- when less is owed, unpaid rows shrink first, the latest first, then paid ones; the payment stays
  and shows as paid too much.
So the net of an instalment, waived and void included, is always that of the price list or more.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from webapp.domain import money
from webapp.domain.instalments import NOTICE, Instalment, Part
from webapp.domain.money import ZERO
from webapp.models.fee import Charge, FeeItem


@dataclass(frozen=True, slots=True)
class Aim:
    """What one instalment of `item` should come to for one registration."""

    registration_id: int
    item: FeeItem
    index: int
    instalment: Instalment | None  # None: the price has no such instalment any more
    part: Part
    quantity: int
    currency: str
    today: date  # in the zone of the deadlines
    at: datetime


def follow(aim: Aim, rows: Sequence[Charge], paid: frozenset[Charge]) -> list[Charge]:
    """Let the rows of this instalment come to what is aimed at; returns the rows to add.

    `paid` has the rows that are wholly covered.
    """
    fixed = [row for row in rows if not row.is_owed]
    live = sorted((row for row in rows if row.is_owed), key=lambda row: row.id or sys.maxsize)
    net = _beyond(aim.part.net, sum((row.net for row in fixed), ZERO))
    _rename(aim, [row for row in live if row.net and row not in paid])
    change = net - sum((row.net for row in live), ZERO)
    made: list[Charge] = []
    if abs(net) > abs(net - change):
        row = _to_raise(aim, live, paid)
        if row is None:
            row = _new(aim)
            made.append(row)
            live.append(row)
        _set_net(row, row.net + change, aim.currency)
    elif change:
        _shrink(live, paid, change, aim.currency)
    _set_quantities(aim, live)
    _tax_to_the_cent(aim, fixed, live, paid)
    return made


def _beyond(wanted: Decimal, fixed: Decimal) -> Decimal:
    """What is wanted beyond what was waived or voided; never of the other sign."""
    rest = wanted - fixed
    return rest if rest * wanted > 0 else ZERO


def _rename(aim: Aim, unpaid: list[Charge]) -> None:
    for row in unpaid:
        row.name, row.kind = aim.item.name, aim.item.kind
        if row.tax_rate != aim.item.tax_rate:
            row.tax_rate = aim.item.tax_rate
            row.tax = money.tax_on(row.net, row.tax_rate, aim.currency)


def _to_raise(aim: Aim, live: list[Charge], paid: frozenset[Charge]) -> Charge | None:
    """The row that may take more: one that is unpaid and not due too soon, or an empty one."""
    instalment = aim.instalment or Instalment(money.HUNDRED, days=0)
    soonest = min(aim.today + NOTICE, instalment.due(aim.today))
    for row in live:
        is_empty = not row.net and not row.tax
        if is_empty:
            row.created_at, row.due_on = aim.at, instalment.due(aim.today)
            row.name, row.tax_rate = aim.item.name, aim.item.tax_rate
        is_later = row.due_on is None or row.due_on >= soonest
        if is_empty or (row not in paid and (is_later or row.net < 0)):
            return row
    return None


def _new(aim: Aim) -> Charge:
    instalment = aim.instalment or Instalment(money.HUNDRED, days=0)
    return Charge(
        registration_id=aim.registration_id,
        fee_item_id=aim.item.id,
        instalment=aim.index,
        name=aim.item.name,
        kind=aim.item.kind,
        quantity=aim.quantity,
        net=ZERO,
        tax_rate=aim.item.tax_rate,
        tax=ZERO,
        due_on=instalment.due(aim.today),
        lapses=True,
        created_at=aim.at,
    )


def _shrink(live: list[Charge], paid: frozenset[Charge], change: Decimal, currency: str) -> None:
    filled = [row for row in reversed(live) if row.net]
    for row in sorted(filled, key=lambda row: row in paid):
        step = max(change, -row.net) if row.net > 0 else min(change, -row.net)
        if step:
            _set_net(row, row.net + step, currency)
            change -= step


def _set_net(row: Charge, net: Decimal, currency: str) -> None:
    row.net = net
    row.tax = money.tax_on(net, row.tax_rate, currency)


def _set_quantities(aim: Aim, live: list[Charge]) -> None:
    """Only the count that stands on the line: the whole where one row has it all."""
    filled = [row for row in live if row.net]
    if len(filled) == 1 and filled[0].net == aim.part.net:
        filled[0].quantity = max(1, aim.quantity)
    elif filled and sum(row.quantity for row in filled) != aim.quantity:
        before = sum(row.quantity for row in filled[:-1])
        filled[-1].quantity = max(1, aim.quantity - before)


def _tax_to_the_cent(
    aim: Aim, fixed: list[Charge], live: list[Charge], paid: frozenset[Charge]
) -> None:
    """Let the taxes add up to the instalment's, where all rows have its rate: rounded row by row
    they may be a cent apart."""
    filled = [row for row in live if row.net]
    if any(row.tax_rate != aim.item.tax_rate for row in (*fixed, *filled)):
        return
    if sum((row.net for row in (*fixed, *filled)), ZERO) != aim.part.net:
        return
    gap = aim.part.tax - sum((row.tax for row in (*fixed, *filled)), ZERO)
    if gap and filled:
        unpaid = [row for row in filled if row not in paid]
        (unpaid or filled)[-1].tax += gap
