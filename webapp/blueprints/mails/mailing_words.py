"""What is said of messages: what keeps one from going out, whom it is for, who is left out."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import i18n
from webapp.blueprints.labels import DELEGATE_STATES, REGISTRATION_STATES
from webapp.blueprints.registrations.document_words import refusal as document_refusal
from webapp.blueprints.registrations.document_words import size_text
from webapp.domain.mailings import describing, drafts, files, templates, wording
from webapp.domain.mailings.audience import Audience, AudienceRefused, Why, from_plain
from webapp.domain.mailings.checking import Fault, What
from webapp.domain.mailings.wording import Trouble
from webapp.errors import DomainError
from webapp.models.mailing import Mailing
from webapp.models.trip import Trip


def audience(trip: Trip, asked: Audience) -> str:
    """Whom a message is for, in a sentence."""
    labels = {
        member.value: str(name)
        for names in (REGISTRATION_STATES, DELEGATE_STATES)
        for member, name in names.items()
    }
    return describing.sentence(asked, describing.names(trip, asked), labels)


def audience_of(trip: Trip, mailing: Mailing) -> str:
    """The same of a message, whatever is kept with it."""
    try:
        return audience(trip, from_plain(mailing.audience))
    except AudienceRefused:
        return _("Nobody: whom it is for has to be said anew.")


def fault(found: Fault) -> str:
    """What has to be mended before the message can go out."""
    language = i18n.language_name(found.language) if found.language else ""
    match found.what:
        case What.NO_TEXT:
            return _("There is no text yet.")
        case What.NO_SUBJECT:
            return _("There is no subject (%(language)s).", language=language)
        case What.NO_BODY:
            return _("There is no text (%(language)s).", language=language)
        case What.LANGUAGE_MISSING:
            return ngettext(
                "%(num)d person reads this message in a language that it is not written in "
                "(%(language)s). Write it, or say that they get the text that there is.",
                "%(num)d people read this message in a language that it is not written in "
                "(%(language)s). Write it, or say that they get the text that there is.",
                found.number,
                language=language,
            )
        case What.NOBODY:
            return _("Nobody would get this message.")
        case What.STALE:
            return _stale(found.part)
        case What.TOO_HEAVY:
            return _(
                "With its files, this message would be %(size)s in all letters together. Put the "
                "files on a page, and write its address instead.",
                size=size_text(found.number),
            )
    where = _("Subject (%(language)s)", language=language)
    if found.part == "body":
        where = _("Text (%(language)s)", language=language)
    words = text_problem(found.problem) if found.problem else ""
    return _("%(name)s: %(text)s", name=where, text=words)


def text_problem(problem: wording.Problem) -> str:
    """What is wrong with a text."""
    match problem.trouble:
        case Trouble.UNKNOWN if problem.meant:
            return _(
                "{%(said)s} is no placeholder. Do you mean {%(meant)s}?",
                said=problem.said,
                meant=problem.meant,
            )
        case Trouble.UNKNOWN:
            return _("{%(said)s} is no placeholder.", said=problem.said)
        case Trouble.UNCLOSED:
            return _(
                "A brace is opened and not closed: %(said)s For a brace that is meant as one, "
                "write two.",
                said=problem.said,
            )
        case Trouble.EMPTY:
            return _("There is nothing between two braces.")
        case Trouble.CANNOT:
            return _cannot(problem.said)
        case Trouble.IN_LINK:
            return _(
                "A placeholder stands inside of the web address %(said)s, which would break.",
                said=problem.said,
            )
        case Trouble.LEFT:
            return _("This is left for you to say: [[%(said)s]]", said=problem.said)
    return _(
        "The text holds somebody's own address, which opens their data to all who read it: "
        "%(said)s Write {delegate_link} or {company_link}: each reader gets their own.",
        said=problem.said,
    )


def why(reason: Why) -> str:
    """Why somebody is left out."""
    return {
        Why.BOUNCED: _("Mail to the address came back"),
        Why.OPTED_OUT: _("Asked for no more news"),
        Why.GONE: _("No longer coming"),
        Why.ERASED: _("Data erased"),
    }[reason]


def problem(mailing: Mailing) -> str:
    """Why a scheduled message did not go."""
    return {
        "NotReady": _("It did not go out: something has to be mended first."),
        "WindowOver": _(
            "It did not go out: its time was over by more than 12 hours when it could have been "
            "sent. Make it a draft again, look at it, and send it if it still says what it should."
        ),
    }.get(mailing.problem or "", _("It did not go out: something went wrong. It is tried again."))


def refusal(error: DomainError) -> str:
    """Why something cannot be done with a message."""
    match error:
        case files.FileTooLarge():
            return _("This file is too large: 5 MB at most.")
        case files.TooMuch():
            return _("The files of one message may have 8 MB together, and be 10 at most.")
        case files.NoRoom():
            return _(
                "The file could not be kept: the server's disk is full. Your text is saved. Please "
                "tell whoever runs the server."
            )
        case drafts.TooManyMessages():
            return _("This tour has 1000 messages already. Please delete drafts that you no longer "
                     "need.")  # fmt: skip
        case templates.TooManyTemplates():
            return _("There are 200 templates already. Please delete one first.")
    return document_refusal(error)


def _stale(field: str | None) -> str:
    return {
        "organization_ids": _("One of the companies has no part in this tour any more."),
        "stop_id": _("The stop that it asks for is not there any more."),
        "track_id": _("The track that it asks for is not there any more."),
        "item_uid": _("The session that it asks for is not in the published agenda."),
    }.get(field or "", _("Whom it is for has to be said anew."))


def _cannot(name: str) -> str:
    return {
        "company_link": _(
            "{company_link} is for coordinators alone, and delegates would read this too. Write "
            "two messages, or {delegate_link} to delegates."
        ),
        "delegate_link": _(
            "{delegate_link} is for delegates alone, and coordinators would read this too. Write "
            "two messages, or {company_link} to coordinators."
        ),
        "deadline": _("This tour has no deadline for {deadline}."),
        "agenda_link": _("The agenda is not public yet, so {agenda_link} would lead nowhere."),
    }[name]


def placeholders() -> list[tuple[str, str]]:
    """(placeholder, what it says) for the page."""
    return [
        ("{name}", _("Name of who reads it")),
        ("{company}", _("Their company")),
        ("{coordinator}", _("Who coordinates for the company")),
        ("{tour}", _("Title of the tour")),
        ("{dates}", _("Its dates")),
        ("{deadline}", _("Deadline for travel details, with its time zone")),
        ("{agenda_link}", _("Address of the public agenda")),
        ("{delegate_link}", _("The delegate's own page; to delegates only")),
        ("{company_link}", _("The company's own page; to coordinators only")),
    ]
