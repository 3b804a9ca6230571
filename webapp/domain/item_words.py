"""What an item says beside its title, times and place, in the sentences that pages and calendars
share. Empty where there is nothing to say. Speak the reader's language around the call."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp import i18n
from webapp.models.agenda import AgendaItem, Attendance, ItemKind, ItemRole, ItemState, Mode
from webapp.models.release import ReleaseItem

ITEM_KINDS: dict[StrEnum, Any] = {
    ItemKind.BRIEFING: _l("Briefing"),
    ItemKind.VISIT: _l("Site visit"),
    ItemKind.MEETINGS: _l("Meetings"),
    ItemKind.PANEL: _l("Panel"),
    ItemKind.FAIR: _l("Trade fair"),
    ItemKind.RECEPTION: _l("Reception"),
    ItemKind.CEREMONY: _l("Ceremony"),
    ItemKind.MEAL: _l("Meal"),
    ItemKind.TRANSFER: _l("Transfer"),
    ItemKind.TRAVEL: _l("Travel"),
    ItemKind.CALL: _l("Call"),
    ItemKind.FREE: _l("Free time"),
}
ATTENDANCES: dict[StrEnum, Any] = {
    Attendance.MANDATORY: _l("Part of the program"),
    Attendance.OPTIONAL: _l("Optional"),
}
ITEM_STATES: dict[StrEnum, Any] = {
    ItemState.CONFIRMED: _l("Confirmed"),
    ItemState.TENTATIVE: _l("To be confirmed"),
    ItemState.CANCELLED: _l("Cancelled"),
}
MODES: dict[StrEnum, Any] = {
    Mode.FLIGHT: _l("Flight"),
    Mode.TRAIN: _l("Train"),
    Mode.COACH: _l("Coach"),
    Mode.CAR: _l("Car"),
    Mode.BOAT: _l("Boat"),
    Mode.WALK: _l("On foot"),
}
ITEM_ROLES: dict[StrEnum, Any] = {
    ItemRole.HOST: _l("Host"),
    ItemRole.SPEAKER: _l("Speaker"),
    ItemRole.INTERPRETER: _l("Interpreter"),
    ItemRole.GUIDE: _l("Guide"),
}


def meeting(item: ReleaseItem | AgendaItem) -> str:
    """Where and when to be before it starts: "Be there at 8:15 AM: hotel lobby."."""
    # It ends these sentences, which bring a full stop of their own.
    point, at = i18n.words(item.meeting_point).strip().removesuffix("."), item.call_local
    if at is None:
        return _("Meeting point: %(point)s.", point=point) if point else ""
    apart = i18n.days_apart((at.date() - item.starts_local.date()).days)
    time = f"{i18n.clock_time(at)} {apart}".strip()
    if point:
        return _("Be there at %(time)s: %(point)s.", time=time, point=point)
    return _("Be there at %(time)s.", time=time)


def host(item: ReleaseItem | AgendaItem) -> str:
    """Which organization receives."""
    return _("Received by %(host)s", host=item.host_name) if item.host_name else ""


def people(item: ReleaseItem | AgendaItem) -> list[str]:
    """A line for each role, in the order of the roles: "Speaker: Ann Lee and Bo Chi"."""
    names: dict[str, list[str]] = {}
    for each in item.people_named:
        names.setdefault(each["role"], []).append(each["name"])
    return [
        _("%(role)s: %(names)s", role=ITEM_ROLES[role], names=i18n.listed(names[role.value]))
        for role in ItemRole
        if role.value in names
    ]


def languages(item: ReleaseItem | AgendaItem) -> str:
    """What is spoken: "In English and French"."""
    if not item.languages:
        return ""
    return _("In %(languages)s", languages=i18n.listed(map(i18n.language_name, item.languages)))


def transport(item: ReleaseItem | AgendaItem) -> str:
    """By what a leg goes: "Flight AF 69", "Coach, Coach 1"."""
    parts = [item.service or "", item.vehicle or ""]
    if item.mode is None:
        return ", ".join(part for part in parts if part)
    mode = str(MODES[item.mode])
    if item.service:
        mode = _("%(mode)s %(service)s", mode=mode, service=item.service)
    return ", ".join(part for part in (mode, item.vehicle) if part)


def capacity(item: ReleaseItem | AgendaItem) -> str:
    """How many it takes: "20 places"."""
    if item.capacity is None:
        return ""
    return ngettext("%(num)d place", "%(num)d places", item.capacity)


def destination(item: ReleaseItem | AgendaItem) -> str:
    """Where a leg ends, on one line: place, address or city."""
    where = item.to_place_address or item.to_city or ""
    return ", ".join(part for part in (item.to_place_name or "", where) if part)


def when(item: ReleaseItem | AgendaItem) -> str:
    """Its times with their zone: "9:00 AM – 10:30 AM (Paris time, UTC+1)"; with both where it ends
    in another one, or after the clocks were changed."""
    start_zone = i18n.zone_name(item.starts_zone, item.starts_local, item.starts_fold)
    end_zone = i18n.zone_name(item.ends_zone, item.ends_local, item.ends_fold)
    start = i18n.clock_time(item.starts_local)
    later = i18n.days_apart(item.days_later)
    end = f"{i18n.clock_time(item.ends_local)} {later}".strip()
    if start_zone == end_zone:
        return _("%(start)s – %(end)s (%(zone)s)", start=start, end=end, zone=start_zone)
    return _(
        "%(start)s (%(start_zone)s) – %(end)s (%(end_zone)s)",
        start=start,
        start_zone=start_zone,
        end=end,
        end_zone=end_zone,
    )


def where(item: ReleaseItem | AgendaItem) -> str:
    """Its place on one line: name, room, address or city; of a leg both its ends."""
    address = item.place_address or item.city or ""
    place = ", ".join(p for p in (item.place_name or "", item.room_name or "", address) if p)
    to = destination(item)
    if item.is_leg and place and to:
        return _("From %(start)s to %(end)s", start=place, end=to)
    return place or to


def sheet(item: ReleaseItem, *, meets: bool) -> list[str]:
    """What one has to know of it besides its times and its title: where, where to meet (if the
    reader `meets` the others there), by what, how one gets in, who receives, what is spoken."""
    lines = [
        where(item),
        meeting(item) if meets else "",
        transport(item),
        i18n.words(item.place_access),
        host(item),
        languages(item),
    ]
    return [line for line in lines if line]


def roles(found: Iterable[ItemRole]) -> str:
    """What somebody does in it: "Host and Speaker"."""
    return i18n.listed(str(ITEM_ROLES[role]) for role in found)
