"""Version 1 of the trip file: what it may hold, and what has to agree inside it."""

from collections import Counter
from datetime import datetime
from typing import Any

from webapp import clock
from webapp.domain.tripfiles.faults import Faults, FileFaults
from webapp.domain.tripfiles.rules import (
    LONG_TEXT,
    TITLE,
    choice,
    country,
    day,
    degrees,
    each,
    email,
    fields,
    fits,
    instant,
    key,
    needed,
    optional,
    slug,
    text,
    unique_id,
    url,
    whole,
    words,
    zone,
)
from webapp.domain.tripfiles.values import as_day, as_instant, as_local
from webapp.models.agenda import AgendaItem, Audience, ItemKind, ItemState
from webapp.models.basis import Basis, Source
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.place import Stop, Venue
from webapp.models.trip import TripState

VERSION = 1
COLORS = ("navy", "teal", "coral", "ochre", "plum", "olive", "sky", "slate")
MOST_PLACES = 100_000

BASED = {
    "basis": optional(choice(Basis)),
    "basis_note": optional(words()),
    "sources": optional(each(key)),
}
# Not "cancelled": a file would call a tour off without calling off its sessions.
FILE_STATES = (TripState.DRAFT, TripState.ANNOUNCED, TripState.WITHDRAWN)
TRIP = {
    "slug": needed(slug),
    "title": needed(words(TITLE)),
    "summary": needed(words()),
    "kind": optional(words(TITLE)),
    "state": optional(choice(FILE_STATES)),
    "starts_on": needed(day),
    "ends_on": needed(day),
    "zone": needed(zone),
    "home_zone": optional(zone),
    "max_delegates": optional(whole(1, MOST_PLACES)),
    "max_organizations": optional(whole(1, MOST_PLACES)),
    "max_per_organization": optional(whole(1, MOST_PLACES)),
    "registration_opens_at": optional(instant),
    "registration_closes_at": optional(instant),
    "contact_email": optional(email),
    **BASED,
}
SOURCE = {
    "key": needed(key),
    "title": needed(fits(Source.title)),
    "publisher": needed(fits(Source.publisher)),
    "published": optional(fits(Source.published)),
}
ALIAS = {"name": needed(fits(OrganizationAlias.name)), "note": optional(words())}
ORGANIZATION = {
    "key": needed(key),
    "name": needed(fits(Organization.name)),
    "kind": needed(choice(OrganizationKind)),
    "country": optional(country),
    "city": optional(fits(Organization.city)),
    "website": optional(url),
    "about": optional(words()),
    "aliases": optional(each(fields(ALIAS))),
    **BASED,
}
PARTNER = {"organization": needed(key), "role": needed(words(TITLE)), **BASED}
MEMBER = {"organization": needed(key), "note": optional(words()), **BASED}
STOP = {
    "key": needed(key),
    "city": needed(fits(Stop.city)),
    "country": needed(country),
    "zone": needed(zone),
    "starts_on": needed(day),
    "ends_on": needed(day),
    "note": optional(words()),
    "local_host": optional(key),
    **BASED,
}
VENUE = {
    "key": needed(key),
    "name": needed(fits(Venue.name)),
    "address": optional(fits(Venue.address)),
    "postal_code": optional(fits(Venue.postal_code)),
    "city": needed(fits(Venue.city)),
    "country": needed(country),
    "zone": needed(zone),
    "latitude": optional(degrees(90)),
    "longitude": optional(degrees(180)),
    "access": optional(words()),
    **BASED,
}
TRACK = {"key": needed(key), "name": needed(words(TITLE)), "color": needed(choice(COLORS))}
MOMENT = {"local": needed(text(19)), "zone": needed(zone), "fold": optional(whole(0, 1))}
ITEM = {
    "uid": optional(unique_id),
    "kind": needed(choice(ItemKind)),
    "audience": optional(choice(Audience)),
    "state": optional(choice(ItemState)),
    "title": needed(words(TITLE)),
    "description": optional(words()),
    "starts": needed(fields(MOMENT)),
    "ends": needed(fields(MOMENT)),
    "stop": optional(key),
    "venue": optional(key),
    "place": optional(fits(AgendaItem.place)),
    "track": optional(key),
    "internal_note": optional(text(LONG_TEXT)),
    **BASED,
}
LISTS = {
    "sources": SOURCE,
    "organizations": ORGANIZATION,
    "partners": PARTNER,
    "members": MEMBER,
    "stops": STOP,
    "venues": VENUE,
    "tracks": TRACK,
    "items": ITEM,
}
FILE = fields(
    {
        "escale": needed(whole(VERSION, VERSION)),
        "trip": needed(fields(TRIP)),
        **{name: optional(each(fields(shape))) for name, shape in LISTS.items()},
    }
)
REFERENCES = (
    ("partners", "organization", "organizations"),
    ("members", "organization", "organizations"),
    ("stops", "local_host", "organizations"),
    ("items", "stop", "stops"),
    ("items", "venue", "venues"),
    ("items", "track", "tracks"),
)
UNIQUE = (
    ("sources", "key"),
    ("organizations", "key"),
    ("stops", "key"),
    ("venues", "key"),
    ("tracks", "key"),
    ("items", "uid"),
    ("partners", "organization"),
    ("members", "organization"),
)


