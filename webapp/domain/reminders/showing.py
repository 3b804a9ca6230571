"""What the page of reminders shows: when each goes out next, to how many, and how it would read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from webapp import clock, keys
from webapp.db import db
from webapp.domain import correspondence
from webapp.domain.correspondence import Pointless, Told
from webapp.domain.reminders import instants, letters, running
from webapp.domain.reminders.instants import Moment
from webapp.domain.reminders.reach import Reach
from webapp.errors import DomainError
from webapp.mail import message
from webapp.models.mailing import Reminder, ReminderRun
from webapp.models.trip import Trip

MISSED_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reminder as it stands: `next` is its next instant (also one that it is about to go out late
    for), None when there is none to come; `is_set` whether its anchor is; `goes` whether the state
    of the tour lets it go. `people` is how many would get it now, None while `refused` says why it
    could not go out. `missed` are instants of the last days for which it went out neither in time
    nor late, though it was on."""

    reminder: Reminder
    next: Moment | None
    is_set: bool
    goes: bool
    people: int | None
    refused: DomainError | None
    last: ReminderRun | None
    missed: list[Moment]


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as its reader would read it, without keys."""

    name: str
    email: str
    language: str
    subject: str
    text: str


def standings(trip: Trip, reminders: Sequence[Reminder]) -> list[Standing]:
    """How each stands, in the order of their next instants, those with none last. The people are
    read once for all."""
    reach = Reach(trip)
    found = [standing(each, reach) for each in reminders]
    far = instants.NEVER
    return sorted(found, key=lambda one: (one.next.due_at if one.next else far, one.reminder.id))


def standing(reminder: Reminder, reach: Reach) -> Standing:
    """How one reminder stands."""
    at, trip = clock.now(), reach.trip
    moments = instants.of(reminder, trip)
    coming = _next(reminder, trip, moments, at)
    people, refused = _reached(reminder, coming or (moments[-1] if moments else None), reach)
    return Standing(
        reminder=reminder,
        next=coming,
        is_set=bool(moments),
        goes=running.may_go(reminder, trip),
        people=people,
        refused=refused,
        last=reminder.runs[0] if reminder.runs else None,
        missed=_missed(reminder, trip, moments, at),
    )


def previews(reminder: Reminder, reach: Reach, most: int = 3) -> list[Preview]:
    """The first letters that would go out, with real data: of readers in each language as far as
    there are. Nothing is put or kept. Raises what `letters.of` does."""
    moments = instants.of(reminder, reach.trip)
    if not moments:
        return []
    moment = _next(reminder, reach.trip, moments, clock.now()) or moments[-1]
    found = []
    for told in _mixed(letters.of(reminder, moment, reach)):
        shown = _show(told)
        if shown is not None:
            found.append(shown)
        if len(found) == most:
            break
    return found


def _next(reminder: Reminder, trip: Trip, moments: Sequence[Moment], at: datetime) -> Moment | None:
    ran = {run.due_at: run.ran_at for run in reminder.runs}
    for moment in moments:
        if running.is_due(reminder, trip, moment, ran, at):
            return moment
        if moment.due_at > at and not running.is_old_news(reminder, trip, moment, ran):
            return moment
    return None


def _reached(
    reminder: Reminder, moment: Moment | None, reach: Reach
) -> tuple[int | None, DomainError | None]:
    if moment is None:
        return None, None
    try:
        return len(letters.of(reminder, moment, reach)), None
    except DomainError as refused:
        return None, refused


def _missed(
    reminder: Reminder, trip: Trip, moments: Sequence[Moment], at: datetime
) -> list[Moment]:
    if not reminder.is_on or not running.may_go(reminder, trip):
        return []
    ran = {run.due_at: run.ran_at for run in reminder.runs}
    since = max(reminder.on_from, at - MISSED_LATELY)
    return [
        moment
        for moment in moments
        if since <= moment.due_at
        and running.last_at(reminder, trip, moment) < at
        and moment.due_at not in ran
        and not running.is_old_news(reminder, trip, moment, ran)
    ]


def _mixed(told: Sequence[Told]) -> list[Told]:
    """One of each language first."""
    first = {each.language: each for each in reversed(told)}
    ahead = [each for each in told if first[each.language] is each]
    return ahead + [each for each in told if first[each.language] is not each]


def _show(told: Told) -> Preview | None:
    row = correspondence.as_row(told)
    try:
        with db.session.begin_nested(), db.session.no_autoflush:
            parts = message.render(correspondence.letter_of(row), row.created_at)
    except (Pointless, SQLAlchemyError):
        return None
    shown = [keys.left_out(part) for part in parts]
    return Preview(told.to_name, told.to_email, told.language, shown[0], shown[1])
