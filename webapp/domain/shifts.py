"""A tour at other dates: local wall times stay what they are, and the instants are derived anew.

(DESIGN rule 1.) What the clocks of the new date do not allow is put right and told: `Surprise`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from webapp import clock
from webapp.db import Words, db
from webapp.domain import agendas, audits, item_values, queues, seats, trips
from webapp.domain.audits import By
from webapp.domain.item_values import EndsBeforeStart, ItemValues
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.place import Stop
from webapp.models.trip import Trip

# Instants of a tour that move with its dates.
DEADLINES = (
    "registration_opens_at",
    "registration_closes_at",
    "freezes_at",
    "details_due_at",
)


class DatesRefused(DomainError):
    """A date of the tour would fall outside of the years in which anybody travels."""


class Why(StrEnum):
    """What the clocks of the new date did to a wall time."""

    MISSING = "missing"  # they skip it: the next that exists was taken
    TWICE = "twice"  # they show it twice: the first was taken
    ORDER = "order"  # the end came out before the start: the length was kept instead


@dataclass(frozen=True, slots=True)
class Surprise:
    """A wall time of a session that could not simply be kept: `end` is "starts" or "ends"; naive
    wall times in `zone`, as wanted and as taken."""

    title: Words
    end: str
    zone: str
    wanted: datetime
    taken: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change inside the new dates of a tour."""

    zone: str
    at: datetime
    minutes: int


def shift(trip: Trip, days: int, by: By, *, window: bool = True) -> list[Surprise]:
    """Move a whole tour by so many days: its dates, stops, sessions, and the registration window
    unless `window` is False. Each wall time stays; the answer says which could not.

    The sessions change in the draft only: publishing tells calendars. Raises DatesRefused.
    """
    trip = seats.hold(trip.id)
    face = trips.face(trip)
    before = _dates(trip)
    check_years(trip, days)
    by_days = timedelta(days=days)
    rows: list[Trip | Stop] = [trip, *trip.stops]
    for row in rows:
        row.starts_on, row.ends_on = row.starts_on + by_days, row.ends_on + by_days
    if window:
        shift_window(trip, trip, days)
    found: list[Surprise] = []
    for item in agendas.draft(trip):
        found += _shift_item(item, days, by)
    db.session.flush()
    after = _dates(trip)
    if days:
        audits.write(by, trip, "shift", trip_id=trip.id, before=before, after=after)
        trips.tell_calendars(trip, face)
        queues.settle(trip)  # it may have been over by its old dates
    return found


def surprises(trip: Trip, days: int) -> list[Surprise]:
    """What `shift` and a copy by so many days would have to put right, in order of start. Raises
    DatesRefused."""
    check_years(trip, days)
    return [
        surprise
        for item in agendas.draft(trip)
        for surprise in moved(item_values.of(item), days)[1]
    ]


def clock_changes(trip: Trip, days: int) -> list[Change]:
    """The clock changes that would fall inside the tour, moved by so many days, in each of its
    zones and at home. Raises DatesRefused."""
    check_years(trip, days)
    zones = dict.fromkeys([trip.zone, *(stop.zone for stop in trip.stops)])
    if trip.home_zone:
        zones[trip.home_zone] = None
    first = datetime.combine(trip.starts_on, datetime.min.time()) + timedelta(days=days)
    last = datetime.combine(trip.ends_on, datetime.min.time()) + timedelta(days=days + 1)
    found = []
    for zone in zones:
        info = clock.zone_info(zone)
        start, end = first.replace(tzinfo=info), last.replace(tzinfo=info)
        found += [Change(zone, each.at, each.minutes) for each in clock.changes(zone, start, end)]
    return sorted(found, key=lambda change: change.at)


@dataclass(frozen=True, slots=True)
class Gaps:
    """By how many hours the tour is ahead of home on its first day: as it stands, and moved."""

    now: float
    then: float


def gaps(trip: Trip, days: int) -> Gaps | None:
    """How far from home the clocks of the tour are at noon of its first day, before and after a
    move; None for a tour without a home zone. Raises DatesRefused."""
    check_years(trip, days)
    if not trip.home_zone:
        return None
    noon = datetime.combine(trip.starts_on, time(12), clock.zone_info(trip.zone))
    later = noon + timedelta(days=days)  # the same wall time: Python adds by the clock
    return Gaps(*(clock.gap_hours(at, trip.zone, trip.home_zone) for at in (noon, later)))


