"""A program at a glance: days as columns, parts of the day as rows, for one sheet of paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase

from webapp import clock
from webapp.blueprints.agendas.days import track_of
from webapp.models.release import ReleaseItem

DAYS = 8  # columns that one sheet takes
NOON, EVENING = 12, 18  # hours at which the parts of a day begin


@dataclass(frozen=True, slots=True)
class Column:
    """One local day; `zone` is where most of it happens, and `home_gap` by how many hours that is
    ahead of home then, None without a home."""

    date: date
    zone: str
    items: list[ReleaseItem]
    home_gap: float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Up to eight days; `rows` are morning, afternoon and evening: the items of each day."""

    columns: list[Column]
    rows: list[list[list[ReleaseItem]]]

    @property
    def most(self) -> int:
        """How many items stand under each other in the fullest day."""
        return max(len(column.items) for column in self.columns)


@dataclass(frozen=True, slots=True)
class Mark:
    """A track in the legend: a letter besides the color, for a print in black and white."""

    letter: str
    item: ReleaseItem


def sheets(items: Iterable[ReleaseItem], home_zone: str | None) -> list[Sheet]:
    """The items on as many sheets as their days need; days without any are left out."""
    days: dict[date, list[ReleaseItem]] = {}
    for item in sorted(items, key=lambda each: (each.starts_local, each.starts_at)):
        days.setdefault(item.starts_local.date(), []).append(item)
    columns = [_column(day, found, home_zone) for day, found in sorted(days.items())]
    return [_sheet(columns[at : at + DAYS]) for at in range(0, len(columns), DAYS)]


def legend(items: Sequence[ReleaseItem]) -> dict[str, Mark]:
    """The tracks of these items with a letter each, by `track_of`, in order of the program."""
    firsts = {track_of(item): item for item in reversed(items) if item.track_name}
    order = sorted(firsts, key=lambda name: (firsts[name].starts_at, name))
    return {
        name: Mark(ascii_uppercase[number % len(ascii_uppercase)], firsts[name])
        for number, name in enumerate(order)
    }


def _column(day: date, items: list[ReleaseItem], home_zone: str | None) -> Column:
    zones = [item.starts_zone for item in items]
    zone = max(dict.fromkeys(zones), key=zones.count)
    middle = next(item for item in items if item.starts_zone == zone)
    gap = clock.gap_hours(middle.starts_at, zone, home_zone) if home_zone else None
    return Column(day, zone, items, gap)


def _sheet(columns: list[Column]) -> Sheet:
    rows = [
        [[item for item in column.items if _part(item) == part] for column in columns]
        for part in range(3)
    ]
    return Sheet(columns, rows)


def _part(item: ReleaseItem) -> int:
    """Morning, afternoon or evening: 0, 1, 2."""
    hour = item.starts_local.hour
    return (hour >= NOON) + (hour >= EVENING)
