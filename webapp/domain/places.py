"""Venues and their rooms: shared by all tours, so nobody takes one away that another tour uses."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, feeds, seats
from webapp.domain.agendas import ChangedMeanwhile
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.clash import TravelTime
from webapp.models.place import Room, Stop, Venue
from webapp.models.trip import Trip

FOUND = 50  # venues of one search


@dataclass(frozen=True, slots=True)
class Use:
    """Where a venue or room is used: the tour, its sessions by title in order of start, and how
    many travel times of that tour name the venue."""

    trip: Trip
    items: tuple[AgendaItem, ...]
    travel_times: int = 0

    @property
    def titles(self) -> tuple[Words, ...]:
        """What the sessions are called."""
        return tuple(item.title for item in self.items)


class VenueInUse(DomainError):
    """Sessions or travel times name the venue or room; `where` says which."""

    def __init__(self, where: Sequence[Use]) -> None:
        super().__init__(f"used by {len(where)} tours")
        self.where = tuple(where)


class RoomNameTaken(DomainError):
    """The venue has another room of that name."""


@dataclass(frozen=True, slots=True)
class VenueValues:
    """What is said of a venue. Latitude and longitude in decimal degrees, both or neither."""

    name: str
    city: str
    country: str
    zone: str
    address: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    access: Words | None = None
    capacity: int | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class RoomValues:
    """What is said of a room; the capacity is in people."""

    name: str
    capacity: int | None = None
    access: Words | None = None


def venues() -> Sequence[Venue]:
    """All venues, by city and name."""
    return db.session.scalars(select(Venue).order_by(Venue.city, Venue.name, Venue.id)).all()


def near(trip: Trip) -> Sequence[Venue]:
    """The venues that matter to a tour, with their rooms, by city and name: those that its draft
    names, and those in the cities of its stops."""
    named = (
        select(each).where(AgendaItem.trip_id == trip.id, each.is_not(None))
        for each in (AgendaItem.venue_id, AgendaItem.to_venue_id)
    )
    cities = select(func.lower(Stop.city)).where(Stop.trip_id == trip.id)
    return db.session.scalars(
        select(Venue)
        .where(or_(*(Venue.id.in_(each) for each in named), func.lower(Venue.city).in_(cities)))
        .options(selectinload(Venue.rooms))
        .order_by(Venue.city, Venue.name, Venue.id)
    ).all()


def search(text: str, limit: int = FOUND) -> Sequence[Venue]:
    """Venues with `text` in their name, city or address, with their rooms, by city and name."""
    like = func.lower(f"%{_escaped(text)}%")
    columns = (Venue.name, Venue.city, Venue.address)
    return db.session.scalars(
        select(Venue)
        .where(or_(*(func.lower(column).like(like, escape="\\") for column in columns)))
        .options(selectinload(Venue.rooms))
        .order_by(Venue.city, Venue.name, Venue.id)
        .limit(limit)
    ).all()


def find(venue_id: int) -> Venue | None:
    """The venue with that id, or None."""
    return db.session.get(Venue, venue_id)


def find_room(venue: Venue, room_id: int) -> Room | None:
    """The room of this venue with that id, or None: never another venue's."""
    return next((room for room in venue.rooms if room.id == room_id), None)


def uses(venue: Venue) -> list[Use]:
    """Where the venue is used, in order of the tours' dates."""
    here = or_(AgendaItem.venue_id == venue.id, AgendaItem.to_venue_id == venue.id)
    times = (
        select(TravelTime.trip_id, func.count())
        .where(or_(TravelTime.from_venue_id == venue.id, TravelTime.to_venue_id == venue.id))
        .group_by(TravelTime.trip_id)
    )
    return _uses(here, {trip_id: number for trip_id, number in db.session.execute(times)})


def counts(trip: Trip) -> dict[int, int]:
    """How many sessions of the tour's draft are at each venue, or arrive there, by its id."""
    pairs = db.session.execute(
        select(AgendaItem.venue_id, AgendaItem.to_venue_id).where(AgendaItem.trip_id == trip.id)
    )
    return Counter(each for pair in pairs for each in {*pair} if each is not None)


def trip_ids(venue: Venue) -> set[int]:
    """The tours that name the venue, by id: who organizes all of them may change it."""
    return {use.trip.id for use in uses(venue)}


def room_uses(room: Room) -> list[Use]:
    """Where the room is used, in order of the tours' dates."""
    return _uses(AgendaItem.room_id == room.id, {})


def add(
    trip: Trip,
    values: VenueValues,
    by: By,
    *,
    rooms_of: Venue | None = None,
    instead_of: Venue | None = None,
) -> Venue:
    """Add a venue while working on `trip`.

    With `rooms_of` it has rooms like that venue; with `instead_of`, the sessions of that tour's
    draft move from that venue to the new one. Raises UnknownZone.
    """
    clock.zone_info(values.zone)
    seats.hold(trip.id)
    venue = Venue(**_said(values))
    db.session.add(venue)
    db.session.flush()
    audits.write(by, venue, "add", trip_id=trip.id, after=_said(values))
    if rooms_of is not None:
        venue.rooms = [
            Room(name=r.name, capacity=r.capacity, access=r.access, position=r.position)
            for r in rooms_of.rooms
        ]
        db.session.flush()
    if instead_of is not None:
        _move_items(trip, instead_of, venue, by)
    return venue


