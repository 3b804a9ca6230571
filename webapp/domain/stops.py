"""The stops of a tour: ordered places with their own zone and dates."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import select

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, seats, trips
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.place import Stop
from webapp.models.trip import Trip


class StopInUse(DomainError):
    """Sessions of the draft name the stop; `items` are they, in order of start."""

    def __init__(self, items: tuple[AgendaItem, ...]) -> None:
        super().__init__(f"{len(items)} items name it")
        self.items = items


@dataclass(frozen=True, slots=True)
class StopValues:
    """What is said of a stop. Dates are local to `zone`, both inclusive."""

    city: str
    country: str
    zone: str
    starts_on: date
    ends_on: date
    note: Words | None = None
    local_host_id: int | None = None


def find(trip: Trip, stop_id: int) -> Stop | None:
    """The stop of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Stop).where(Stop.id == stop_id, Stop.trip_id == trip.id)
    ).one_or_none()


def add(trip: Trip, values: StopValues, by: By) -> Stop:
    """Add a stop after the others. Raises UnknownZone, DatesOutOfOrder."""
    _check(values)
    trip = seats.hold(trip.id)
    face = trips.face(trip)
    last = max((stop.position for stop in trip.stops), default=0)
    stop = Stop(trip_id=trip.id, position=last + 1, **_said(values))
    db.session.add(stop)
    db.session.flush()
    audits.write(by, stop, "add", trip_id=trip.id, after=_said(values))
    trips.tell_calendars(trip, face)
    return stop


def change(trip: Trip, stop: Stop, values: StopValues, by: By) -> Stop:
    """Say anew where a stop is and when; its sessions keep their own times and zones. Raises
    UnknownZone, DatesOutOfOrder."""
    _check(values)
    trip = seats.hold(trip.id)
    face = trips.face(trip)
    before, after = _facts(stop), _said(values)
    changed = [name for name in after if after[name] != before[name]]
    for name in changed:
        setattr(stop, name, after[name])
    db.session.flush()
    if changed:
        audits.write(
            by,
            stop,
            "change",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
        trips.tell_calendars(trip, face)
    return stop


def move(trip: Trip, stop: Stop, by: By, *, earlier: bool) -> None:
    """Let a stop and its neighbor change places; the first cannot go earlier, the last not later,
    and then nothing happens."""
    trip = seats.hold(trip.id)
    face = trips.face(trip)
    order = list(trip.stops)
    if stop not in order:
        return  # somebody deleted it since
    here = order.index(stop)
    there = here - 1 if earlier else here + 1
    if not 0 <= there < len(order):
        return
    before = [each.city for each in order]
    other = order[there]
    stop.position, other.position = other.position, stop.position  # unique at the commit only
    db.session.flush()
    db.session.expire(trip, ["stops"])
    audits.write(
        by,
        stop,
        "order",
        trip_id=trip.id,
        before={"stops": before},
        after={"stops": [each.city for each in trip.stops]},
    )
    trips.tell_calendars(trip, face)


def remove(trip: Trip, stop: Stop, by: By) -> None:
    """Delete a stop that no session names. Raises StopInUse, which says which do."""
    trip = seats.hold(trip.id)
    face = trips.face(trip)
    naming = select(AgendaItem).where(AgendaItem.stop_id == stop.id)
    items = db.session.scalars(naming.order_by(AgendaItem.starts_at, AgendaItem.uid)).all()
    if items:
        raise StopInUse(tuple(items))
    audits.write(by, stop, "delete", trip_id=trip.id, before=_facts(stop))
    db.session.delete(stop)
    db.session.flush()
    trips.tell_calendars(trip, face)


def _check(values: StopValues) -> None:
    clock.zone_info(values.zone)
    trips.check_dates(values.starts_on, values.ends_on)


def _said(values: StopValues) -> dict[str, Any]:
    said = {field.name: getattr(values, field.name) for field in fields(values)}
    return said | {"note": values.note or None}


def _facts(stop: Stop) -> dict[str, Any]:
    return {field.name: getattr(stop, field.name) for field in fields(StopValues)}
