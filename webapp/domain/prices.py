"""The price list of a tour: what a company, or each of its delegates, costs. (domain.md P4.)"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import exists, func, select

from webapp import clock
from webapp.db import Facts, Words, db
from webapp.domain import audits, charges, instalments, money, seats
from webapp.domain.audits import By
from webapp.domain.charges import AmountRefused
from webapp.domain.instalments import Instalment
from webapp.errors import DomainError
from webapp.models.fee import Charge, FeeBasis, FeeItem, FeeKind
from webapp.models.trip import Trip

# So that a line for a thousand delegates still fits into its column.
MOST = {FeeBasis.COMPANY: Decimal("99999999.99"), FeeBasis.DELEGATE: Decimal("999999.99")}
MOST_ITEMS = 50


class WrongSign(DomainError):
    """Aid is negative, and nothing else is."""


class NameMissing(DomainError):
    """A price needs an English name."""


class KindFixed(DomainError):
    """Companies were charged: a fee cannot become an aid any more, nor an aid a fee."""


class TooManyPrices(DomainError):
    """The list has MOST_ITEMS prices in force."""


@dataclass(frozen=True, slots=True)
class PriceData:
    """A price as it is asked for. `net` in the tour's currency, `tax_rate` in percent."""

    name: Words
    kind: FeeKind
    basis: FeeBasis
    net: Decimal
    tax_rate: Decimal
    instalments: tuple[Instalment, ...]


def of(trip: Trip) -> Sequence[FeeItem]:
    """The prices in force, in their order."""
    return [item for item in charges.prices(trip.id) if item.retired_at is None]


def retired(trip: Trip) -> Sequence[FeeItem]:
    """The prices that are not charged to anybody new."""
    return [item for item in charges.prices(trip.id) if item.retired_at is not None]


def find(trip: Trip, item_id: int) -> FeeItem | None:
    """The price of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(FeeItem).where(FeeItem.id == item_id, FeeItem.trip_id == trip.id)
    ).one_or_none()


def add(trip_id: int, data: PriceData, by: By) -> FeeItem:
    """Put a price on the list and charge it to all accepted companies.

    Raises WrongSign, NameMissing, TooManyPrices, charges.AmountRefused, charges.TaxRefused,
    instalments.InstalmentRefused, instalments.InstalmentsDoNotAddUp.
    """
    trip = seats.hold(trip_id)
    _check(data, trip.currency)
    if len(of(trip)) >= MOST_ITEMS:
        raise TooManyPrices
    last = db.session.scalar(select(func.max(FeeItem.position)).where(FeeItem.trip_id == trip_id))
    item = FeeItem(trip_id=trip_id, position=(last or 0) + 1)
    _fill(item, data)
    db.session.add(item)
    db.session.flush()
    audits.write(by, item, "add", trip_id=trip_id, after=_facts(item))
    charges.charge_all(trip, by)
    return item


def change(item: FeeItem, data: PriceData, by: By) -> int:
    """Change a price; the charges of all accepted companies follow (domain/charging.py), and
    unpaid lines move to the new date where an instalment got one. How many companies owe another
    sum now. Raises what `add` raises, and KindFixed."""
    trip = seats.hold(item.trip_id)
    _check(data, trip.currency)
    before, old = _facts(item), instalments.read(item.instalments)
    turns = (item.kind == FeeKind.AID) != (data.kind == FeeKind.AID)
    if turns and db.session.scalar(select(exists().where(Charge.fee_item_id == item.id))):
        raise KindFixed
    _fill(item, data)
    db.session.flush()
    after = _facts(item)
    if after == before:
        return 0
    audits.write(by, item, "change", trip_id=trip.id, before=before, after=after)
    dated = frozenset(
        number
        for number, (was, now) in enumerate(zip(old, data.instalments, strict=False))
        if (was.due_on, was.days) != (now.due_on, now.days)
    )
    return charges.charge_all(trip, by, {item.id: dated})


def retire(item: FeeItem, by: By) -> None:
    """Charge a price to nobody new; companies that were charged it keep it."""
    seats.hold(item.trip_id)
    if item.retired_at is None:
        item.retired_at = clock.now()
        audits.write(by, item, "retire", trip_id=item.trip_id, before=_facts(item))


def bring_back(item: FeeItem, by: By) -> None:
    """Charge a retired price again, to all accepted companies."""
    trip = seats.hold(item.trip_id)
    if item.retired_at is not None:
        item.retired_at = None
        audits.write(by, item, "restore", trip_id=trip.id, after=_facts(item))
        charges.charge_all(trip, by)


def move(item: FeeItem, steps: int, by: By) -> None:
    """Move a price up (negative) or down the list by so many places, as far as there are any."""
    trip = seats.hold(item.trip_id)
    order = list(of(trip))
    if item not in order:
        return
    before = [each.id for each in order]
    place = order.index(item)
    order.insert(max(0, place + steps), order.pop(place))
    for position, each in enumerate(order, start=1):
        each.position = position
    after = [each.id for each in order]
    if after != before:
        audits.write(
            by, trip, "order", trip_id=trip.id, before={"prices": before}, after={"prices": after}
        )
        db.session.flush()


def _check(data: PriceData, currency: str) -> None:
    if not data.name.get("en"):
        raise NameMissing
    if (data.kind == FeeKind.AID) != (data.net < 0):
        raise WrongSign
    if abs(data.net) > MOST[data.basis] or not money.fits(data.net, currency):
        raise AmountRefused
    charges.check_tax(data.tax_rate)
    instalments.check(data.instalments)


def _fill(item: FeeItem, data: PriceData) -> None:
    item.name, item.kind, item.basis = data.name, data.kind, data.basis
    item.net, item.tax_rate = data.net, data.tax_rate
    item.instalments = [each.facts() for each in data.instalments]


def _facts(item: FeeItem) -> Facts:
    return {
        "name": dict(item.name),
        "kind": item.kind,
        "basis": item.basis,
        "net": f"{item.net:.2f}",
        "tax_rate": f"{item.tax_rate:.2f}",
        "instalments": [
            f"{each.percent.normalize():f} %: {each.due_on or f'+{each.days} d'}"
            for each in instalments.read(item.instalments)
        ],
    }
