"""From rows to a plan: a constant number of statements, and of items only what clashes need."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain.clashes import parties
from webapp.domain.clashes.held import Held
from webapp.domain.clashes.plans import End, Place, Plan, Room, Stay, Visit
from webapp.domain.clashes.rules import Level, Rule
from webapp.domain.clashes.settings import Settings, travel, venues_used
from webapp.models.agenda import AgendaItem, ItemKind, ItemState
from webapp.models.organization import Organization
from webapp.models.place import Room as RoomRow
from webapp.models.place import Venue
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

CARRIERS = frozenset({ItemKind.TRANSFER, ItemKind.TRAVEL})
COLUMNS = (
    AgendaItem.id,
    AgendaItem.uid,
    AgendaItem.kind,
    AgendaItem.starts_local,
    AgendaItem.starts_zone,
    AgendaItem.starts_fold,
    AgendaItem.starts_at,
    AgendaItem.ends_local,
    AgendaItem.ends_zone,
    AgendaItem.ends_fold,
    AgendaItem.ends_at,
    AgendaItem.stop_id,
    AgendaItem.venue_id,
    AgendaItem.to_venue_id,
    AgendaItem.to_place,
    AgendaItem.mode,
    AgendaItem.vehicle,
    AgendaItem.capacity,
    AgendaItem.call_minutes,
    AgendaItem.meeting_point,
    AgendaItem.host_id,
    AgendaItem.room_id,
    Organization.name.label("host_name"),
    RoomRow.name.label("room_name"),
    RoomRow.capacity.label("room_capacity"),
)


def plan(
    trip: Trip, settings: Settings, held: Mapping[UUID, ReleaseItem | None] | None = None
) -> Plan:
    """The draft of a trip as it stands, but what is `held` back as it is published (None: not at
    all); cancelled items take no part."""
    kept = Held.of(held or {})
    places = {venue.id: place(venue) for venue in [*venues_used(trip), *kept.venues]}
    stays = {
        stop.id: Stay(stop.city, stop.zone, stop.starts_on, stop.ends_on) for stop in trip.stops
    }
    return Plan(
        visits=tuple(_visit(row, places, stays) for row in _with_held(_items(trip), kept)),
        parties=tuple(parties.of_trip(trip, kept)),
        travel=travel(trip, settings),
        zone=trip.zone,
        home_zone=trip.home_zone,
        zones=tuple(dict.fromkeys(stay.zone for stay in stays.values())),
        starts_on=trip.starts_on,
        ends_on=trip.ends_on,
        rules=frozenset(rule for rule in Rule if settings.levels[rule] != Level.IGNORE),
    )


def _items(trip: Trip) -> Sequence[Any]:
    return db.session.execute(
        select(*COLUMNS)
        .outerjoin(Organization, Organization.id == AgendaItem.host_id)
        .outerjoin(RoomRow, RoomRow.id == AgendaItem.room_id)
        .where(AgendaItem.trip_id == trip.id, AgendaItem.state != ItemState.CANCELLED)
    ).all()


def _with_held(rows: Sequence[Any], held: Held) -> list[Any]:
    """The rows of the draft, and in the place of those held back what is published of them."""
    return [
        *(row for row in rows if row.id not in held.numbers),
        *(_published(item, number, held) for number, item in held.items.items()),
    ]


def _published(item: ReleaseItem, number: int, held: Held) -> Any:
    """A published item with the columns of a row of the draft, as far as the release kept them."""
    kept = item.values or {}
    names = (column.key for column in COLUMNS)
    row = {name: getattr(item, name, kept.get(name)) for name in names}
    room = held.room_capacities.get(kept.get("room_id") or 0)
    return SimpleNamespace(**row | {"id": number, "room_capacity": room})


def place(venue: Venue) -> Place:
    """A venue as the engine knows it."""
    return Place(
        key=f"venue {venue.id}",
        name=venue.name,
        city=venue.city,
        country=venue.country,
        zone=venue.zone,
        latitude=venue.latitude,
        longitude=venue.longitude,
        capacity=venue.capacity,
        number=venue.id,
    )


def _visit(row: Any, places: dict[int, Place], stays: dict[int, Stay]) -> Visit:
    """A leg without a known place of arrival ends nobody knows where; anything else ends where it
    is. Those who meet elsewhere are not called to the place of the item itself."""
    carries = row.mode is not None or row.kind in CARRIERS or row.starts_zone != row.ends_zone
    here = places.get(row.venue_id)
    there = places.get(row.to_venue_id)
    if there is None and not carries and not row.to_place:
        there = here
    return Visit(
        uid=row.uid,
        number=row.id,
        starts=End(row.starts_local, row.starts_zone, row.starts_fold, row.starts_at, here),
        ends=End(row.ends_local, row.ends_zone, row.ends_fold, row.ends_at, there),
        carries=carries,
        is_free=row.kind == ItemKind.FREE,
        mode=row.mode,
        room=Room(row.room_id, row.room_name, row.room_capacity) if row.room_id else None,
        host=(row.host_id, row.host_name) if row.host_id else None,
        vehicle=row.vehicle,
        call_minutes=None if row.meeting_point else row.call_minutes,
        capacity=row.capacity,
        stay=stays.get(row.stop_id),
    )
