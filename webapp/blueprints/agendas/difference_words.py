"""What becomes of a session between two versions, field by field, for those who publish."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import i18n
from webapp.blueprints.labels import label
from webapp.db import Words
from webapp.domain import item_words
from webapp.domain.change_words import when
from webapp.domain.releases import Difference
from webapp.models.agenda import AgendaItem, Attendance, Audience, ItemState
from webapp.models.release import ReleaseItem

Item = ReleaseItem | AgendaItem
Told = list[str]  # lines

TIME = frozenset(
    ("starts_local", "starts_zone", "starts_fold", "ends_local", "ends_zone", "ends_fold")
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that differs: what it is called, and the lines of both sides; none: nothing."""

    name: str
    before: Told
    after: Told
    note: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What the ids in items stand for."""

    companies: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that may differ: its name, the fields that make it up, and how it is said."""

    name: Any
    fields: frozenset[str]
    say: Callable[[Item], Told]


def rows(difference: Difference, named: Named) -> list[Row]:
    """What differs, before and after. Of an item that is new or gone: when, where and for whom."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        item = difference.item
        return [row for key in _shown(item) if (row := _row(key, None, item, named)).after]
    fields = set(difference.fields)
    keys = [key for key, part in PARTS.items() if not fields.isdisjoint(part.fields)]
    if before.is_cancelled != after.is_cancelled:
        keys = [key for key in keys if key != "state"]  # it is said in a sentence
    return [_row(key, before, after, named, _note(key, fields)) for key in keys]


def company_ids(differences: Iterable[Difference]) -> set[int]:
    """The companies that stand in differences by number."""
    sides = (side for each in differences for side in (each.before, each.after) if side)
    return {number for side in sides for number in side.organization_ids}


def _shown(item: Item) -> list[str]:
    """What to say of an item that is new."""
    unusual = {
        "state": item.state != ItemState.CONFIRMED,
        "audience": item.audience != Audience.EVERYBODY,
        "companies": item.audience == Audience.COMPANIES,
        "attendance": item.attendance != Attendance.MANDATORY,
    }
    return [key for key in SHOWN if unusual.get(key, True)]


def _row(key: str, before: Item | None, after: Item, named: Named, note: str = "") -> Row:
    part = PARTS[key]
    say = partial(_companies, named) if key == "companies" else part.say
    return Row(str(part.name), say(before) if before else [], say(after), note)


def _note(key: str, fields: set[str]) -> str:
    if key != "time" or fields & TIME:
        return ""
    return _("Same local time, but the clocks of that place will stand otherwise than was known.")


def _one(text: str | None) -> Told:
    return [text] if text else []


def _words(texts: Words | None) -> Told:
    """Each language on a line, as a change may be in one of them only."""
    return list((texts or {}).values())


def _place(item: Item) -> Told:
    return _one(", ".join(filter(None, (item.place_name, item.place_address or item.city))))


def _position(item: Item) -> Told:
    return _coordinates(item.latitude, item.longitude)


def _arrival_position(item: Item) -> Told:
    return _coordinates(item.to_latitude, item.to_longitude)


def _coordinates(latitude: float | None, longitude: float | None) -> Told:
    return [] if latitude is None or longitude is None else [f"{latitude}, {longitude}"]


def _call(item: Item) -> Told:
    local = item.call_local
    return [] if local is None else [i18n.clock_time(local)]


def _companies(named: Named, item: Item) -> Told:
    gone = _("one that is gone")
    return sorted(named.companies.get(number, gone) for number in item.organization_ids)


def _basis(item: Item) -> Told:
    told = _words(item.basis_note) or ([_("Illustrative sample")] if item.is_sample else [])
    return told + _one(", ".join(item.sources))


def _plain(name: Any, field: str, say: Callable[[Any], str | None]) -> Part:
    """A part of one field that is said in one line."""
    return Part(name, frozenset({field}), lambda item: _said(getattr(item, field), say))


def _said(value: Any, say: Callable[[Any], str | None]) -> Told:
    return [] if value is None else _one(say(value))


def _texts(name: Any, field: str) -> Part:
    """A part of one field that is a text in several languages."""
    return Part(name, frozenset({field}), lambda item: _words(getattr(item, field)))


def _sentence(name: Any, say: Callable[[Item], str], *fields: str) -> Part:
    """A part that pages and calendars say in the same sentence."""
    return Part(name, frozenset(fields), lambda item: _one(say(item)))


def _label(value: StrEnum) -> str:
    return str(label(value))


# In the order in which they are shown.
PARTS = {
    "time": Part(_l("Time"), TIME | {"starts_at", "ends_at"}, lambda item: [when(item)]),
    "place": Part(_l("Place"), frozenset(("place_name", "place_address", "city")), _place),
    "position": Part(_l("Position"), frozenset(("latitude", "longitude")), _position),
    "room": _plain(_l("Room"), "room_name", str),
    "arrival": _sentence(
        _l("Place of arrival"),
        item_words.destination,
        *("to_place_name", "to_place_address", "to_city"),
    ),
    "arrival_position": Part(
        _l("Position of arrival"), frozenset(("to_latitude", "to_longitude")), _arrival_position
    ),
    "state": _plain(_l("State"), "state", _label),
    "title": _texts(_l("Title"), "title"),
    "description": _texts(_l("Description"), "description"),
    "kind": _plain(_l("Kind"), "kind", _label),
    "meeting_point": _texts(_l("Meeting point"), "meeting_point"),
    "call": Part(_l("Be there at"), frozenset({"call_minutes"}), _call),
    "transport": _sentence(_l("Transport"), item_words.transport, "mode", "service", "vehicle"),
    "access": _texts(_l("How to get in"), "place_access"),
    "audience": _plain(_l("Who may see it"), "audience", _label),
    "companies": Part(
        _l("Named companies"), frozenset({"organization_ids"}), partial(_companies, Named({}))
    ),
    "track": Part(
        _l("Track"),
        frozenset(("track_id", "track_name", "track_color")),
        lambda item: _words(item.track_name),
    ),
    "attendance": _plain(_l("Attendance"), "attendance", _label),
    "capacity": _sentence(_l("Places"), item_words.capacity, "capacity"),
    "languages": _sentence(_l("Spoken there"), item_words.languages, "languages"),
    "host": _plain(_l("Who receives"), "host_name", str),
    "people": Part(_l("People"), frozenset({"people_named"}), item_words.people),
    "basis": Part(_l("Where it comes from"), frozenset(("basis", "basis_note", "sources")), _basis),
}
SHOWN = (
    *("time", "place", "room", "arrival", "transport", "meeting_point", "state", "audience"),
    *("companies", "track", "attendance", "capacity", "people"),
)
