"""What has to agree inside a trip file whose shape is right: keys, dates, times, places."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from webapp import clock
from webapp.domain.tripfiles import forms
from webapp.domain.tripfiles.faults import Faults
from webapp.domain.tripfiles.values import as_day, as_instant, as_local
from webapp.models.trip import TripState

REFERENCES = (
    ("partners", "organization", "organizations"),
    ("members", "organization", "organizations"),
    ("stops", "local_host", "organizations"),
    ("items", "stop", "stops"),
    ("items", "venue", "venues"),
    ("items", "host", "organizations"),
    ("items", "track", "tracks"),
    ("travel_times", "from", "venues"),
    ("travel_times", "to", "venues"),
)
UNIQUE = (
    ("sources", "key"),
    ("organizations", "key"),
    ("stops", "key"),
    ("venues", "key"),
    ("tracks", "key"),
    ("questions", "key"),
    ("items", "uid"),
    ("partners", "organization"),
    ("members", "organization"),
)


def agree(data: dict[str, Any], faults: Faults) -> None:
    """Say what contradicts itself in a file whose shape is right."""
    _twice(data, faults)
    _unknown(data, faults)
    _unknown_in_items(data, faults)
    _unknown_sources(data, faults)
    _out_of_order(data, faults)
    _wrong_places(data, faults)
    _wrong_people(data, faults)
    _wrong_times(data, faults)
    forms.agree(data, faults)
    if data["trip"].get("is_template") and data["trip"].get("state") not in (None, TripState.DRAFT):
        faults.say("$.trip.state", 'a template is never shown: give "draft", or no "is_template"')


def rows(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """One of the lists of a file or of a part of it, empty when it is left out."""
    return data.get(name) or []


def moment(end: dict[str, Any]) -> datetime:
    """The instant, aware UTC, of one end of an item. Raises what clock.instant raises."""
    local = as_local(end["local"])
    assert local is not None  # checked before
    return clock.instant(local, end["zone"], end.get("fold"))


def _numbered(data: dict[str, Any], name: str, path: str = "$") -> Iterator[tuple[str, Any]]:
    """The rows of a list, each with its path."""
    for number, row in enumerate(rows(data, name)):
        yield f"{path}.{name}[{number}]", row


def _twice(data: dict[str, Any], faults: Faults) -> None:
    for name, field in UNIQUE:
        _say_doubles(list(_numbered(data, name)), field, faults)
    named = Counter(map(_name, rows(data, "organizations")))
    placed = Counter(map(_spot, rows(data, "venues")))
    ways = Counter(map(_way, rows(data, "travel_times")))
    for path, row in _numbered(data, "organizations"):
        if named[_name(row)] > 1:
            faults.say(f"{path}.name", f'"{row["name"]}" stands twice: keep one')
    for path, row in _numbered(data, "venues"):
        if placed[_spot(row)] > 1:
            faults.say(f"{path}.name", f'"{row["name"]}" stands twice: keep one')
        _say_double_rooms(list(_numbered(row, "rooms", path)), faults)
    for path, row in _numbered(data, "travel_times"):
        if ways[_way(row)] > 1:
            faults.say(
                path, f'the way from "{row["from"]}" to "{row["to"]}" stands twice: keep one'
            )


def _say_doubles(found: list[tuple[str, Any]], field: str, faults: Faults) -> None:
    counts = Counter(row.get(field) for _path, row in found)
    for path, row in found:
        value = row.get(field)
        if value is not None and counts[value] > 1:
            faults.say(f"{path}.{field}", f'"{value}" stands twice: keep one')


def _say_double_rooms(found: list[tuple[str, Any]], faults: Faults) -> None:
    _say_doubles(found, "key", faults)
    named = Counter(row["name"].lower() for _path, row in found)
    for path, row in found:
        if named[row["name"].lower()] > 1:
            faults.say(f"{path}.name", f'"{row["name"]}" stands twice: keep one')


def _name(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["name"].lower(), row.get("country")


def _spot(row: dict[str, Any]) -> tuple[str, str]:
    return row["name"].lower(), row["city"].lower()


def _way(row: dict[str, Any]) -> tuple[str, str]:
    return row["from"], row["to"]


def _unknown(data: dict[str, Any], faults: Faults) -> None:
    for name, field, target in REFERENCES:
        known = {row["key"] for row in rows(data, target)}
        for path, row in _numbered(data, name):
            _say_unknown(row.get(field), known, target, f"{path}.{field}", faults)


def _unknown_in_items(data: dict[str, Any], faults: Faults) -> None:
    rooms = {
        venue["key"]: {room["key"] for room in rows(venue, "rooms")}
        for venue in rows(data, "venues")
    }
    organizations = {row["key"] for row in rows(data, "organizations")}
    for path, item in _numbered(data, "items"):
        to = (item.get("to") or {}).get("venue")
        _say_unknown(to, rooms, "venues", f"{path}.to.venue", faults)
        for number, value in enumerate(item.get("companies") or []):
            where = f"{path}.companies[{number}]"
            _say_unknown(value, organizations, "organizations", where, faults)
        room, venue = item.get("room"), item.get("venue")
        if room is not None and venue is None:
            faults.say(f"{path}.room", "give the venue that the room is in")
        elif room is not None and venue in rooms and room not in rooms[venue]:
            faults.say(f"{path}.room", f'"{room}" is none of the rooms of "{venue}"')


def _say_unknown(value: Any, known: Any, target: str, path: str, faults: Faults) -> None:
    if value is not None and value not in known:
        faults.say(path, f'"{value}" is none of the {target}')


def _unknown_sources(data: dict[str, Any], faults: Faults) -> None:
    known = {row["key"] for row in rows(data, "sources")}
    for path, row in _based(data):
        for number, value in enumerate(row.get("sources") or []):
            _say_unknown(value, known, "sources", f"{path}.sources[{number}]", faults)


def _based(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Whatever may say where it comes from, with its path."""
    yield "$.trip", data["trip"]
    for name in ("organizations", "partners", "members", "stops", "venues"):
        yield from _numbered(data, name)
    for path, item in _numbered(data, "items"):
        yield path, item
        yield from _numbered(item, "people", path)


