"""The published items of a trip as calendars hold them: read once, each VEVENT written once for a
language, and shared by all feeds of the process that hold it. (DESIGN rule 5.)"""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import Table, select

from webapp import i18n
from webapp.calendars.feed import Block, block
from webapp.db import db
from webapp.domain.entries import Face, entry
from webapp.kept import Kept
from webapp.models.agenda import Attendance
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState

KEPT_OCTETS = 40_000_000  # of all trips that a process remembers
ITEM_OCTETS = 16_000  # of an item with its VEVENTs in two languages, measured and rounded up

# What the octets of a trip's items depend on. `calendar_number` moves with all of it; the rest is
# for releases that were in force before there were such numbers.
Key = tuple[int, int | None, int, TripState]


class Edition:
    """The items of one release, in order of start, and the VEVENTs that were written of them.

    The items are copies that belong to no session, so that they outlive the one that read them.
    """

    def __init__(self, items: Sequence[ReleaseItem]) -> None:
        self.items = items
        self.has_options = any(item.attendance == Attendance.OPTIONAL for item in items)
        self._blocks: dict[tuple[int, Face, str], Block | None] = {}

    def block(self, trip: Trip, item: ReleaseItem, face: Face, language: str) -> Block | None:
        """The VEVENT of one of its items. None for one that no calendar can hold: it is logged,
        and the rest of the feed stands without it."""
        key = (item.id, face, language)
        if key not in self._blocks:
            self._blocks[key] = _block(trip, item, face, language)
        return self._blocks[key]


def edition(trip: Trip) -> Edition:
    """The items of the release that is in force, from memory or by one statement. `trip` has been
    read in the transaction that is open."""
    key = _key(trip)
    found = _editions.get(key)
    if found is None:
        found = Edition(_items(trip))
        _editions.put(key, found, ITEM_OCTETS * (1 + len(found.items)))
    return found


def faults(trip: Trip) -> list[str]:
    """A line for each published item that no calendar can hold: its UID, and why. From the
    database, whatever is remembered."""
    found = []
    with i18n.speaking("en"):
        for item in _items(trip):
            try:
                block(entry(trip, item, "en"))
            except (TypeError, ValueError) as error:
                found.append(f"{item.uid}: {error}")
    return found


def _block(trip: Trip, item: ReleaseItem, face: Face, language: str) -> Block | None:
    try:
        with i18n.speaking(language):
            return block(entry(trip, item, language, face))
    except (TypeError, ValueError):  # what no calendar can hold (webapp.calendars.event.Entry)
        current_app.logger.exception("session %s is left out of calendars", item.uid)
        return None


def _items(trip: Trip) -> Sequence[ReleaseItem]:
    """Read as they are in the database, past what the session knows of them."""
    if trip.release_id is None:
        return []
    db.session.flush()
    rows = db.session.execute(
        select(_table)
        .where(_table.c.release_id == trip.release_id)
        .order_by(_table.c.starts_at, _table.c.uid)
    ).mappings()
    return [ReleaseItem(**row) for row in rows]


def _key(trip: Trip) -> Key:
    return trip.id, trip.release_id, trip.calendar_number, trip.state


_table: Table = ReleaseItem.__table__  # type: ignore[assignment]
_editions: Kept[Edition] = Kept(KEPT_OCTETS)
