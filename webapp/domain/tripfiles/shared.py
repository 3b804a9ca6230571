"""What the trips of one installation share: sources, organizations, venues with their rooms.

Another trip may have more to say of them than this file, so what the file leaves out stays as it
is, and what is known by a name keeps that name.
"""

from typing import Any

from sqlalchemy import select

from webapp.db import Words, db
from webapp.domain.organizations import name_key
from webapp.domain.tripfiles.ledger import Ledger
from webapp.models.basis import Based, Basis, Source
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.place import Room, Venue

ORGANIZATION_PLAIN = ("country", "city", "website")
VENUE_PLAIN = (
    "address",
    "postal_code",
    "country",
    "zone",
    "latitude",
    "longitude",
    "capacity",
    "contact",
)


def words(value: dict[str, str] | None) -> Words | None:
    """The text in several languages that a file gives, or None."""
    return Words(value) if value else None


def fill_basis(row: Based, said: dict[str, Any]) -> None:
    """Say of a row of this trip where it comes from; what the file leaves out is real."""
    row.basis = Basis(said.get("basis") or Basis.REAL)
    row.basis_note = words(said.get("basis_note"))
    row.sources = list(said.get("sources") or [])


def fill_shared_basis(row: Based, said: dict[str, Any]) -> None:
    """Say of a row that trips share where it comes from; what the file leaves out stays."""
    if said.get("basis"):
        row.basis = Basis(said["basis"])
    if said.get("basis_note"):
        row.basis_note = words(said["basis_note"])
    if said.get("sources"):
        row.sources = list(said["sources"])


def load_sources(said: list[dict[str, Any]]) -> None:
    """Add the texts that facts were taken from, or correct what is said of them."""
    keys = [each["key"] for each in said]
    known = {row.key: row for row in db.session.scalars(select(Source).where(Source.key.in_(keys)))}
    for each in said:
        row = known.get(each["key"]) or Source(key=each["key"])
        row.title = each["title"]
        row.publisher = each["publisher"]
        row.published = each.get("published")
        db.session.add(row)
    db.session.flush()


def load_organizations(said: list[dict[str, Any]]) -> dict[str, Organization]:
    """The organization of each key of the file, found by name or added.

    The very name (but for case) in the same country first; then another spelling of it, which
    the name key finds, in a country that does not contradict. One row is taken only once, so two
    spellings that stand apart here stay apart in the file too.
    """
    found: dict[str, Organization] = {}
    for close in (_is_named, _is_spelled):
        taken = {row.id for row in found.values()}
        for each in said:
            if each["key"] not in found:
                for row in _candidates(each["name"]):
                    if row.id not in taken and close(row, each):
                        found[each["key"]] = row
                        taken.add(row.id)
                        break
    for each in said:
        known = found.get(each["key"])
        if known is None:
            known = Organization(
                name=each["name"],
                name_key=name_key(each["name"]),
                kind=OrganizationKind(each["kind"]),
                country=each.get("country"),
                basis=Basis.REAL,
                sources=[],
            )
            found[each["key"]] = known
        _fill_organization(known, each)
        db.session.add(known)
    db.session.flush()
    return found


def load_venues(said: list[dict[str, Any]], ledger: Ledger) -> dict[str, Venue]:
    """The venue of each key of the file with its rooms, found by name and city or added."""
    found: dict[str, Venue] = {}
    for each in said:
        known = db.session.scalars(
            select(Venue)
            .where(
                Venue.city.ilike(_exactly(each["city"])), Venue.name.ilike(_exactly(each["name"]))
            )
            .order_by(Venue.id)
        ).first()
        if known is None:
            known = Venue(name=each["name"], city=each["city"], basis=Basis.REAL, sources=[])
        ledger.watch(known)
        for name in VENUE_PLAIN:
            if each.get(name) is not None:
                setattr(known, name, each[name])
        if each.get("access"):
            known.access = words(each["access"])
        fill_shared_basis(known, each)
        db.session.add(known)
        found[each["key"]] = known
    db.session.flush()
    return found


def load_rooms(
    said: list[dict[str, Any]], venues: dict[str, Venue], ledger: Ledger
) -> dict[tuple[str, str], Room]:
    """The room of each pair of keys (venue, room), found in the venue by name or added after its
    others."""
    found: dict[tuple[str, str], Room] = {}
    for venue in said:
        rooms = venues[venue["key"]].rooms
        known = {room.name.lower(): room for room in rooms}
        for each in venue.get("rooms") or []:
            row = known.get(each["name"].lower())
            if row is None:
                last = max((room.position for room in rooms), default=0)
                row = Room(name=each["name"], position=last + 1)
                ledger.watch(row)
                rooms.append(row)
            else:
                ledger.watch(row)
            if each.get("capacity") is not None:
                row.capacity = each["capacity"]
            if each.get("access"):
                row.access = words(each["access"])
            found[venue["key"], each["key"]] = row
    db.session.flush()
    return found


def _candidates(name: str) -> list[Organization]:
    query = select(Organization).where(Organization.name_key == name_key(name))
    return list(db.session.scalars(query.order_by(Organization.id)))


def _is_named(row: Organization, said: dict[str, Any]) -> bool:
    return row.name.lower() == said["name"].lower() and row.country == said.get("country")


def _is_spelled(row: Organization, said: dict[str, Any]) -> bool:
    return row.country is None or said.get("country") in (None, row.country)


def _fill_organization(row: Organization, said: dict[str, Any]) -> None:
    row.kind = OrganizationKind(said["kind"])
    for name in ORGANIZATION_PLAIN:
        if said.get(name) is not None:
            setattr(row, name, said[name])
    if said.get("about"):
        row.about = words(said["about"])
    known = {alias.name: alias for alias in row.aliases}
    for each in said.get("aliases") or []:
        alias = known.get(each["name"])
        if alias is None:
            alias = OrganizationAlias(name=each["name"], name_key=name_key(each["name"]))
            row.aliases.append(alias)
        if each.get("note"):
            alias.note = words(each["note"])
    fill_shared_basis(row, said)


def _exactly(name: str) -> str:
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
