"""A trip with something of everything, and files as people send them."""

import csv
import io
from typing import Any

import xlsxwriter

from tests.factories import item_values, make_registration, make_stop, make_track, make_trip
from webapp.db import Words, db
from webapp.domain import agendas, audits, sheets
from webapp.domain.audits import By
from webapp.domain.sheets import Options, Plan, Table
from webapp.domain.sheets.fields import Field
from webapp.models.agenda import AgendaItem
from webapp.models.audit import Actor
from webapp.models.person import Person
from webapp.models.place import Room, Venue
from webapp.models.trip import Trip

ANA = By(Actor.STAFF, "Ana Organizer")
PARIS, LOS_ANGELES = "Europe/Paris", "America/Los_Angeles"


def make_venue(name: str = "Palais du Pharo", city: str = "Marseille", *rooms: str) -> Venue:
    venue = Venue(name=name, city=city, country="FR", zone=PARIS, latitude=43.29, longitude=5.36)
    venue.rooms = [Room(name=room, position=n) for n, room in enumerate(rooms)]
    db.session.add(venue)
    db.session.flush()
    return venue


def make_person(given: str, family: str) -> Person:
    person = Person(given_name=given, family_name=family)
    db.session.add(person)
    db.session.flush()
    return person


def make_full_trip() -> Trip:
    """Two stops, two venues with rooms, a track, and a company that registered."""
    trip = make_trip()
    make_stop(trip)
    make_stop(trip, city="Toulon")
    make_track(trip)
    make_venue("Palais du Pharo", "Marseille", "Auditorium", "Salon Vert")
    make_venue("Port Center", "Toulon")
    make_registration(trip, 1, organization_name="Blue Wave Sensors")
    return trip


def xlsx(rows: list[list[Any]]) -> bytes:
    """A workbook with these cells; dates and times as Excel stores them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    clock = book.add_format({"num_format": "hh:mm"})
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(y, x, cell)
            elif type(cell).__name__ == "time":
                sheet.write_datetime(y, x, cell, clock)
            elif cell is not None:
                sheet.write(y, x, cell)
    book.close()
    return out.getvalue()


def csv_of(rows: list[list[str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


def dry_run(trip: Trip, data: bytes, **options: Any) -> tuple[Table, dict[Field, int], Plan]:
    table = sheets.read(data, trip.zone)
    columns = sheets.guess(table)
    return table, columns, sheets.plan(trip, table, columns, Options(**options))


def bring_in(trip: Trip, data: bytes, **options: Any) -> sheets.Outcome:
    """Dry run and apply, as one who looked at the page would."""
    table, columns, plan = dry_run(trip, data, **options)
    assert plan.problems == ()
    seen = plan.fingerprint()
    return sheets.apply(trip, table, columns, Options(**options), ANA, seen)


def told(trip: Trip, data: bytes, **options: Any) -> list[tuple[int | None, str, str]]:
    """The problems of a file as (row, column's header, fault)."""
    table, _columns, plan = dry_run(trip, data, **options)
    return [
        (p.row, "" if p.column is None else table.header[p.column], p.fault.value)
        for p in plan.problems
    ]


def draft(trip: Trip) -> list[AgendaItem]:
    db.session.expire_all()
    return list(agendas.draft(trip))


def add(trip: Trip, **values: Any) -> AgendaItem:
    return agendas.add(trip, item_values(**values), audits.SYSTEM)


def english(text: str) -> Words:
    return Words(en=text)
