"""A tour made from another: from a template, or as a copy of last year's, at other dates."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from webapp import clock
from webapp.db import Words, db
from webapp.domain import (
    agendas,
    audits,
    enrolling,
    form_copies,
    item_values,
    reminders,
    shifts,
    tours,
    wordings,
)
from webapp.domain.audits import By
from webapp.models.agenda import AgendaItem, ItemCompany, ItemPerson
from webapp.models.clash import TravelTime
from webapp.models.place import Stop
from webapp.models.track import Track
from webapp.models.trip import Trip, TripPartner, TripState

PARTS = (
    "stops", "tracks", "items", "people", "notes", "clashes", "partners", "form", "prices",
    "wordings", "reminders",
)  # fmt: skip
_BASIS = ("basis", "basis_note", "sources")
_CLASHES = ("clash_levels", "travel_speeds", "margin_minutes", "arrival_minutes")


def copy(
    trip: Trip,
    slug: str,
    starts_on: date,
    title: Words,
    parts: frozenset[str],
    by: By,
    as_template: bool = False,
) -> Trip:
    """A new draft like `trip`, beginning on `starts_on`, with those of PARTS that were asked for.

    Sessions get UIDs of their own and forget what a file called them; cancelled ones stay behind.
    Where content comes from (its basis) goes along, so what is a sample stays one. Which wall
    times could not be kept, `shifts.surprises` says. Raises SlugRefused, SlugTaken, DatesRefused.
    """
    days = (starts_on - trip.starts_on).days
    made = _trip(trip, slug, title, days, as_template)
    if "clashes" in parts:
        for name in _CLASHES:
            setattr(made, name, getattr(trip, name))
    tours.insert(made)
    if "partners" in parts:
        _copy_partners(trip, made)
    stops = _copy_stops(trip, made, days) if "stops" in parts else {}
    tracks = _copy_tracks(trip, made) if "tracks" in parts else {}
    db.session.flush()
    number = 0
    if "items" in parts:
        ids = {old: row.id for old, row in stops.items()}, {o: r.id for o, r in tracks.items()}
        number = _copy_items(trip, made, days, parts, *ids)
    if "clashes" in parts:
        _copy_travel_times(trip, made)
    if "form" in parts:
        form_copies.copy_form(trip, made)
    if "prices" in parts:
        form_copies.copy_prices(trip, made, days)
    if "wordings" in parts:
        wordings.take_along(trip, made)
    if "reminders" in parts:
        reminders.take_along(trip, made)
    db.session.flush()
    audits.write(
        by,
        made,
        "copy",
        trip_id=made.id,
        after={"of": trip.slug, "days": days, "parts": sorted(parts), "sessions": number},
    )
    return made


def _trip(trip: Trip, slug: str, title: Words, days: int, as_template: bool) -> Trip:
    shifts.check_years(trip, days)
    at = clock.now()
    names = (*tours.COLUMNS, *enrolling.COLUMNS, "deadline_zone", *_BASIS)
    columns = {name: getattr(trip, name) for name in names}
    by_days = timedelta(days=days)
    made = Trip(
        **columns
        | {
            "slug": slug,
            "title": title,
            "starts_on": trip.starts_on + by_days,
            "ends_on": trip.ends_on + by_days,
            "created_at": at,
            "changed_at": at,
            "state": TripState.DRAFT,
            "is_template": as_template,
        }
    )
    shifts.shift_window(trip, made, days)
    return made


def _copy_partners(trip: Trip, made: Trip) -> None:
    for row in trip.partners:
        columns = ("organization_id", "role", "position", *_BASIS)
        db.session.add(TripPartner(trip_id=made.id, **_same(row, columns)))


def _copy_stops(trip: Trip, made: Trip, days: int) -> dict[int, Stop]:
    by_days = timedelta(days=days)
    found = {}
    for row in trip.stops:
        columns = ("position", "city", "country", "zone", "note", "local_host_id", *_BASIS)
        found[row.id] = Stop(
            trip_id=made.id,
            starts_on=row.starts_on + by_days,
            ends_on=row.ends_on + by_days,
            **_same(row, columns),
        )
    db.session.add_all(found.values())
    return found


def _copy_tracks(trip: Trip, made: Trip) -> dict[int, Track]:
    columns = ("key", "name", "color", "position")
    found = {row.id: Track(trip_id=made.id, **_same(row, columns)) for row in trip.tracks}
    db.session.add_all(found.values())
    return found


def _copy_items(
    trip: Trip,
    made: Trip,
    days: int,
    parts: Iterable[str],
    stops: dict[int, int],
    tracks: dict[int, int],
) -> int:
    at = clock.now()
    rows = []
    for item in agendas.draft(trip):
        if item.is_cancelled:
            continue
        values = shifts.moved(item_values.of(item), days)[0]
        values = replace(
            values,
            stop_id=stops.get(values.stop_id or 0),
            track_id=tracks.get(values.track_id or 0),
        )
        if "people" not in parts:
            values = replace(values, people=(), company_ids=(), host_id=None)
        if "notes" not in parts:
            values = replace(values, internal_note=None)
        row = AgendaItem(
            trip_id=made.id,
            created_at=at,
            **item_values.columns(values),
            **_same(item, _BASIS),
        )
        row.people = [
            ItemPerson(person_id=person_id, role=role, position=position)
            for position, (person_id, role) in enumerate(values.people)
        ]
        row.companies = [ItemCompany(organization_id=each) for each in values.company_ids]
        rows.append(row)
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)


def _copy_travel_times(trip: Trip, made: Trip) -> None:
    columns = ("from_venue_id", "to_venue_id", "minutes")
    for row in db.session.scalars(select(TravelTime).where(TravelTime.trip_id == trip.id)):
        db.session.add(TravelTime(trip_id=made.id, **_same(row, columns)))


def _same(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
