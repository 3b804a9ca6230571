"""What becomes of one invitation: plain rules over a row, its letter and what is wanted now.

What a reader's calendar holds follows from letters that left. One that still waits can be stopped,
and then it never was; so whoever is moved and moved back before anything left reads nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.db import Facts
from webapp.domain.differences import MOVES
from webapp.mail.outbox.settling import LOST
from webapp.models.invitation import Invitation, InvitationState
from webapp.models.mail import Mail, MailState
from webapp.models.release import ReleaseItem

NOT_SENT = (MailState.WAITING, MailState.HELD)
DID_NOT_ARRIVE = (MailState.FAILED, MailState.BOUNCED)


class Deed(StrEnum):
    """What is done about one invitation; a letter that waits is stopped before each but NOTHING."""

    NOTHING = "nothing"
    INVITE = "invite"  # REQUEST: anew, again, or with what moved
    UNINVITE = "uninvite"  # CANCEL
    MOVE = "move"  # CANCEL to the address it went to, REQUEST to the one the delegate has now
    KEEP = "keep"  # what the reader's calendar holds is right as it is
    FORGET = "forget"  # nothing ever left: as if there had been no invitation


@dataclass(frozen=True, slots=True)
class Wanted:
    """A published session that stands in a delegate's own calendar and is not over.

    `mark` tells one time, place and state from another. `may_begin`: whoever has no invitation to
    it gets one; `may_return`: so does whoever had one that was taken back.
    """

    item: ReleaseItem
    mark: str
    may_begin: bool
    may_return: bool


def mark(item: ReleaseItem) -> str:
    """The same for the same time, place and state: what a new REQUEST is sent for (R5, I9)."""
    said = "\n".join(f"{name}={getattr(item, name)!s}" for name in sorted(MOVES))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def has_left(mail: Mail | None) -> bool:
    """Whether a letter is on its way or arrived, as far as anybody knows. Of one that is not kept
    any more it is taken for granted: it was settled long ago."""
    if mail is None or mail.state in (MailState.SENDING, MailState.SENT):
        return True
    return mail.state == MailState.FAILED and mail.last_error == LOST


def holds(row: Invitation) -> Facts | None:
    """The session as the reader's calendar has it because of our letters; None: not at all."""
    if has_left(row.mail):
        return row.said["entry"] if row.state == InvitationState.INVITED else None
    return row.said.get("had")


def was_told(row: Invitation) -> bool:
    """Whether any letter about it ever left."""
    return bool(row.said.get("told")) or has_left(row.mail)


def waits(row: Invitation) -> bool:
    """Whether its letter can still be stopped."""
    return row.mail is not None and row.mail.state in NOT_SENT


def decide(row: Invitation | None, wanted: Wanted | None, email: str, at: datetime) -> Deed:
    """What to do about a delegate's invitation to one session. `wanted` None: it does not stand in
    their calendar (any more), or it is over; `email` is the address that they have now.

    Nobody is uninvited who was never invited, and nobody is told anything of what is over (I10).
    """
    if row is None:
        return Deed.INVITE if wanted and wanted.may_begin else Deed.NOTHING
    held = holds(row)
    if wanted is None:
        return _unwanted(row, held, at)
    if held is None and not wanted.may_begin and waits(row) and not was_told(row):
        return Deed.FORGET  # organizers mail no such invitation any more, and it has not left
    if row.email.lower() != email.lower():
        return Deed.MOVE if held or _may_go_on(row, wanted) else Deed.NOTHING
    if held and held["mark"] == wanted.mark:
        is_settled = row.state == InvitationState.INVITED and has_left(row.mail)
        return Deed.NOTHING if is_settled else Deed.KEEP
    if held is None and not _may_go_on(row, wanted):
        return Deed.NOTHING
    if row.state == InvitationState.INVITED and row.said["entry"]["mark"] == wanted.mark:
        was_tried = row.mail is not None and row.mail.state in DID_NOT_ARRIVE
        return Deed.NOTHING if was_tried or waits(row) else Deed.INVITE
    return Deed.INVITE


def _unwanted(row: Invitation, held: Any, at: datetime) -> Deed:
    if held is None:
        is_to_come = waits(row) or row.ends_at > at
        is_invited = row.state == InvitationState.INVITED
        return Deed.FORGET if is_invited and is_to_come else Deed.NOTHING
    if row.ends_at <= at:
        return Deed.KEEP if waits(row) else Deed.NOTHING
    if row.state == InvitationState.CANCELLED:
        # A letter that says so waits, or was tried in vain; or organizers stopped it.
        was_stopped = row.mail is not None and row.mail.state == MailState.CANCELLED
        return Deed.UNINVITE if was_stopped else Deed.NOTHING
    return Deed.UNINVITE


def _may_go_on(row: Invitation, wanted: Wanted) -> bool:
    """Whether somebody whose calendar does not hold it may be invited after all: a first letter
    that was not sent in vain is sent in any case."""
    return row.state == InvitationState.INVITED or wanted.may_return
