"""What can be wrong with one item alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from webapp import clock
from webapp.domain.clashes.breaches import breach, minutes
from webapp.domain.clashes.plans import End, Found, Plan, Visit, Who
from webapp.domain.clashes.rules import Rule
from webapp.domain.clashes.ways import haste
from webapp.errors import DomainError

LONGEST = timedelta(hours=36)  # of anything but a leg
NIGHT_ENDS = time(6)  # what ends by then belongs to the evening before
DAY = timedelta(days=1)


def hasty_legs(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Legs that go at least twice as fast as their mode does: a wrong time, date or zone."""
    if Rule.TRAVEL not in plan.rules:
        return
    for visit in visits:
        found = haste(visit, plan.travel)
        if found and found.mode and visit.starts.place and visit.ends.place:
            facts = {
                "minutes_needed": found.minutes,
                "minutes_there": minutes(visit.ends.at - visit.starts.at),
                "km": found.km,
                "mode": found.mode.value,
                "speed": found.speed,
                "place": visit.starts.place.name,
                "to_place": visit.ends.place.name,
            }
            yield breach(Rule.TRAVEL, (visit,), facts, "leg", found.mode.value)


def capacities(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """More delegates than an item has places, or more people than its room or venue holds: those
    who are in it, or, before they are known, as many as it offers places. (domain.md rule 16.)"""
    if Rule.CAPACITY not in plan.rules:
        return
    heads: Counter[int] = Counter()
    delegates: Counter[int] = Counter()
    for party in plan.parties:
        if party.who == Who.PERSON:
            heads.update(party.items)
            delegates.update(party.items - party.works_in)
    for visit in visits:
        yield from _capacity(visit, delegates[visit.number], heads[visit.number])


def _capacity(visit: Visit, delegates: int, heads: int) -> Iterator[Found]:
    offered = visit.capacity or 0
    if visit.capacity is not None and delegates > offered:
        yield _full(visit, {"of": "item", "limit": offered, "count": delegates, "name": None})
    holder = _holder(visit)
    if holder is None:
        return
    of, name, limit = holder
    if heads > limit:
        yield _full(visit, {"of": of, "limit": limit, "count": heads, "name": name})
    elif offered > limit:
        yield _full(visit, {"of": f"{of}_offered", "limit": limit, "count": offered, "name": name})


def _holder(visit: Visit) -> tuple[str, str, int] | None:
    """What holds the people of an item, and how many: the room where that is known."""
    if visit.room and visit.room.capacity is not None:
        return "room", visit.room.name, visit.room.capacity
    place = visit.starts.place
    if place and place.capacity is not None and not visit.carries:
        return "venue", place.name, place.capacity
    return None


def _full(visit: Visit, facts: dict[str, Any]) -> Found:
    return breach(Rule.CAPACITY, (visit,), facts, facts["of"], facts["limit"], facts["count"])


def dates(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Items outside of the dates of their stop or more than a day outside of the trip's, by the
    local dates of each end; and items of more than 36 hours that are no leg."""
    if Rule.DATES not in plan.rules:
        return
    for visit in visits:
        if not visit.carries and visit.ends.at - visit.starts.at > LONGEST:
            hours = minutes(visit.ends.at - visit.starts.at) // 60
            yield breach(Rule.DATES, (visit,), {"why": "long", "hours": hours}, "long")
        if facts := _outside_trip(plan, visit) or _outside_stop(visit):
            yield breach(
                Rule.DATES, (visit,), facts, facts["why"], str(facts["first"]), str(facts["last"])
            )


def _outside_trip(plan: Plan, visit: Visit) -> dict[str, Any] | None:
    if plan.starts_on is None or plan.ends_on is None:
        return None
    first, last = _days(visit)
    if visit.carries:  # the way there or back: the end of it in the tour counts
        first, last = max(first, last), min(first, last)
    if first < plan.starts_on - DAY or last > plan.ends_on + DAY:
        day = first if first < plan.starts_on - DAY else last
        return {"why": "trip", "day": day, "first": plan.starts_on, "last": plan.ends_on}
    return None


def _outside_stop(visit: Visit) -> dict[str, Any] | None:
    """A leg belongs to the stop that it leaves or reaches: one of its ends is enough."""
    stay = visit.stay
    if stay is None:
        return None
    outside = [day for day in _days(visit) if not stay.starts_on <= day <= stay.ends_on]
    if not outside or (visit.carries and len(outside) < 2):
        return None
    facts = {"why": "stop", "day": outside[0], "first": stay.starts_on, "last": stay.ends_on}
    return facts | {"city": stay.city}


def _days(visit: Visit) -> tuple[date, date]:
    """The local dates of its ends; an evening that ends in the small hours ends on its own day."""
    first, ends = visit.starts.local.date(), visit.ends.local
    late = ends.date() == first + DAY and ends.time() <= NIGHT_ENDS and not visit.carries
    return first, first if late else ends.date()


def zones(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Ends whose zone shows another time than the clocks of the place do at that instant. Two
    names of the same time are no clash."""
    if Rule.ZONE not in plan.rules:
        return
    for visit in visits:
        for name, end in (("starts", visit.starts), ("ends", visit.ends)):
            there, place = _clocks_of(visit, end)
            apart = _apart(end, there) if there else 0
            if apart:
                facts = {
                    "end": name,
                    "zone": end.zone,
                    "place_zone": there,
                    "place": place,
                    "minutes": apart,
                }
                yield breach(Rule.ZONE, (visit,), facts, name, there)
                break  # once for an item: both ends tend to be wrong together


def _clocks_of(visit: Visit, end: End) -> tuple[str | None, str | None]:
    """The zone of the place of an end, and its name: of the venue, else of the stop, which says
    nothing about a leg."""
    if end.place is not None and end.place.zone:
        return end.place.zone, end.place.name
    if visit.stay is not None and end.place is None and not visit.carries:
        return visit.stay.zone, visit.stay.city
    return None, None


def _apart(end: End, zone: str) -> int:
    """By how many minutes the clocks of `zone` are ahead of those of the item."""
    if zone == end.zone:
        return 0
    try:
        return minutes(clock.wall(end.at, zone) - clock.wall(end.at, end.zone))
    except clock.UnknownZone:
        return 0


def wall_times(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Ends whose wall time and zone no longer give the instant that is stored: the rules of the
    zone have changed, or the time does not exist, or occurs twice and nobody said which."""
    if Rule.WALL_TIME not in plan.rules:
        return
    for visit in visits:
        for name, end in (("starts", visit.starts), ("ends", visit.ends)):
            if facts := _wall_time(end):
                facts |= {"end": name, "local": end.local, "zone": end.zone}
                yield breach(Rule.WALL_TIME, (visit,), facts, name, facts["why"], str(end.local))


def _wall_time(end: End) -> dict[str, Any] | None:
    try:
        at: datetime | None = clock.instant(end.local, end.zone, end.fold)
    except clock.WallTimeMissing as error:
        return {"why": "missing", "before": error.before, "after": error.after}
    except clock.WallTimeTwice:
        return {"why": "twice"}
    except DomainError:
        return {"why": "unknown"}
    return None if at == end.at else {"why": "moved"}
