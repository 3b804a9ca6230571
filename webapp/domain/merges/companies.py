"""Two spellings of one organization become one: everything hangs on the one that is kept, the other
row stays for its history and is offered no more. (domain.md rule 27.)"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import db
from webapp.domain import audits, feeds, picks, queues, seats
from webapp.domain.audits import By
from webapp.domain.merges import joining, touching
from webapp.domain.merges.refusing import MergeRefused, Why
from webapp.models.agenda import AgendaItem, ItemCompany
from webapp.models.feed import Feed
from webapp.models.held import HeldPlaces
from webapp.models.organization import Organization, OrganizationAlias
from webapp.models.partnership import Partnership
from webapp.models.place import Stop
from webapp.models.registration import Registration
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripMember, TripPartner

FILLED = ("country", "city", "website", "about")  # from the other, where the kept one has nothing

# What hangs on an organization by one column, and needs nothing else to be moved.
HANGING: dict[str, InstrumentedAttribute[Any]] = {
    "registrations": Registration.organization_id,
    "says_to_be": Registration.says_to_be_id,
    "partners": TripPartner.organization_id,
    "stops": Stop.local_host_id,
    "agenda_items": AgendaItem.host_id,
    "held_places": HeldPlaces.organization_id,
    "partnerships": Partnership.representative_id,
    "aliases": OrganizationAlias.organization_id,
    "merged": Organization.merged_into_id,
}


def merge_organizations(keep: Organization, drop: Organization, by: By, reason: str) -> None:
    """Make `drop` another name of `keep`. The audit row of `drop` holds what was moved, so that a
    human can undo it.

    Holds every tour that has to do with either, in the order of their ids. Two live registrations
    for one tour become the older one. Raises MergeRefused.
    """
    if not reason.strip():
        raise MergeRefused(Why.REASON_MISSING)
    if keep.id == drop.id:
        raise MergeRefused(Why.SAME)
    trips = _hold(keep.id, drop.id)
    if keep.merged_into_id or drop.merged_into_id:
        raise MergeRefused(Why.MERGED)
    facts: dict[str, Any] = {"name": drop.name, "filled": _fill(keep, drop)}
    facts |= {name: _move(column, keep, drop) for name, column in HANGING.items()}
    facts |= _move_members(keep, drop) | _move_items(keep, drop)
    facts |= {"feeds_ended": _end_double_feeds(keep, drop)}
    facts |= {"feeds": _move(Feed.host_id, keep, drop)}
    facts["published"] = _move_published(keep, drop)
    _know(keep, drop)
    db.session.flush()
    db.session.expire_all()
    facts["joined"] = [each for trip in trips for each in _join(trip, keep, reason, by)]
    _write_history(keep, drop, facts, trips, by, reason)
    for trip in trips:
        feeds.outdate(trip)
        picks.settle(trip)
        queues.settle(trip)


def _hold(*ids: int) -> list[Trip]:
    """Every tour that is touched, then both rows: whoever registers meanwhile waits for the row,
    and then finds the one that is kept."""
    wanted = touching.by_organizations(ids).trip_ids
    for trip_id in wanted:
        seats.hold(trip_id)
    db.session.scalars(
        select(Organization)
        .where(Organization.id.in_(ids))
        .order_by(Organization.id)
        .with_for_update()
    ).all()
    if set(touching.by_organizations(ids).trip_ids) - set(wanted):
        raise MergeRefused(Why.MEANWHILE)
    return [db.session.get_one(Trip, trip_id) for trip_id in wanted]


def _fill(keep: Organization, drop: Organization) -> list[str]:
    filled = [name for name in FILLED if not getattr(keep, name) and getattr(drop, name)]
    for name in filled:
        setattr(keep, name, getattr(drop, name))
    db.session.flush()
    return filled


def _move(column: InstrumentedAttribute[Any], keep: Organization, drop: Organization) -> list[int]:
    """Hang all rows on the kept one; their ids."""
    table: Any = column.class_
    moved = db.session.scalars(
        update(table)
        .where(column == drop.id)
        .values({column.key: keep.id})
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(moved)


def _move_members(keep: Organization, drop: Organization) -> dict[str, Any]:
    """Those who travelled by the sources: once a tour."""
    there = select(TripMember.trip_id).where(TripMember.organization_id == keep.id)
    twice = db.session.scalars(
        select(TripMember).where(
            TripMember.organization_id == drop.id, TripMember.trip_id.in_(there)
        )
    ).all()
    facts = [
        {"trip_id": row.trip_id, "position": row.position, "note": row.note, "basis": row.basis}
        for row in twice
    ]
    for row in twice:
        db.session.delete(row)
    db.session.flush()
    return {"members": _move(TripMember.organization_id, keep, drop), "members_twice": facts}


def _move_items(keep: Organization, drop: Organization) -> dict[str, list[int]]:
    """The sessions that are for one of them by name: once for the kept one."""
    there = select(ItemCompany.item_id).where(ItemCompany.organization_id == keep.id)
    twice = db.session.scalars(
        delete(ItemCompany)
        .where(ItemCompany.organization_id == drop.id, ItemCompany.item_id.in_(there))
        .returning(ItemCompany.item_id)
        .execution_options(synchronize_session=False)
    ).all()
    moved = db.session.scalars(
        update(ItemCompany)
        .where(ItemCompany.organization_id == drop.id)
        .values(organization_id=keep.id)
        .returning(ItemCompany.item_id)
        .execution_options(synchronize_session=False)
    ).all()
    return {"item_companies": sorted(moved), "item_companies_twice": sorted(twice)}


def _end_double_feeds(keep: Organization, drop: Organization) -> list[int]:
    """Of two calendars of what they host in one tour and language, the kept one's goes on; the
    other's address says that it ended."""
    theirs, ours = aliased(Feed), Feed
    twice = select(ours.id).join(
        theirs, (theirs.trip_id == ours.trip_id) & (theirs.language == ours.language)
    )
    ids = db.session.scalars(
        twice.where(
            ours.host_id == drop.id,
            ours.revoked_at.is_(None),
            theirs.host_id == keep.id,
            theirs.revoked_at.is_(None),
        )
    ).all()
    feeds.end(ids)
    return sorted(ids)


