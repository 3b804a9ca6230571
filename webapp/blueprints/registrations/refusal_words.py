"""What keeps a change of a company from being made, in words for the company and for organizers."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.registrations import answer_words, document_words
from webapp.domain import amendments, answers, delegates, documents, registrations, seats
from webapp.errors import DomainError
from webapp.models.states import MoveRefused

# What the verbs of a company's changes raise.
REFUSALS = (
    *delegates.REFUSALS,
    *registrations.REFUSALS,
    *documents.REFUSALS,
    answers.AnswersRefused,
    registrations.OfferEnded,
    registrations.WrittenTooOften,
)


def refusal(error: DomainError) -> str:
    """Why a company cannot do this."""
    match error:
        case delegates.AlreadyThere():
            return _("A delegate of your company has this mail address already.")
        case delegates.HoldsOwnData():
            return _(
                "This delegate has given data of their own behind the link, so it cannot be sent "
                "to another address. Replace them: what is theirs does not pass on."
            )
        case delegates.LastDelegate():
            return _(
                "This is your last delegate. Replace them by a colleague, or cancel the whole "
                "registration."
            )
    return _refused(error)


def _refused(error: DomainError) -> str:
    match error:
        case delegates.NotOpen() | documents.NoPart():
            return _("This can no longer be changed: the registration or the tour has ended.")
        case seats.TooManyDelegates(limit=limit):
            return ngettext(
                "A registration takes %(num)d delegate at most, those who left included.",
                "A registration takes %(num)d delegates at most, those who left included.",
                limit,
            )
        case registrations.WrittenTooOften():
            return _(
                "We have written to this address several times today. Please try again tomorrow."
            )
        case registrations.OfferEnded():
            return _("This offer has ended. The page shows how it stands now.")
        case answers.AnswersRefused(faults=faults):
            return " ".join(answer_words.sentence(fault) for fault in faults)
        case MoveRefused():
            return _("This had been decided meanwhile. The page shows how it stands now.")
    if isinstance(error, documents.REFUSALS):
        return document_words.refusal(error)
    return _of_places(error)


def _of_places(error: DomainError) -> str:
    match error:
        case seats.NoSeatLeft(left=left):
            return ngettext("Only %(num)d place is left.", "Only %(num)d places are left.", left)
        case seats.NoCompanyPlaceLeft():
            return _("The tour takes no further organization.")
    return _("This cannot be done as it stands.")


def request_refusal(error: DomainError) -> str:
    """Why an organizer cannot agree to a request, or decline it."""
    match error:
        case amendments.Stale(keys=keys) if keys:
            return _(
                "What the request would change has been changed since it was made. Decline it, or "
                "ask the company to ask anew."
            )
        case amendments.Stale():
            return _("Whom this request is about is no longer part of the tour.")
        case amendments.NoLongerOpen():
            return _("Somebody has decided meanwhile, or the company took its request back.")
        case amendments.ReasonMissing():
            return _("Please give a reason: the company will read it.")
        case delegates.AlreadyThere():
            return _("The company has a delegate with this mail address by now.")
        case delegates.LastDelegate():
            return _("This is the last delegate of the company. Cancel the registration instead.")
    return refusal(error)
