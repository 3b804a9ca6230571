"""Setting reminders: adding, changing, turning on and off, removing.

They decide over no place, so these verbs hold the reminder's own row and not the tour: while one
goes out to thousands, whoever changes it waits, and nobody who registers does.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.db import Facts, Words, db
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.reminders import messages
from webapp.errors import DomainError
from webapp.models.mailing import Anchor, Reminder, ReminderKind
from webapp.models.trip import Trip

MOST = 100  # of one tour
MOST_BEFORE, MOST_AFTER = 365, 730  # days
MOST_OF_A_DAY = 30  # days before a day of the tour, with each_day
_DATED = (Anchor.START, Anchor.REGISTRATION_CLOSES, Anchor.FREEZE, Anchor.DETAILS_DUE)
# What the days of each kind can be counted from.
ANCHORS: dict[ReminderKind, tuple[Anchor, ...]] = {
    ReminderKind.DETAILS: _DATED,
    ReminderKind.PROGRAM: _DATED,
    ReminderKind.DAY_SHEET: (Anchor.EACH_DAY,),
    ReminderKind.HOSTS: (Anchor.START, Anchor.EACH_DAY),
    ReminderKind.MESSAGE: tuple(Anchor),
}
_COLUMNS = ("kind", "anchor", "days", "minute", "subject", "body", "audience", "is_news")


class TimeRefused(DomainError):
    """A reminder of this kind cannot be counted so, or not so many days away."""


class TooManyReminders(DomainError):
    """The tour has MOST reminders already."""


@dataclass(frozen=True, slots=True)
class ReminderValues:
    """What is said of a reminder: `days` after its anchor (negative: before), at a `minute` of the
    local day. Subject, body and audience (mailings.terms, plain) are of MESSAGE alone."""

    kind: ReminderKind
    anchor: Anchor
    days: int
    minute: int
    subject: Words | None = None
    body: Words | None = None
    audience: Facts = field(default_factory=dict)
    is_news: bool = False


def of_trip(trip: Trip) -> Sequence[Reminder]:
    """The reminders of a tour, with their runs, in the order in which they were made."""
    return db.session.scalars(
        select(Reminder)
        .where(Reminder.trip_id == trip.id)
        .options(selectinload(Reminder.runs))
        .order_by(Reminder.id)
    ).all()


def find(trip: Trip, reminder_id: int) -> Reminder | None:
    """The reminder of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Reminder).where(Reminder.id == reminder_id, Reminder.trip_id == trip.id)
    ).one_or_none()


def values_of(reminder: Reminder) -> ReminderValues:
    """What is said of a reminder that is there."""
    return ReminderValues(**{name: getattr(reminder, name) for name in _COLUMNS})


def add(trip: Trip, values: ReminderValues, by: By, *, is_on: bool) -> Reminder:
    """Set a reminder. Raises TimeRefused, WordsRefused, TooManyReminders."""
    _check(trip, values)
    count = select(func.count()).where(Reminder.trip_id == trip.id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise TooManyReminders
    reminder = new(trip, values, is_on=is_on)
    db.session.add(reminder)
    db.session.flush()
    audits.write(by, reminder, "add", trip_id=trip.id, after=_facts(values) | {"is_on": is_on})
    return reminder


def new(trip: Trip, values: ReminderValues, *, is_on: bool) -> Reminder:
    """The row of a reminder, not added."""
    at = clock.now()
    return Reminder(
        trip_id=trip.id,
        is_on=is_on,
        on_from=at,
        created_at=at,
        **{name: getattr(values, name) for name in _COLUMNS},
    )


def change(reminder: Reminder, values: ReminderValues, by: By) -> Reminder:
    """Say something else of a reminder; its kind stays. At another time it goes out from now on:
    instants that have passed are past. Raises TimeRefused, messages.MessageRefused."""
    _check(db.session.get_one(Trip, reminder.trip_id), values)
    reminder = _hold(reminder)
    before = values_of(reminder)
    if before == values:
        return reminder
    for name in _COLUMNS[1:]:
        setattr(reminder, name, getattr(values, name))
    if (before.anchor, before.days, before.minute) != (values.anchor, values.days, values.minute):
        reminder.on_from = clock.now()
    reminder.problem = None
    db.session.flush()
    old, now = _facts(before), _facts(values)
    names = [name for name in now if old[name] != now[name]]
    audits.write(
        by,
        reminder,
        "change",
        trip_id=reminder.trip_id,
        before={name: old[name] for name in names},
        after={name: now[name] for name in names},
    )
    return reminder


def turn(reminder: Reminder, by: By, *, on: bool) -> Reminder:
    """Turn a reminder on, for what is to come, or off."""
    reminder = _hold(reminder)
    if reminder.is_on == on:
        return reminder
    reminder.is_on = on
    reminder.problem = None
    if on:
        reminder.on_from = clock.now()
    db.session.flush()
    audits.write(by, reminder, "turn on" if on else "turn off", trip_id=reminder.trip_id)
    return reminder


def turn_all(trip: Trip, by: By, *, on: bool) -> int:
    """Turn all reminders of a tour on, or off; how many that were not."""
    other = [each for each in of_trip(trip) if each.is_on != on]
    for reminder in other:
        turn(reminder, by, on=on)
    return len(other)


def remove(reminder: Reminder, by: By) -> None:
    """Take a reminder away. The letters that it put stay, and say that a reminder did."""
    reminder = _hold(reminder)
    audits.write(
        by, reminder, "delete", trip_id=reminder.trip_id, before=_facts(values_of(reminder))
    )
    db.session.delete(reminder)
    db.session.flush()


def take_along(trip: Trip, made: Trip) -> None:
    """Set the same reminders for a tour that is made like another one, turned off. An audience that
    names companies or sessions of the old tour keeps nothing of them."""
    db.session.add_all(
        new(made, _for_another(values_of(each)), is_on=False) for each in of_trip(trip)
    )
    db.session.flush()


def _for_another(values: ReminderValues) -> ReminderValues:
    own = {"organization_ids", "day", "stop_id", "track_id", "item_uid", "waits"}
    audience = {name: value for name, value in values.audience.items() if name not in own}
    return ReminderValues(**asdict(values) | {"audience": audience})


def _hold(reminder: Reminder) -> Reminder:
    return db.session.scalars(
        select(Reminder)
        .where(Reminder.id == reminder.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _check(trip: Trip, values: ReminderValues) -> None:
    if values.anchor not in ANCHORS[values.kind] or not 0 <= values.minute < 24 * 60:
        raise TimeRefused
    least, most = -MOST_BEFORE, MOST_AFTER
    if values.anchor == Anchor.EACH_DAY:
        least, most = -MOST_OF_A_DAY, 0
    if not least <= values.days <= most:
        raise TimeRefused
    if values.kind == ReminderKind.MESSAGE:
        messages.check(new(trip, values, is_on=False), trip)


def _facts(values: ReminderValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in _COLUMNS}