def moved(values: ItemValues, days: int) -> tuple[ItemValues, list[Surprise]]:
    """What a session says so many days later, by the clocks: the same wall times in the same
    zones. One that does not exist there becomes the next that does, one that occurs twice the
    first pass; both are told. Raises DatesRefused."""
    if not days:
        return values, []
    found: list[Surprise] = []
    starts = _land(values, "starts", days, found)
    ends = _land(values, "ends", days, found)
    there = replace(values, starts_local=starts, starts_fold=0, ends_local=ends, ends_fold=0)
    try:
        item_values.columns(there)
    except EndsBeforeStart:
        there = _keep_length(values, there, found)
    return there, found


def _land(values: ItemValues, end: str, days: int, found: list[Surprise]) -> datetime:
    zone: str = getattr(values, f"{end}_zone")
    local: datetime = getattr(values, f"{end}_local")
    try:
        wanted = local + timedelta(days=days)
    except OverflowError as error:
        raise DatesRefused from error
    try:
        clock.instant(wanted, zone)
    except clock.YearRefused as error:
        raise DatesRefused from error
    except clock.WallTimeMissing as error:
        found.append(Surprise(values.title, end, zone, wanted, error.after, Why.MISSING))
        return error.after
    except clock.WallTimeTwice:
        found.append(Surprise(values.title, end, zone, wanted, wanted, Why.TWICE))
    return wanted


def _keep_length(values: ItemValues, there: ItemValues, found: list[Surprise]) -> ItemValues:
    """As long as it was, from its new start on: the clocks would have it end before it starts."""
    before = item_values.columns(values)
    starts_at = item_values.moment("starts", there.starts_local, there.starts_zone, 0)
    ends_at = starts_at + (before["ends_at"] - before["starts_at"])
    local = clock.wall(ends_at, there.ends_zone)
    fold = 0
    if clock.is_doubled(local, there.ends_zone):
        fold = int(clock.instant(local, there.ends_zone, 1) == ends_at)
    told = Surprise(there.title, "ends", there.ends_zone, there.ends_local, local, Why.ORDER)
    found.append(told)
    return replace(there, ends_local=local, ends_fold=fold)


def check_years(trip: Trip, days: int) -> None:
    """Raises DatesRefused when a date of the trip, so many days later, is out of all bounds."""
    rows: list[Trip | Stop] = [trip, *trip.stops]
    dates = [each for row in rows for each in (row.starts_on, row.ends_on)]
    try:
        there = [each + timedelta(days=days) for each in dates]
    except OverflowError as error:
        raise DatesRefused from error
    if min(there) < clock.EARLIEST.date() or max(there) > clock.LATEST.date():
        raise DatesRefused


def shift_window(old: Trip, new: Trip, days: int) -> None:
    """The registration window and deadlines of `old` on `new`, so many days later by the clocks in
    which they are said."""
    zone = old.says_deadlines_in
    for name in DEADLINES:
        at = getattr(old, name)
        if at is not None:
            local = clock.wall(at, zone) + timedelta(days=days)
            # Skipped times move forward, of a repeated hour the first pass counts.
            at = local.replace(tzinfo=clock.zone_info(zone), fold=0)
        setattr(new, name, at)


def _shift_item(item: AgendaItem, days: int, by: By) -> list[Surprise]:
    old = item_values.of(item)
    new, found = moved(old, days)
    before, after = item_values.facts(old), item_values.facts(new)
    for name, value in item_values.columns(new).items():
        if name.startswith(("starts_", "ends_")):
            setattr(item, name, value)
    changed = [name for name in after if (after[name] or 0) != (before[name] or 0)]
    if changed:
        audits.write(
            by,
            item,
            "change",
            trip_id=item.trip_id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return found


def _dates(trip: Trip) -> dict[str, Any]:
    return {name: getattr(trip, name) for name in ("starts_on", "ends_on", *DEADLINES)}
