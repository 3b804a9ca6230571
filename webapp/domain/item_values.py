"""What an organizer says of one item of the agenda, and how it becomes columns, facts and back."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from webapp import clock
from webapp.db import Facts, Words
from webapp.errors import DomainError
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemKind,
    ItemRole,
    ItemState,
    Mode,
)


class EndsBeforeStart(DomainError):
    """The end is not later than the start, compared as instants."""


class TimeRefused(DomainError):
    """One end of the item has a time that cannot stand; `end` is "starts" or "ends", and `cause`
    a clock.UnknownZone, clock.WallTimeMissing or clock.WallTimeTwice."""

    def __init__(self, end: str, cause: DomainError) -> None:
        super().__init__(f"{end}: {cause}")
        self.end = end
        self.cause = cause


@dataclass(frozen=True, slots=True)
class ItemValues:
    """What an organizer says of an item. Times are naive wall times with their zone; a fold of
    None means that nobody was asked which pass of a repeated hour is meant. `call_minutes` and
    `capacity` are at least 1. `people` are (id of a Person, what they do), in order; `company_ids`
    are Organizations, for the audience `companies`."""

    kind: ItemKind
    title: Words
    starts_local: datetime
    starts_zone: str
    ends_local: datetime
    ends_zone: str
    starts_fold: int | None = None
    ends_fold: int | None = None
    description: Words | None = None
    audience: Audience = Audience.EVERYBODY
    state: ItemState = ItemState.CONFIRMED
    attendance: Attendance = Attendance.MANDATORY
    capacity: int | None = None
    languages: tuple[str, ...] = ()
    stop_id: int | None = None
    venue_id: int | None = None
    room_id: int | None = None
    place: str | None = None
    host_id: int | None = None
    track_id: int | None = None
    meeting_point: Words | None = None
    call_minutes: int | None = None
    mode: Mode | None = None
    service: str | None = None
    vehicle: str | None = None
    to_venue_id: int | None = None
    to_place: str | None = None
    people: tuple[tuple[int, ItemRole], ...] = ()
    company_ids: tuple[int, ...] = ()
    internal_note: str | None = None
    invites: bool = True


# Not columns: rows of their own.
ROWS = frozenset({"people", "company_ids"})


def columns(values: ItemValues) -> dict[str, Any]:
    """The columns of AgendaItem that `values` fills, with the instants derived from the wall
    times. Raises TimeRefused or EndsBeforeStart."""
    starts_at = moment("starts", values.starts_local, values.starts_zone, values.starts_fold)
    ends_at = moment("ends", values.ends_local, values.ends_zone, values.ends_fold)
    if ends_at <= starts_at:
        raise EndsBeforeStart
    said = {f.name: getattr(values, f.name) for f in fields(values) if f.name not in ROWS}
    return said | {
        "languages": list(values.languages),
        "starts_fold": _fold(values.starts_local, values.starts_zone, values.starts_fold),
        "ends_fold": _fold(values.ends_local, values.ends_zone, values.ends_fold),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def moment(end: str, local: datetime, zone: str, fold: int | None) -> datetime:
    """The instant of one end of an item, aware UTC. Raises TimeRefused naming the end."""
    try:
        return clock.instant(local, zone, fold)
    except (clock.UnknownZone, clock.WallTimeMissing, clock.WallTimeTwice) as error:
        raise TimeRefused(end, error) from error


def of(item: AgendaItem) -> ItemValues:
    """What the item says now: `agendas.change(item, of(item), ...)` changes nothing."""
    said = {f.name: getattr(item, f.name) for f in fields(ItemValues) if f.name not in ROWS}
    return ItemValues(
        **said
        | {
            "languages": tuple(item.languages),
            "people": tuple((each.person_id, each.role) for each in item.people),
            "company_ids": tuple(item.organization_ids),
        }
    )


def facts(values: ItemValues) -> Facts:
    """`values` as JSON holds them: for the audit, undoing and restoring."""
    return {field.name: _plain(getattr(values, field.name)) for field in fields(values)}


def from_facts(said: Facts) -> ItemValues:
    """The values that `facts` wrote; what was not known when it did has its default."""
    known = {field.name for field in fields(ItemValues)}
    values = {name: value for name, value in said.items() if name in known}
    for name, kind in _KINDS.items():
        if values.get(name) is not None:
            values[name] = kind(values[name])
    return ItemValues(**values)


_KINDS: dict[str, Any] = {
    "kind": ItemKind,
    "title": Words,
    "description": Words,
    "meeting_point": Words,
    "starts_local": datetime.fromisoformat,
    "ends_local": datetime.fromisoformat,
    "audience": Audience,
    "state": ItemState,
    "attendance": Attendance,
    "mode": Mode,
    "languages": tuple,
    "people": lambda pairs: tuple((person, ItemRole(role)) for person, role in pairs),
    "company_ids": tuple,
}


def _fold(local: datetime, zone: str, fold: int | None) -> int:
    """The second pass is kept only where there is one: a time that moved away forgets it."""
    return 1 if fold and clock.is_doubled(local, zone) else 0


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
    return value
