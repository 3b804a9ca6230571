"""What an organizer decides of registrations, and the words for what the rules refuse."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import Optional

from webapp.blueprints.fields import NotBlank, at_most, clean, whole
from webapp.domain import criteria, registrations, seats
from webapp.errors import DomainError
from webapp.models.registration import RegistrationState
from webapp.models.states import MoveRefused

DECISIONS = (
    RegistrationState.ACCEPTED,
    RegistrationState.WAITLISTED,
    RegistrationState.DECLINED,
)


class DecisionForm(FlaskForm):
    """What an organizer decides; which way is the name of the button. `seen` is the number of
    decisions that the page showed, so that nobody decides over a colleague's head."""

    seen = HiddenField()

    out_of_turn = BooleanField(_l("Accept it out of its turn, before those who stand before it"))
    reason = TextAreaField(
        _l("Reason"),
        [Optional(), at_most(1000)],
        filters=[clean],
        description=_l(
            "The company reads this. Needed to decline, to put on the waiting list, and out of "
            "turn."
        ),
    )

    def seen_decisions(self) -> int:
        """How many decisions the page showed; -1, which no page shows, for anything else."""
        seen = self.seen.data or ""
        return int(seen) if re.fullmatch(r"[0-9]{1,6}", seen) else -1


class ManyForm(FlaskForm):
    """One decision for several registrations, with one reason."""

    reason = TextAreaField(
        _l("Reason"),
        [Optional(), at_most(1000)],
        filters=[clean],
        description=_l("Each company reads this. Needed to decline or to put on the waiting list."),
    )


class ExtraForm(FlaskForm):
    """Places for one company over the limit of one organization."""

    extra = whole(_l("Places more than others may have"), 0, 1_000, needed=False)
    why = TextAreaField(
        _l("Reason"),
        [NotBlank(), at_most(1000)],
        filters=[clean],
        description=_l("Kept in the history, for staff."),
    )


class CancelForm(FlaskForm):
    """Why a company that told you so does not come."""

    cause = TextAreaField(
        _l("Reason"),
        [Optional(), at_most(1000)],
        filters=[clean],
        description=_l("The company reads this."),
    )


def refusal(error: DomainError) -> str:
    """Why a decision cannot be made."""
    match error:
        case registrations.DecidedMeanwhile():
            return _("A colleague has decided meanwhile. This is how it stands now.")
        case registrations.ReasonMissing():
            return _("Please give a reason: the company will read it.")
        case registrations.OutOfTurn(before=before):
            return ngettext(
                "%(num)d other waits before this company. To accept it all the same, tick the box "
                "and give a reason.",
                "%(num)d others wait before this company. To accept it all the same, tick the box "
                "and give a reason.",
                before,
            )
        case registrations.AlreadyRegistered():
            return _("This organization has applied anew, and that registration stands.")
        case MoveRefused():
            return _("From how it stands now there is no way to that.")
        case criteria.ScoredMeanwhile():
            return _("A colleague has scored this company meanwhile. This is how it stands now.")
    return _of_places(error)


def _of_places(error: DomainError) -> str:
    match error:
        case seats.TooManyDelegates(asked=asked, limit=limit):
            return ngettext(
                "One organization may send %(num)d delegate; this one names %(asked)d.",
                "One organization may send %(num)d delegates; this one names %(asked)d.",
                limit,
                asked=asked,
            )
        case seats.NoSeatLeft(asked=asked, left=left):
            return ngettext(
                "Only %(num)d place is left; this company needs %(asked)d.",
                "Only %(num)d places are left; this company needs %(asked)d.",
                left,
                asked=asked,
            )
    return _("The tour takes no further organization.")
