"""Letters that go out by themselves: what is missing, programs, day sheets, visits for hosts, and
the organizers' own words; relative to the start or end of a tour, to a deadline, or to each day.

`instants` says when, `letters` to whom and what, `running` lets them go, `setting` and `ready` are
for organizers; `offers` reminds of places that were offered, without being set.
"""

from webapp.domain.reminders.letters import NothingPublished
from webapp.domain.reminders.messages import MessageRefused, test
from webapp.domain.reminders.offers import remind_of_ending
from webapp.domain.reminders.ready import add_usual, lacking
from webapp.domain.reminders.running import due, expire, run, tell_problem
from webapp.domain.reminders.setting import (
    ANCHORS,
    ReminderValues,
    TimeRefused,
    TooManyReminders,
    add,
    change,
    find,
    of_trip,
    remove,
    take_along,
    turn,
    turn_all,
    values_of,
)

__all__ = [
    "ANCHORS",
    "MessageRefused",
    "NothingPublished",
    "ReminderValues",
    "TimeRefused",
    "TooManyReminders",
    "add",
    "add_usual",
    "change",
    "due",
    "expire",
    "find",
    "lacking",
    "of_trip",
    "remind_of_ending",
    "remove",
    "run",
    "take_along",
    "tell_problem",
    "test",
    "turn",
    "turn_all",
    "values_of",
]
