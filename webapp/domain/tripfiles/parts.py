"""The parts of a trip that only this trip has: partners, members, stops, tracks, ways."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from sqlalchemy import select

from webapp.db import Words, db
from webapp.domain.tripfiles.ledger import Ledger
from webapp.domain.tripfiles.shared import fill_basis, words
from webapp.models.clash import TravelTime
from webapp.models.organization import Organization
from webapp.models.place import Stop, Venue
from webapp.models.track import Track
from webapp.models.trip import Trip, TripMember, TripPartner

Carrier = TypeVar("Carrier", TripPartner, TripMember)
Placed = TripPartner | TripMember | Stop | Track
Said = list[dict[str, Any]]


def load_partners(trip: Trip, said: Said, organizations: dict[str, Organization]) -> None:
    """Add the organizations that carry the trip, or say anew how they do."""
    found = _carriers(TripPartner, trip, trip.partners, said, organizations)
    for row, each in zip(found, said, strict=True):
        row.role = Words(each["role"])
    _put_first(found, trip.partners)


def load_members(trip: Trip, said: Said, organizations: dict[str, Organization]) -> None:
    """Add the organizations that are known to have travelled, or say anew what is known."""
    found = _carriers(TripMember, trip, trip.members, said, organizations)
    for row, each in zip(found, said, strict=True):
        row.note = words(each.get("note"))
    _put_first(found, trip.members)


def load_stops(
    trip: Trip, said: Said, organizations: dict[str, Organization], ledger: Ledger
) -> dict[str, Stop]:
    """The stop of each key of the file: found as the first, second ... in its city, or added."""
    free = list(trip.stops)
    found: dict[str, Stop] = {}
    for each in said:
        row = next((row for row in free if row.city.lower() == each["city"].lower()), None)
        if row is None:
            row = Stop(trip_id=trip.id)
        else:
            free.remove(row)
        ledger.watch(row)
        host = each.get("local_host")
        row.city = each["city"]
        row.country = each["country"]
        row.zone = each["zone"]
        row.starts_on = date.fromisoformat(each["starts_on"])
        row.ends_on = date.fromisoformat(each["ends_on"])
        row.note = words(each.get("note"))
        row.local_host_id = organizations[host].id if host else None
        fill_basis(row, each)
        found[each["key"]] = row
    _put_first(list(found.values()), trip.stops)
    return found


def load_tracks(trip: Trip, said: Said, ledger: Ledger) -> dict[str, Track]:
    """The track of each key of the file, found by that key or added."""
    known = {row.key: row for row in trip.tracks}
    found: dict[str, Track] = {}
    for each in said:
        row = known.get(each["key"]) or Track(trip_id=trip.id, key=each["key"])
        ledger.watch(row)
        row.name = Words(each["name"])
        row.color = each["color"]
        found[each["key"]] = row
    _put_first(list(found.values()), trip.tracks)
    return found


def load_travel_times(trip: Trip, said: Said, venues: dict[str, Venue], ledger: Ledger) -> None:
    """Add how long the ways between venues take, or say it anew."""
    stored = db.session.scalars(select(TravelTime).where(TravelTime.trip_id == trip.id))
    known = {(row.from_venue_id, row.to_venue_id): row for row in stored}
    for each in said:
        start, end = venues[each["from"]], venues[each["to"]]
        row = known.get((start.id, end.id)) or TravelTime(
            trip_id=trip.id, from_venue_id=start.id, to_venue_id=end.id
        )
        ledger.watch(row)
        row.minutes = each["minutes"]
        db.session.add(row)
    db.session.flush()


def _carriers(
    kind: type[Carrier],
    trip: Trip,
    stored: Iterable[Carrier],
    said: Said,
    organizations: dict[str, Organization],
) -> list[Carrier]:
    known = {row.organization_id: row for row in stored}
    found = []
    for each in said:
        organization_id = organizations[each["organization"]].id
        row = known.get(organization_id) or kind(trip_id=trip.id, organization_id=organization_id)
        fill_basis(row, each)
        found.append(row)
    return found


def _put_first(found: list[Any], stored: Iterable[Placed]) -> None:
    """Order: those of the file as there, then those it does not list. Places that are in that
    order already stay."""
    wanted = [*found, *(row for row in stored if row not in found)]
    places = [row.position or 0 for row in wanted]
    if any(one >= other for one, other in pairwise([0, *places])):
        for place, row in enumerate(wanted, start=1):
            row.position = place
    db.session.add_all(found)
