"""Finding clashes in a plan: pure, and as fast as sorting.

With n assignments of people to items, sorting takes n log n; each group of people with the same
items is swept once, which takes as long as its items and the clashes found.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.clashes.breaches import Said, breach, concerned, minutes
from webapp.domain.clashes.clocks import clock_changes
from webapp.domain.clashes.plans import Found, Party, Plan, Travel, Visit
from webapp.domain.clashes.resources import fleets, hosts, rooms, vehicles
from webapp.domain.clashes.rules import Rule
from webapp.domain.clashes.singles import capacities, dates, hasty_legs, wall_times, zones
from webapp.domain.clashes.sweeps import overlaps
from webapp.domain.clashes.ways import Way, crosses_border, way

RANKS = {rule: position for position, rule in enumerate(Rule)}
Group = tuple[list[Visit], list[Party]]  # items in order of start, and those who are in them
Pair = tuple[Visit, Visit]


@dataclass(frozen=True, slots=True)
class Need:
    """What it takes to get from the end of one item to the start of the next, in minutes, and how
    many there are."""

    minutes: int
    there: int
    way: Way | None
    margin: int
    arrival: int
    call: int


def find(plan: Plan) -> list[Found]:
    """Every breach of the plan's rules, in order of time: rules 14 to 16 and 20 of domain.md.

    Items overlap when each starts before the other ends: back to back is no clash. Ways are looked
    at from each item to the first that starts no earlier than it ends, for one group of people.
    """
    visits = sorted(plan.visits, key=lambda visit: (visit.starts.at, visit.uid))
    groups = grouped(plan, visits)
    found = [
        *_persons(plan, groups),
        *_ways(plan, [*groups, *fleets(visits)]),
        *hasty_legs(plan, visits),
        *rooms(plan, visits),
        *vehicles(plan, visits),
        *hosts(plan, visits),
        *capacities(plan, visits),
        *dates(plan, visits),
        *zones(plan, visits),
        *wall_times(plan, visits),
        *clock_changes(plan, visits),
    ]
    return sorted(found, key=lambda each: (each.at, RANKS[each.rule], each.uids, each.key))


def need(
    one: Visit, other: Visit, travel: Travel, known: dict[tuple[str, str], Way | None]
) -> Need:
    """What it takes from the end of `one` to the start of `other`, which starts no earlier.

    At the same place it takes nothing, so that a call time there says nothing: people are there
    already. Where nobody can tell how long the way is, it counts as nothing: no clash is invented.
    `known` remembers ways between places.
    """
    start, end = one.ends.place, other.starts.place
    found = None
    if start is not None and end is not None and start.key != end.key:
        pair = (start.key, end.key)
        if pair not in known:
            known[pair] = way(start, end, travel)
        found = known[pair]
    margin = travel.margin if found else 0
    arrival = travel.arrival if crosses_border(one) else 0
    call = other.call_minutes or 0
    return Need(
        minutes=(found.minutes if found else 0) + margin + arrival,
        there=minutes(other.starts.at - one.ends.at - timedelta(minutes=call)),
        way=found,
        margin=margin,
        arrival=arrival,
        call=call,
    )


def grouped(plan: Plan, visits: Sequence[Visit]) -> list[Group]:
    """Parties by what they are in. Free time never clashes: whoever is elsewhere has it there."""
    places = {visit.number: at for at, visit in enumerate(visits) if not visit.is_free}
    same: dict[frozenset[int], list[Party]] = {}
    for party in plan.parties:
        same.setdefault(party.items, []).append(party)
    return [
        ([visits[at] for at in sorted(places[each] for each in items if each in places)], parties)
        for items, parties in same.items()
    ]


def _persons(plan: Plan, groups: Sequence[Group]) -> Iterator[Found]:
    if Rule.PERSON not in plan.rules:
        return
    pairs: dict[Pair, list[int]] = {}
    for number, (visits, _) in enumerate(groups):
        for one, other in overlaps(visits):
            pairs.setdefault((one, other), []).append(number)
    told = _Told(groups)
    for (one, other), numbers in pairs.items():
        facts, said = told.of(numbers)
        shared = min(one.ends.at, other.ends.at) - other.starts.at
        yield breach(Rule.PERSON, (one, other), facts | {"minutes_overlap": minutes(shared)}, *said)


def _ways(plan: Plan, groups: Sequence[Group]) -> Iterator[Found]:
    if Rule.TRAVEL not in plan.rules:
        return
    pairs: dict[Pair, list[int]] = {}
    for number, (visits, _) in enumerate(groups):
        for pair in onward(visits):
            pairs.setdefault(pair, []).append(number)
    told = _Told(groups)
    known: dict[tuple[str, str], Way | None] = {}
    for (one, other), numbers in pairs.items():
        needed = need(one, other, plan.travel, known)
        if needed.minutes and needed.there < needed.minutes:
            facts, said = told.of(numbers)
            yield breach(Rule.TRAVEL, (one, other), facts | _way_facts(one, other, needed), *said)


def onward(visits: Sequence[Visit]) -> Iterator[Pair]:
    """Each item with the next ones: those that start no earlier than it ends, and no later than
    another of these is over. One in between is a stage of the way to what comes after it.

    Items without any known place are passed over: getting from the one before to the one after
    takes at least the way between those two. A leg is not: it may be the way. After a flight from
    abroad none is: the airport keeps people, wherever they go next.
    """
    placed = [visit for visit in visits if _is_placed(visit)]
    starts, every = ([visit.starts.at for visit in each] for each in (placed, visits))
    for visit in placed:
        yield from _next(visit, placed, starts)
        if crosses_border(visit):
            yield from (pair for pair in _next(visit, visits, every) if not _is_placed(pair[1]))


def _next(visit: Visit, others: Sequence[Visit], starts: Sequence[datetime]) -> Iterator[Pair]:
    over = None  # when the first of them is over
    for at in range(bisect_left(starts, visit.ends.at), len(others)):
        other = others[at]
        if over is not None and other.starts.at >= over:
            return
        yield visit, other
        over = other.ends.at if over is None else min(over, other.ends.at)


def _is_placed(visit: Visit) -> bool:
    return visit.carries or visit.starts.place is not None or visit.ends.place is not None


def _way_facts(one: Visit, other: Visit, needed: Need) -> dict[str, object]:
    start, end = one.ends.place, other.starts.place
    found = needed.way
    return {
        "minutes_needed": needed.minutes,
        "minutes_there": max(0, needed.there),
        "minutes_way": found.minutes if found else None,
        "minutes_margin": needed.margin,
        "minutes_arrival": needed.arrival,
        "minutes_call": needed.call,
        "km": found.km if found else None,
        "km_way": found.km_way if found else None,
        "mode": found.mode.value if found and found.mode else None,
        "speed": found.speed if found else None,
        "place": start.name if start else None,
        "to_place": end.name if end else None,
    }


class _Told:
    """Whom the groups with these numbers are, told once for each set of groups."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.known: dict[tuple[int, ...], tuple[dict[str, object], Said]] = {}

    def of(self, numbers: Sequence[int]) -> tuple[dict[str, object], Said]:
        key = tuple(numbers)
        if key not in self.known:
            parties = [party for number in key for party in self.groups[number][1]]
            self.known[key] = concerned(parties)
        return self.known[key]
