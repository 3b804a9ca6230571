"""Moving an item of the draft about the timetable: what stays, and what goes along."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from webapp import clock
from webapp.domain import item_values
from webapp.domain.item_values import ItemValues
from webapp.models.agenda import AgendaItem
from webapp.models.place import Room, Stop, Venue
from webapp.models.track import Track
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Times:
    """Naive wall times of a move. Without an end the item stays as long as it was. A fold of None
    says that nobody was asked which pass of a repeated hour is meant."""

    starts_local: datetime
    starts_fold: int | None = None
    ends_local: datetime | None = None
    ends_fold: int | None = None


def moved(item: AgendaItem, times: Times, along: dict[str, Any]) -> ItemValues:
    """What the item says after a move to `times`, with the columns of `along` changed.

    The wall time is kept where the zone changes; without an end the length is, in minutes that
    pass and not by the clocks, also across a clock change. Raises item_values.TimeRefused.
    """
    said = replace(item_values.of(item), **along)
    said = replace(
        said,
        starts_local=times.starts_local,
        starts_fold=_fold(item, "starts", times.starts_local, said.starts_zone, times.starts_fold),
    )
    if times.ends_local is not None:
        fold = _fold(item, "ends", times.ends_local, said.ends_zone, times.ends_fold)
        return replace(said, ends_local=times.ends_local, ends_fold=fold)
    starts_at = item_values.moment("starts", said.starts_local, said.starts_zone, said.starts_fold)
    ends_at = starts_at + (item.ends_at - item.starts_at)
    ends = ends_at.astimezone(clock.zone_info(said.ends_zone))
    return replace(said, ends_local=ends.replace(tzinfo=None, fold=0), ends_fold=ends.fold)


def to_day(trip: Trip, item: AgendaItem, day: date) -> dict[str, Any]:
    """What goes along to another day: the item keeps its place and with it its zone. One without
    any place, on the time of its old day, takes the time of the new one."""
    old, new = zones_on(trip, item.starts_local.date()), zones_on(trip, day)
    has_place = item.stop_id or item.venue_id or item.is_leg
    if has_place or item.starts_zone not in old or item.starts_zone in new:
        return {}
    return _on_time_of(item, new[0])


def to_track(track: Track | None) -> dict[str, Any]:
    """What goes along to a track, or to none."""
    return {"track_id": track.id if track else None}


def to_stop(item: AgendaItem, stop: Stop | None) -> dict[str, Any]:
    """What goes along to a stop: its zone; a venue in another city is left behind."""
    if stop is None:
        return {"stop_id": None}
    along: dict[str, Any] = {"stop_id": stop.id} | _on_time_of(item, stop.zone)
    if item.venue and not _same(item.venue.city, stop.city):
        along |= {"venue_id": None, "room_id": None}
    return along


def to_place(
    trip: Trip, item: AgendaItem, day: date, venue: Venue | None, room: Room | None = None
) -> dict[str, Any]:
    """What goes along to a venue or one of its rooms: the zone, and the stop of its city."""
    if venue is None:
        return {"venue_id": None, "room_id": None}
    along = {"venue_id": venue.id, "room_id": room.id if room else None}
    if not (item.stop and _same(item.stop.city, venue.city)):
        stop = _stop_in(trip, venue.city, day)
        along["stop_id"] = stop.id if stop else item.stop_id
    return along | _on_time_of(item, venue.zone)


def zones_on(trip: Trip, day: date) -> list[str]:
    """The zones whose time is kept on a day, in order of the stops; never empty. Between stops it
    is that of the stop before."""
    here = [stop.zone for stop in trip.stops if stop.starts_on <= day <= stop.ends_on]
    before = [stop.zone for stop in trip.stops if stop.ends_on < day][-1:]
    return list(dict.fromkeys(here or before or [trip.zone]))


def _stop_in(trip: Trip, city: str, day: date) -> Stop | None:
    """The stop in a city, rather the one of that day."""
    found: Iterable[Stop] = (stop for stop in trip.stops if _same(stop.city, city))
    return min(found, key=lambda s: not s.starts_on <= day <= s.ends_on, default=None)


def _on_time_of(item: AgendaItem, zone: str) -> dict[str, Any]:
    """An item takes the zone where it begins; where it ends only if that was the same."""
    if item.starts_zone == item.ends_zone:
        return {"starts_zone": zone, "ends_zone": zone}
    return {"starts_zone": zone}


def _fold(item: AgendaItem, end: str, local: datetime, zone: str, fold: int | None) -> int | None:
    """A time that stays what it was needs no second question."""
    stays = local == getattr(item, f"{end}_local") and zone == getattr(item, f"{end}_zone")
    return getattr(item, f"{end}_fold") if fold is None and stays else fold


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
