"""The outbox: letters wait here in the transaction of the change that they tell of.

put -> write (both domain/correspondence) -> claim -> the wire -> settle. Each step is one
transaction of its own; between claim and settle no lock is held. Retry state is in the row, so
losing the broker loses nothing. (DESIGN rules 8 and 9.)
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from flask import current_app
from sqlalchemy import LargeBinary, case, func, select, type_coerce, update

from webapp import clock, tokens
from webapp.db import db, hint
from webapp.mail.message import one_line
from webapp.models.mail import Mail, MailState
from webapp.models.states import MoveRefused

SEND = "outbox.send"  # the task that a hint wakes
MAX_ATTEMPTS = 6
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
SERVER_AWAY = timedelta(minutes=2)
STUCK_AFTER = timedelta(minutes=5)  # longer than a batch may take (tasks.outbox)
LONGEST_ERROR = 500
LONGEST_NAME = 200  # of its column; the message itself has the whole name


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed row, as the wire needs it; `attempt` and `at` tell this claim from a later one."""

    id: int
    attempt: int
    at: datetime
    to_email: str
    content: bytes


def written_lately(
    to_emails: Iterable[str], letters: Iterable[str], within: timedelta, most: int
) -> frozenset[str]:
    """Which of the addresses (lower case) have had `most` or more of these letters within that
    time, written already or not. What follows a plus sign counts for nothing: it is the same
    mailbox."""
    box = func.regexp_replace(func.lower(Mail.to_email), r"\+[^@]*@", "@")
    boxes = {email.lower(): re.sub(r"\+[^@]*@", "@", email.lower()) for email in to_emails}
    full = db.session.scalars(
        select(box)
        .where(
            box.in_(set(boxes.values())),
            Mail.letter.in_(list(letters)),
            Mail.created_at > clock.now() - within,
        )
        .group_by(box)
        .having(func.count() >= most)
    ).all()
    return frozenset(email for email, mailbox in boxes.items() if mailbox in full)


