"""Why two things may be the same, and why they stay apart, in the reader's language."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.blueprints.labels import REGISTRATION_STATES
from webapp.domain.merges import MergeRefused, Sign, Why

SIGNS: dict[Sign, Any] = {
    Sign.SAYS_SO: _l("The applicant chose this known name"),
    Sign.SAME_KEY: _l("The same name but for case, accents or legal form"),
    Sign.ALIAS: _l("One went by the name of the other"),
    Sign.SPELLING: _l("The names differ by a letter"),
    Sign.ORDER: _l("The same words in another order"),
    Sign.SAME_NAME: _l("The same name"),
    Sign.SAME_COMPANY: _l("The same name, sent by one company"),
}
REFUSALS: dict[Why, Any] = {
    Why.REASON_MISSING: _l("Please give a reason: it stays in the history."),
    Why.SAME: _l("These are one already."),
    Why.MERGED: _l("One of the two was merged before. Please look again."),
    Why.MEANWHILE: _l("Somebody registered just now. Please try again."),
    Why.OFFERED: _l(
        "A place is offered to one of the registrations %(older)s and %(younger)s. Wait until it "
        "is answered, or decide it first."
    ),
    Why.REQUESTS: _l("Registration %(younger)s has open requests. Decide them first."),
    Why.MONEY: _l(
        "Payments are recorded for registration %(younger)s. Void them there and record them for "
        "%(older)s first."
    ),
    Why.BLOCKS: _l("Registrations %(older)s and %(younger)s draw on different places held."),
    Why.SAME_REGISTRATION: _l(
        "Both are delegates of registration %(older)s. Withdraw one of them first."
    ),
}


def refusal(error: MergeRefused) -> str:
    """What keeps two things apart, and what to do about it."""
    facts = error.facts
    if error.why == Why.STATES:
        return _(
            "Registrations %(older)s (%(one)s) and %(younger)s (%(other)s) are in different "
            "states. Decide one of them first.",
            older=facts["older"],
            younger=facts["younger"],
            one=REGISTRATION_STATES[facts["one"]],
            other=REGISTRATION_STATES[facts["other"]],
        )
    if error.why == Why.TOO_MANY:
        return ngettext(
            "Together they would send %(together)d delegates, and one company may send %(num)d. "
            "Allow registration %(older)s more places first.",
            "Together they would send %(together)d delegates, and one company may send %(num)d. "
            "Allow registration %(older)s more places first.",
            facts["limit"],
            together=facts["together"],
            older=facts["older"],
        )
    return str(REFUSALS[error.why]) % facts


def sign(of: Sign) -> str:
    """Why two may be the same."""
    return str(SIGNS[of])
