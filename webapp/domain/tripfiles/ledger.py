"""What a trip file changes of places and tracks, for the audit."""

from dataclasses import fields
from typing import Any

from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.places import RoomValues, VenueValues
from webapp.domain.stops import StopValues
from webapp.models.clash import TravelTime
from webapp.models.place import Room, Stop, Venue
from webapp.models.track import Track
from webapp.models.trip import Trip

Watched = Stop | Venue | Room | Track | TravelTime
TOLD: dict[type, tuple[str, ...]] = {
    Stop: tuple(field.name for field in fields(StopValues)),
    Venue: tuple(field.name for field in fields(VenueValues)),
    Room: tuple(field.name for field in fields(RoomValues)),
    Track: ("key", "name", "color"),
}
WAY = ("from", "to")


class Ledger:
    """Remembers what rows said before a file came, to write one audit row for each that it added
    or changed."""

    def __init__(self, trip: Trip, by: By) -> None:
        self._trip = trip
        self._by = by
        self._before: list[tuple[Watched, dict[str, Any] | None]] = []

    def watch(self, row: Watched) -> None:
        """Remember what a row says now; one without an id is a new one."""
        self._before.append((row, None if row.id is None else _facts(row)))

    def write(self) -> None:
        """Write what the watched rows say differently. They are flushed."""
        for row, before in self._before:
            after = _facts(row)
            if before is None:
                where = {"venue": row.venue.name} if isinstance(row, Room) else {}
                audits.write(self._by, row, "add", trip_id=self._trip.id, after=where | after)
            elif changed := [name for name in after if after[name] != before[name]]:
                told = (*WAY, *changed) if isinstance(row, TravelTime) else changed
                audits.write(
                    self._by,
                    row,
                    "change",
                    trip_id=self._trip.id,
                    before={name: before[name] for name in told},
                    after={name: after[name] for name in told},
                )


def _facts(row: Watched) -> dict[str, Any]:
    if isinstance(row, TravelTime):
        names = row.from_venue.name, row.to_venue.name
        return {**dict(zip(WAY, names, strict=True)), "minutes": row.minutes}
    return {name: getattr(row, name) for name in TOLD[type(row)]}
