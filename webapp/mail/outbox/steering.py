"""What people decide about letters that wait, or that did not arrive."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.mail.letters import OVERTAKEN, UNWANTED
from webapp.models.invitation import Invitation, InvitationState
from webapp.models.mail import Mail, MailState, OptOut
from webapp.models.states import MoveRefused

SEND = "outbox.send"  # the task that a hint wakes
NOT_SENT = (MailState.WAITING, MailState.HELD)


def stop(mail: Mail) -> None:
    """Let a letter that waits or is held not be sent any more. Raises MoveRefused for any other:
    one that is being sent may have left already."""
    db.session.refresh(mail, with_for_update=True)
    mail.become(MailState.CANCELLED)
    mail.hold = None
    db.session.flush()


def stop_all(*which: ColumnElement[bool], why: str | None = None) -> int:
    """Let all letters that `which` says, and that wait or are held, not be sent any more; how many
    they are. `why` is for the list. One statement, however many."""
    ids = (
        select(Mail.id)
        .where(Mail.state.in_(NOT_SENT), *which)
        .order_by(Mail.id)  # in one order for everybody who changes many
        .with_for_update()
    )
    values: dict[str, Any] = {"state": MailState.CANCELLED, "hold": None}
    if why is not None:
        values["last_error"] = why
    stopped = update(Mail).where(Mail.id.in_(ids)).values(**values).returning(Mail.id)
    return len(db.session.scalars(stopped.execution_options(synchronize_session="fetch")).all())


def send_again(mail: Mail) -> bool:
    """Let a letter that failed or came back wait anew, with all its tries. Raises MoveRefused for
    any other.

    One of a topic that its reader has asked for no more of since is cancelled, and says why; so is
    one about an invitation that stands otherwise by now. Then False.
    """
    db.session.refresh(mail, with_for_update=True)
    if mail.state not in (MailState.FAILED, MailState.BOUNCED):
        raise MoveRefused(mail, mail.state, MailState.WAITING)
    mail.become(MailState.WAITING)
    mail.attempts = 0
    mail.due_at = clock.now()
    why = UNWANTED if _is_refused(mail) else OVERTAKEN if _is_overtaken(mail) else None
    if why is not None:
        mail.become(MailState.CANCELLED)
        mail.last_error = why
    db.session.flush()
    if why is None:
        hint(SEND)
    return why is None


def _is_refused(mail: Mail) -> bool:
    """Whether its reader wants no more letters of its topic."""
    refused = select(OptOut.id).where(
        OptOut.trip_id == mail.trip_id,
        OptOut.email == mail.to_email.lower(),
        OptOut.topic == mail.topic,
    )
    return bool(db.session.scalar(select(refused.exists())))


def _is_overtaken(mail: Mail) -> bool:
    """Whether a letter about an invitation says what is not so any more: it invites to what its
    reader is not in, or has as of a later letter, or what is over; or it takes back what its reader
    was invited to again. Its octets are written, and would be sent as they are."""
    said = (mail.facts or {}).get("said")
    if not said or mail.letter not in ("session_invited", "session_uninvited"):
        return False
    stands = select(Invitation.id).where(Invitation.state == InvitationState.INVITED)
    if mail.letter == "session_invited":
        stands = stands.where(Invitation.mail_id == mail.id, Invitation.ends_at > clock.now())
        return not db.session.scalar(select(stands.exists()))
    stands = stands.where(
        Invitation.trip_id == mail.trip_id,
        func.lower(Invitation.email) == mail.to_email.lower(),
        Invitation.uid == UUID(said["uid"]),
    )
    return bool(db.session.scalar(select(stands.exists())))
