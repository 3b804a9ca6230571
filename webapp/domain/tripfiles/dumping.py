"""From rows to a trip file."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.db import db
from webapp.domain import agendas
from webapp.domain.tripfiles import forms
from webapp.domain.tripfiles.forms import written_instant as _instant
from webapp.domain.tripfiles.shape import VERSION
from webapp.domain.tripfiles.values import written
from webapp.models.agenda import AgendaItem, ItemPerson
from webapp.models.basis import Based, Basis, Source
from webapp.models.clash import TravelTime
from webapp.models.organization import Organization
from webapp.models.place import Room, Stop, Venue
from webapp.models.trip import Trip

Row = TypeVar("Row", Organization, Stop, Venue, Room)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file calls each row."""

    organizations: dict[Organization, str]
    stops: dict[Stop, str]
    venues: dict[Venue, str]
    rooms: dict[Room, str]
    tracks: dict[int, str]


def dump(trip: Trip) -> dict[str, Any]:
    """The trip file (version 1) of `trip`: its draft agenda, with internal notes, in one order
    that depends on the rows alone. No registration and no delegate is in it; a company is, where
    the agenda names it.

    Importing it again changes nothing.
    """
    items = agendas.draft(trip)
    ways = _ways(trip)
    keys = _all_keys(trip, items, ways)
    lists: dict[str, list[dict[str, Any]]] = {
        "organizations": [_organization(row, key) for row, key in keys.organizations.items()],
        "partners": [
            _said(row, organization=keys.organizations[row.organization], role=row.role)
            for row in trip.partners
        ],
        "members": [
            _said(row, organization=keys.organizations[row.organization], note=row.note)
            for row in trip.members
        ],
        "stops": [_stop(row, key, keys) for row, key in keys.stops.items()],
        "venues": [_venue(row, key, keys) for row, key in keys.venues.items()],
        "travel_times": [_way(row, keys) for row in ways],
        "tracks": [_said(key=row.key, name=row.name, color=row.color) for row in trip.tracks],
        "items": [_item(item, keys) for item in items],
        "questions": [_said(**each) for each in forms.dump_questions(trip)],
        "criteria": [_said(**each) for each in forms.dump_criteria(trip)],
        "prices": [_said(**each) for each in forms.dump_prices(trip)],
    }
    head = _trip(trip)
    people = chain.from_iterable(item.get("people", []) for item in lists["items"])
    based = chain([head], *lists.values(), people)
    sources = {key for row in based for key in row.get("sources", [])}
    return {"escale": VERSION, "trip": head, "sources": _sources(sources), **lists}


def _all_keys(trip: Trip, items: Sequence[AgendaItem], ways: Sequence[TravelTime]) -> Keys:
    hosts = [stop.local_host for stop in trip.stops]
    named = [each.organization for item in items for each in item.companies]
    ends = chain.from_iterable((way.from_venue, way.to_venue) for way in ways)
    venues = [item.venue for item in items], [item.to_venue for item in items], ends
    partners = [row.organization for row in trip.partners]
    members = [row.organization for row in trip.members]
    known = chain(partners, members, hosts, (item.host for item in items), named)
    found = _keys(chain(*venues), lambda row: row.name)
    rooms = [_keys(venue.rooms, lambda row: row.name) for venue in found]
    return Keys(
        organizations=_keys(known, lambda row: row.name),
        stops=_keys(trip.stops, lambda row: row.city),
        venues=found,
        rooms={room: key for each in rooms for room, key in each.items()},
        tracks={track.id: track.key for track in trip.tracks},
    )


def _ways(trip: Trip) -> Sequence[TravelTime]:
    start, end = aliased(Venue), aliased(Venue)
    return db.session.scalars(
        select(TravelTime)
        .where(TravelTime.trip_id == trip.id)
        .join(start, TravelTime.from_venue_id == start.id)
        .join(end, TravelTime.to_venue_id == end.id)
        .order_by(start.name, end.name, TravelTime.id)
    ).all()


def _trip(trip: Trip) -> dict[str, Any]:
    return _said(
        trip,
        slug=trip.slug,
        title=trip.title,
        summary=trip.summary,
        kind=trip.kind,
        state=trip.state.value,
        starts_on=trip.starts_on.isoformat(),
        ends_on=trip.ends_on.isoformat(),
        zone=trip.zone,
        home_zone=trip.home_zone,
        max_delegates=trip.max_delegates,
        max_organizations=trip.max_organizations,
        max_per_organization=trip.max_per_organization,
        registration_opens_at=_instant(trip.registration_opens_at),
        registration_closes_at=_instant(trip.registration_closes_at),
        contact_email=trip.contact_email,
        is_template=trip.is_template or None,
        clashes=_said(
            levels=trip.clash_levels,
            speeds=trip.travel_speeds,
            margin_minutes=trip.margin_minutes,
            arrival_minutes=trip.arrival_minutes,
        ),
        registration=_said(**forms.dump_registration(trip)),
    )


