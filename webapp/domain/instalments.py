"""The instalments of a price: how much of it by when. (domain.md P4.) Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from webapp.db import Facts
from webapp.domain import money
from webapp.errors import DomainError
from webapp.models.fee import FeeItem

# Nobody is asked to pay sooner than this after being told, unless the price list itself says so.
NOTICE = timedelta(days=7)
# Money that came in on its day is often recorded later: so long after the end of that day the place
# is kept, though what is owed is overdue. Whole days.
GRACE = timedelta(days=3)
MOST_INSTALMENTS = 12
MOST_DAYS = 730


class InstalmentsDoNotAddUp(DomainError):
    """The percents of the instalments make another sum than 100, or there is none of them."""

    def __init__(self, total: Decimal) -> None:
        super().__init__(f"{total} %")
        self.total = total


class InstalmentRefused(DomainError):
    """An instalment is due both on a date and some days after, or neither, or is no share at all;
    `position` counts from 1."""

    def __init__(self, position: int) -> None:
        super().__init__(f"instalment {position}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Instalment:
    """A share of a price in percent, due on a date or so many days after the acceptance."""

    percent: Decimal
    due_on: date | None = None
    days: int | None = None

    def facts(self) -> Facts:
        """As the column keeps it."""
        due: Facts = {"due_on": self.due_on.isoformat()} if self.due_on else {"days": self.days}
        return {"percent": str(self.percent.quantize(Decimal("0.01")))} | due

    def due(self, charged_on: date) -> date:
        """The day it is due for one who is charged on `charged_on`, both in the zone of the
        deadlines: a date that has come too near is put off until NOTICE has passed."""
        if self.due_on is None:
            return charged_on + timedelta(days=self.days or 0)
        return max(self.due_on, charged_on + NOTICE)


@dataclass(frozen=True, slots=True)
class Part:
    """What one instalment of a line comes to."""

    net: Decimal
    tax: Decimal


def read(facts: Sequence[Facts]) -> tuple[Instalment, ...]:
    """The instalments as the column keeps them."""
    return tuple(
        Instalment(
            Decimal(each["percent"]),
            date.fromisoformat(each["due_on"]) if each.get("due_on") else None,
            each.get("days"),
        )
        for each in facts
    )


def check(instalments: Sequence[Instalment]) -> None:
    """Raise InstalmentRefused or InstalmentsDoNotAddUp unless they can be charged."""
    for position, each in enumerate(instalments, start=1):
        is_share = money.ZERO < each.percent <= money.HUNDRED
        fine = is_share and each.percent == each.percent.quantize(Decimal("0.01"))
        if not fine or (each.due_on is None) == (each.days is None):
            raise InstalmentRefused(position)
        if each.days is not None and not 0 <= each.days <= MOST_DAYS:
            raise InstalmentRefused(position)
    total = sum((each.percent for each in instalments), money.ZERO)
    if total != money.HUNDRED or len(instalments) > MOST_INSTALMENTS:
        raise InstalmentsDoNotAddUp(total)


def parts(item: FeeItem, quantity: int, currency: str) -> list[Part]:
    """The instalments of one line for `quantity`: nets and taxes each add up to the line's to the
    cent; the tax of the whole line is rounded once, half up."""
    net = money.rounded(item.net * quantity, currency)
    tax = money.tax_on(net, item.tax_rate, currency)
    percents = [each.percent for each in read(item.instalments)]
    nets = money.split(net, percents, currency)
    taxes = money.split(tax, percents, currency)
    return [Part(*part) for part in zip(nets, taxes, strict=True)]
