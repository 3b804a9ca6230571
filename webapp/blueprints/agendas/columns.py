"""The columns of the board: days, or the tracks, cities or places of one day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from webapp import i18n
from webapp.domain import moves, places
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.place import Room, Venue
from webapp.models.trip import Trip

NONE = "none"
A_DAY = 24 * 60  # minutes


class NoSuchColumn(DomainError):
    """The board has no such column."""


class Axis(StrEnum):
    """What the columns are."""

    DAY = "day"
    TRACK = "track"
    CITY = "city"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Part:
    """What one column shows of an item: the whole of it, or what is left of it on a later day.
    `top` and `length` in minutes of the clocks, from midnight."""

    item: AgendaItem
    is_whole: bool
    top: int
    length: int


@dataclass(slots=True)
class Column:
    """One column: its zones in order, and what it shows, in order of start."""

    key: str
    name: str
    zones: tuple[str, ...]
    day: date
    note: str = ""
    color: str | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def noon(self) -> datetime:
        """The time at which its offset from UTC is told."""
        return datetime.combine(self.day, time(12))


def days_of(trip: Trip, items: Iterable[AgendaItem]) -> list[date]:
    """The days of the tour, and those on which anything else of its draft starts or ends."""
    length = (trip.ends_on - trip.starts_on).days
    planned = {trip.starts_on + timedelta(days=n) for n in range(length + 1)}
    touched = {at.date() for item in items for at in (item.starts_local, item.ends_local)}
    return sorted(planned | touched)


def columns(
    trip: Trip, axis: Axis, day: date, days: Sequence[date], items: Sequence[AgendaItem]
) -> list[Column]:
    """The columns of the board, filled."""
    made = (
        [_of_day(trip, each) for each in days] if axis == Axis.DAY else _of(trip, axis, day, items)
    )
    by_key = {column.key: column for column in made}
    for item in items:
        for key, _day, part in parts(item, axis, day):
            if key in by_key:
                by_key[key].parts.append(part)
    for column in made:
        column.parts.sort(key=lambda part: (part.top, part.item.starts_at, part.item.uid))
    return made


def parts(item: AgendaItem, axis: Axis, day: date) -> list[tuple[str, date, Part]]:
    """Where a board shows an item: the key of each column, its day, and what stands there."""
    found = _parts(item)
    if axis == Axis.DAY:
        return [(each.isoformat(), each, part) for each, part in found]
    return [(column_of(item, axis), day, part) for each, part in found if each == day]


def column_of(item: AgendaItem, axis: Axis) -> str:
    """The key of the column in which an item stands."""
    match axis:
        case Axis.DAY:
            return item.starts_local.date().isoformat()
        case Axis.TRACK:
            return str(item.track_id or NONE)
        case Axis.CITY:
            return str(item.stop_id or NONE)
    if item.room_id:
        return f"{item.venue_id}-{item.room_id}"
    return str(item.venue_id or NONE)


def along(trip: Trip, item: AgendaItem, axis: Axis, key: str, day: date) -> dict[str, Any]:
    """What changes with an item that goes to a column on a day, beside its times; nothing where
    it stands there already. Raises NoSuchColumn."""
    moves_on = day != item.starts_local.date()
    changed = moves.to_day(trip, item, day) if moves_on else {}
    if axis == Axis.DAY or key == column_of(item, axis):
        return changed
    if axis == Axis.TRACK:
        return changed | moves.to_track(_named(trip.tracks, key))
    if axis == Axis.CITY:
        return changed | moves.to_stop(item, _named(trip.stops, key))
    venue, room = _place(trip, key)
    return changed | moves.to_place(trip, item, day, venue, room)


def is_on_other_time(trip: Trip, item: AgendaItem, axis: Axis, day: date) -> bool:
    """Whether the clocks of an item are not those of its column, so that its block must say so."""
    place = {Axis.CITY: item.stop, Axis.PLACE: item.venue}.get(axis)
    zones = [place.zone] if place else moves.zones_on(trip, day)
    return zones != [item.starts_zone]


def _parts(item: AgendaItem) -> list[tuple[date, Part]]:
    """On which days an item is drawn: from its start by the clocks there, for as long as it lasts
    or to the end of the day; and on a later day, to its end by the clocks there."""
    first, last = item.starts_local.date(), item.ends_local.date()
    lasts = int((item.ends_at - item.starts_at) / timedelta(minutes=1))
    top, end = _minutes(item.starts_local), _minutes(item.ends_local)
    found = [(first, Part(item, True, top, min(lasts, A_DAY - top)))]
    between = range(1, min((last - first).days, 60))
    found += [(first + timedelta(days=n), Part(item, False, 0, A_DAY)) for n in between]
    if last > first and end:
        begins = max(0, end - lasts)
        found.append((last, Part(item, False, begins, end - begins)))
    return found


def _minutes(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _of_day(trip: Trip, day: date) -> Column:
    cities = [stop.city for stop in trip.stops if stop.starts_on <= day <= stop.ends_on]
    zones = tuple(moves.zones_on(trip, day))
    name = _("%(weekday)s, %(date)s", weekday=i18n.weekday(day), date=i18n.date_short(day))
    return Column(day.isoformat(), name, zones, day, note=" · ".join(dict.fromkeys(cities)))


def _of(trip: Trip, axis: Axis, day: date, items: Sequence[AgendaItem]) -> list[Column]:
    here = [item for item in items if any(each == day for each, part in _parts(item))]
    used = {column_of(item, axis) for item in here}
    zones = tuple(moves.zones_on(trip, day))
    match axis:
        case Axis.TRACK:
            return [
                Column(NONE, _("For everybody"), zones, day),
                *(
                    Column(str(t.id), i18n.words(t.name), zones, day, color=t.color)
                    for t in trip.tracks
                ),
            ]
        case Axis.CITY:
            stops = [
                Column(str(stop.id), stop.city, (stop.zone,), day)
                for stop in trip.stops
                if stop.starts_on <= day <= stop.ends_on or str(stop.id) in used
            ]
            return [*stops, Column(NONE, _("Without a stop"), zones, day)]
    return [*_of_places(trip, day, used), Column(NONE, _("Without a venue"), zones, day)]


def _of_places(trip: Trip, day: date, used: set[str]) -> list[Column]:
    """The venues of the day's cities and those in use; a venue with rooms has a column a room."""
    cities = {s.city.casefold() for s in trip.stops if s.starts_on <= day <= s.ends_on}
    made = []
    for venue in places.near(trip):
        keys = {str(venue.id): None} | {f"{venue.id}-{room.id}": room for room in venue.rooms}
        if venue.city.casefold() not in cities and not used & set(keys):
            continue
        for key, room in keys.items():
            if room is None and venue.rooms and key not in used:
                continue
            name = room.name if room else venue.name
            note = f"{venue.name}, {venue.city}" if room else venue.city
            made.append(Column(key, name, (venue.zone,), day, note=note))
    return made


def _named(things: Iterable[Any], key: str) -> Any:
    if key == NONE:
        return None
    for thing in things:
        if str(thing.id) == key:
            return thing
    raise NoSuchColumn(key)


def _place(trip: Trip, key: str) -> tuple[Venue | None, Room | None]:
    if key == NONE:
        return None, None
    number, _dash, room_number = key.partition("-")
    found = {str(venue.id): venue for venue in places.near(trip)}
    if number not in found:
        raise NoSuchColumn(key)
    venue = found[number]
    return venue, _named(venue.rooms, room_number) if room_number else None
