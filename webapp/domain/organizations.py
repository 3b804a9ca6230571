"""Organizations: when two spellings are one name, and finding or adding one."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select

from webapp.db import db
from webapp.models.agenda import AgendaItem
from webapp.models.basis import Basis
from webapp.models.organization import Organization, OrganizationKind
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
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^\w\s]", "", plain.replace("-", " ").replace("'", " ")).split()
    kept = [word for word in words if not LEGAL_FORMS.fullmatch(word)]
    return " ".join(kept or words)[:200]


def find_or_add(
    name: str, kind: OrganizationKind, country: str | None, website: str | None
) -> Organization:
    """The organization with this very name (but for case) in this country, else a new one.

    Other spellings are not joined here: that is for a human to confirm. What is known of a found
    organization stays as it is, since whoever types its name is not known.
    """
    found = db.session.scalars(
        select(Organization)
        .where(
            Organization.name_key == name_key(name),
            func.lower(Organization.name) == func.lower(name),
            Organization.country == country,
        )
        .order_by(Organization.id)
    ).first()
    if found:
        return found
    made = Organization(
        name=name,
        name_key=name_key(name),
        kind=kind,
        country=country,
        website=website,
        basis=Basis.REAL,
    )
    db.session.add(made)
    db.session.flush()
    return made


def named(name: str, kind: OrganizationKind) -> Organization:
    """The organization with this very name (but for case), in whatever country, else a new one of
    that kind. For staff, who choose among names that they are offered."""
    found = by_name(name)
    return found or find_or_add(name, kind, None, None)


def by_name(name: str) -> Organization | None:
    """The organization with this very name (but for case); of several the first known."""
    return db.session.scalars(
        select(Organization)
        .where(
            Organization.name_key == name_key(name), func.lower(Organization.name) == name.lower()
        )
        .order_by(Organization.id)
    ).first()


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
