"""What becomes of letters before they are sent: those held for a moment are let go before it, and
those written already are written anew when what they say is not so any more."""

from sqlalchemy import ColumnElement, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.mail import outbox
from webapp.models.mail import Hold, Mail, MailState


def let_go(*which: ColumnElement[bool]) -> None:
    """Let the letters that `which` says, and that are held for a moment, go out now. One to an
    address that mail came back from meanwhile stays held, for that."""
    held = (Mail.state == MailState.HELD, Mail.hold == Hold.WINDOW, *which)
    ids = select(Mail.id).where(*held).order_by(Mail.id).with_for_update()
    db.session.execute(
        update(Mail)
        .where(Mail.id.in_(ids))
        .values(due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    outbox.release_held()
    hint(outbox.SEND)


def write_anew(*which: ColumnElement[bool]) -> None:
    """Forget what was written of letters that nobody has tried to send yet: they may be held for a
    day, and their reader, address or link is another one since. A worker writes them again, or
    finds that they have no reader any more."""
    written = (
        Mail.state.in_((MailState.WAITING, MailState.HELD)),
        Mail.message.is_not(None),
        Mail.facts.is_not(None),
        Mail.attempts == 0,
    )
    ids = select(Mail.id).where(*written, *which).order_by(Mail.id).with_for_update()
    db.session.execute(
        update(Mail)
        .where(Mail.id.in_(ids))
        .values(message=None, subject="")
        .execution_options(synchronize_session="fetch")
    )
    hint(outbox.SEND)
