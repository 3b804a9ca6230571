"""Writing the letters that wait unwritten in the outbox: for a worker."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.db import db
from webapp.domain import feeds
from webapp.domain.correspondence import contexts, days, messages, news
from webapp.domain.correspondence.contexts import Pointless
from webapp.domain.correspondence.reading import Live, read
from webapp.mail import outbox
from webapp.mail.letters import LETTERS
from webapp.mail.message import Letter, Written, write
from webapp.mail.mime import Attachment
from webapp.models.mail import Hold, Mail, MailState

BATCH = 10  # letters of one transaction: at most these are written anew when a worker dies


def write_due(limit: int = BATCH) -> int:
    """Write up to `limit` letters that are not written yet, past rows that others hold; how many
    were looked at. Those that are due come first, by urgency; while there are none, letters that
    are held for a moment are written ahead of it, so that they only have to be sent then.

    Each is written in its reader's language, dated when it was put. One that cannot be written is
    logged and tried again later, at last it fails; one that has no reader any more is cancelled at
    once, and says why. Neither keeps the others from being written. Commit before claiming.
    """
    due = (Mail.state == MailState.WAITING, Mail.due_at <= clock.now())
    ahead = (Mail.state == MailState.HELD, Mail.hold == Hold.WINDOW, Mail.attempts == 0)
    rows = _unwritten(limit, *due) or _unwritten(limit, *ahead)
    if not rows:
        return 0
    for row, outcome in _written(rows):  # after the last one is rendered: one UPDATE for all
        _keep(row, outcome)
    db.session.flush()
    return len(rows)


def _unwritten(limit: int, *which: ColumnElement[bool]) -> Sequence[Mail]:
    return db.session.scalars(
        select(Mail)
        .where(Mail.message.is_(None), *which)
        .order_by(Mail.urgency, Mail.due_at, Mail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def _written(rows: Sequence[Mail]) -> list[tuple[Mail, Written | Exception]]:
    """Each letter, or why it cannot be written. What cannot be read for one letter spoils no other:
    then each is read for and written alone, else one savepoint is enough for all."""
    try:
        with db.session.begin_nested():
            live = read(rows)
            return [(row, _try_to_write(row, live)) for row in rows]
    except Exception:  # noqa: BLE001  # each of them says again what is wrong with it
        return [(row, _try_alone(row)) for row in rows]


def _try_alone(row: Mail) -> Written | Exception:
    try:
        with db.session.begin_nested():
            return _try_to_write(row, read([row]))
    except Exception as error:  # noqa: BLE001  # whatever it is, the others are written
        return _logged(row, error)


def _try_to_write(row: Mail, live: Live) -> Written | Exception:
    """Raises SQLAlchemyError: after one, nothing more can be read."""
    try:
        return write(_letter(row, live), row.created_at)
    except SQLAlchemyError:
        raise
    except Pointless as why:
        return why
    except Exception as error:  # noqa: BLE001  # whatever it is, the others are written
        return _logged(row, error)


def _logged(row: Mail, error: Exception) -> Exception:
    current_app.logger.error("letter %d (%s) cannot be written", row.id, row.letter, exc_info=error)
    return error


def _keep(row: Mail, written: Written | Exception) -> None:
    match written:
        case Pointless():
            row.become(MailState.CANCELLED)  # nothing failed, and nobody has to do anything
            row.hold = None
            row.last_error = f"not written: {written}"
            return
        case Exception():
            outbox.defer(row, f"it could not be written ({type(written).__name__})")
            return
    row.subject = written.subject
    row.message = written.content
    row.attempts = 0  # sending has all its tries
    row.last_error = None


def letter_of(row: Mail) -> Letter:
    """The letter that would be written of a row now; nothing is written. Raises Pointless."""
    return _letter(row, read([row]))


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
    elif row.letter == "program":
        program = days.calendar(context["delegate"], live.days)
        files = (Attachment("program.ics", "text/calendar", program),)
    elif row.letter in news.LETTERS | messages.LETTERS:
        files = context.pop("files")
    return Letter(
        name=row.letter,
        key=row.key,
        to_email=row.to_email,
        to_name=row.to_name,
        language=row.language,
        context=context,
        attachments=files,
        message_id=row.message_id,
        stop_link=context.get("stop_link"),
        calendar=context.pop("calendar", None),
        from_email=context.pop("from_email", None),
        wording=live.wordings.get((row.trip_id, row.letter, row.language)),
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
