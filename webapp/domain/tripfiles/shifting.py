"""A trip file moved by whole days."""

import copy
from datetime import timedelta
from typing import Any

from webapp import clock
from webapp.domain.tripfiles.meaning import rows
from webapp.domain.tripfiles.shape import check
from webapp.domain.tripfiles.values import as_day, as_instant, as_local, written


def shift(data: dict[str, Any], days: int) -> dict[str, Any]:
    """A copy of a checked file, moved by whole days, with every wall time kept.

    The instants of the registration window keep their wall time in the trip's zone. Raises
    FileFaults where a wall time does not exist on its new day, or exists twice and the file does
    not say which is meant.
    """
    moved = copy.deepcopy(data)
    by = timedelta(days=days)
    for row in (moved["trip"], *rows(moved, "stops")):
        for name in ("starts_on", "ends_on"):
            row[name] = str((as_day(row[name]) or _never()) + by)
    for item in rows(moved, "items"):
        for end in (item["starts"], item["ends"]):
            local = as_local(end["local"]) or _never()
            end["local"] = written(local + by)
    trip = moved["trip"]
    for name in ("registration_opens_at", "registration_closes_at"):
        at = as_instant(trip.get(name))
        if at is not None:
            wall = clock.wall(at, trip["zone"]) + by
            trip[name] = wall.replace(tzinfo=clock.zone_info(trip["zone"])).isoformat()
    return check(moved)


def _never() -> Any:
    raise ValueError("shift() takes a file that read() has checked")