def change(trip: Trip, venue: Venue, values: VenueValues, by: By) -> Venue:
    """Say anew what a venue is: the drafts that name it follow, what is published stays. Raises
    UnknownZone."""
    clock.zone_info(values.zone)
    _hold(trip, venue, key_share=True)
    name = venue.name
    _fill(trip, venue, values, by)
    if venue.name != name:
        feeds.outdate_venue(venue.id)
    return venue


def remove(trip: Trip, venue: Venue, by: By) -> None:
    """Delete a venue and its rooms. Raises VenueInUse, which says where."""
    # Whoever adds a session there now waits for this lock, and then finds no such venue.
    _hold(trip, venue)
    if where := uses(venue):
        raise VenueInUse(where)
    audits.write(by, venue, "delete", trip_id=trip.id, before=_said(_values(venue, VenueValues)))
    feeds.close_venue(venue.id)
    for room in list(venue.rooms):
        db.session.delete(room)
    db.session.delete(venue)
    db.session.flush()


def add_room(trip: Trip, venue: Venue, values: RoomValues, by: By) -> Room:
    """Add a room to a venue, after its others. Raises RoomNameTaken."""
    _hold(trip, venue, key_share=True)
    _refuse_room_name(venue, values.name, None)
    last = max((room.position for room in venue.rooms), default=0)
    room = Room(venue_id=venue.id, position=last + 1, **_said(values))
    db.session.add(room)
    db.session.flush()
    db.session.expire(venue, ["rooms"])
    audits.write(by, room, "add", trip_id=trip.id, after={"venue": venue.name, **_said(values)})
    return room


def change_room(trip: Trip, room: Room, values: RoomValues, by: By) -> Room:
    """Say anew what a room is. Raises RoomNameTaken."""
    _hold(trip, room.venue, key_share=True)
    _refuse_room_name(room.venue, values.name, room)
    _fill(trip, room, values, by)
    return room


def remove_room(trip: Trip, room: Room, by: By) -> None:
    """Delete a room. Raises VenueInUse, which says where."""
    _hold(trip, room)
    if where := room_uses(room):
        raise VenueInUse(where)
    venue = room.venue
    before = {"venue": venue.name, **_said(_values(room, RoomValues))}
    audits.write(by, room, "delete", trip_id=trip.id, before=before)
    db.session.delete(room)
    db.session.flush()
    db.session.expire(venue, ["rooms"])


def _hold(trip: Trip, thing: Venue | Room, *, key_share: bool = False) -> None:
    """Lock the trip, and what other trips may be changing at the same time, and read it anew.
    With `key_share` others may still name it. Raises ChangedMeanwhile when it is gone."""
    seats.hold(trip.id)
    try:
        db.session.refresh(thing, with_for_update={"key_share": key_share})
    except InvalidRequestError as error:
        raise ChangedMeanwhile from error


def _uses(condition: Any, travel_times: dict[int, int]) -> list[Use]:
    items = db.session.scalars(
        select(AgendaItem).where(condition).order_by(AgendaItem.starts_at, AgendaItem.uid)
    ).all()
    trip_ids = {item.trip_id for item in items} | set(travel_times)
    trips = db.session.scalars(
        select(Trip).where(Trip.id.in_(trip_ids)).order_by(Trip.starts_on, Trip.id)
    )
    return [
        Use(trip, tuple(i for i in items if i.trip_id == trip.id), travel_times.get(trip.id, 0))
        for trip in trips
    ]


def _move_items(trip: Trip, old: Venue, new: Venue, by: By) -> None:
    """Let the draft of `trip` name the new venue, and its room of the same name if there is one."""
    rooms = {room.name: room.id for room in new.rooms}
    here = or_(AgendaItem.venue_id == old.id, AgendaItem.to_venue_id == old.id)
    found = select(AgendaItem).where(AgendaItem.trip_id == trip.id, here)
    for item in db.session.scalars(found.options(joinedload(AgendaItem.room))).all():
        before = {name: getattr(item, name) for name in ("venue_id", "room_id", "to_venue_id")}
        if item.venue_id == old.id:
            item.room_id = rooms.get(item.room.name) if item.room else None
            item.venue_id = new.id
        if item.to_venue_id == old.id:
            item.to_venue_id = new.id
        after = {name: getattr(item, name) for name in before}
        audits.write(by, item, "change", trip_id=trip.id, before=before, after=after)
    db.session.flush()


def _fill(trip: Trip, thing: Venue | Room, values: VenueValues | RoomValues, by: By) -> None:
    before, after = _said(_values(thing, type(values))), _said(values)
    changed = [name for name in after if after[name] != before[name]]
    for name in changed:
        setattr(thing, name, after[name])
    db.session.flush()
    if changed:
        audits.write(
            by,
            thing,
            "change",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def _refuse_room_name(venue: Venue, name: str, but: Room | None) -> None:
    if any(room.name.lower() == name.lower() and room is not but for room in venue.rooms):
        raise RoomNameTaken


def _values(thing: Venue | Room, kind: Any) -> Any:
    return kind(**{field.name: getattr(thing, field.name) for field in fields(kind)})


def _said(values: VenueValues | RoomValues) -> dict[str, Any]:
    plain = replace(values, access=values.access or None)
    return {field.name: getattr(plain, field.name) for field in fields(plain)}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