def check(data: Any) -> dict[str, Any]:
    """`data` itself, when it is a trip file of version 1. Raises FileFaults holding all faults."""
    faults = Faults()
    FILE(data, "$", faults)
    if not faults:  # what follows relies on the shape
        _twice(data, faults)
        _unknown(data, faults)
        _out_of_order(data, faults)
        _half_a_point(data, faults)
        _wrong_times(data, faults)
    if faults:
        raise FileFaults(faults)
    checked: dict[str, Any] = data
    return checked


def rows(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """One of the lists of a file, empty when it is left out."""
    return data.get(name) or []


def moment(end: dict[str, Any]) -> datetime:
    """The instant, aware UTC, of one end of an item. Raises what clock.instant raises."""
    local = as_local(end["local"])
    assert local is not None  # checked before
    return clock.instant(local, end["zone"], end.get("fold"))


def _twice(data: dict[str, Any], faults: Faults) -> None:
    for name, field in UNIQUE:
        counts = Counter(row.get(field) for row in rows(data, name))
        for number, row in enumerate(rows(data, name)):
            value = row.get(field)
            if value is not None and counts[value] > 1:
                faults.say(f"$.{name}[{number}].{field}", f'"{value}" stands twice: keep one')
    named = Counter(map(_name, rows(data, "organizations")))
    for number, row in enumerate(rows(data, "organizations")):
        if named[_name(row)] > 1:
            faults.say(f"$.organizations[{number}].name", f'"{row["name"]}" stands twice: keep one')
    placed = Counter(map(_spot, rows(data, "venues")))
    for number, row in enumerate(rows(data, "venues")):
        if placed[_spot(row)] > 1:
            faults.say(f"$.venues[{number}].name", f'"{row["name"]}" stands twice: keep one')


def _name(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["name"].lower(), row.get("country")


def _spot(row: dict[str, Any]) -> tuple[str, str]:
    return row["name"].lower(), row["city"].lower()


def _unknown(data: dict[str, Any], faults: Faults) -> None:
    for name, field, target in REFERENCES:
        known = {row["key"] for row in rows(data, target)}
        for number, row in enumerate(rows(data, name)):
            value = row.get(field)
            if value is not None and value not in known:
                faults.say(f"$.{name}[{number}].{field}", f'"{value}" is none of the {target}')
    known = {row["key"] for row in rows(data, "sources")}
    based = [("$.trip", data["trip"])] + [
        (f"$.{name}[{number}]", row)
        for name in LISTS
        if name != "sources"
        for number, row in enumerate(rows(data, name))
    ]
    for path, row in based:
        for number, value in enumerate(row.get("sources") or []):
            if value not in known:
                faults.say(f"{path}.sources[{number}]", f'"{value}" is none of the sources')


def _out_of_order(data: dict[str, Any], faults: Faults) -> None:
    dated = [("$.trip", data["trip"])]
    dated += [(f"$.stops[{number}]", row) for number, row in enumerate(rows(data, "stops"))]
    for path, row in dated:
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


def _half_a_point(data: dict[str, Any], faults: Faults) -> None:
    for number, row in enumerate(rows(data, "venues")):
        if (row.get("latitude") is None) != (row.get("longitude") is None):
            faults.say(f"$.venues[{number}]", "give both latitude and longitude, or neither")


def _wrong_times(data: dict[str, Any], faults: Faults) -> None:
    for number, item in enumerate(rows(data, "items")):
        path = f"$.items[{number}]"
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
