"""An agenda in the order in which pages show it: by local day, by place, by track."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

from webapp.models.agenda import ItemContent
from webapp.models.release import ReleaseItem


@dataclass(frozen=True, slots=True)
class Day:
    """One local day and what starts on it, in order of the instants."""

    date: date
    items: list[ItemContent]


class Arrangement(StrEnum):
    """What the sections of a public agenda are."""

    DAY = "day"
    PLACE = "place"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class Part:
    """Items that stand together inside a section: of one room; `name` is empty where there is no
    such part."""

    name: str
    items: list[ReleaseItem]


@dataclass(frozen=True, slots=True)
class Section:
    """One day, venue or track of an agenda. Of a venue, `name` is that of the venue and `city` its
    city; `color` is a track's. Empty where the items have none."""

    key: str
    parts: list[Part]
    date: "date | None" = None
    city: str = ""
    name: str = ""
    color: str = ""

    @property
    def items(self) -> list[ReleaseItem]:
        """All of them, in order."""
        return [item for part in self.parts for item in part.items]

    @property
    def cities(self) -> list[str]:
        """Where these items are, in order, each once."""
        return list(dict.fromkeys(item.city for item in self.items if item.city))


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


def arrange(items: Iterable[ReleaseItem], by: Arrangement, language: str) -> list[Section]:
    """The sections of an agenda. Places stand by city, then venue, with their rooms under them;
    what has no place, and what is of no track, comes last and first."""
    ordered = sorted(items, key=attrgetter("starts_at", "uid"))
    match by:
        case Arrangement.DAY:
            return [
                Section(f"day-{day.date}", [Part("", day.items)], date=day.date)  # type: ignore[arg-type]
                for day in by_day(ordered)
            ]
        case Arrangement.PLACE:
            return _by_place(ordered)
        case Arrangement.TRACK:
            return _by_track(ordered, language)


def _by_place(items: list[ReleaseItem]) -> list[Section]:
    def order(item: ReleaseItem) -> tuple[bool, str, bool, str]:
        city, name = item.city or "", item.place_name or ""
        return not (city or name), city, not name, name

    return [
        Section(
            f"place-{number}",
            _parts(group, lambda item: item.room_name or ""),
            city=key[1],
            name=key[3],
        )
        for number, (key, group) in enumerate(_grouped(items, order), start=1)
    ]


def _by_track(items: list[ReleaseItem], language: str) -> list[Section]:
    # In the order in which tracks come first in the program: a release keeps no other.
    names = list(dict.fromkeys(track_of(item) for item in items))

    def order(item: ReleaseItem) -> tuple[bool, int]:
        return bool(track_of(item)), names.index(track_of(item))

    found = []
    for key, group in _grouped(items, order):
        track = group[0].track_name
        found.append(
            Section(
                f"track-{key[1] + 1}",
                [Part("", group)],
                name=track.pick(language) if track else "",
                color=group[0].track_color or "",
            )
        )
    return found


def track_of(item: ReleaseItem) -> str:
    """What names the track of a published item in an address; empty for an item of no track."""
    return item.track_name.pick("en") if item.track_name else ""


def _parts(items: list[ReleaseItem], name: Callable[[ReleaseItem], str]) -> list[Part]:
    return [Part(key, group) for key, group in _grouped(items, name)]


def _grouped(
    items: list[ReleaseItem], key: Callable[[ReleaseItem], Any]
) -> list[tuple[Any, list[ReleaseItem]]]:
    return [(k, list(group)) for k, group in groupby(sorted(items, key=key), key)]
