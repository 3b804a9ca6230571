"""An agenda as plain values, which is all that the engine knows: no database, no web."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from webapp.domain.clashes.rules import Rule
from webapp.models.agenda import Mode

# km/h from door to door, and so many km by road or rail for each km as the crow flies.
SPEEDS: Mapping[Mode, float] = {
    Mode.WALK: 4.5,
    Mode.COACH: 60,
    Mode.CAR: 70,
    Mode.TRAIN: 130,
    Mode.BOAT: 30,
    Mode.FLIGHT: 750,
}
DETOURS: Mapping[Mode, float] = {
    Mode.WALK: 1.3,
    Mode.COACH: 1.3,
    Mode.CAR: 1.3,
    Mode.TRAIN: 1.2,
    Mode.BOAT: 1.1,
    Mode.FLIGHT: 1.0,
}


class Who(StrEnum):
    """Whom a clash concerns, the widest first: a clash of everybody is told of nobody else."""

    EVERYBODY = "everybody"
    TRACK = "track"
    COMPANY = "company"
    PERSON = "person"
    VEHICLE = "vehicle"
    SELF = "self"  # the reader


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is. Two places are one when their `key` is the same; `number` is that of
    the venue, for the travel matrix. Latitude and longitude in decimal degrees."""

    key: str
    name: str
    city: str = ""
    country: str | None = None
    zone: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    capacity: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a venue; `capacity` in people."""

    number: int
    name: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """The stop that an item belongs to: local dates, both inclusive."""

    city: str
    zone: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class End:
    """One end of an item: the wall time agreed on, the instant that is stored for it (aware UTC),
    and the place, None where it is not known. A fold of None: nobody was asked which pass."""

    local: datetime
    zone: str
    fold: int | None
    at: datetime
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)  # itself and no other: quick as a key
class Visit:
    """One item of the agenda, not cancelled. `number` is what parties know it by: a small one is
    quicker than a uid. `carries`: it takes people elsewhere. `call_minutes`: how long before the
    start they are to be at its place, None when they meet elsewhere."""

    uid: UUID
    number: int
    starts: End
    ends: End
    carries: bool = False
    is_free: bool = False
    mode: Mode | None = None
    room: Room | None = None
    host: tuple[int, str] | None = None
    vehicle: str | None = None
    call_minutes: int | None = None
    capacity: int | None = None
    stay: Stay | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody, and the numbers of the items they are in. PERSON stands for one human; the others
    for people who are not there yet. `works_in` are the items in which a person does something,
    and so takes no place of a delegate. `label` is a name, or a text in several languages."""

    who: Who
    number: int
    label: str | Mapping[str, str]
    items: frozenset[int]
    works_in: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Travel:
    """How ways are judged: km/h by mode, minutes on top of every way, minutes after a flight from
    abroad, and the organizer's own minutes by (from, to) venue."""

    speeds: Mapping[Mode, float] = field(default_factory=lambda: SPEEDS)
    margin: int = 10
    arrival: int = 45
    matrix: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that `find` looks at. Dates are local to `zone`, both inclusive; `zones` are those of
    the stops. `rules` are those to look for."""

    visits: tuple[Visit, ...]
    parties: tuple[Party, ...] = ()
    travel: Travel = field(default_factory=Travel)
    zone: str | None = None
    home_zone: str | None = None
    zones: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    rules: frozenset[Rule] = frozenset(Rule)


@dataclass(frozen=True, slots=True)
class Found:
    """A breach of a rule: by which items in order of start, when, and what a sentence about it
    says. `key` is 64 hex digits of the rule and of the times, places and people of its items."""

    rule: Rule
    uids: tuple[UUID, ...]
    at: datetime
    facts: dict[str, Any]
    key: str
