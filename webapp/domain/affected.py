"""Whom a publication concerns: which differences each delegate would meet in their own agenda."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import bulletins, readers
from webapp.domain.differences import Difference
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.pick import Pick, PickState
from webapp.models.trip import Trip

IN_IT = (PickState.CHOSEN, PickState.WAITING)
NAMED = 50  # people of one item that a page names; the others are counted


@dataclass(frozen=True, slots=True)
class Affected:
    """A delegate, and the differences that concern them. Those who see the same share one tuple."""

    delegate_id: int
    name: str
    company: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many a difference concerns; `names` are the first of them, as (person, company)."""

    people: int
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many people of how many companies a publication concerns, and whom by item."""

    people: int
    companies: int
    items: dict[UUID, Reach]


def of(differences: Iterable[Difference], trip: Trip) -> list[Affected]:
    """The delegates whom these differences concern, by company and name.

    Whom what concerns, and as what, `bulletins.concerning` says: the same that their page and their
    letter tell them later. A constant number of statements, four at most.
    """
    told = [each for each in differences if not each.held]
    if not told:
        return []
    picked = _picked(trip, told)
    known: dict[object, tuple[Difference, ...]] = {}
    found = []
    for row in readers.of(trip, _named(told)):
        own = picked.get(row.id, frozenset())
        key = (row.eyes, own)
        if key not in known:
            known[key] = bulletins.concerning(told, row.eyes, own)
        if known[key]:
            found.append(Affected(row.id, row.name, row.company, known[key]))
    return found


def summary(found: Sequence[Affected]) -> Summary:
    """The counts of `of`, and the first names by item."""
    alike: defaultdict[int, list[Affected]] = defaultdict(list)
    for each in found:
        alike[id(each.differences)].append(each)
    groups: defaultdict[UUID, list[list[Affected]]] = defaultdict(list)
    for people in alike.values():
        for difference in people[0].differences:
            groups[difference.item.uid].append(people)
    return Summary(
        people=len(found),
        companies=len({each.company for each in found}),
        items={uid: _reach(lists) for uid, lists in groups.items()},
    )


def _reach(lists: Sequence[Sequence[Affected]]) -> Reach:
    names = ((each.name, each.company) for people in lists for each in people)
    return Reach(sum(len(people) for people in lists), tuple(islice(names, NAMED)))


def _named(differences: Iterable[Difference]) -> frozenset[int]:
    """The companies that some item is for by name: for all others it is the same which they are."""
    sides = (side for each in differences for side in (each.before, each.after) if side)
    return frozenset(number for side in sides for number in side.organization_ids)


def _picked(trip: Trip, differences: Iterable[Difference]) -> dict[int, frozenset[UUID]]:
    """Which of the optional items each delegate is in, or waits for."""
    sides = [side for each in differences for side in (each.before, each.after) if side]
    optional = {side.uid for side in sides if side.attendance == Attendance.OPTIONAL}
    found: defaultdict[int, set[UUID]] = defaultdict(set)
    if optional:
        for delegate, uid in db.session.execute(
            select(Pick.delegate_id, AgendaItem.uid)
            .join(AgendaItem, Pick.item_id == AgendaItem.id)
            .where(
                AgendaItem.trip_id == trip.id,
                AgendaItem.uid.in_(optional),
                Pick.state.in_(IN_IT),
            )
        ):
            found[delegate].add(uid)
    return {delegate: frozenset(uids) for delegate, uids in found.items()}
