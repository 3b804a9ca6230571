"""Organizations: when two spellings are one name, and finding or adding one."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Select, Text, any_, bindparam, func, insert, select, union_all
from sqlalchemy.orm import aliased

from webapp.db import db
from webapp.models.agenda import AgendaItem
from webapp.models.basis import Basis
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.place import Stop
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip, TripMember, TripPartner

OFFERED = 500  # organizations of one tour that a form offers

LEGAL_FORMS = re.compile(
    r"inc|incorporated|llc|llp|ltd|limited|corp|corporation|co|company|plc|gmbh|ag|bv|nv|spa|srl"
    r"|sa|sas|sasu|sarl|eurl|sci|scop|snc|se"
)


def name_key(name: str) -> str:
    """What two spellings of one name share: no case, accents, punctuation or legal form."""
    words = plain(name).split()
    kept = [word for word in words if not LEGAL_FORMS.fullmatch(word)]
    return " ".join(kept or words)[:200]


def plain(name: str) -> str:
    """A name without case, accents and punctuation."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[^\w\s]", "", text.replace("-", " ").replace("'", " "))


def find_or_add(
    name: str, kind: OrganizationKind, country: str | None, website: str | None
) -> Organization:
    """The organization with this very name (but for case) in this country, whether it is its name
    now or one that it went by; else a new one.

    Other spellings are not joined here: that is for a human to confirm. What is known of a found
    organization stays as it is, since whoever types its name is not known.
    """
    return find_or_add_many([Wanted(name, country, website, kind)])[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An organization as somebody gives it."""

    name: str
    country: str | None = None
    website: str | None = None
    kind: OrganizationKind = OrganizationKind.COMPANY

    @property
    def mark(self) -> tuple[str, str | None]:
        """What two spellings of one organization share here: the name but for case, the country."""
        return self.name.lower(), self.country


def find_or_add_many(wanted: Sequence[Wanted]) -> list[Organization]:
    """The same for several, in the order given, in three statements at most and an insert."""
    found = known(wanted)
    missing: dict[tuple[str, str | None], Wanted] = {}
    for each in wanted:
        if each.mark not in found:
            missing.setdefault(each.mark, each)
    if missing:
        rows = [
            {
                "name": each.name,
                "name_key": name_key(each.name),
                "kind": each.kind,
                "country": each.country,
                "website": each.website,
                "basis": Basis.REAL,
            }
            for each in missing.values()
        ]
        made = db.session.scalars(_INSERT, rows)
        found |= dict(zip(missing, made, strict=True))
    return [found[each.mark] for each in wanted]


def known(wanted: Sequence[Wanted]) -> dict[tuple[str, str | None], Organization]:
    """The organizations that go by these names now, else that went by them, by their marks; of
    several the first known.

    The lock waits for a merge under way, and then what was merged is no longer found by its name
    but by the one it had, which is asked for after it.
    """
    keys, marks = {name_key(each.name) for each in wanted}, {each.mark for each in wanted}
    found: dict[tuple[str, str | None], Organization] = {}
    for each in db.session.scalars(_BY_NAME, {"keys": [*keys]}):
        found.setdefault((each.name.lower(), each.country), each)
    if marks <= set(found):
        return found
    for row in db.session.execute(_GONE_BY, {"keys": [*keys]}):
        found.setdefault((row[0].lower(), row[1]), row[2])
    return found


def _gone_by() -> Select[Any]:
    """Names that organizations went by, with the country of then: of rows that were merged into
    them, and aliases."""
    merged, now = aliased(Organization), aliased(Organization)
    names = union_all(
        select(merged.name, merged.country, merged.merged_into_id.label("id")).where(
            merged.name_key == any_(_asked), merged.merged_into_id.is_not(None)
        ),
        select(OrganizationAlias.name, now.country, now.id)
        .join(now, now.id == OrganizationAlias.organization_id)
        .where(OrganizationAlias.name_key == any_(_asked)),
    ).subquery()
    return (
        select(names.c.name, names.c.country, Organization)
        .join(Organization, Organization.id == names.c.id)
        .where(Organization.merged_into_id.is_(None))
        .order_by(Organization.id)
    )


# Made once: every registration asks them.
_asked = bindparam("keys", type_=ARRAY(Text))
_BY_NAME = (
    select(Organization)
    .where(Organization.name_key == any_(_asked), Organization.merged_into_id.is_(None))
    .order_by(Organization.id)
    .with_for_update(read=True, key_share=True)
)
_GONE_BY = _gone_by()
_INSERT = insert(Organization).returning(Organization, sort_by_parameter_order=True)


def named(name: str, kind: OrganizationKind) -> Organization:
    """The organization with this very name (but for case), in whatever country, else a new one of
    that kind. For staff, who choose among names that they are offered."""
    found = by_name(name)
    return found or find_or_add(name, kind, None, None)


def by_name(name: str) -> Organization | None:
    """The organization that goes by this very name (but for case), else one that went by it; of
    several the first known."""
    now = (
        select(Organization)
        .where(
            Organization.name_key == name_key(name),
            func.lower(Organization.name) == name.lower(),
            Organization.merged_into_id.is_(None),
        )
        .order_by(Organization.id)
    )
    before = (
        select(Organization)
        .join(OrganizationAlias, OrganizationAlias.organization_id == Organization.id)
        .where(
            OrganizationAlias.name_key == name_key(name),
            func.lower(OrganizationAlias.name) == name.lower(),
            Organization.merged_into_id.is_(None),
        )
        .order_by(OrganizationAlias.id)
    )
    return db.session.scalars(now).first() or db.session.scalars(before).first()


def of_trip(trip: Trip) -> Sequence[Organization]:
    """The organizations that have to do with a tour, by name: partners, members, those registered,
    the hosts of its stops and sessions. OFFERED at most."""
    known = (
        select(TripPartner.organization_id).where(TripPartner.trip_id == trip.id),
        select(TripMember.organization_id).where(TripMember.trip_id == trip.id),
        select(Stop.local_host_id).where(Stop.trip_id == trip.id),
        select(AgendaItem.host_id).where(AgendaItem.trip_id == trip.id),
        select(Registration.organization_id).where(
            Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT)
        ),
    )
    return db.session.scalars(
        select(Organization)
        .where(Organization.id.in_(known[0].union(*known[1:])))
        .order_by(Organization.name, Organization.id)
        .limit(OFFERED)
    ).all()


def registered(trip: Trip) -> Sequence[Organization]:
    """The organizations whose registration has a part in the tour, by name: whom a session may be
    for by name."""
    theirs = select(Registration.organization_id).where(
        Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT)
    )
    return db.session.scalars(
        select(Organization)
        .where(Organization.id.in_(theirs))
        .order_by(Organization.name, Organization.id)
    ).all()
