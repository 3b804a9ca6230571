"""Whom a publication concerns: which differences each delegate would meet in their own agenda."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain.published import Viewer
from webapp.domain.releases import Difference
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.pick import Pick, PickState
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import Track, TrackMember
from webapp.models.trip import Trip

IN_IT = (PickState.CHOSEN, PickState.WAITING)
NAMED = 50  # people of one item that a page names; the others are counted

Side = ReleaseItem | AgendaItem | None


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


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    name: str
    company: str
    eyes: Viewer


def of(differences: Iterable[Difference], trip: Trip) -> list[Affected]:
    """The delegates whom these differences concern, by company and name.

    A difference concerns who may see the item before or after it (state of the application,
    companies by name, tracks); of an optional item only who chose it or waits for a place. What is
    held back concerns nobody. A constant number of statements, four at most.
    """
    told = [each for each in differences if not each.held]
    if not told:
        return []
    picked = _picked(trip, told)
    known: dict[object, tuple[Difference, ...]] = {}
    found = []
    for row in _delegates(trip, _named(told)):
        own = picked.get(row.id, frozenset())
        key = (row.eyes, own)
        if key not in known:
            known[key] = tuple(each for each in told if _concerns(each, row.eyes, own))
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


def _concerns(difference: Difference, eyes: Viewer, picked: frozenset[UUID]) -> bool:
    return any(
        side is not None
        and (side.attendance == Attendance.MANDATORY or side.uid in picked)
        and eyes.sees(side)
        for side in (difference.before, difference.after)
    )


def _named(differences: Iterable[Difference]) -> frozenset[int]:
    """The companies that some item is for by name: for all others it is the same which they are."""
    sides = (side for each in differences for side in (each.before, each.after) if side)
    return frozenset(number for side in sides for number in side.organization_ids)


def _delegates(trip: Trip, named: frozenset[int]) -> Iterator[_Row]:
    followed = _followed(trip)
    rows = db.session.execute(
        select(
            Delegate.id,
            Delegate.given_name,
            Delegate.family_name,
            Organization.name,
            Organization.id,
            Registration.state,
        )
        .join(Registration, Delegate.registration_id == Registration.id)
        .join(Organization, Registration.organization_id == Organization.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state == DelegateState.COMING,
        )
        .order_by(Organization.name, Delegate.family_name, Delegate.given_name, Delegate.id)
    )
    eyes: dict[object, Viewer] = {}
    for number, given, family, company, company_id, state in rows:
        accepted = state == RegistrationState.ACCEPTED
        key = (accepted, company_id if company_id in named else 0, followed.get(number, NOTHING))
        if key not in eyes:
            stands = RegistrationState.ACCEPTED if accepted else RegistrationState.SUBMITTED
            eyes[key] = Viewer(stands, key[1], key[2])
        yield _Row(number, f"{given} {family}".strip(), company, eyes[key])


NOTHING: frozenset[int] = frozenset()


def _followed(trip: Trip) -> dict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for delegate, track in db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id)
        .join(Track, TrackMember.track_id == Track.id)
        .where(Track.trip_id == trip.id)
    ):
        found[delegate].add(track)
    return {delegate: frozenset(tracks) for delegate, tracks in found.items()}


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
