"""What keeps an application from being taken, next to the field that it is about."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.registrations import document_words
from webapp.domain import documents, drafts
from webapp.domain.registrations import (
    AlreadyRegistered,
    DelegateTwice,
    RegistrationClosed,
    WrittenTooOften,
)
from webapp.domain.seats import NoCompanyPlaceLeft, NoSeatLeft, TooManyDelegates
from webapp.errors import DomainError
from webapp.models.trip import Window


def tell(form: Any, error: DomainError) -> None:
    """Put the words for what the domain refused into the RegistrationForm. Raises what has none."""
    match error:
        case DelegateTwice(position=position):
            form.rows()[position].email.errors = [
                _("Another delegate on this form has the same email.")
            ]
        case WrittenTooOften(addresses=addresses):
            for field in form.mail_fields():
                if field.data and field.data.lower() in addresses:
                    field.errors = [_too_often()]
        case AlreadyRegistered():
            form.organization_name.errors = [already_registered()]
        case RegistrationClosed(window=window):
            form.form_errors = [_window_words(window)]
        case drafts.DraftTooLarge():
            form.form_errors = [_("This is too much to be saved. Please shorten your texts.")]
        case drafts.TooManyDrafts():
            form.coordinator_email.errors = [
                _(
                    "Several forms of this address are saved already: please go on with one of "
                    "them. The links are in our mails."
                )
            ]
        case _ if isinstance(error, documents.REFUSALS):
            form.form_errors = [document_words.refusal(error)]
        case _:
            form.delegates.errors = [_places_words(error)]


def already_registered() -> str:
    """A company applies once."""
    return _(
        "This organization is registered for this tour already, and each applies once. Whoever "
        "registered it can add people."
    )


def _too_often() -> str:
    return _("We have written to this address several times today. Please try again tomorrow.")


def _places_words(error: DomainError) -> str:
    match error:
        case TooManyDelegates(asked=asked, limit=limit):
            return _(
                "You entered %(asked)d delegates; one organization may send %(limit)d.",
                asked=asked,
                limit=limit,
            )
        case NoSeatLeft(asked=asked, left=left) if left:
            return ngettext(
                "Only %(num)d place is left and you ask for %(asked)d. Send fewer people, or tick "
                "the waiting list below.",
                "Only %(num)d places are left and you ask for %(asked)d. Send fewer people, or "
                "tick the waiting list below.",
                left,
                asked=asked,
            )
        case NoSeatLeft() | NoCompanyPlaceLeft():
            return _("No place is left. Tick the waiting list below and we keep your place in it.")
    raise error


def _window_words(window: Window) -> str:
    match window:
        case Window.BEFORE:
            return _("Registration has not opened yet.")
        case Window.CLOSED:
            return _("Registration is closed.")
    return _("This tour takes no registrations.")
