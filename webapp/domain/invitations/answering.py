"""What the invited say: on their page, or from their calendar program."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from webapp import clock
from webapp.calendars.reply import read
from webapp.db import db
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.domain.invitations.deciding import was_told
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.invitation import Answer, AnsweredBy, Invitation, InvitationState

# PARTSTAT in our words; what else there is (delegated, needs-action) answers nothing.
SAID = {
    "ACCEPTED": Answer.ACCEPTED,
    "DECLINED": Answer.DECLINED,
    "TENTATIVE": Answer.TENTATIVE,
}


class NotInvited(DomainError):
    """The delegate has no invitation to that session, or not any more."""


def can_answer(found: Invitation) -> bool:
    """Whether it stands and has left, and the session is not over."""
    is_standing = found.state == InvitationState.INVITED and was_told(found)
    return is_standing and found.ends_at > clock.now()


def answer(delegate: Delegate, uid: UUID, said: Answer, by: By) -> Invitation:
    """A delegate says on their page whether they come to a session that they are invited to;
    audited. The same answer again writes nothing. Raises NotInvited, also once it is over."""
    found = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.delegate_id == delegate.id,
            Invitation.uid == uid,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None or delegate.is_gone or not can_answer(found):
        raise NotInvited
    if found.answer == said:
        return found
    _note(found, said, clock.now(), AnsweredBy.PAGE, by)
    return found


def take(invitation_id: int, calendars: Iterable[bytes]) -> Invitation | None:
    """Write down what a guest's calendar program answered, of the first of these calendars that is
    an answer; the invitation, or None when nothing
    was written: it is about another session, to a time that was moved since, older than what we
    know already, no yes or no, or the invitation does not stand any more.

    The newest answer counts, by when the guest's program says that it was made. Taken twice it
    does nothing more.
    """
    reply = next(filter(None, map(read, calendars)), None)
    if reply is None:
        return None
    found = _standing(invitation_id)
    if found is None or found.state != InvitationState.INVITED or reply.uid != str(found.uid):
        return None
    said = SAID.get(reply.of(found.email) or "")
    at = min(reply.stamped_at or clock.now(), clock.now())
    if said is None or reply.sequence < found.sequence:
        return None
    if found.answered_at is not None and at <= found.answered_at:
        return None
    by = audits.by_delegate(found.delegate)
    if said == found.answer:
        found.answered_at, found.answered_by = at, AnsweredBy.CALENDAR
        db.session.flush()
        return found
    _note(found, said, at, AnsweredBy.CALENDAR, by)
    return found


def _standing(invitation_id: int) -> Invitation | None:
    """The invitation, locked. In the place of one that was taken back the one that stands to the
    same session and mailbox: whoever was replaced and comes again is invited from the address of
    before (Batch.organizers)."""
    found = db.session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if found is None or found.state == InvitationState.INVITED:
        return found
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.trip_id == found.trip_id,
            func.lower(Invitation.email) == found.email.lower(),
            Invitation.uid == found.uid,
            Invitation.state == InvitationState.INVITED,
        )
        .order_by(Invitation.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _note(found: Invitation, said: Answer, at: datetime, how: AnsweredBy, by: By) -> None:
    before = {"answer": found.answer}
    found.answer, found.answered_at, found.answered_by = said, at, how
    db.session.flush()
    after = {"answer": said}
    audits.write(by, found, "answer", trip_id=found.trip_id, before=before, after=after)
