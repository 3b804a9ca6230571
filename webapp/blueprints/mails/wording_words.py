"""What the parts of letters, their placeholders and what is wrong with words are called."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.labels import REGISTRATION_STATES
from webapp.blueprints.letter_names import LETTER_NAMES
from webapp.domain.wordings import EVERY, Fault, Part, Problem, Text, Twin
from webapp.models.registration import RegistrationState

PARTS: dict[Part, Any] = {
    Part.SUBJECT: _l("Subject"),
    Part.GREETING: _l("Greeting"),
    Part.TEXT: _l("Text"),
    Part.LABEL: _l("Label"),
    Part.BUTTON: _l("Button"),
    Part.OWN: _l("A paragraph of your own, at the end"),
}
TWINS: dict[Twin, Any] = {
    Twin.PAGE: _l("only in the page"),
    Twin.PLAIN: _l("only in the plain text"),
}
# By the code's names: (what it is, an example).
PLACEHOLDERS: dict[str, tuple[Any, Any]] = {
    "amount": (_l("an amount of money"), _l("€500.00")),
    "asked": (_l("how many places were asked for"), "4"),
    "company": (_l("the name of the company"), _l("Blue Wave Sensors")),
    "coordinator": (_l("who speaks for the company"), _l("Ana Costa")),
    "count": (_l("how many"), "3"),
    "date": (_l("a date and time, with its zone"), _l("Oct 1, 2027, 3:00 PM (Paris time, UTC+2)")),
    "day": (_l("a day"), _l("Monday, October 30")),
    "email": (_l("the mail address of the organizers"), "tours@example.org"),
    "instead": (_l("who comes instead"), _l("Kim Lee")),
    "name": (_l("the name of a person; in a greeting, of the reader"), _l("Ana Costa")),
    "names": (_l("the names of companies"), _l("Blue Wave Sensors")),
    "num": (_l("how many"), "3"),
    "number": (_l("which one, by number"), "2"),
    "numbers": (_l("of how many"), "4"),
    "overdue": (_l("the amount that is overdue"), _l("€200.00")),
    "places": (_l("how many places"), "3"),
    "roles": (_l("what somebody does in a session"), _l("Host")),
    "session": (_l("the title of a session"), _l("Visit of the port")),
    "since": (_l("the number of the version that the reader knows"), "6"),
    "time": (_l("a date and time, with its zone"), _l("Oct 30, 2027, 9:00 AM (Paris time, UTC+2)")),
    "title": (_l("the title of a session"), _l("Visit of the port")),
    "total": (_l("the amount in all"), _l("€1,200.00")),
    "trip": (_l("the title of the tour"), _l("Invest in Provence")),
    "value": (_l("what was or is said there"), _l("Marseille")),
    "version": (_l("the number of a version of the agenda"), "7"),
    "what": (_l("what of a session has changed"), _l("Venue")),
    "who": (_l("the name of a delegate"), _l("Tom O'Brien")),
}


def letter_title(letter: str) -> Any:
    """What a letter is called on screen, or what all of them share."""
    return _("In every letter") if letter == EVERY else LETTER_NAMES.get(letter, letter)


def when(text: Text) -> str:
    """In which letters of its kind a text stands; empty for all of them."""
    if text.state in set(RegistrationState):
        state = REGISTRATION_STATES[RegistrationState(text.state)]
        return _("when the registration is: %(state)s", state=state)
    return _("in some cases only") if text.sometimes else ""


def said(problem: Problem) -> str:
    """What is wrong with the words for a text, and what to do."""
    name = f"{{{problem.name}}}"
    match problem.fault:
        case Fault.EMPTY:
            return _("Please write something, or use the product's words again.")
        case Fault.LONG:
            return _("This is too long: %(max)d characters at most.", max=problem.most)
        case Fault.UNPRINTABLE:
            return _("There are characters in it that cannot be seen. Please type it anew.")
        case Fault.KEY:
            return _("The address of somebody's own page is their key. Please take it out.")
        case Fault.FORMS:
            return _("Please fill in all forms of this text.")
        case Fault.MEANWHILE:
            return _("Somebody else has changed this text meanwhile. Look at it again, please.")
        case Fault.LEFT_OUT:
            return _(
                "%(name)s is missing. Put it in, or say below that you leave it out on purpose.",
                name=name,
            )
        case Fault.UNKNOWN if problem.meant:
            return _(
                "%(name)s cannot stand here. Did you mean %(meant)s?",
                name=name,
                meant=f"{{{problem.meant}}}",
            )
    return _("%(name)s cannot stand here: nothing would be filled in.", name=name)
