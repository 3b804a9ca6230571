"""All charges of one registration follow the price list. Pure but for the clock: it changes the
rows that it is given and makes new ones, nothing is read or written (domain/charging.py)."""

from collections import defaultdict
from collections.abc import Sequence

from webapp import clock
from webapp.domain import charging, instalments, statements
from webapp.domain.charging import Aim
from webapp.domain.instalments import Part
from webapp.domain.money import ZERO
from webapp.domain.statements import Statement
from webapp.models.fee import Charge, FeeBasis, FeeItem
from webapp.models.registration import RegistrationState

Dated = dict[int, frozenset[int]]  # by price: the instalments whose date was changed


def follow(
    statement: Statement, charges: Sequence[Charge], items: Sequence[FeeItem], coming: int
) -> list[Charge]:
    """Let all `charges` of a registration follow the price list for so many coming delegates;
    returns those to add. Pure but for the clock: nothing is read or written.

    What is paid depends on what else is charged, so it is looked at again until nothing moves.
    """
    rows = list(charges)
    for _again in range(len(items) + len(rows) + 1):
        before = [(row.net, row.tax) for row in rows]
        rows += _follow(statement, rows, items, coming)
        if [(row.net, row.tax) for row in rows] == before:
            break
        statement = statements.reckon(statement.registration, rows, statement.payments, clock.now())
    return rows[len(charges) :]


def _follow(
    statement: Statement, charges: Sequence[Charge], items: Sequence[FeeItem], coming: int
) -> list[Charge]:
    paid = frozenset(line.charge for line in statement.lines if line.is_paid)
    rows: dict[tuple[int | None, int], list[Charge]] = defaultdict(list)
    for row in charges:
        rows[row.fee_item_id, row.instalment].append(row)
    made: list[Charge] = []
    for item in items:
        numbers = max([number + 1 for of, number in rows if of == item.id], default=0)
        made += [
            row
            for aim in _aims(statement, item, coming, numbers)
            for row in charging.follow(aim, rows[item.id, aim.index], paid)
        ]
    return made


def _aims(statement: Statement, item: FeeItem, coming: int, numbers: int) -> list[Aim]:
    """What each instalment of a price should come to; `numbers` of them were charged before."""
    registration = statement.registration
    terms = instalments.read(item.instalments)
    quantity = coming if item.basis == FeeBasis.DELEGATE else 1
    is_charged = registration.state == RegistrationState.ACCEPTED and (
        numbers > 0 or item.retired_at is None
    )
    parts = instalments.parts(item, quantity, statement.currency) if is_charged else []
    return [
        Aim(
            registration_id=registration.id,
            item=item,
            index=number,
            instalment=terms[number] if number < len(terms) else None,
            part=parts[number] if number < len(parts) else Part(ZERO, ZERO),
            quantity=quantity,
            currency=statement.currency,
            today=statements.today(statement.zone),
            at=clock.now(),
        )
        for number in range(max(numbers, len(parts)))
    ]


def redate(statement: Statement, items: Sequence[FeeItem], dated: Dated) -> None:
    """Give the unpaid lines of the instalments in `dated` the dates that the price list has now."""
    today = statements.today(statement.zone)
    terms = {item.id: instalments.read(item.instalments) for item in items}
    for line in statement.lines:
        row = line.charge
        of = dated.get(row.fee_item_id or 0, frozenset())
        if line.is_paid or not row.is_owed or row.instalment not in of or row.due_on is None:
            continue
        charged_on = clock.wall(row.created_at, statement.zone).date()
        due = terms[row.fee_item_id or 0][row.instalment].due(charged_on)
        row.due_on = max(due, min(row.due_on, today + instalments.NOTICE))
