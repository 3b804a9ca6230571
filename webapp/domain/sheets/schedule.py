"""The published agenda as programs for conferences read it: frab's schedule, as JSON and as XML.

The shape is that of https://c3voc.de/schedule/schema.json and of the XML schema beside it, which
frab, pretalx and the apps for attendees share. Only what everybody may see is in it (rule 4).
"""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as Xml
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webapp import addresses, i18n
from webapp.domain import entries, published
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

SCHEMA = "https://c3voc.de/schedule/schema.json"
GENERATOR = {"name": "escale", "version": "1"}
SLOT = "00:05"
# What no XML document can hold, however it is written.
UNWRITABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
Facts = dict[str, Any]


def as_json(trip: Trip, language: str) -> Facts:
    """The schedule of a trip as JSON holds it; days without a session are there, and empty.

    What is called off is left out: the format has no word for it, and readers would go there.
    """
    with i18n.speaking(language):
        items = [item for item in published.items(trip) if not item.is_cancelled]
        if trip.state.value == "cancelled":
            items = []
        rooms = {item.uid: _room(item, language) for item in items}
        days = _days(trip, items, rooms, language)
        return {
            "$schema": SCHEMA,
            "generator": GENERATOR,
            "schedule": {
                "version": str(trip.release.number if trip.release else 0),
                "base_url": addresses.trip(trip.slug),
                "conference": {
                    "acronym": trip.slug.replace("-", "_"),
                    "title": _title(trip, language),
                    "description": trip.summary.pick(language),
                    "start": days[0]["date"],
                    "end": days[-1]["date"],
                    "daysCount": len(days),
                    "timeslot_duration": SLOT,
                    "time_zone_name": trip.zone,
                    "url": addresses.agenda(trip.slug),
                    "rooms": [
                        {"name": name, "guid": str(uuid.uuid5(trip.uid, name))}
                        for name in dict.fromkeys(rooms.values())
                    ],
                    "tracks": [
                        {"name": name} for name in dict.fromkeys(_track(i, language) for i in items)
                        if name
                    ],
                    "days": days,
                },
            },
        }  # fmt: skip


def as_xml(trip: Trip, language: str) -> bytes:
    """The same schedule as XML, in UTF-8."""
    said = as_json(trip, language)["schedule"]
    conference = said["conference"]
    root = Xml.Element("schedule")
    Xml.SubElement(root, "generator", GENERATOR)
    _put(root, "version", said["version"])
    head = Xml.SubElement(root, "conference")
    for name in ("title", "acronym", "start", "end"):
        _put(head, name, conference[name])
    _put(head, "days", str(conference["daysCount"]))
    _put(head, "timeslot_duration", conference["timeslot_duration"])
    _put(head, "base_url", said["base_url"])
    _put(head, "time_zone_name", conference["time_zone_name"])
    for day in conference["days"]:
        marks = {"index": str(day["index"]), "date": day["date"]}
        marks |= {"start": day["day_start"], "end": day["day_end"]}
        there = Xml.SubElement(root, "day", marks)
        for name, events in day["rooms"].items():
            room = Xml.SubElement(there, "room", {"name": _clean(name)})
            for event in events:
                _event_element(room, event)
    Xml.indent(root)
    body: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _event_element(room: Xml.Element, event: Facts) -> None:
    element = Xml.SubElement(room, "event", {"id": str(event["id"]), "guid": event["guid"]})
    for name in ("room", "title", "subtitle", "type", "date", "start", "duration", "abstract"):
        _put(element, name, event[name])
    for name in ("slug", "track", "language", "description", "url"):
        _put(element, name, event[name])
    people = Xml.SubElement(element, "persons")
    for person in event["persons"]:
        _put(people, "person", person["name"])
    links = Xml.SubElement(element, "links")
    for link in event["links"]:
        _put(links, "link", link["title"]).set("href", link["url"])


def _put(parent: Xml.Element, name: str, text: str | None) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = _clean(text or "")
    return element


def _clean(text: str) -> str:
    return UNWRITABLE.sub("", text)


def _title(trip: Trip, language: str) -> str:
    title = trip.title.pick(language)
    if trip.is_sample:
        return _("%(title)s (illustrative sample)", title=title)
    return title


def _days(
    trip: Trip, items: Sequence[ReleaseItem], rooms: dict[uuid.UUID, str], language: str
) -> list[Facts]:
    """Every date of the trip and every other on which something starts, each in its own zone."""
    length = (trip.ends_on - trip.starts_on).days
    dates = {trip.starts_on + timedelta(days=n) for n in range(length + 1)}
    dates |= {item.starts_local.date() for item in items}
    days = []
    for index, on in enumerate(sorted(dates), start=1):
        here = [item for item in items if item.starts_local.date() == on]
        by_room: dict[str, list[Facts]] = {}
        for item in sorted(here, key=lambda item: (item.starts_at, str(item.uid))):
            by_room.setdefault(rooms[item.uid], []).append(
                _event(trip, item, rooms[item.uid], language)
            )
        starts, ends = _bounds(on, here, ZoneInfo(trip.zone))
        days.append(
            {
                "index": index,
                "date": on.isoformat(),
                "day_start": starts.isoformat(),
                "day_end": ends.isoformat(),
                "rooms": by_room,
            }
        )
    return days


def _bounds(on: date, items: Sequence[ReleaseItem], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight on the trip's clocks, and as far beyond as its items reach."""
    midnight = datetime.combine(on, time(), zone)
    next_one = datetime.combine(on + timedelta(days=1), time(), zone)
    starts = min([midnight, *(_aware(i.starts_local, i.starts_zone, i.starts_fold) for i in items)])
    ends = max([next_one, *(_aware(i.ends_local, i.ends_zone, i.ends_fold) for i in items)])
    return starts, ends


def _event(trip: Trip, item: ReleaseItem, room: str, language: str) -> Facts:
    title = item.title.pick(language)
    number = item.uid.int >> 97  # 31 bits: the format wants a number beside the guid
    return {
        "guid": str(item.uid),
        "id": number or 1,
        "date": _aware(item.starts_local, item.starts_zone, item.starts_fold).isoformat(),
        "start": item.starts_local.strftime("%H:%M"),
        "duration": _duration(item),
        "room": room,
        "slug": _slug(trip, number, title),
        "url": addresses.item(trip.slug, item.uid),
        "title": title,
        "subtitle": _("Illustrative sample") if item.is_sample else "",
        "track": _track(item, language),
        "type": item.kind.value,
        "language": item.languages[0] if item.languages else language,
        "abstract": "",
        "description": entries.entry(trip, item, language).description,
        "persons": [
            {"name": person["name"], "public_name": person["name"]} for person in item.people_named
        ],
        "links": [{"title": _("Calendar file"), "url": addresses.item_file(trip.slug, item.uid)}],
    }


def _track(item: ReleaseItem, language: str) -> str:
    return item.track_name.pick(language) if item.track_name else ""


def _room(item: ReleaseItem, language: str) -> str:
    """Where it is, in one name: venue and room, else the place or the city."""
    place = " \N{EN DASH} ".join(part for part in (item.place_name, item.room_name) if part)
    return place or item.city or _("To be announced")


def _aware(local: datetime, zone: str, fold: int) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=fold)


def _duration(item: ReleaseItem) -> str:
    minutes = int((item.ends_at - item.starts_at).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _slug(trip: Trip, number: int, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return "-".join(part for part in (trip.slug, str(number), words) if part)
