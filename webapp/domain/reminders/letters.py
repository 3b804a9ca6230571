"""The letters of a reminder at one of its instants: to whom, about what. Nothing is put here."""

from collections.abc import Callable
from dataclasses import replace

from webapp.domain.correspondence import Told
from webapp.domain.reminders import hosts, messages, team
from webapp.domain.reminders.instants import Moment
from webapp.domain.reminders.reach import Reach, told
from webapp.errors import DomainError
from webapp.models.mailing import Reminder, ReminderKind


class NothingPublished(DomainError):
    """What it would tell of is in no published version yet."""


def of(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """The letters that would go out, each with a key of the reminder, the instant and the reader.
    Raises NothingPublished; of MESSAGE what its audience or its words are refused for."""
    found = _BY_KIND[reminder.kind](reminder, moment, reach)
    key = version(reminder, moment)
    return [replace(each, version=key, reminder_id=reminder.id) for each in found]


def version(reminder: Reminder, moment: Moment) -> str:
    """Tells the letters of one instant from those of another."""
    return f"{reminder.id}-{int(moment.due_at.timestamp())}"


def _details(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """Whoever has not given something; nobody to whom it was said within twelve hours."""
    return list(reach.lacking)


def _program(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """Each delegate who has sessions."""
    _check_published(reach)
    return [told("program", reach.trip, each) for each in reach.readers if reach.sessions(each)]


def _day_sheet(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """Each delegate who has a session that begins on the day, and the team."""
    _check_published(reach)
    if moment.day is None:
        return []
    of_delegates = [
        told("day_sheet", reach.trip, each, day_on=moment.day)
        for each in reach.readers
        if reach.sessions(each, moment.day)
    ]
    return of_delegates + team.letters(reach, moment.day)


def _hosts(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """Each person with a mail address who does something in a session to come."""
    _check_published(reach)
    return hosts.letters(reach, moment.day)


def _message(reminder: Reminder, moment: Moment, reach: Reach) -> list[Told]:
    """Those whom the organizers chose."""
    return messages.letters(reminder, reach.trip)


def _check_published(reach: Reach) -> None:
    if reach.trip.release_id is None:
        raise NothingPublished


_BY_KIND: dict[ReminderKind, Callable[[Reminder, Moment, Reach], list[Told]]] = {
    ReminderKind.DETAILS: _details,
    ReminderKind.PROGRAM: _program,
    ReminderKind.DAY_SHEET: _day_sheet,
    ReminderKind.HOSTS: _hosts,
    ReminderKind.MESSAGE: _message,
}
