"""Writing the letters that wait unwritten in the outbox: for a worker."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import feeds
from webapp.domain.correspondence import contexts
from webapp.domain.correspondence.contexts import Pointless
from webapp.domain.correspondence.reading import Live, read
from webapp.mail import outbox
from webapp.mail.letters import LETTERS
from webapp.mail.message import Attachment, Letter, Written, write
from webapp.models.mail import Mail, MailState

BATCH = 10  # letters of one transaction: at most these are written anew when a worker dies


def write_due(limit: int = BATCH) -> int:
    """Write up to `limit` letters that are due and not written yet, in the order they were put,
    past rows that others hold; how many were looked at.

    Each is written in its reader's language, dated when it was put. One that cannot be written is
    logged and tried again later, at last it fails; one that has no reader any more fails at once,
    and says why. Neither keeps the others from being written. Commit before claiming.
    """
    at = clock.now()
    rows = db.session.scalars(
        select(Mail)
        .where(Mail.message.is_(None), Mail.state == MailState.WAITING, Mail.due_at <= at)
        .order_by(Mail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0
    live = read(rows)
    outcomes = [(row, _try_to_write(row, live)) for row in rows]
    for row, outcome in outcomes:  # after the last one is rendered: one UPDATE for all
        _keep(row, outcome)
    db.session.flush()
    return len(rows)


def _try_to_write(row: Mail, live: Live) -> Written | Exception:
    try:
        with db.session.begin_nested():  # what the database refuses to read spoils no other letter
            return write(_letter(row, live), row.created_at)
    except Pointless as why:
        return why
    except Exception as error:  # whatever it is, the others are written
        current_app.logger.exception("letter %d (%s) cannot be written", row.id, row.letter)
        return error


def _keep(row: Mail, written: Written | Exception) -> None:
    match written:
        case Pointless():
            row.become(MailState.FAILED)
            row.last_error = f"not written: {written}"
            return
        case Exception():
            outbox.defer(row, f"it could not be written ({type(written).__name__})")
            return
    row.subject = written.subject
    row.message = written.content
    row.attempts = 0  # sending has all its tries
    row.last_error = None


def _letter(row: Mail, live: Live) -> Letter:
    if row.facts is None:
        raise Pointless("what it told of was erased")
    told = _told(row)
    context = contexts.of(row, told, live)
    files: tuple[Attachment, ...] = ()
    if row.letter == "delegate_welcome":
        sessions = feeds.delegate_file(context["delegate"])
        files = (Attachment("sessions.ics", "text/calendar", sessions),)
        context["has_sessions"] = True
    return Letter(
        name=row.letter,
        key=row.key,
        to_email=row.to_email,
        to_name=row.to_name,
        language=row.language,
        context=context,
        attachments=files,
        message_id=row.message_id,
    )


def _told(row: Mail) -> dict[str, Any]:
    """The facts as a template reads them: instants and dates are such again, and what may be told
    and was not is None."""
    kind = LETTERS[row.letter]
    silent: dict[str, Any] = dict.fromkeys(kind.facts | kind.also)
    return silent | {name: _revived(name, value) for name, value in (row.facts or {}).items()}


def _revived(name: str, value: Any) -> Any:
    match value:
        case str() if name.endswith("_at"):
            return datetime.fromisoformat(value)
        case str() if name.endswith("_on"):
            return date.fromisoformat(value)
        case str() if name == "amount":
            return Decimal(value)
        case dict():
            return {key: _revived(key, part) for key, part in value.items()}
        case list():
            return [_revived("", part) for part in value]
    return value
