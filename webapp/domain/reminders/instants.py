"""When a reminder goes out: pure, from the tour's dates, deadlines and stops.

A day is counted from the date of the anchor: the first or last day of the tour, or the date of a
deadline on the clocks that deadlines are said in. The time of day is one of the tour's own zone,
whatever hour the deadline has. With `each_day` it is the zone of where the tour is on the day on
which the letter goes out: in the morning at the stop where it wakes up, from noon on at the one
where it goes to sleep; before its first stop that of the first, without stops the tour's own.

A wall time that the clocks skip becomes the one so much later that exists (2:30 becomes 3:30); of
one that they show twice the first is meant. (DESIGN rule 2 asks people; nobody is there to ask.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from webapp import clock
from webapp.models.mailing import Anchor, Reminder
from webapp.models.place import Stop
from webapp.models.trip import Trip

NOON = 12 * 60  # minutes
A_DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """An instant (aware UTC) at which a reminder goes out. `zone` is the one that its time of day
    is meant in; `day` the day of the tour that it is about, with `each_day`, else None."""

    due_at: datetime
    zone: str
    day: date | None = None


def of(reminder: Reminder, trip: Trip) -> list[Moment]:
    """All instants of a reminder, in order; none while its anchor is not set, or in years in which
    nobody travels."""
    found = []
    for day in _anchored(reminder.anchor, trip):
        moment = _moment(reminder, trip, day)
        if moment is not None:
            found.append(moment)
    return sorted(found)


def anchor_at(anchor: Anchor, trip: Trip) -> datetime | None:
    """The deadline that is an anchor, None for one that is not set and for those that are days."""
    return {
        Anchor.REGISTRATION_CLOSES: trip.registration_closes_at,
        Anchor.FREEZE: trip.freezes_at,
        Anchor.DETAILS_DUE: trip.details_due_at,
    }.get(anchor)


def zone_on(stops: Sequence[Stop], day: date, *, late: bool, otherwise: str) -> str:
    """The zone of where the tour is on a day, in the morning or (`late`) in the evening."""
    in_order = sorted(stops, key=lambda stop: (stop.starts_on, stop.position))
    if not in_order:
        return otherwise
    begun = [stop for stop in in_order if stop.starts_on <= day]
    if not begun:
        return in_order[0].zone
    there = [stop for stop in begun if stop.ends_on >= day]
    if there and not late:
        return there[0].zone
    return begun[-1].zone


def day_ends_at(trip: Trip, day: date) -> datetime:
    """The instant at which a day of the tour is over where the tour is in its evening."""
    zone = zone_on(trip.stops, day, late=True, otherwise=trip.zone)
    return _instant(datetime.combine(day + A_DAY, time()), zone) or NEVER


def _anchored(anchor: Anchor, trip: Trip) -> list[date]:
    match anchor:
        case Anchor.START:
            return [trip.starts_on]
        case Anchor.END:
            return [trip.ends_on]
        case Anchor.EACH_DAY:
            days = (trip.ends_on - trip.starts_on).days + 1
            return [trip.starts_on + timedelta(days=number) for number in range(days)]
    at = anchor_at(anchor, trip)
    return [] if at is None else [clock.wall(at, trip.says_deadlines_in).date()]


def _moment(reminder: Reminder, trip: Trip, day: date) -> Moment | None:
    each_day = reminder.anchor == Anchor.EACH_DAY
    on = day + timedelta(days=reminder.days)
    zone = trip.zone
    if each_day:
        zone = zone_on(trip.stops, on, late=reminder.minute >= NOON, otherwise=trip.zone)
    local = datetime.combine(on, time(reminder.minute // 60, reminder.minute % 60))
    due_at = _instant(local, zone)
    return None if due_at is None else Moment(due_at, zone, day if each_day else None)


def _instant(local: datetime, zone: str) -> datetime | None:
    try:
        return clock.instant(local, zone, fold=0)
    except clock.YearRefused:
        return None
    except clock.WallTimeMissing as missing:
        return clock.instant(missing.after, zone, fold=0)
