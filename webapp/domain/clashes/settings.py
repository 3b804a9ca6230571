"""How a trip judges clashes: levels by rule, speeds, margins, and ways that an organizer knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.clashes.plans import SPEEDS, Travel
from webapp.domain.clashes.rules import DEFAULTS, Level, Rule
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, Mode
from webapp.models.clash import TravelTime
from webapp.models.place import Venue
from webapp.models.trip import Trip

SLOWEST, FASTEST = 1, 1200  # km/h
LONGEST_MARGIN = 240  # minutes
LONGEST_WAY = 2880  # minutes


class OutOfRange(DomainError):
    """A speed or a time that nobody travels at; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SamePlace(DomainError):
    """A way leads from one venue to another."""


class NotInTrip(DomainError):
    """The agenda of the trip does not name this venue."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one trip judges: what it says, and the defaults for the rest."""

    levels: Mapping[Rule, Level]
    speeds: Mapping[Mode, float]
    margin: int
    arrival: int


def of(trip: Trip) -> Settings:
    """The settings of a trip. Anything stored that is no rule, level or speed is passed over."""
    levels = {rule: _level(trip.clash_levels.get(rule.value), rule) for rule in Rule}
    speeds = {mode: _speed(trip.travel_speeds.get(mode.value), mode) for mode in Mode}
    return Settings(levels, speeds, trip.margin_minutes, trip.arrival_minutes)


def set_levels(trip: Trip, levels: Mapping[Rule, Level], by: By) -> None:
    """Say how serious a breach of these rules is; the others keep their level. Audited."""
    trip = seats.hold(trip.id)
    wanted = {**of(trip).levels, **levels}
    said = {rule.value: wanted[rule].value for rule in Rule if wanted[rule] != DEFAULTS[rule]}
    _store(trip, {"clash_levels": said}, by)


def set_travel(
    trip: Trip, speeds: Mapping[Mode, float], margin_minutes: int, arrival_minutes: int, by: By
) -> None:
    """Say how fast people get along (km/h; other modes keep their speed), and how many minutes
    come on top of every way and after a flight from abroad. Audited. Raises OutOfRange."""
    for mode, speed in speeds.items():
        if not SLOWEST <= speed <= FASTEST:
            raise OutOfRange(mode.value)
    for name, given in (("margin_minutes", margin_minutes), ("arrival_minutes", arrival_minutes)):
        if not 0 <= given <= LONGEST_MARGIN:
            raise OutOfRange(name)
    trip = seats.hold(trip.id)
    wanted = {**of(trip).speeds, **speeds}
    said = {mode.value: wanted[mode] for mode in Mode if wanted[mode] != SPEEDS[mode]}
    _store(
        trip,
        {
            "travel_speeds": said,
            "margin_minutes": margin_minutes,
            "arrival_minutes": arrival_minutes,
        },
        by,
    )


def set_travel_time(
    trip: Trip, from_venue_id: int, to_venue_id: int, minutes: int, by: By
) -> TravelTime:
    """Say how long the way between two venues of the trip's agenda takes: it goes before what
    distance and speed say, and counts for the way back as long as that has no time of its own.
    Audited. Raises SamePlace, OutOfRange, or NotInTrip."""
    if from_venue_id == to_venue_id:
        raise SamePlace
    if not 0 <= minutes <= LONGEST_WAY:
        raise OutOfRange("minutes")
    trip = seats.hold(trip.id)
    names = {venue.id: venue.name for venue in venues_used(trip)}
    if from_venue_id not in names or to_venue_id not in names:
        raise NotInTrip
    row = db.session.scalars(
        select(TravelTime).where(
            TravelTime.trip_id == trip.id,
            TravelTime.from_venue_id == from_venue_id,
            TravelTime.to_venue_id == to_venue_id,
        )
    ).one_or_none()
    before = row.minutes if row else None
    if before == minutes and row is not None:
        return row
    if row is None:
        row = TravelTime(trip_id=trip.id, from_venue_id=from_venue_id, to_venue_id=to_venue_id)
        db.session.add(row)
    row.minutes = minutes
    db.session.flush()
    way = {"from": names[from_venue_id], "to": names[to_venue_id]}
    audits.write(
        by,
        row,
        "add" if before is None else "change",
        trip_id=trip.id,
        before=None if before is None else {**way, "minutes": before},
        after={**way, "minutes": minutes},
    )
    return row


def remove_travel_time(trip: Trip, travel_id: int, by: By) -> None:
    """Let distance and speed say again how long a way takes: nothing when they do already.
    Audited."""
    trip = seats.hold(trip.id)
    row = find_travel_time(trip, travel_id)
    if row is None:
        return
    said = {"from": row.from_venue.name, "to": row.to_venue.name, "minutes": row.minutes}
    audits.write(by, row, "delete", trip_id=trip.id, before=said)
    db.session.delete(row)
    db.session.flush()


def travel_times(trip: Trip) -> Sequence[TravelTime]:
    """The ways that an organizer knows, with their venues."""
    return db.session.scalars(
        select(TravelTime)
        .where(TravelTime.trip_id == trip.id)
        .options(joinedload(TravelTime.from_venue), joinedload(TravelTime.to_venue))
        .order_by(TravelTime.id)
    ).all()


def find_travel_time(trip: Trip, travel_id: int) -> TravelTime | None:
    """The way of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(TravelTime).where(TravelTime.id == travel_id, TravelTime.trip_id == trip.id)
    ).one_or_none()


def venues_used(trip: Trip) -> Sequence[Venue]:
    """The venues that the draft names, at either end of an item, by city and name."""
    items = select(AgendaItem).where(AgendaItem.trip_id == trip.id)
    named = union(
        items.with_only_columns(AgendaItem.venue_id),
        items.with_only_columns(AgendaItem.to_venue_id),
    )
    return db.session.scalars(
        select(Venue)
        .where(Venue.id.in_(named.subquery().select()))
        .order_by(Venue.city, Venue.name, Venue.id)
    ).all()


def travel(trip: Trip, settings: Settings) -> Travel:
    """What the engine needs to know of ways: one statement."""
    rows = db.session.execute(
        select(TravelTime.from_venue_id, TravelTime.to_venue_id, TravelTime.minutes).where(
            TravelTime.trip_id == trip.id
        )
    )
    matrix = {(row.from_venue_id, row.to_venue_id): row.minutes for row in rows}
    return Travel(settings.speeds, settings.margin, settings.arrival, matrix)


def _store(trip: Trip, columns: Mapping[str, Any], by: By) -> None:
    before = {name: getattr(trip, name) for name in columns if getattr(trip, name) != columns[name]}
    for name, value in columns.items():
        setattr(trip, name, value)
    db.session.flush()
    if before:
        after = {name: columns[name] for name in before}
        audits.write(by, trip, "change", trip_id=trip.id, before=before, after=after)


def _level(said: object, rule: Rule) -> Level:
    return Level(said) if isinstance(said, str) and said in {*Level} else DEFAULTS[rule]


def _speed(said: object, mode: Mode) -> float:
    if isinstance(said, int | float) and SLOWEST <= said <= FASTEST:
        return said
    return SPEEDS[mode]
