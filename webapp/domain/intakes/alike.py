"""Companies of a sheet that may be others, known or in the same sheet, under almost the same name:
offered to the organizer, never joined silently. (domain.md rule 27.)"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from webapp.db import db
from webapp.domain import known
from webapp.domain.intakes import planning
from webapp.domain.intakes.groups import Group
from webapp.models.organization import Organization, OrganizationAlias
from webapp.models.trip import Trip

MOST_SEARCHES = 60  # names that are compared letter by letter; the others by their keys


@dataclass(frozen=True, slots=True)
class Offer:
    """What a company of a sheet may be: `to` is the id of an organization, or the mark of a group
    before it in the same sheet."""

    to: int | str
    name: str
    is_registered: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One company that may be another."""

    group: Group
    offers: tuple[Offer, ...]


def of(trip: Trip, groups: Sequence[Group]) -> list[Question]:
    """The companies, not registered by their very name, for which there is something to offer.
    A constant number of statements, and one for each of MOST_SEARCHES names at most."""
    planned = [each for each in planning.look(trip, groups) if each.registration is None]
    by_key = _by_key({each.group.company.key for each in planned})
    first: dict[str, Group] = {}
    for group in groups:
        first.setdefault(group.company.key, group)
    found, searches = [], 0
    for each in planned:
        group, own_id = each.group, each.organization.id if each.organization else None
        offers = [o for o in by_key.get(group.company.key, []) if o.to != own_id]
        if not offers and own_id is None and searches < MOST_SEARCHES:
            searches += 1
            offers = _similar(trip, group)
        if first[group.company.key] is not group:
            other = first[group.company.key]
            offers.append(Offer(other.mark, other.company.name))
        if offers:
            found.append(Question(group, tuple(offers)))
    return found


def _by_key(keys: set[str]) -> dict[str, list[Offer]]:
    """Known organizations by a key that they go by, or went by."""
    rows = db.session.execute(
        select(
            Organization.id, Organization.name, Organization.name_key, OrganizationAlias.name_key
        )
        .outerjoin(OrganizationAlias)
        .where(
            Organization.merged_into_id.is_(None),
            or_(Organization.name_key.in_(keys), OrganizationAlias.name_key.in_(keys)),
        )
        .order_by(Organization.id)
    )
    found: dict[str, list[Offer]] = {}
    for number, name, key, alias in rows:
        for each in {key, alias or key} & keys:
            offer = Offer(number, name)
            if offer not in found.setdefault(each, []):
                found[each].append(offer)
    return found


def _similar(trip: Trip, group: Group) -> list[Offer]:
    matches = known.similar(group.company.name, group.company.country, trip)
    return [Offer(m.organization_id, m.name, m.is_registered) for m in matches]
