"""Clock changes inside a trip."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from webapp import clock
from webapp.domain.clashes.breaches import breach
from webapp.domain.clashes.plans import Found, Plan, Visit
from webapp.domain.clashes.rules import Rule

DAY = timedelta(days=1)
LONGEST = 400 * DAY  # looked through; an agenda of more has a date that is wrong


def clock_changes(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Each clock change of a zone of the trip between the first start and the last end, told once
    for all zones that it happens in, with the difference to home before and after it."""
    if Rule.CLOCK_CHANGE not in plan.rules or not visits:
        return
    start, end = visits[0].starts.at, max(visit.ends.at for visit in visits)
    names = [*plan.zones, *filter(None, (plan.zone, plan.home_zone))]
    moves: dict[tuple[datetime, int], list[str]] = {}
    for zone in dict.fromkeys(names):
        for change in _changes(zone, start, min(end, start + LONGEST)):
            moves.setdefault((change.at, change.minutes), []).append(zone)
    for (at, moved), zones in sorted(moves.items()):
        facts = {"zones": zones, "instant": at, "minutes": moved, **_gap(plan, at)}
        yield breach(Rule.CLOCK_CHANGE, (), facts, at.isoformat(), moved, *sorted(zones), at=at)


@lru_cache(maxsize=256)
def _changes(zone: str, start: datetime, end: datetime) -> tuple[clock.Change, ...]:
    """The changes of one zone, looked for day by day; none for a zone that nobody knows."""
    found: list[clock.Change] = []
    try:
        while start < end:
            step = min(start + DAY, end)
            if clock.wall(step, zone) - clock.wall(start, zone) != step - start:
                found += clock.changes(zone, start, step)
            start = step
    except clock.UnknownZone:
        return ()
    return tuple(found)


def _gap(plan: Plan, at: datetime) -> dict[str, Any]:
    """By how many hours the trip is ahead of home before and after, where that changes."""
    zone, home = plan.zone, plan.home_zone
    if not zone or not home or zone == home:
        return {}
    try:
        before = clock.gap_hours(at - timedelta(seconds=1), zone, home)
        after = clock.gap_hours(at, zone, home)
    except clock.UnknownZone:
        return {}
    if before == after:
        return {}
    return {"zone": zone, "home_zone": home, "gap_before": before, "gap_after": after}
