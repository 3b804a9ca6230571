"""The cells of a row that name something: stops, venues, rooms, tracks, organizations, people.

Nothing is made in silence: a name that is not known is a problem that tells the nearest ones,
unless whoever brings in the file asked for it to be added. What is to be added has an id below 0
until it is there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.domain.places import VenueValues
from webapp.domain.sheets import cells, vocabulary
from webapp.domain.sheets.fields import Field, folded
from webapp.domain.sheets.names import Index
from webapp.domain.sheets.rows import Said
from webapp.domain.sheets.tables import Fault
from webapp.models.agenda import ItemRole
from webapp.models.place import Stop

SHORTEST_NAME = 2
LONGEST_NAME = 200


@dataclass(slots=True)
class New:
    """What a file names and is to be added: by the id below 0 that stands for it."""

    venues: dict[int, VenueValues] = field(default_factory=dict)
    people: dict[int, tuple[str, str]] = field(default_factory=dict)  # given and family name
    last: int = 0

    def number(self) -> int:
        """The next id below 0."""
        self.last -= 1
        return self.last


def stop(said: Said, on: date | None, before: int | None) -> int | None:
    """The stop that the row names: of two in one city the one whose days hold `on`."""
    rows = said.names.stop_rows
    here = rows.get(before or 0)
    if not said.has(Field.STOP) and (here is None or on is None or _holds(here, on)):
        return before
    name = said.text(Field.STOP) if said.has(Field.STOP) or here is None else here.city
    found = said.names.stops.find(name)
    if not said.has(Field.STOP) and not any(_holds(rows[n], on) for n in found if on):
        return before
    if len(found) > 1 and on is not None:
        found = [n for n in found if _holds(rows[n], on)][:1] or found[:1]
    return _one(said, Field.STOP, found, said.names.stops, before, name)


def _holds(stop: Stop, on: date) -> bool:
    return stop.starts_on <= on <= stop.ends_on


def where(said: Said, values: dict[str, Any], new: New) -> None:
    """Venue, room and place of the row, and where a leg ends, into `values`."""
    venue_id = values.get("venue_id")
    if said.has(Field.VENUE):
        venue_id = _venue(said, Field.VENUE, values.get("stop_id"), venue_id, new)
    elif said.has(Field.WHERE):
        venue_id = _somewhere(said, values)
    if venue_id != values.get("venue_id") and Field.ROOM not in said.places:
        values["room_id"] = None  # of another venue
    values["venue_id"] = venue_id
    if said.has(Field.ROOM) or (said.text(Field.ROOM) and not _keeps_room(said, values)):
        values["room_id"] = _room(said, venue_id, values.get("room_id"))
    if said.has(Field.TO_VENUE):
        before = values.get("to_venue_id")
        values["to_venue_id"] = _venue(said, Field.TO_VENUE, None, before, new)


def others(said: Said, values: dict[str, Any], new: New) -> None:
    """Track, host, companies and people of the row, into `values`."""
    tracks, organizations = said.names.tracks, said.names.organizations
    if said.has(Field.TRACK):
        found = tracks.find(said.text(Field.TRACK))
        values["track_id"] = _one(said, Field.TRACK, found, tracks, values.get("track_id"))
    if said.has(Field.HOST):
        found = _nearest(said, organizations.find(said.text(Field.HOST)))
        values["host_id"] = _one(said, Field.HOST, found, organizations, values.get("host_id"))
    if said.has(Field.COMPANIES):
        values["company_ids"] = _companies(said, values.get("company_ids", ()))
    if said.has(Field.PEOPLE):
        values["people"] = _people(said, values.get("people", ()), new)


def _one(
    said: Said, column: Field, found: list[int], index: Index, before: int | None, name: str = ""
) -> int | None:
    """The one that is meant; of several the one that the item names already."""
    name = name or said.text(column)
    if not name:
        return None
    if len(found) == 1:
        return found[0]
    if before in found:
        return before
    if found:
        said.tell(column, Fault.SEVERAL, value=name, names=[index.name(n) for n in found])
    else:
        said.tell(column, Fault.UNKNOWN_NAME, value=name, near=index.near(name))
    return None


def _venue(
    said: Said, column: Field, stop_id: int | None, before: int | None, new: New
) -> int | None:
    name, index = said.text(column), said.names.venues
    found = index.find(name)
    stop = said.names.stop_rows.get(stop_id or 0)
    if len(found) > 1 and stop is not None:
        rows = said.names.venue_rows
        found = [
            n for n in found if n in rows and folded(rows[n].city) == folded(stop.city)
        ] or found
    if name and not found and said.options.add_venues:
        return _new_venue(said, column, stop_id, new)
    return _one(said, column, found, index, before)


def _new_venue(said: Said, column: Field, stop_id: int | None, new: New) -> int | None:
    name = cells.name(said.text(column))
    stop = said.names.stop_rows.get(stop_id or 0)
    if stop is None:
        said.tell(column, Fault.NO_CITY_FOR_VENUE, value=name)
        return None
    if len(name) > LONGEST_NAME:
        said.tell(column, Fault.TOO_LONG, length=len(name), most=LONGEST_NAME)
        return None
    number = new.number()
    new.venues[number] = VenueValues(name, stop.city, stop.country, stop.zone)
    said.names.venues.add(number, name, [f"{name}, {stop.city}"])
    return number


def _somewhere(said: Said, values: dict[str, Any]) -> int | None:
    """A venue whose name the text is, or begins with before a comma; else the text is the place."""
    text = cells.name(said.text(Field.WHERE))
    parts = [part.strip() for part in text.split(",")]
    for end in range(len(parts), 0, -1):
        found = said.names.venues.find(", ".join(parts[:end]))
        if values.get("venue_id") in found:
            found = [values["venue_id"]]
        if len(found) == 1:
            return found[0]
    place = values.get("place") or ""
    if place and (text == place or text.startswith(f"{place},")):
        return None
    if Field.PLACE not in said.places:
        if len(text) > LONGEST_NAME:
            said.tell(Field.WHERE, Fault.TOO_LONG, length=len(text), most=LONGEST_NAME)
        values["place"] = text or None
    return None


def _keeps_room(said: Said, values: dict[str, Any]) -> bool:
    index = said.names.rooms.get(values.get("venue_id") or 0)
    return index is not None and values.get("room_id") in index.calls


def _room(said: Said, venue_id: int | None, before: int | None) -> int | None:
    name = said.text(Field.ROOM)
    if not name:
        return None
    if venue_id is None:
        if said.text(Field.VENUE) == "":  # a venue that is not known is told of already
            said.tell(Field.ROOM, Fault.NO_VENUE_FOR_ROOM, value=name)
        return None
    index = said.names.rooms.get(venue_id, Index())
    return _one(said, Field.ROOM, index.find(name), index, before)


def _companies(said: Said, before: Sequence[int]) -> tuple[int, ...]:
    found = []
    for name in _listed(said.text(Field.COMPANIES)):
        index = said.names.organizations
        alike = _nearest(said, index.find(name))
        known = next((number for number in before if number in alike), None)
        found.append(_one(said, Field.COMPANIES, alike, index, known, name))
    return tuple(sorted({number for number in found if number is not None}))


def _people(
    said: Said, before: Sequence[tuple[int, ItemRole]], new: New
) -> tuple[tuple[int, ItemRole], ...]:
    people = []
    for entry in _listed(said.text(Field.PEOPLE)):
        found = re.fullmatch(r"(.*?)\s*(?:\(([^()]*)\))?", entry, re.DOTALL)
        name, role_said = (found[1], found[2]) if found else (entry, None)
        role = vocabulary.read(ItemRole, role_said) if role_said else ItemRole.SPEAKER
        if role is None:
            said.tell(Field.PEOPLE, Fault.NO_ROLE, value=role_said, known=ItemRole)
            continue
        person = _person(said, name, [number for number, _role in before], new)
        if person is not None:
            people.append((person, role))
    return tuple(dict.fromkeys(people))


def _person(said: Said, name: str, before: list[int], new: New) -> int | None:
    index = said.names.people
    found = index.find(name)
    if not found and said.options.add_people and len(folded(name)) >= SHORTEST_NAME:
        if len(name) > LONGEST_NAME:
            said.tell(Field.PEOPLE, Fault.TOO_LONG, length=len(name), most=LONGEST_NAME)
            return None
        given, _, family = name.rpartition(" ")
        number = new.number()
        new.people[number] = (given or family, family if given else "")
        index.add(number, name)
        return number
    known = next((number for number in before if number in found), None)
    return _one(said, Field.PEOPLE, found, index, known, name)


def _nearest(said: Said, found: list[int]) -> list[int]:
    """Of several organizations of one name those that have to do with the trip."""
    return [n for n in found if n in said.near] or found if len(found) > 1 else found


def _listed(text: str) -> list[str]:
    return [part for each in re.split(r"[;\n]", text) if (part := cells.name(each))]
