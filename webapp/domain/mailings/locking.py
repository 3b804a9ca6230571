"""One message, one who changes it: what is locked is the message and never its tour."""

from sqlalchemy import select

from webapp.db import db
from webapp.models.mailing import Mailing, MailingState
from webapp.models.states import MoveRefused


class Busy(MoveRefused):
    """Somebody else changes or sends the message right now, or has deleted it."""


def lock(mailing: Mailing) -> None:
    """Let nobody else change or send this message until the transaction ends, and read it anew. The
    tour is not held: registrations must not wait while thousands of letters are put. Nor does
    anybody wait here meanwhile: raises Busy."""
    db.session.flush()
    state = mailing.state
    found = db.session.scalars(
        select(Mailing)
        .where(Mailing.id == mailing.id)
        .with_for_update(of=Mailing, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Busy(mailing, state, state)


def lock_draft(mailing: Mailing) -> None:
    """The same for a draft. Raises Busy, and MoveRefused for any other."""
    lock(mailing)
    if mailing.state != MailingState.DRAFT:
        raise MoveRefused(mailing, mailing.state, MailingState.DRAFT)
