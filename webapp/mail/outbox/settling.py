"""Writing how a try went, and letting no letter be lost whose worker never said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    DateTime,
    Table,
    Text,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.selectable import TableValuedAlias

from webapp import clock
from webapp.db import Instant, db
from webapp.mail.message import one_line
from webapp.mail.outbox import alone
from webapp.mail.outbox.claiming import Claimed
from webapp.models.mail import Bounce, Hold, Mail, MailAttempt, MailState, Outcome

MAX_ATTEMPTS = 6
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
STUCK_AFTER = timedelta(minutes=5)  # longer than a batch may take (tasks.outbox)
LONGEST_ERROR = 500
LOST = "the worker stopped before it could say whether the server took it"


@dataclass(frozen=True, slots=True)
class Settled:
    """How the try of a claimed letter ended: ACCEPTED, LATER or REFUSED (for good), with the
    server's code (None when it said none) and its words."""

    claimed: Claimed
    outcome: Outcome
    code: int | None
    words: str
    at: datetime


def settle(tries: Sequence[Settled]) -> set[int]:
    """Write how these tries ended, each beside its letter: one statement for all of them.

    What was put off waits for its next try, and fails after the last. Returns the ids of those
    that were written; a claim that was rescued from us meanwhile is not ours to settle.
    """
    if not tries:
        return set()
    rows = [_row(each) for each in tries]
    return set(alone.ids(_SETTLE, {"rows": rows}))


def give_back(claims: Sequence[Claimed], words: str | None = None) -> int:
    """Let claimed letters wait again that were not tried: they keep their turn, and the try is not
    counted. `words` says why, if there is a reason to tell. How many were still ours."""
    if not claims:
        return 0
    rows = [_claim(each) for each in claims]
    said = None if words is None else one_line(words)[:LONGEST_ERROR]
    return len(alone.ids(_GIVE_BACK, {"rows": rows, "words": said}))


def defer(row: Mail, error: str) -> None:
    """Count a try to write a letter that went wrong: a waiting one is written later, and fails
    after the last try; a held one has its other tries when its moment has come. The caller holds
    the row."""
    row.attempts += 1
    row.last_error = one_line(error)[:LONGEST_ERROR]
    if row.state == MailState.WAITING:
        if row.attempts >= MAX_ATTEMPTS:
            row.become(MailState.FAILED)
        else:
            row.due_at = clock.now() + _backoff(row.attempts)
    db.session.flush()


def rescue() -> int:
    """Let rows wait again whose worker died between claim and settle; how many they were.

    One that was tried MAX_ATTEMPTS times fails: it may be what the workers die of. A clock that
    was set back keeps no letter: what was claimed later than now is rescued too, and what waits
    longer than any rule lets it wait is due.
    """
    at = clock.now()
    db.session.execute(
        update(Mail)
        .where(
            Mail.state == MailState.WAITING,
            or_(
                and_(Mail.attempts > 0, Mail.due_at > at + BACKOFF[-1]),
                and_(Mail.due_at == Mail.created_at, Mail.due_at > at + STUCK_AFTER),
            ),
        )
        .values(due_at=at)
        .execution_options(synchronize_session=False)
    )
    span = {"early": at - STUCK_AFTER, "late": at + STUCK_AFTER}
    return len(db.session.scalars(_RESCUE, {"now": at, **span}).all())


def release_held() -> int:
    """Let wait what was held for a moment that has come; how many letters. One to an address that
    mail has come back from since is held for that instead."""
    at = clock.now()
    came_back = exists().where(
        Bounce.email == func.lower(Mail.to_email), Bounce.cleared_at.is_(None)
    )
    ids = (
        select(Mail.id)
        .where(Mail.state == MailState.HELD, Mail.hold == Hold.WINDOW, Mail.due_at <= at)
        .order_by(Mail.id)  # in one order for everybody who changes many
        .with_for_update()
    )
    moved = update(Mail).where(Mail.id.in_(ids)).values(
        state=case((came_back, MailState.HELD), else_=MailState.WAITING),
        hold=case((came_back, literal(Hold.ADDRESS, Text)), else_=null()),
    )  # fmt: skip
    released = moved.returning(Mail.state).execution_options(synchronize_session=False)
    return db.session.scalars(released).all().count(MailState.WAITING)


def _backoff(tries: int) -> timedelta:
    """How long a letter waits after so many tries."""
    return BACKOFF[min(tries, len(BACKOFF)) - 1]


def _claim(claimed: Claimed) -> dict[str, Any]:
    at = claimed.at.astimezone(UTC).isoformat()
    return {"id": claimed.id, "attempt": claimed.attempt, "claimed_at": at}


