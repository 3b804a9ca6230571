"""What may be the same: companies of one tour under almost the same name as others, people of one
name. Shown to an organizer side by side; nothing here joins anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from webapp.db import db
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.organizations import plain
from webapp.models.audit import AuditEntry
from webapp.models.delegate import GONE, Delegate
from webapp.models.organization import Organization, OrganizationAlias
from webapp.models.person import Person
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip, TripMember, TripPartner

MOST = 200  # pairs that are found
SHORTEST = 5  # letters of a key before a slip of the fingers is looked for
APART = "tell apart"  # the audit action of an organizer who says that two are not the same


class Sign(StrEnum):
    """Why two may be the same."""

    SAYS_SO = "says so"  # the applicant chose the other one among known names
    SAME_KEY = "same key"  # the same but for case, accents, legal form
    ALIAS = "alias"  # one went by a name of the other
    SPELLING = "spelling"  # one letter differs
    ORDER = "order"  # the same words
    SAME_NAME = "same name"  # of people
    SAME_COMPANY = "same company"  # people of one name who were sent by one company


@dataclass(frozen=True, slots=True)
class OrganizationPair:
    """Two organizations, the one known for longer first."""

    first: Organization
    second: Organization
    sign: Sign


@dataclass(frozen=True, slots=True)
class PersonPair:
    """Two people, the one known for longer first."""

    first: Person
    second: Person
    sign: Sign


def find_organizations(trip: Trip) -> list[OrganizationPair]:
    """Pairs of which at least one has to do with the tour. MOST at most, the surest first; four
    statements whatever there is."""
    signs = _said(trip)
    for pair, sign in _alike(_of_trip(trip)):
        signs.setdefault(pair, sign)
    wanted = _wanted(signs, Organization)
    rows = _by_id(Organization, wanted)
    return [OrganizationPair(rows[one], rows[other], signs[one, other]) for one, other in wanted]


def find_people(trip: Trip) -> list[PersonPair]:
    """People of the tour and others of the same name, in whatever order it is written, of whom one
    has no mail address, or who were sent by one company, or write from one domain."""
    named = _namesakes(trip)
    companies = _companies({number for group in named for number, _email in group})
    signs: dict[tuple[int, int], Sign] = {}
    mine = _people_of(trip)
    for group in named:
        for index, (one, email) in enumerate(group):
            for other, other_email in group[index + 1 :]:
                if not {one, other} & mine:
                    continue
                if companies[one] & companies[other]:
                    signs[one, other] = Sign.SAME_COMPANY
                elif not (email and other_email) or _domain(email) == _domain(other_email):
                    signs[one, other] = Sign.SAME_NAME
    wanted = _wanted(signs, Person)
    rows = _by_id(Person, wanted)
    return [PersonPair(rows[one], rows[other], signs[one, other]) for one, other in wanted]


def tell_apart(
    one: Organization | Person, other: Organization | Person, trip: Trip, by: By
) -> None:
    """Two are not the same: they are not offered any more, in any tour."""
    first, second = sorted((one, other), key=lambda each: each.id)
    audits.write(by, first, APART, trip_id=trip.id, after={"other": second.id})
    db.session.flush()


def _wanted(
    signs: dict[tuple[int, int], Sign], kind: type[Organization | Person]
) -> list[tuple[int, int]]:
    """The pairs to show: those that nobody told apart, the surest first."""
    apart = {
        (number, (after or {}).get("other"))
        for number, after in db.session.execute(
            select(AuditEntry.object_id, AuditEntry.after).where(
                AuditEntry.object_kind == kind.__tablename__,
                AuditEntry.action == APART,
                AuditEntry.object_id.in_({one for one, _other in signs}),
            )
        )
    }
    ranks = list(Sign)
    kept = [pair for pair in signs if pair not in apart]
    return sorted(kept, key=lambda pair: (ranks.index(signs[pair]), pair))[:MOST]


def _by_id(kind: Any, pairs: Collection[tuple[int, int]]) -> dict[int, Any]:
    ids = {number for pair in pairs for number in pair}
    return {row.id: row for row in db.session.scalars(select(kind).where(kind.id.in_(ids)))}


def _said(trip: Trip) -> dict[tuple[int, int], Sign]:
    """What applicants chose among known names."""
    rows = db.session.execute(
        select(Registration.organization_id, Registration.says_to_be_id).where(
            Registration.trip_id == trip.id,
            Registration.says_to_be_id.is_not(None),
            Registration.says_to_be_id != Registration.organization_id,
        )
    )
    return {_pair(one, other): Sign.SAYS_SO for one, other in rows if other}


def _of_trip(trip: Trip) -> set[int]:
    """The organizations that have a part in the tour, whatever became of their registration."""
    rows = (
        select(Registration.organization_id).where(Registration.trip_id == trip.id),
        select(TripPartner.organization_id).where(TripPartner.trip_id == trip.id),
        select(TripMember.organization_id).where(TripMember.trip_id == trip.id),
    )
    return set(db.session.scalars(rows[0].union(*rows[1:])))


def _alike(mine: set[int]) -> Iterator[tuple[tuple[int, int], Sign]]:
    """Pairs by what two names share; the keys of all organizations are gone through once, so that
    the work grows with their number and not with its square."""
    alike: dict[tuple[Sign, str], list[int]] = defaultdict(list)
    own_keys: dict[int, str] = {}
    for number, key, is_alias in _keys():
        if not is_alias:
            own_keys[number] = key
            for sign, mark in _marks(key):
                alike[sign, mark].append(number)
        alike[Sign.ALIAS, key].append(number)
    found: dict[tuple[int, int], Sign] = {}
    for sign in (Sign.SAME_KEY, Sign.ALIAS, Sign.ORDER, Sign.SPELLING):
        for (of, _mark), numbers in alike.items():
            if of == sign and len(numbers) > 1:
                for one in mine.intersection(numbers):
                    for other in numbers:
                        if other != one:
                            found.setdefault(_pair(one, other), sign)
    yield from found.items()


def _keys() -> Iterable[tuple[int, str, bool]]:
    """The keys of all organizations that are not merged, and of their aliases."""
    names = select(Organization.id, Organization.name_key, literal(False))
    aliases = select(OrganizationAlias.organization_id, OrganizationAlias.name_key, literal(True))
    rows = db.session.execute(
        names.where(Organization.merged_into_id.is_(None)).union_all(
            aliases.join(Organization).where(Organization.merged_into_id.is_(None))
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _marks(key: str) -> Iterator[tuple[Sign, str]]:
    """What a name shares with its other spellings: the key; its words in order; the key without
    any one letter, which two names share that are a slip of the fingers apart."""
    solid = key.replace(" ", "")
    yield Sign.SAME_KEY, solid
    words = key.split()
    if len(words) > 1:
        yield Sign.ORDER, " ".join(sorted(words))
    if len(solid) >= SHORTEST:
        yield Sign.SPELLING, solid
        yield from {(Sign.SPELLING, solid[:n] + solid[n + 1 :]) for n in range(len(solid))}


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _people_of(trip: Trip) -> set[int]:
    return set(
        db.session.scalars(
            select(Delegate.person_id)
            .join(Registration, Registration.id == Delegate.registration_id)
            .where(
                Registration.trip_id == trip.id,
                Registration.state.not_in(IS_OUT),
                Delegate.state.not_in(GONE),
            )
        )
    )


def _namesakes(trip: Trip) -> list[list[tuple[int, str | None]]]:
    """People by name: those who share the name of somebody in the tour, as (id, address)."""
    mine = select(Person.given_name, Person.family_name).where(Person.id.in_(_people_of(trip)))
    own = mine.subquery()
    one, other = _lower(Person.given_name), _lower(Person.family_name)
    first, last = _lower(own.c.given_name), _lower(own.c.family_name)
    rows = db.session.execute(
        select(Person.id, Person.given_name, Person.family_name, Person.email)
        .join(own, or_(and_(one == first, other == last), and_(one == last, other == first)))
        .where(Person.merged_into_id.is_(None), Person.family_name != "")
        .distinct()
        .order_by(Person.id)
    )
    named: dict[tuple[str, ...], list[tuple[int, str | None]]] = defaultdict(list)
    for number, given, family, email in rows:
        named[tuple(sorted(plain(f"{given} {family}").split()))].append((number, email))
    return [group for group in named.values() if len(group) > 1]


def _lower(column: Any) -> ColumnElement[str]:
    return func.lower(column)


def _companies(ids: set[int]) -> dict[int, set[int]]:
    """The organizations that sent each of these people, in whatever tour."""
    found: dict[int, set[int]] = defaultdict(set)
    for person_id, organization_id in db.session.execute(
        select(Delegate.person_id, Registration.organization_id)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(Delegate.person_id.in_(ids))
        .distinct()
    ):
        found[person_id].add(organization_id)
    return found


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()
