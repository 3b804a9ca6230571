"""From rows to a trip file."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import agendas
from webapp.domain.tripfiles.shape import VERSION
from webapp.domain.tripfiles.values import written
from webapp.models.agenda import AgendaItem
from webapp.models.basis import Based, Basis, Source
from webapp.models.organization import Organization
from webapp.models.place import Stop, Venue
from webapp.models.trip import Trip

Row = TypeVar("Row", Organization, Stop, Venue)


def dump(trip: Trip) -> dict[str, Any]:
    """The trip file (version 1) of `trip`: its draft agenda, with internal notes, in one order
    that depends on the rows alone. No registration and no delegate is in it.

    Importing it again changes nothing.
    """
    items = agendas.draft(trip)
    hosts = [stop.local_host for stop in trip.stops if stop.local_host]
    partners = [row.organization for row in trip.partners]
    members = [row.organization for row in trip.members]
    organizations = _keys([*partners, *members, *hosts], lambda row: row.name)
    stops = _keys(trip.stops, lambda row: row.city)
    venues = _keys([item.venue for item in items if item.venue], lambda row: row.name)
    tracks = {track.id: track.key for track in trip.tracks}
    lists: dict[str, list[dict[str, Any]]] = {
        "organizations": [_organization(row, key) for row, key in organizations.items()],
        "partners": [
            _said(row, organization=organizations[row.organization], role=row.role)
            for row in trip.partners
        ],
        "members": [
            _said(row, organization=organizations[row.organization], note=row.note)
            for row in trip.members
        ],
        "stops": [_stop(row, key, organizations) for row, key in stops.items()],
        "venues": [_venue(row, key) for row, key in venues.items()],
        "tracks": [_said(key=row.key, name=row.name, color=row.color) for row in trip.tracks],
        "items": [_item(item, stops, venues, tracks) for item in items],
    }
    head = _trip(trip)
    based = chain([head], *lists.values())
    sources = {key for row in based for key in row.get("sources", [])}
    return {"escale": VERSION, "trip": head, "sources": _sources(sources), **lists}


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


def _stop(row: Stop, key: str, organizations: dict[Organization, str]) -> dict[str, Any]:
    return _said(
        row,
        key=key,
        city=row.city,
        country=row.country,
        zone=row.zone,
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        note=row.note,
        local_host=organizations[row.local_host] if row.local_host else None,
    )


def _venue(row: Venue, key: str) -> dict[str, Any]:
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
    )


def _item(
    item: AgendaItem, stops: dict[Stop, str], venues: dict[Venue, str], tracks: dict[int, str]
) -> dict[str, Any]:
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
        stop=stops[item.stop] if item.stop else None,
        venue=venues[item.venue] if item.venue else None,
        place=item.place,
        track=tracks[item.track_id] if item.track_id else None,
        internal_note=item.internal_note,
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


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _keys(rows: Iterable[Row], name: Callable[[Row], str]) -> dict[Row, str]:
    """A key for each row, made from its name; the second of two alike gets a number."""
    found: dict[Row, str] = {}
    for row in rows:
        if row not in found:
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
