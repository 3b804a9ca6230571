"""Taking letters for a worker: those that somebody waits for first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from flask import current_app
from sqlalchemy import ColumnElement, LargeBinary, select, type_coerce, update

from webapp import clock, tokens
from webapp.db import db, unpacked
from webapp.mail import lanes, returns
from webapp.models.mail import Mail, MailState

OTHER_KEY = "the letter was sealed with another SECRET_KEY"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed row, as the wire needs it; `attempt` and `at` tell this claim from a later one.

    `sender` is that of the envelope. `is_probe`: the way to the server was closed, and this letter
    is to find out whether it is open again; `failures` says what else went wrong there lately.
    """

    id: int
    attempt: int
    at: datetime
    to_email: str
    content: bytes
    urgency: int
    sender: str
    is_probe: bool = False
    failures: int = 0


def claim(worker: str, limit: int = 10) -> list[Claimed]:
    """Take up to `limit` due and written rows for `worker`, by urgency and then oldest first, past
    rows that others hold, past domains that have had their share, and none while there is no
    server (webapp/mail/lanes.py).

    Commit before touching the wire: the claim is what keeps a second worker away.
    """
    at, gate = clock.now(), lanes.gate(limit)
    letters = lanes.server_turns(gate.letters) if gate.letters else 0
    if not letters:
        return []
    due = (
        select(Mail.id, Mail.to_email)
        .where(
            Mail.state == MailState.WAITING,
            Mail.due_at <= at,
            Mail.message.is_not(None),
            lanes.has_turn(),
        )
        .order_by(Mail.urgency, Mail.due_at, Mail.id)
        .limit(letters)
        .with_for_update(skip_locked=True)
    )
    if lanes.is_rationed():
        found = db.session.execute(due).all()
        turns = lanes.take_domain_turns([email for _id, email in found])
        ids = [each for (each, _email), has_turn in zip(found, turns, strict=True) if has_turn]
        rows = _take(Mail.id.in_(ids), worker, at) if ids else []
        lanes.take_server_turns(len(rows))
    else:
        # A CTE that locks is worked out once, and not again for each row that it is compared with.
        rows = _take(Mail.id.in_(select(due.cte("due").c.id)), worker, at)
    if rows and gate.is_probe:
        lanes.probe()
    return _open(rows, at, gate)


def _take(which: ColumnElement[bool], worker: str, at: datetime) -> Sequence[Any]:
    """Claim these rows; in the order in which they go."""
    taken = (
        update(Mail)
        .where(which)
        .values(
            state=MailState.SENDING, claimed_at=at, claimed_by=worker, attempts=Mail.attempts + 1
        )
        .returning(
            Mail.id,
            Mail.attempts,
            Mail.to_email,
            Mail.urgency,
            Mail.due_at,
            type_coerce(Mail.message, LargeBinary).label("sealed"),
        )
        .execution_options(synchronize_session=False)
    )
    return sorted(db.session.execute(taken), key=lambda row: (row.urgency, row.due_at, row.id))


def _open(rows: Sequence[Any], at: datetime, gate: lanes.Gate) -> list[Claimed]:
    found = [(row.id, _opened(row, at, gate)) for row in rows]
    _fail([each for each, letter in found if letter is None])
    return [letter for _id, letter in found if letter is not None]


def _opened(row: Any, at: datetime, gate: lanes.Gate) -> Claimed | None:
    """None for a letter that was written under another SECRET_KEY."""
    try:
        content = unpacked(tokens.unseal(current_app.secret_key, row.sealed))
    except InvalidToken:
        return None
    return Claimed(
        id=row.id,
        attempt=row.attempts,
        at=at,
        to_email=row.to_email,
        content=content,
        urgency=row.urgency,
        sender=returns.envelope_sender(row.id),
        is_probe=gate.is_probe,
        failures=gate.failures,
    )


def _fail(ids: Sequence[int]) -> None:
    """A letter that nobody can open must not stop the others."""
    if ids:
        db.session.execute(
            update(Mail)
            .where(Mail.id.in_(ids))
            .values(state=MailState.FAILED, last_error=OTHER_KEY)
            .execution_options(synchronize_session=False)
        )
