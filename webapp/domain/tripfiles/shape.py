"""Version 1 of the trip file: what it may hold. What has to agree inside it stands in `meaning`."""

from typing import Any

from webapp.domain import criteria, prices, question_rules
from webapp.domain.clashes.rules import Level, Rule
from webapp.domain.clashes.settings import LONGEST_MARGIN, LONGEST_WAY
from webapp.domain.tripfiles import forms
from webapp.domain.tripfiles.faults import Faults, FileFaults
from webapp.domain.tripfiles.meaning import agree
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
    language,
    needed,
    optional,
    slug,
    speed,
    text,
    truth,
    unique_id,
    url,
    whole,
    words,
    zone,
)
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemKind,
    ItemRole,
    ItemState,
    Mode,
)
from webapp.models.basis import Basis, Source
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.person import Person
from webapp.models.place import Room, Stop, Venue
from webapp.models.trip import TripState

VERSION = 1
COLORS = ("navy", "teal", "coral", "ochre", "plum", "olive", "sky", "slate")
MOST_PLACES = 100_000
LONGEST_CALL = 1_440  # minutes

BASED = {
    "basis": optional(choice(Basis)),
    "basis_note": optional(words()),
    "sources": optional(each(key)),
}
CLASHES = {
    "levels": optional(fields({rule.value: optional(choice(Level)) for rule in Rule})),
    "speeds": optional(fields({mode.value: optional(speed) for mode in Mode})),
    "margin_minutes": optional(whole(0, LONGEST_MARGIN)),
    "arrival_minutes": optional(whole(0, LONGEST_MARGIN)),
}
TRIP = {
    "slug": needed(slug),
    "title": needed(words(TITLE)),
    "summary": needed(words()),
    "kind": optional(words(TITLE)),
    "state": optional(choice(TripState)),
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
    "is_template": optional(truth),
    "clashes": optional(fields(CLASHES)),
    "registration": optional(fields(forms.REGISTRATION)),
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
ROOM = {
    "key": needed(key),
    "name": needed(fits(Room.name)),
    "capacity": optional(whole(1, MOST_PLACES)),
    "access": optional(words()),
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
    "capacity": optional(whole(1, MOST_PLACES)),
    "contact": optional(fits(Venue.contact)),
    "rooms": optional(each(fields(ROOM))),
    **BASED,
}
TRAVEL_TIME = {
    "from": needed(key),
    "to": needed(key),
    "minutes": needed(whole(0, LONGEST_WAY)),
}
TRACK = {"key": needed(key), "name": needed(words(TITLE)), "color": needed(choice(COLORS))}
MOMENT = {"local": needed(text(19)), "zone": needed(zone), "fold": optional(whole(0, 1))}
PERSON = {
    "given": optional(fits(Person.given_name)),
    "family": optional(fits(Person.family_name)),
    "role": needed(choice(ItemRole)),
    **BASED,
}
TO = {"venue": optional(key), "place": optional(fits(AgendaItem.to_place))}
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
    "room": optional(key),
    "place": optional(fits(AgendaItem.place)),
    "to": optional(fields(TO)),
    "mode": optional(choice(Mode)),
    "service": optional(fits(AgendaItem.service)),
    "vehicle": optional(fits(AgendaItem.vehicle)),
    "host": optional(key),
    "people": optional(each(fields(PERSON))),
    "track": optional(key),
    "companies": optional(each(key, once=True)),
    "attendance": optional(choice(Attendance)),
    "capacity": optional(whole(1, MOST_PLACES)),
    "languages": optional(each(language, once=True)),
    "meeting_point": optional(words()),
    "call": optional(whole(1, LONGEST_CALL)),
    "invites": optional(truth),
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
    "travel_times": TRAVEL_TIME,
    "tracks": TRACK,
    "items": ITEM,
    "questions": forms.QUESTION,
    "criteria": forms.CRITERION,
    "prices": forms.PRICE,
}
MOST = {
    "questions": question_rules.MOST_QUESTIONS,
    "criteria": criteria.MOST_CRITERIA,
    "prices": prices.MOST_ITEMS,
}
MOST_ROWS = 5_000
FILE = fields(
    {
        "escale": needed(whole(VERSION, VERSION)),
        "trip": needed(fields(TRIP)),
        **{
            name: optional(each(fields(shape), MOST.get(name, MOST_ROWS)))
            for name, shape in LISTS.items()
        },
    }
)


def check(data: Any) -> dict[str, Any]:
    """`data` itself, when it is a trip file of version 1. Raises FileFaults holding all faults."""
    faults = Faults()
    FILE(data, "$", faults)
    if not faults:  # what follows relies on the shape
        agree(data, faults)
    if faults:
        raise FileFaults(faults)
    checked: dict[str, Any] = data
    return checked
