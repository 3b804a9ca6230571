"""What changed in a session, before and after, in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask_babel import gettext as _

from webapp import i18n
from webapp.domain import item_words
from webapp.domain.differences import Difference
from webapp.domain.item_words import ATTENDANCES, ITEM_KINDS, ITEM_STATES
from webapp.models.agenda import AgendaItem
from webapp.models.release import ReleaseItem

Item = ReleaseItem | AgendaItem


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed: what it is called, and both texts. An empty one means: none."""

    name: str
    before: str
    after: str


def told(differences: Iterable[Difference]) -> list[tuple[Difference, list[Line]]]:
    """The differences with their lines, without those of which a reader of the language spoken
    could not tell what changed: a word in another one, or the color of a track."""
    said = [(each, lines(each)) for each in differences]
    return [(each, found) for each, found in said if found or _says_all(each)]


def lines(difference: Difference) -> list[Line]:
    """What changed in an item that is there before and after; nothing for one that is not, and
    nothing of what a reader could not tell apart."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return []
    fields = set(difference.fields)
    if before.is_cancelled != after.is_cancelled:
        fields.discard("state")  # it is said in a sentence
    found = [
        Line(name, say(before), say(after))
        for name, wanted, say in _parts()
        if not fields.isdisjoint(wanted)
    ]
    return [line for line in found if line.before != line.after]


class Timed(Protocol):
    """What has agreed times, each with its zone."""

    @property
    def starts_local(self) -> datetime: ...
    @property
    def starts_zone(self) -> str: ...
    @property
    def starts_fold(self) -> int: ...
    @property
    def ends_local(self) -> datetime: ...
    @property
    def ends_zone(self) -> str: ...
    @property
    def ends_fold(self) -> int: ...
    @property
    def days_later(self) -> int: ...


def when(item: Timed) -> str:
    """Its times, each with its zone: "Monday, October 30, 2017, 9:00 AM to 10:30 AM (Paris time,
    UTC+1)"."""
    start_zone = i18n.zone_name(item.starts_zone, item.starts_local, item.starts_fold)
    end_zone = i18n.zone_name(item.ends_zone, item.ends_local, item.ends_fold)
    said = {
        "date": i18n.date_long(item.starts_local),
        "start": i18n.clock_time(item.starts_local),
        "end": f"{i18n.clock_time(item.ends_local)} {i18n.days_apart(item.days_later)}".strip(),
        "zone": start_zone,
    }
    if start_zone == end_zone:
        return _("%(date)s, %(start)s to %(end)s (%(zone)s)", **said)
    return _("%(date)s, %(start)s (%(zone)s) to %(end)s (%(end_zone)s)", **said, end_zone=end_zone)


def where(item: Item) -> str:
    """Place, room and address on one line."""
    parts = [item.place_name, item.room_name, item.place_address or item.city]
    return ", ".join(part for part in parts if part)


def _says_all(difference: Difference) -> bool:
    """Whether it says something without a line: that it is new, off, on again or gone."""
    before, after = difference.before, difference.after
    return before is None or after is None or before.is_cancelled != after.is_cancelled


def _parts() -> tuple[tuple[str, tuple[str, ...], Callable[[Any], str]], ...]:
    """What may change: its name, the fields that make it up, and how to say it."""
    times = ("starts_at", "starts_local", "starts_zone", "ends_at", "ends_local", "ends_zone")
    places = ("place_name", "place_address", "city", "room_name")
    arrival = ("to_place_name", "to_place_address", "to_city")
    return (
        (_("Time"), (*times, "starts_fold", "ends_fold"), when),
        (_("Place"), places, where),
        (_("Place of arrival"), arrival, item_words.destination),
        (_("Title"), ("title",), lambda item: i18n.words(item.title)),
        (_("Meeting point"), ("meeting_point", "call_minutes"), item_words.meeting),
        (_("State"), ("state",), lambda item: str(ITEM_STATES[item.state])),
        (_("Kind"), ("kind",), lambda item: str(ITEM_KINDS[item.kind])),
        (_("Attendance"), ("attendance",), lambda item: str(ATTENDANCES[item.attendance])),
        (_("Places"), ("capacity",), item_words.capacity),
        (_("Transport"), ("mode", "service", "vehicle"), item_words.transport),
        (_("Languages"), ("languages",), item_words.languages),
        (_("Host"), ("host_name",), item_words.host),
        (_("People"), ("people_named",), lambda item: "; ".join(item_words.people(item))),
        (_("Track"), ("track_name",), lambda item: i18n.words(item.track_name)),
        (_("Access"), ("place_access",), lambda item: i18n.words(item.place_access)),
        (_("Description"), ("description",), lambda item: i18n.words(item.description)),
        (_("Note"), ("basis_note",), lambda item: i18n.words(item.basis_note)),
    )
