"""A trip file moved by whole days."""

import copy
from datetime import timedelta
from typing import Any

from webapp import clock
from webapp.domain.tripfiles.meaning import rows
from webapp.domain.tripfiles.shape import check
from webapp.domain.tripfiles.values import as_day, as_instant, as_local, written

WINDOW = ("registration_opens_at", "registration_closes_at")
DEADLINES = ("freezes_at", "details_due_at")


def shift(data: dict[str, Any], days: int) -> dict[str, Any]:
    """A copy of a checked file, moved by whole days, with every wall time kept.

    The instants of the registration window and of other deadlines keep their wall time in the zone
    that deadlines are said in; days on which money is due move along. Raises FileFaults where a
    wall time does not exist on its new day, or exists twice and the file does not say which is
    meant.
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
    _shift_deadlines(moved["trip"], by)
    for price in rows(moved, "prices"):
        for part in price["instalments"]:
            if part.get("due_on"):
                part["due_on"] = str((as_day(part["due_on"]) or _never()) + by)
    return check(moved)


def _shift_deadlines(trip: dict[str, Any], by: timedelta) -> None:
    rules = trip.get("registration") or {}
    zone = rules.get("deadline_zone") or trip["zone"]
    for row, names in ((trip, WINDOW), (rules, DEADLINES)):
        for name in names:
            at = as_instant(row.get(name))
            if at is not None:
                wall = clock.wall(at, zone) + by
                row[name] = wall.replace(tzinfo=clock.zone_info(zone)).isoformat()


def _never() -> Any:
    raise ValueError("shift() takes a file that read() has checked")
