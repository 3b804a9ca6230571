"""An agenda by local day, for templates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from webapp.models.agenda import ItemContent


@dataclass(frozen=True, slots=True)
class Day:
    """One local day and what starts on it, in order of the instants."""

    date: date
    items: list[ItemContent]


def by_day(items: Iterable[ItemContent]) -> list[Day]:
    """Items grouped by the local date on which they start, each in its own zone.

    Sorted by that date first: on the day of a flight, an earlier instant elsewhere can carry a
    later local date.
    """
    ordered = sorted(items, key=lambda item: (item.starts_local.date(), item.starts_at))
    return [
        Day(day, list(group))
        for day, group in groupby(ordered, lambda item: item.starts_local.date())
    ]
