"""Rooms, vehicles and hosts: what can be in one place only."""

from collections.abc import Callable, Hashable, Iterator, Sequence

from webapp.domain.clashes.breaches import breach, minutes
from webapp.domain.clashes.plans import End, Found, Party, Plan, Visit, Who
from webapp.domain.clashes.rules import Rule
from webapp.domain.clashes.sweeps import overlaps


def rooms(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """Two items in one room at the same time."""
    if Rule.ROOM not in plan.rules:
        return
    for group in _by(visits, lambda visit: visit.room and visit.room.number):
        for one, other in overlaps(group):
            assert other.room is not None
            yield breach(
                Rule.ROOM,
                (one, other),
                {
                    "room": other.room.name,
                    "place": _name(other.starts),
                    "minutes_overlap": _shared(one, other),
                },
            )


def vehicles(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """One vehicle in two items at the same time, unless they are one and the same ride."""
    if Rule.VEHICLE not in plan.rules:
        return
    for group in _by(visits, _vehicle):
        for one, other in overlaps(group):
            if not _same_ride(one, other):
                facts = {"vehicle": other.vehicle, "minutes_overlap": _shared(one, other)}
                yield breach(Rule.VEHICLE, (one, other), facts)


def hosts(plan: Plan, visits: Sequence[Visit]) -> Iterator[Found]:
    """One organization receives at two venues at the same time; it may in two rooms of one."""
    if Rule.HOST not in plan.rules:
        return
    for group in _by(visits, lambda visit: visit.host and visit.host[0]):
        for one, other in overlaps(group):
            here, there = one.starts.place, other.starts.place
            if here and there and here.key != there.key and other.host:
                yield breach(
                    Rule.HOST,
                    (one, other),
                    {
                        "host": other.host[1],
                        "place": here.name,
                        "to_place": there.name,
                        "minutes_overlap": _shared(one, other),
                    },
                )


def fleets(visits: Sequence[Visit]) -> list[tuple[list[Visit], list[Party]]]:
    """Each vehicle as a group of its own, whose ways are looked at like those of people."""
    return [
        (group, [Party(Who.VEHICLE, number, group[0].vehicle or "", frozenset())])
        for number, group in enumerate(_by(visits, _vehicle))
    ]


def _by(visits: Sequence[Visit], key: Callable[[Visit], Hashable]) -> list[list[Visit]]:
    """Items that share a key, in order of start; those without one are left out."""
    groups: dict[Hashable, list[Visit]] = {}
    for visit in visits:
        if (shared := key(visit)) is not None:
            groups.setdefault(shared, []).append(visit)
    return list(groups.values())


def _vehicle(visit: Visit) -> str | None:
    name = " ".join((visit.vehicle or "").split()).casefold()
    return name or None


def _same_ride(one: Visit, other: Visit) -> bool:
    return all(
        a.at == b.at and (a.place and a.place.key) == (b.place and b.place.key)
        for a, b in ((one.starts, other.starts), (one.ends, other.ends))
    )


def _shared(one: Visit, other: Visit) -> int:
    return minutes(min(one.ends.at, other.ends.at) - other.starts.at)


def _name(end: End) -> str | None:
    return end.place.name if end.place else None
