"""The usual set: what tours tell by themselves (domain.md M2, M6, M11, M14, M15 and M16)."""

from typing import Any

from webapp.db import Words
from webapp.domain import seats
from webapp.domain.audits import By
from webapp.domain.mailings.terms import ToWhom
from webapp.domain.reminders import setting
from webapp.domain.reminders.setting import ReminderValues
from webapp.models.delegate import DelegateState
from webapp.models.mailing import Anchor, Reminder, ReminderKind
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

NINE = 9 * 60
HALF_PAST_SIX = 6 * 60 + 30
EVENING = 18 * 60

_WHO_CAME = {
    "to_whom": ToWhom.DELEGATES.value,
    "states": [RegistrationState.ACCEPTED.value],
    "delegate_states": [DelegateState.COMING.value],
}
_THANKS: dict[str, Any] = {
    "subject": Words(en="Thank you: {tour}", fr="Merci : {tour}"),
    "body": Words(
        en="Dear {name},\n\nThe tour is over. Thank you for being part of it, and for what "
        "{company} brought to it.\n\nPlease write to us in two lines what was worth the "
        "journey, and what we should do better.",
        fr="Bonjour {name},\n\nLa mission est terminée. Merci d'y avoir pris part, et merci à "
        "{company} pour sa contribution.\n\nÉcrivez-nous en deux lignes ce qui a valu le "
        "déplacement, et ce que nous devrions mieux faire.",
    ),
}
_SURVEY: dict[str, Any] = {
    "subject": Words(en="What came of it? {tour}", fr="Et depuis ? {tour}"),
    "body": Words(
        en="Dear {name},\n\nA week ago you came home from the tour. If you have not told us yet "
        "what {company} took from it, we would still like to know: two lines are enough.",
        fr="Bonjour {name},\n\nVoici une semaine que la mission est terminée. Si vous ne nous "
        "avez pas encore dit ce que {company} en a retiré, cela nous intéresse toujours : deux "
        "lignes suffisent.",
    ),
}


def _is(kind: ReminderKind, anchor: Anchor, days: int, minute: int = NINE) -> ReminderValues:
    return ReminderValues(kind, anchor, days, minute)


# What is missing weekly, then daily near the deadline.
USUAL: tuple[ReminderValues, ...] = (
    *(_is(ReminderKind.DETAILS, Anchor.FREEZE, days) for days in (-7, -1)),
    *(_is(ReminderKind.DETAILS, Anchor.DETAILS_DUE, days) for days in (-21, -14, -7, -3, -2, -1)),
    *(_is(ReminderKind.PROGRAM, Anchor.START, days) for days in (-14, -3)),
    _is(ReminderKind.HOSTS, Anchor.START, -10),
    _is(ReminderKind.HOSTS, Anchor.EACH_DAY, -1),
    _is(ReminderKind.DAY_SHEET, Anchor.EACH_DAY, -1, EVENING),
    _is(ReminderKind.DAY_SHEET, Anchor.EACH_DAY, 0, HALF_PAST_SIX),
    ReminderValues(ReminderKind.MESSAGE, Anchor.END, 1, NINE, audience=_WHO_CAME, **_THANKS),
    ReminderValues(ReminderKind.MESSAGE, Anchor.END, 8, NINE, audience=_WHO_CAME, **_SURVEY),
)


def lacking(trip: Trip) -> list[ReminderValues]:
    """Those of the usual set that the tour has none like: of the same kind, at the same time."""
    there = {_place(setting.values_of(each)) for each in setting.of_trip(trip)}
    return [values for values in USUAL if _place(values) not in there]


def add_usual(trip: Trip, by: By) -> list[Reminder]:
    """Set what of the usual set is lacking, turned off: each goes out once an organizer has looked
    at it. Raises TooManyReminders."""
    trip = seats.hold(trip.id)  # two clicks make one set
    return [setting.add(trip, values, by, is_on=False) for values in lacking(trip)]


def _place(values: ReminderValues) -> tuple[ReminderKind, Anchor, int, int]:
    return (values.kind, values.anchor, values.days, values.minute)