def _out_of_order(data: dict[str, Any], faults: Faults) -> None:
    for path, row in [("$.trip", data["trip"]), *_numbered(data, "stops")]:
        first, last = as_day(row["starts_on"]), as_day(row["ends_on"])
        assert first is not None
        assert last is not None
        if first > last:
            faults.say(f"{path}.ends_on", f"{last} is before the first day, {first}")
    trip = data["trip"]
    opens = as_instant(trip.get("registration_opens_at"))
    closes = as_instant(trip.get("registration_closes_at"))
    if opens and closes and opens >= closes:
        faults.say("$.trip.registration_closes_at", "give an instant after the opening")


def _wrong_places(data: dict[str, Any], faults: Faults) -> None:
    for path, row in _numbered(data, "venues"):
        if (row.get("latitude") is None) != (row.get("longitude") is None):
            faults.say(path, "give both latitude and longitude, or neither")
    for path, row in _numbered(data, "travel_times"):
        if row["from"] == row["to"]:
            faults.say(f"{path}.to", "give another venue than the one it starts from")


def _wrong_people(data: dict[str, Any], faults: Faults) -> None:
    for path, item in _numbered(data, "items"):
        for where, person in _numbered(item, "people", path):
            if person.get("given") is None and person.get("family") is None:
                faults.say(where, 'give a name: "given", "family" or both')


def _wrong_times(data: dict[str, Any], faults: Faults) -> None:
    for path, item in _numbered(data, "items"):
        ends = [_ask_moment(item[end], f"{path}.{end}", faults) for end in ("starts", "ends")]
        if ends[0] is not None and ends[1] is not None and ends[1] <= ends[0]:
            faults.say(f"{path}.ends", "give an end after the start, compared as instants")


def _ask_moment(end: dict[str, Any], path: str, faults: Faults) -> datetime | None:
    if as_local(end["local"]) is None:
        faults.say(f"{path}.local", "write the wall time as 2017-10-30T09:30, without a zone")
        return None
    try:
        return moment(end)
    except clock.WallTimeMissing as error:
        nearest = f"{error.before:%Y-%m-%dT%H:%M} or {error.after:%Y-%m-%dT%H:%M}"
        faults.say(f"{path}.local", f"the clocks of {end['zone']} skip it: take {nearest}")
    except clock.WallTimeTwice:
        mend = f'the clocks of {end["zone"]} show it twice: add "fold", 0 the first, 1 the second'
        faults.say(f"{path}.local", mend)
    return None
