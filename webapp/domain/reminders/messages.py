"""Reminders in the organizers' own words: a message (domain/mailings) that goes out by itself, to
whoever fits when it does, in the words that it has when each letter is written."""

from collections.abc import Sequence
from dataclasses import replace

from webapp.db import Words
from webapp.domain.correspondence import Told
from webapp.domain.mailings import checking, sending
from webapp.domain.mailings.checking import Fault, What
from webapp.errors import DomainError
from webapp.models.mailing import Mailing, Reminder
from webapp.models.staff import Staff
from webapp.models.trip import Trip


class MessageRefused(DomainError):
    """Something in the words or the audience keeps it from going out; `faults` says what."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.what for fault in faults))
        self.faults = faults


def letters(reminder: Reminder, trip: Trip) -> list[Told]:
    """A letter to everybody whom it is for. Raises MessageRefused."""
    message = _message(reminder, trip)
    checked = checking.check(trip, message)
    _refuse(checked.faults)
    told = [sending.told(trip, message, who, None) for who in checked.chosen.people]
    return [replace(each, facts=_facts(each, reminder)) for each in told]


def test(reminder: Reminder, trip: Trip, staff: Staff) -> int:
    """Send its words to the member of staff, as mailings.sending.test does. Raises the same."""
    people = checking.check(trip, _message(reminder, trip)).chosen.people
    return sending.test(trip, people, staff, reminder_id=reminder.id)


def check(reminder: Reminder, trip: Trip) -> None:
    """Whether it could go out if somebody fitted. Raises MessageRefused."""
    _refuse(checking.check(trip, _message(reminder, trip)).faults)


def _refuse(faults: Sequence[Fault]) -> None:
    """Nobody may fit today and somebody when it goes out."""
    serious = [fault for fault in faults if fault.what != What.NOBODY]
    if serious:
        raise MessageRefused(serious)


def _message(reminder: Reminder, trip: Trip) -> Mailing:
    """The reminder as a message, which is added nowhere."""
    return Mailing(
        trip_id=trip.id,
        subject=reminder.subject or Words(),
        body=reminder.body or Words(),
        # Whoever reads a language that it does not have gets it in the other.
        audience={**reminder.audience, "any_language": True},
        is_news=reminder.is_news,
        version=1,
    )


def _facts(told: Told, reminder: Reminder) -> dict[str, object]:
    known = {name: value for name, value in told.facts.items() if name != "mailing_id"}
    return known | {"reminder_id": reminder.id}