def _sources(keys: set[str]) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(Source).where(Source.key.in_(keys)).order_by(Source.key))
    return [
        _said(key=row.key, title=row.title, publisher=row.publisher, published=row.published)
        for row in rows
    ]


def _organization(row: Organization, key: str) -> dict[str, Any]:
    return _said(
        row,
        key=key,
        name=row.name,
        kind=row.kind.value,
        country=row.country,
        city=row.city,
        website=row.website,
        about=row.about,
        aliases=[_said(name=alias.name, note=alias.note) for alias in row.aliases],
    )


def _stop(row: Stop, key: str, keys: Keys) -> dict[str, Any]:
    return _said(
        row,
        key=key,
        city=row.city,
        country=row.country,
        zone=row.zone,
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        note=row.note,
        local_host=keys.organizations[row.local_host] if row.local_host else None,
    )


def _venue(row: Venue, key: str, keys: Keys) -> dict[str, Any]:
    return _said(
        row,
        key=key,
        name=row.name,
        address=row.address,
        postal_code=row.postal_code,
        city=row.city,
        country=row.country,
        zone=row.zone,
        latitude=row.latitude,
        longitude=row.longitude,
        access=row.access,
        capacity=row.capacity,
        contact=row.contact,
        rooms=[
            _said(key=keys.rooms[room], name=room.name, capacity=room.capacity, access=room.access)
            for room in row.rooms
        ],
    )


def _way(row: TravelTime, keys: Keys) -> dict[str, Any]:
    ends = {"from": keys.venues[row.from_venue], "to": keys.venues[row.to_venue]}
    return ends | {"minutes": row.minutes}


def _item(item: AgendaItem, keys: Keys) -> dict[str, Any]:
    return _said(
        item,
        uid=str(item.uid),
        kind=item.kind.value,
        audience=item.audience.value,
        state=item.state.value,
        title=item.title,
        description=item.description,
        starts=_end(item.starts_local, item.starts_zone, item.starts_fold),
        ends=_end(item.ends_local, item.ends_zone, item.ends_fold),
        stop=keys.stops[item.stop] if item.stop else None,
        venue=keys.venues[item.venue] if item.venue else None,
        room=keys.rooms[item.room] if item.room else None,
        place=item.place,
        to=_said(venue=keys.venues[item.to_venue] if item.to_venue else None, place=item.to_place),
        mode=item.mode.value if item.mode else None,
        service=item.service,
        vehicle=item.vehicle,
        host=keys.organizations[item.host] if item.host else None,
        people=[_person(each) for each in item.people],
        track=keys.tracks[item.track_id] if item.track_id else None,
        companies=[keys.organizations[each.organization] for each in item.companies],
        attendance=item.attendance.value,
        capacity=item.capacity,
        languages=list(item.languages),
        meeting_point=item.meeting_point,
        call=item.call_minutes,
        invites=None if item.invites else False,  # what is usual need not be said
        internal_note=item.internal_note,
    )


def _person(part: ItemPerson) -> dict[str, Any]:
    person = part.person
    return _said(
        person,
        given=person.given_name or None,
        family=person.family_name or None,
        role=part.role.value,
    )


def _end(local: datetime, zone: str, fold: int) -> dict[str, Any]:
    """One end of an item; which pass is meant is said where the clocks show the time twice."""
    said: dict[str, Any] = {"local": written(local), "zone": zone}
    try:
        clock.instant(local, zone)
    except clock.WallTimeTwice:
        said["fold"] = fold
    return said | ({"fold": fold} if fold else {})


def _said(based: Based | None = None, /, **values: Any) -> dict[str, Any]:
    """Those of the values that say anything, as a file holds them."""
    if based is not None:
        values["basis"] = None if based.basis == Basis.REAL else based.basis.value
        values["basis_note"] = based.basis_note
        values["sources"] = list(based.sources)
    plain = {name: dict(v) if isinstance(v, dict) else v for name, v in values.items()}
    return {name: value for name, value in plain.items() if value not in (None, [], {})}


def _keys(rows: Iterable[Row | None], name: Callable[[Row], str]) -> dict[Row, str]:
    """A key for each row, made from its name; the second of two alike gets a number."""
    found: dict[Row, str] = {}
    for row in rows:
        if row is not None and row not in found:
            stem = _slug(name(row))
            key, number = stem, 1
            while key in found.values():
                number += 1
                key = f"{stem}-{number}"
            found[row] = key
    return found


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56] or "x"
