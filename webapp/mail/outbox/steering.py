"""What people decide about letters that wait, or that did not arrive."""

from typing import Any

from sqlalchemy import ColumnElement, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.models.mail import Mail, MailState
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


def send_again(mail: Mail) -> None:
    """Let a letter that failed or came back wait anew, with all its tries. Raises MoveRefused for
    any other."""
    db.session.refresh(mail, with_for_update=True)
    if mail.state not in (MailState.FAILED, MailState.BOUNCED):
        raise MoveRefused(mail, mail.state, MailState.WAITING)
    mail.become(MailState.WAITING)
    mail.attempts = 0
    mail.due_at = clock.now()
    db.session.flush()
    hint(SEND)
