"""Letting reminders go out: which are due, and one of them at one of its instants.

An instant counts once. One that no worker saw in time goes out late: for a day; a day sheet until
the day that it is about is over; what is missing until the tour is. Nothing is made up for instants
before `on_from`: when it was turned on or given another time. After dates were moved it goes out
anew only at an instant that is later than when it went out last, and later than the move: the same
distance is not told twice.

Whole tours are told at once, so the tour's lock is not taken: the reminder's own row is held, and
nobody who registers waits. (DESIGN rule 8: the letters and the row of the run are one transaction.)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence
from webapp.domain.reminders import instants, letters
from webapp.domain.reminders.instants import Moment
from webapp.domain.reminders.reach import Reach
from webapp.mail import outbox
from webapp.models.mail import Mail
from webapp.models.mailing import Anchor, Reminder, ReminderKind, ReminderRun
from webapp.models.trip import Trip, TripState

LATE = timedelta(hours=24)
LONGEST_PROBLEM = 200


def due(at: datetime | None = None) -> list[tuple[int, datetime]]:
    """The reminders to go out at the aware instant `at` (None: now), each with the instant that it
    was due at, the earliest first. As many statements for any number."""
    at = at or clock.now()
    rows = db.session.execute(
        select(Reminder, Trip)
        .join(Trip, Trip.id == Reminder.trip_id)
        .where(
            Reminder.is_on,
            Reminder.on_from <= at,
            Trip.is_template.is_(False),
            Trip.state.in_([TripState.ANNOUNCED, TripState.CANCELLED]),
        )
        .options(selectinload(Trip.stops))
    ).all()
    ran = _ran(reminder.id for reminder, _trip in rows)
    found = [
        (moment.due_at, reminder.id)
        for reminder, trip in rows
        for moment in instants.of(reminder, trip)
        if is_due(reminder, trip, moment, ran.get(reminder.id, {}), at)
    ]
    return [(reminder_id, due_at) for due_at, reminder_id in sorted(found)]


def expire() -> int:
    """Let day sheets not be sent any more whose day is over wherever it was, because the server was
    away for so long; how many."""
    longest_over = (clock.now() - LATE).date().isoformat()
    return outbox.stop_all(
        Mail.letter.in_(["day_sheet", "team_day_sheet"]),
        Mail.facts["day_on"].astext < longest_over,
        why="not written: these sessions are over",
    )


def run(reminder_id: int, due_at: datetime) -> int:
    """Put the letters of a reminder for one of its instants into the outbox, and note that it went
    out: how many there were. 0 when there is nothing to do any more, or another worker is at it.
    Raises what `letters.of` does."""
    reminder = db.session.scalars(
        select(Reminder)
        .where(Reminder.id == reminder_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if reminder is None:
        return 0
    trip, at = db.session.get_one(Trip, reminder.trip_id), clock.now()
    moment = next((each for each in instants.of(reminder, trip) if each.due_at == due_at), None)
    ran = _ran([reminder.id]).get(reminder.id, {})
    if moment is None or not is_due(reminder, trip, moment, ran, at):
        return 0
    number = correspondence.put(letters.of(reminder, moment, Reach(trip)))
    row = ReminderRun(reminder_id=reminder.id, due_at=due_at, ran_at=at, letters=number)
    db.session.add(row)
    reminder.problem = None
    db.session.flush()
    after = {"kind": reminder.kind, "due_at": due_at, "letters": number}
    audits.write(audits.SYSTEM, reminder, "send", trip_id=trip.id, after=after)
    return number


def tell_problem(reminder_id: int, words: str) -> bool:
    """Keep why a reminder did not go out; whether that is news."""
    reminder = db.session.get(Reminder, reminder_id)
    if reminder is None or reminder.problem == words[:LONGEST_PROBLEM]:
        return False
    reminder.problem = words[:LONGEST_PROBLEM]
    db.session.flush()
    return True


def may_go(reminder: Reminder, trip: Trip) -> bool:
    """Whether reminders of the tour go out at all: of an announced one all; of one that was called
    off the organizers' own words alone; of drafts, templates and withdrawn ones none."""
    if trip.is_template:
        return False
    if trip.state == TripState.CANCELLED:
        return reminder.kind == ReminderKind.MESSAGE
    return trip.state == TripState.ANNOUNCED


def is_due(
    reminder: Reminder,
    trip: Trip,
    moment: Moment,
    ran: Mapping[datetime, datetime],
    at: datetime,
) -> bool:
    """Whether a reminder goes out now for one of its instants. `ran` are those that it went out
    for, and when it did."""
    return (
        reminder.is_on
        and may_go(reminder, trip)
        and reminder.on_from <= moment.due_at <= at <= last_at(reminder, trip, moment)
        and moment.due_at not in ran
        and not is_old_news(reminder, trip, moment, ran)
    )


def is_old_news(
    reminder: Reminder, trip: Trip, moment: Moment, ran: Mapping[datetime, datetime]
) -> bool:
    """Whether an instant came about by moving the dates, and was told of at another one already."""
    if not ran:
        return False
    if reminder.anchor == Anchor.EACH_DAY:
        return moment.due_at < max(ran)
    return moment.due_at < max(*ran.values(), trip.changed_at)


def last_at(reminder: Reminder, trip: Trip, moment: Moment) -> datetime:
    """Until when it goes out late for one of its instants."""
    late = moment.due_at + LATE
    match reminder.kind:
        case ReminderKind.DAY_SHEET if moment.day is not None:
            return instants.day_ends_at(trip, moment.day)
        case ReminderKind.DETAILS:
            return max(late, instants.day_ends_at(trip, trip.ends_on))
    return late


def _ran(reminder_ids: Iterable[int]) -> dict[int, dict[datetime, datetime]]:
    """The instants that these reminders went out for, and when they did, by reminder."""
    found: dict[int, dict[datetime, datetime]] = {}
    rows = db.session.execute(
        select(ReminderRun.reminder_id, ReminderRun.due_at, ReminderRun.ran_at).where(
            ReminderRun.reminder_id.in_(list(reminder_ids))
        )
    )
    for reminder_id, due_at, ran_at in rows:
        found.setdefault(reminder_id, {})[due_at] = ran_at
    return found
