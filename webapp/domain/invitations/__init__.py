"""Invitations by mail (iTIP over iMIP): which sessions stand in whose calendar because we mailed
them, kept right by every change, and what the readers answered.

`setting` is what organizers decide. A worker compares what calendars hold with what they are to
hold (`reconciling`; `wanting` says what that is, `deciding` what to do about each, `batches` does
it), `answering` takes answers, `looking` is what is asked. (icalendar.md I1 to I10.)
"""

from webapp.domain.feeds.outdating import RECONCILE
from webapp.domain.invitations.answering import NotInvited, answer, can_answer, take
from webapp.domain.invitations.handing import hand_over
from webapp.domain.invitations.looking import Row, at_most, find, is_known, of_delegate, of_trip
from webapp.domain.invitations.reconciling import due, reconcile
from webapp.domain.invitations.setting import held, let_go, set_mode, unsettle

__all__ = [
    "RECONCILE",
    "NotInvited",
    "Row",
    "answer",
    "at_most",
    "can_answer",
    "due",
    "find",
    "hand_over",
    "held",
    "is_known",
    "let_go",
    "of_delegate",
    "of_trip",
    "reconcile",
    "set_mode",
    "take",
    "unsettle",
]
