"""Why a letter stands where it stands, in words: what the product notes itself is in English in the
row, and servers say what they like."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.mail.letters import OVERTAKEN, UNWANTED
from webapp.models.mail import Mail

NOT_WRITTEN = "not written: "
# Reasons of domain/correspondence for which a letter has no reader any more.
POINTLESS: dict[str, Any] = {
    "what it told of was erased": _l("It was not written: what it told of was erased."),
    "the registration is gone": _l("It was not written: the registration is gone."),
    "somebody else speaks for the company by now": _l(
        "It was not written: somebody else speaks for the company by now."
    ),
    "the company has answered the offer": _l(
        "It was not written: the company has answered the offer."
    ),
    "the delegate's data were erased": _l("It was not written: the delegate’s data were erased."),
    "the delegate is not part of the company's party any more": _l(
        "It was not written: the delegate is not one of the company’s any more."
    ),
    "the delegate has another mail address by now": _l(
        "It was not written: the delegate has another mail address by now."
    ),
    "the form was sent, or the draft is gone": _l(
        "It was not written: the form was sent, or the draft is gone."
    ),
    "the invitation to apply is gone": _l("It was not written: the invitation to apply is gone."),
    "the company has answered, or the invitation was taken back": _l(
        "It was not written: the company has answered, or the invitation was taken back."
    ),
    "the session that it invites to is over": _l(
        "It was not written: the session that it invites to is over."
    ),
    "no link belongs to this address any more": _l(
        "It was not written: no link belongs to this address any more."
    ),
}
NOTED: dict[str, Any] = {
    OVERTAKEN: _l("It was not sent: what it told of changed before it left."),
    UNWANTED: _l("Its reader asked for no more letters of this kind."),
    "the letter was sealed with another SECRET_KEY": _l(
        "It was sealed with another SECRET_KEY, so nobody can read or send it."
    ),
    "the worker stopped before it could say whether the server took it": _l(
        "The worker stopped before it could say whether the server took it."
    ),
} | {NOT_WRITTEN + reason: words for reason, words in POINTLESS.items()}


def mail_reason(mail: Mail) -> str:
    """Why it is not sent, or was not at the last try: in the reader's language where it is the
    product that says so, else in the server's own words; empty when nothing was the matter."""
    said = mail.last_error or ""
    if said not in NOTED and said.startswith(NOT_WRITTEN):
        return _("It was not written: %(why)s.", why=said.removeprefix(NOT_WRITTEN))
    return str(NOTED.get(said, said))