def claim(worker: str, limit: int = 10) -> list[Claimed]:
    """Take up to `limit` due and written rows for `worker`, oldest first, past rows that others
    hold.

    Commit before touching the wire: the claim is what keeps a second worker away.
    """
    at = clock.now()
    rows = db.session.scalars(
        select(Mail)
        .where(Mail.state == MailState.WAITING, Mail.due_at <= at, Mail.message.is_not(None))
        .order_by(Mail.due_at, Mail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    raw = select(Mail.id, type_coerce(Mail.message, LargeBinary))
    ids = [row.id for row in rows]
    sealed = {key: value for key, value in db.session.execute(raw.where(Mail.id.in_(ids)))}
    claimed = []
    for row in rows:
        row.become(MailState.SENDING)
        row.claimed_at = at
        row.claimed_by = worker
        row.attempts += 1
        try:
            content = tokens.unseal(current_app.secret_key, sealed[row.id])
        except InvalidToken:  # written under another SECRET_KEY: it must not stop the others
            row.become(MailState.FAILED)
            row.last_error = "the letter was sealed with another SECRET_KEY"
        else:
            claimed.append(Claimed(row.id, row.attempts, at, row.to_email, content))
    db.session.flush()
    return claimed


def settle_sent(claimed: Claimed) -> bool:
    """Write that the server took it. False when the claim was rescued from us meanwhile."""
    row = _ours(claimed)
    if row is None:
        return False
    row.become(MailState.SENT)
    row.sent_at = clock.now()
    row.last_error = None
    db.session.flush()
    return True


def settle_refused(claimed: Claimed, error: str, *, for_good: bool) -> bool:
    """Write that it was not taken: wait for the next try, or fail after the last or for good.

    False when the claim was rescued from us meanwhile.
    """
    row = _ours(claimed)
    if row is None:
        return False
    row.last_error = one_line(error)[:LONGEST_ERROR]
    if for_good or row.attempts >= MAX_ATTEMPTS:
        row.become(MailState.FAILED)
    else:
        row.become(MailState.WAITING)
        row.due_at = _next_try(row)
    db.session.flush()
    return True


def defer(row: Mail, error: str) -> None:
    """Count a try to write a waiting letter that went wrong: it is written later, and fails after
    the last try. The caller holds the row."""
    row.attempts += 1
    row.last_error = one_line(error)[:LONGEST_ERROR]
    if row.attempts >= MAX_ATTEMPTS:
        row.become(MailState.FAILED)
    else:
        row.due_at = _next_try(row)
    db.session.flush()


def put_back(claimed: Claimed, error: str) -> bool:
    """Let a claimed letter wait again, this try not counted: there was no server to try it on.

    False when the claim was rescued from us meanwhile.
    """
    row = _ours(claimed)
    if row is None:
        return False
    row.become(MailState.WAITING)
    row.attempts -= 1
    row.due_at = clock.now() + SERVER_AWAY
    row.last_error = one_line(error)[:LONGEST_ERROR]
    db.session.flush()
    return True


def rescue() -> int:
    """Let rows wait again whose worker died between claim and settle; how many they were.

    One that was tried MAX_ATTEMPTS times fails: it may be what the workers die of.
    """
    at = clock.now()
    rows = db.session.execute(
        update(Mail)
        .where(Mail.state == MailState.SENDING, Mail.claimed_at < at - STUCK_AFTER)
        .values(
            state=case((Mail.attempts < MAX_ATTEMPTS, MailState.WAITING), else_=MailState.FAILED),
            due_at=at,
            last_error="the worker stopped before it could say whether the server took it",
        )
        .returning(Mail.id)
    ).all()
    return len(rows)


def send_again(mail: Mail) -> None:
    """Let a failed letter wait anew, with all its tries. Raises MoveRefused for any other."""
    db.session.refresh(mail, with_for_update=True)
    if mail.state != MailState.FAILED:
        raise MoveRefused(mail, mail.state, MailState.WAITING)
    mail.become(MailState.WAITING)
    mail.attempts = 0
    mail.due_at = clock.now()
    db.session.flush()
    hint(SEND)


def counts(trip_id: int | None = None) -> dict[MailState, int]:
    """How many letters stand in each state, of one trip or of all; every state is a key."""
    query = select(Mail.state, func.count()).group_by(Mail.state)
    if trip_id is not None:
        query = query.where(Mail.trip_id == trip_id)
    return dict.fromkeys(MailState, 0) | {state: n for state, n in db.session.execute(query)}


def oldest_due() -> datetime | None:
    """Since when the longest-waiting letter has been due, or None when none is due."""
    return db.session.scalar(
        select(func.min(Mail.due_at)).where(
            Mail.state == MailState.WAITING, Mail.due_at <= clock.now()
        )
    )


def of_registration(registration_id: int) -> Sequence[Mail]:
    """The letters that one registration caused, in order."""
    return db.session.scalars(
        select(Mail).where(Mail.registration_id == registration_id).order_by(Mail.id)
    ).all()


def latest(trip_id: int, limit: int = 200, state: MailState | None = None) -> Sequence[Mail]:
    """The newest letters of a trip, of one state or of all."""
    query = select(Mail).where(Mail.trip_id == trip_id).order_by(Mail.id.desc()).limit(limit)
    return db.session.scalars(query.where(Mail.state == state) if state else query).all()


def find(trip_id: int, mail_id: int) -> Mail | None:
    """The letter of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Mail).where(Mail.id == mail_id, Mail.trip_id == trip_id)
    ).one_or_none()


def _next_try(row: Mail) -> datetime:
    return clock.now() + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]


def _ours(claimed: Claimed) -> Mail | None:
    return db.session.scalars(
        select(Mail)
        .where(
            Mail.id == claimed.id,
            Mail.state == MailState.SENDING,
            Mail.attempts == claimed.attempt,
            Mail.claimed_at == claimed.at,
        )
        .with_for_update()
    ).one_or_none()