def _row(settled: Settled) -> dict[str, Any]:
    claimed, words = settled.claimed, one_line(settled.words)[:LONGEST_ERROR]
    error = f"{settled.code or ''} {words}".strip()[:LONGEST_ERROR]
    accepted = settled.outcome == Outcome.ACCEPTED
    again = settled.outcome == Outcome.LATER and claimed.attempt < MAX_ATTEMPTS
    state = MailState.WAITING if again else MailState.SENT if accepted else MailState.FAILED
    at = settled.at.astimezone(UTC)
    return _claim(claimed) | {
        "state": state,
        "due_at": (at + _backoff(claimed.attempt)).isoformat() if again else None,
        "sent_at": at.isoformat() if accepted else None,
        "last_error": None if accepted else error,
        "tried_at": at.isoformat(),
        "outcome": settled.outcome,
        "code": settled.code,
        "words": words,
    }


_MAILS, _ATTEMPTS = cast(Table, Mail.__table__), cast(Table, MailAttempt.__table__)
_KINDS: dict[str, Any] = {
    "id": BigInteger(),
    "attempt": BigInteger(),
    "code": BigInteger(),
    **dict.fromkeys(("claimed_at", "due_at", "sent_at", "tried_at"), DateTime(timezone=True)),
}


def _given(names: str) -> TableValuedAlias:
    return (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
        .table_valued(*(column(name, _KINDS.get(name, Text())) for name in names.split()))
        .render_derived(name="given", with_types=True)
    )


def _is_still(given: TableValuedAlias) -> Any:
    """A claim that nobody took from us."""
    return and_(
        _MAILS.c.id == given.c.id,
        _MAILS.c.state == MailState.SENDING,
        _MAILS.c.attempts == given.c.attempt,
        _MAILS.c.claimed_at == given.c.claimed_at,
    )


def _settle() -> Any:
    given = _given(
        "id attempt claimed_at state due_at sent_at last_error tried_at outcome code words"
    )
    done = (
        update(_MAILS)
        .where(_is_still(given))
        .values(
            state=given.c.state,
            due_at=func.coalesce(given.c.due_at, _MAILS.c.due_at),
            sent_at=given.c.sent_at,
            last_error=given.c.last_error,
        )
        .returning(
            _MAILS.c.id,
            _MAILS.c.attempts,
            given.c.tried_at,
            _MAILS.c.claimed_by,
            given.c.outcome,
            given.c.code,
            given.c.words,
        )
        .cte("done")
    )
    return _note(select(done))


def _note(tries: Any) -> Any:
    """Each try has a row of its own; which letters they are of."""
    names = ["mail_id", "number", "at", "worker", "outcome", "code", "words"]
    return (
        insert(_ATTEMPTS)
        .from_select(names, tries, include_defaults=False)
        .returning(_ATTEMPTS.c.mail_id)
    )


def _give_back() -> Any:
    given = _given("id attempt claimed_at")
    words = bindparam("words", type_=Text)
    return (
        update(_MAILS)
        .where(_is_still(given))
        .values(
            state=literal(MailState.WAITING, Text),
            attempts=_MAILS.c.attempts - 1,
            last_error=func.coalesce(words, _MAILS.c.last_error),
        )
        .returning(_MAILS.c.id)
    )


def _rescue() -> Any:
    at, early, late = (bindparam(name, type_=Instant) for name in ("now", "early", "late"))
    found = (
        select(_MAILS.c.id)
        .where(
            _MAILS.c.state == MailState.SENDING,
            or_(_MAILS.c.claimed_at < early, _MAILS.c.claimed_at > late),
        )
        .order_by(_MAILS.c.id)
        .with_for_update(skip_locked=True)  # whoever holds one is settling it
    )
    failed = literal(MailState.FAILED, Text)
    done = (
        update(_MAILS)
        .where(_MAILS.c.id.in_(found))
        .values(
            state=case(
                (_MAILS.c.attempts < MAX_ATTEMPTS, literal(MailState.WAITING, Text)), else_=failed
            ),
            due_at=at,
            last_error=LOST,
        )
        .returning(_MAILS.c.id, _MAILS.c.attempts, _MAILS.c.claimed_by)
        .cte("done")
    )
    tries = select(
        done.c.id, done.c.attempts, at, done.c.claimed_by,
        literal(Outcome.LOST, Text), null(), literal(LOST, Text),
    )  # fmt: skip
    return _note(tries)


_SETTLE, _GIVE_BACK, _RESCUE = _settle(), _give_back(), _rescue()
