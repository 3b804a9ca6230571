"""Reminders in words: when they go out, to whom, and why one does not."""

from collections.abc import Callable
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp import i18n
from webapp.domain.mailings import wording
from webapp.domain.mailings.checking import Fault, What
from webapp.domain.mailings.wording import Placeholder, Problem, Trouble
from webapp.errors import DomainError
from webapp.models.mailing import Anchor, Reminder, ReminderKind
from webapp.models.trip import Trip

# What each kind tells, and whom.
TELLS: dict[ReminderKind, Any] = {
    ReminderKind.DETAILS: _l(
        "To each delegate and coordinator who has not given something: what, and by when."
    ),
    ReminderKind.PROGRAM: _l(
        "To each delegate of an accepted company: their own program day by day, as a calendar file "
        "too."
    ),
    ReminderKind.DAY_SHEET: _l(
        "To each delegate who has sessions on the day: these, with place, meeting point and call "
        "time. To each member of the team: all sessions of the day, and how many people come."
    ),
    ReminderKind.HOSTS: _l(
        "To each host, speaker, interpreter and guide with a mail address: their sessions, and how "
        "many people of which companies come."
    ),
    ReminderKind.MESSAGE: _l("A message that you write, to people whom you choose."),
}


def when(reminder: Reminder) -> str:
    """ "7 days before the first day of the tour, at 9:00 AM"."""
    at = i18n.clock_time(time(reminder.minute // 60, reminder.minute % 60))
    on, before, after = _SENTENCES[reminder.anchor]
    if reminder.days == 0:
        return on(at)
    return before(-reminder.days, at) if reminder.days < 0 else after(reminder.days, at)


def title(reminder: Reminder, trip: Trip) -> str:
    """The subject of a message, which tells it from others; else nothing."""
    subject = i18n.words(reminder.subject) if reminder.subject else ""
    return wording.fill(subject, {Placeholder.TOUR: i18n.words(trip.title)})


def refused_words(error: DomainError) -> str:
    """Why a reminder could not go out now."""
    faults = getattr(error, "faults", None)
    if faults:
        return " ".join(fault_words(fault) for fault in faults[:3])
    return problem_words(type(error).__name__)


def problem_words(problem: str) -> str:
    """Why a reminder did not go out, from what was kept of it."""
    return {
        "NothingPublished": _("Nothing is published yet, so there is nothing to tell."),
        "MessageRefused": _("Its words or its readers need mending."),
    }.get(problem) or _("It did not go out (%(error)s). It is tried again.", error=problem)


def fault_words(fault: Fault) -> str:
    """What is wrong with a message."""
    if fault.problem is not None:
        return _trouble(fault.problem)
    return {
        What.NO_SUBJECT: _("Please give a subject."),
        What.NO_BODY: _("Please write a text."),
        What.NO_TEXT: _("Please write a subject and a text in at least one language."),
        What.STALE: _("It is for something that this tour does not have any more."),
    }.get(fault.what) or _("It cannot go out like this.")


def _trouble(problem: Problem) -> str:
    said = problem.said
    if problem.trouble == Trouble.UNKNOWN and problem.meant:
        return _(
            "There is no placeholder {%(said)s}. Did you mean {%(meant)s}?",
            said=said,
            meant=problem.meant,
        )
    return {
        Trouble.UNKNOWN: _("There is no placeholder {%(said)s}.", said=said),
        Trouble.UNCLOSED: _("A brace is not closed: %(said)s", said=said),
        Trouble.EMPTY: _("Nothing stands between two braces."),
        Trouble.CANNOT: _("These readers, or this tour, have no {%(said)s}.", said=said),
        Trouble.IN_LINK: _("A placeholder cannot stand inside of an address: %(said)s", said=said),
        Trouble.KEY: _("This is somebody's own address. Use a placeholder instead."),
        Trouble.LEFT: _("This is left for you to say: [[%(said)s]]", said=said),
    }[problem.trouble]


Sentence = tuple[Callable[[str], str], Callable[[int, str], str], Callable[[int, str], str]]
# On the day, before it, after it.
_SENTENCES: dict[Anchor, Sentence] = {
    Anchor.START: (
        lambda at: _("On the first day of the tour, at %(time)s", time=at),
        lambda days, at: ngettext(
            "%(num)d day before the first day of the tour, at %(time)s",
            "%(num)d days before the first day of the tour, at %(time)s",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after the first day of the tour, at %(time)s",
            "%(num)d days after the first day of the tour, at %(time)s",
            days,
            time=at,
        ),
    ),
    Anchor.END: (
        lambda at: _("On the last day of the tour, at %(time)s", time=at),
        lambda days, at: ngettext(
            "%(num)d day before the last day of the tour, at %(time)s",
            "%(num)d days before the last day of the tour, at %(time)s",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after the last day of the tour, at %(time)s",
            "%(num)d days after the last day of the tour, at %(time)s",
            days,
            time=at,
        ),
    ),
    Anchor.REGISTRATION_CLOSES: (
        lambda at: _("On the day on which registration closes, at %(time)s", time=at),
        lambda days, at: ngettext(
            "%(num)d day before registration closes, at %(time)s",
            "%(num)d days before registration closes, at %(time)s",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after registration has closed, at %(time)s",
            "%(num)d days after registration has closed, at %(time)s",
            days,
            time=at,
        ),
    ),
    Anchor.FREEZE: (
        lambda at: _("On the day on which free changes end, at %(time)s", time=at),
        lambda days, at: ngettext(
            "%(num)d day before free changes end, at %(time)s",
            "%(num)d days before free changes end, at %(time)s",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after free changes have ended, at %(time)s",
            "%(num)d days after free changes have ended, at %(time)s",
            days,
            time=at,
        ),
    ),
    Anchor.DETAILS_DUE: (
        lambda at: _("On the day on which travel details are due, at %(time)s", time=at),
        lambda days, at: ngettext(
            "%(num)d day before travel details are due, at %(time)s",
            "%(num)d days before travel details are due, at %(time)s",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after travel details were due, at %(time)s",
            "%(num)d days after travel details were due, at %(time)s",
            days,
            time=at,
        ),
    ),
    Anchor.EACH_DAY: (
        lambda at: _("On each day of the tour, at %(time)s where the tour is then", time=at),
        lambda days, at: ngettext(
            "%(num)d day before each day of the tour, at %(time)s where the tour is then",
            "%(num)d days before each day of the tour, at %(time)s where the tour is then",
            days,
            time=at,
        ),
        lambda days, at: ngettext(
            "%(num)d day after each day of the tour, at %(time)s where the tour is then",
            "%(num)d days after each day of the tour, at %(time)s where the tour is then",
            days,
            time=at,
        ),
    ),
}
