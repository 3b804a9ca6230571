"""What bringing in rows does, seen from the tour as it is now: the dry run, and each batch anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, selectinload

from webapp.db import db
from webapp.domain import organizations
from webapp.domain.intakes.groups import Group, both
from webapp.domain.organizations import Wanted
from webapp.domain.registrations import DelegateData
from webapp.domain.rosters.rows import Row
from webapp.models.delegate import Delegate
from webapp.models.organization import Organization
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip

# What a sheet changes of a delegate who is there: never the name or the address, which say who
# it is, and nothing by an empty cell.
CHANGED = ("phone", "job_title")


class Deed(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    LEAVE_OUT = "leave out"


class Why(StrEnum):
    """Why a row is left out."""

    FAULT = "fault"  # something is wrong with it
    NO_COMPANY = "no company"
    ELSEWHERE = "elsewhere"  # the same mail address is registered by another company
    HAS_LEFT = "has left"  # withdrew, was replaced, or the company is out: not brought back so
    OTHER_NAME = "other name"  # the address belongs to a colleague of another name
    TOO_MANY = "too many"  # of one company


@dataclass(frozen=True, slots=True)
class Step:
    """What one row does. `delegate` is who is there already; `changes` are (before, after) by name
    of what a CHANGE writes."""

    row: Row
    deed: Deed
    why: Why | None = None
    delegate: Delegate | None = None
    changes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one company's rows do: to its registration of now, else a new one."""

    group: Group
    organization: Organization | None
    registration: Registration | None
    steps: tuple[Step, ...]

    def count(self, deed: Deed) -> int:
        """How many rows end so."""
        return sum(step.deed == deed for step in self.steps)


def wanted(group: Group) -> Wanted:
    """The organization of a group, as the sheet gives it."""
    company = group.company
    return Wanted(company.name, company.country, company.website)


def look(
    trip: Trip, groups: Sequence[Group], known: Sequence[Organization | None] | None = None
) -> list[Planned]:
    """What the rows of these groups would do now. A constant number of statements.

    `known` are the organizations of the groups where the caller has them already.
    """
    organizations_ = list(known) if known is not None else resolve(groups)
    registered = _registrations(trip, [each.id for each in organizations_ if each])
    there = _delegates(trip, {row.email for group in groups for row in group.people})
    found = []
    for group, organization in zip(groups, organizations_, strict=True):
        registration = registered.get(organization.id) if organization else None
        steps = [_step(row, organization, there.get(row.email, [])) for row in group.rows]
        found.append(Planned(group, organization, registration, tuple(steps)))
    return found


def together(
    groups: Sequence[Group], known: Sequence[Organization | None]
) -> tuple[list[Group], list[Organization | None]]:
    """The groups with their organizations, each organization once: a company registers once, by
    whatever names a sheet has it. Other groups are made for that; those given stay as they are."""
    first: dict[int, int] = {}
    found: list[Group] = []
    organizations_: list[Organization | None] = []
    for group, organization in zip(groups, known, strict=True):
        place = first.setdefault(organization.id, len(found)) if organization else len(found)
        if place == len(found):
            found.append(group)
            organizations_.append(organization)
        else:
            company = both(found[place].company, group.company)
            rows = [*found[place].rows, *group.rows]
            found[place] = replace(found[place], company=company, rows=rows)
    return found, organizations_


def resolve(groups: Sequence[Group]) -> list[Organization | None]:
    """The organizations of these groups, of those that are known. Writes nothing."""
    named = organizations.known([wanted(group) for group in groups if group.joined is None])
    joined = by_id({group.joined for group in groups if group.joined is not None})
    return [
        joined.get(group.joined) if group.joined is not None else named.get(wanted(group).mark)
        for group in groups
    ]


def by_id(ids: Iterable[int]) -> dict[int, Organization]:
    """Organizations by these ids; where one was merged into another, that other one."""
    rows = db.session.scalars(select(Organization).where(Organization.id.in_(set(ids)))).all()
    targets = {each.merged_into_id for each in rows if each.merged_into_id}
    merged = {
        each.id: each
        for each in db.session.scalars(select(Organization).where(Organization.id.in_(targets)))
    }
    return {each.id: merged.get(each.merged_into_id or 0, each) for each in rows}


def _registrations(trip: Trip, organization_ids: Sequence[int]) -> dict[int, Registration]:
    """The first live registration of each organization."""
    found: dict[int, Registration] = {}
    for each in db.session.scalars(
        select(Registration)
        .where(
            Registration.trip_id == trip.id,
            Registration.organization_id.in_(organization_ids),
            Registration.state.not_in(IS_OUT),
        )
        .options(selectinload(Registration.everybody))
        .order_by(Registration.id)
    ):
        found.setdefault(each.organization_id, each)
    return found


def _delegates(trip: Trip, emails: set[str]) -> dict[str, list[Delegate]]:
    """Everybody with these addresses who has, or had, a part in the tour."""
    found: dict[str, list[Delegate]] = {}
    for each in db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .where(Registration.trip_id == trip.id, func.lower(Delegate.email).in_(emails))
        .options(contains_eager(Delegate.registration).joinedload(Registration.organization))
        .order_by(Delegate.id)
    ):
        found.setdefault(each.email.lower(), []).append(each)
    return found


def _step(row: Row, organization: Organization | None, there: list[Delegate]) -> Step:
    if row.data is None:
        return Step(row, Deed.LEAVE_OUT, Why.FAULT)
    own_id = organization.id if organization else None
    live = [d for d in there if not d.is_gone and not d.registration.is_out]
    own = next((d for d in live if d.registration.organization_id == own_id), None)
    if own is not None:
        return _again(row, row.data, own)
    if live:
        return Step(row, Deed.LEAVE_OUT, Why.ELSEWHERE, live[0])
    left = next((d for d in there if d.registration.organization_id == own_id), None)
    if left is not None:
        return Step(row, Deed.LEAVE_OUT, Why.HAS_LEFT, left)
    return Step(row, Deed.ADD)


def _again(row: Row, data: DelegateData, own: Delegate) -> Step:
    """A row about a delegate who is there: what it changes."""
    known, said = _name_key(own.given_name, own.family_name), _name_key(*_names(data))
    if known and known != said:
        return Step(row, Deed.LEAVE_OUT, Why.OTHER_NAME, own)
    changes = {
        name: (getattr(own, name), getattr(data, name))
        for name in CHANGED
        if getattr(data, name) and getattr(data, name) != getattr(own, name)
    }
    return Step(row, Deed.CHANGE if changes else Deed.SAME, None, own, changes)


def _names(data: DelegateData) -> tuple[str, str]:
    return data.given_name, data.family_name


def _name_key(given_name: str, family_name: str) -> list[str]:
    """What two spellings of one name share: its words in any order, without case and accents."""
    return sorted(organizations.plain(f"{given_name} {family_name}").split())