def _move_published(keep: Organization, drop: Organization) -> list[int]:
    """Whom a published session is for is told by ids: who saw it goes on seeing it, and a version
    that is restored names the one that is kept."""
    rows = db.session.scalars(
        select(ReleaseItem).where(
            or_(
                ReleaseItem.organization_ids.contains([drop.id]),
                ReleaseItem.values["company_ids"].contains([drop.id]),
                ReleaseItem.values["host_id"].as_integer() == drop.id,
                ReleaseItem.host_id == drop.id,
            )
        )
    ).all()
    for row in rows:
        row.organization_ids = _instead(row.organization_ids, keep.id, drop.id)
        row.host_id = keep.id if row.host_id == drop.id else row.host_id
        values = dict(row.values or {})
        if "company_ids" in values:
            values["company_ids"] = _instead(values["company_ids"], keep.id, drop.id)
        if values.get("host_id") == drop.id:
            values["host_id"] = keep.id
        row.values = values if row.values is not None else None
    db.session.flush()
    return sorted(row.id for row in rows)


def _instead(ids: Sequence[int], keep: int, drop: int) -> list[int]:
    return list(dict.fromkeys(keep if each == drop else each for each in ids))


def _know(keep: Organization, drop: Organization) -> None:
    """Find the kept one by the other's name from now on; nobody says to be who they are."""
    if drop.name.lower() != keep.name.lower():
        db.session.add(
            OrganizationAlias(organization_id=keep.id, name=drop.name, name_key=drop.name_key)
        )
    drop.merged_into_id = keep.id
    db.session.execute(
        update(Registration)
        .where(Registration.organization_id == keep.id, Registration.says_to_be_id == keep.id)
        .values(says_to_be_id=None)
        .execution_options(synchronize_session=False)
    )


def _join(trip: Trip, keep: Organization, reason: str, by: By) -> list[dict[str, Any]]:
    older, *others = joining.live(trip, keep.id) or (None,)
    if older is None:
        return []
    return [joining.join(older, younger, reason, by) for younger in others]


def _write_history(
    keep: Organization,
    drop: Organization,
    facts: dict[str, Any],
    trips: Sequence[Trip],
    by: By,
    reason: str,
) -> None:
    """In full with the row that is offered no more, and in each tour's own history."""
    audits.write(
        by,
        drop,
        "merge",
        trip_id=trips[0].id if len(trips) == 1 else None,
        before=facts,
        after={"merged_into": keep.id, "name": keep.name},
        reason=reason,
    )
    for trip in trips:
        audits.write(
            by,
            keep,
            "merge",
            trip_id=trip.id,
            before={"id": drop.id, "name": drop.name},
            after={"id": keep.id, "name": keep.name},
            reason=reason,
        )
    db.session.flush()
