"""Whether the product is fit to serve: database, broker, worker, waiting mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from sqlalchemy import ColumnElement, case, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.db import db
from webapp.mail import outbox
from webapp.models.heartbeat import Heartbeat
from webapp.models.mail import Mail, MailState

OFTEN = timedelta(seconds=5)
FRESH = timedelta(seconds=60)  # four beats
LATE_MAIL = timedelta(minutes=10)
LATELY = timedelta(hours=24)
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """What was found: each part is "ok" or says what is wrong."""

    parts: dict[str, str]
    failed: int = 0  # letters, in the last 24 hours
    waited: int = 0  # seconds, the letter that has been due longest

    @property
    def is_fit(self) -> bool:
        """Whether requests can be served well: a late mail is told, and no reason to stop."""
        return all(self.parts[name] == "ok" for name in ("database", "broker", "worker"))


def beat(worker: str) -> None:
    """Write a sign of life of `worker`, a process ("host:4711"), and forget processes of long ago.
    One that was silent for longer than FRESH counts as started anew: a number comes again.

    Cheap enough for every batch of letters: it writes only when the last sign is older than OFTEN,
    or of a clock that was set back since.
    """
    at = clock.now()
    wrote = db.session.scalar(
        insert(Heartbeat)
        .values(worker=worker, at=at, started_at=at)
        .on_conflict_do_update(
            index_elements=[Heartbeat.worker],
            set_={
                "at": at,
                "started_at": case((Heartbeat.at < at - FRESH, at), else_=Heartbeat.started_at),
            },
            where=or_(Heartbeat.at < at - OFTEN, Heartbeat.at > at),
        )
        .returning(Heartbeat.worker)
    )
    if wrote is not None:
        db.session.execute(delete(Heartbeat).where(Heartbeat.at < at - FORGOTTEN))


def workers() -> Sequence[Heartbeat]:
    """The worker processes that gave a sign of life lately, the freshest first; those that are not
    FRESH any more have stopped."""
    return db.session.scalars(
        select(Heartbeat).order_by(Heartbeat.at.desc(), Heartbeat.worker)
    ).all()


def look(redis_url: str) -> Health:
    """Look at each part. Never raises: what does not answer is "away"."""
    parts = {
        "database": "away",
        "broker": _broker(redis_url),
        "worker": "unknown",
        "mail": "unknown",
    }
    at, due, failed = clock.now(), None, 0
    try:
        db.session.execute(text("SELECT 1"))
        parts["database"] = "ok"
        parts["worker"] = _worker(db.session.scalar(select(func.max(Heartbeat.at))))
        due = outbox.oldest_due()
        parts["mail"] = _mail(due)
        failed = db.session.scalar(select(func.count()).where(*failed_lately(at))) or 0
    except SQLAlchemyError:
        db.session.rollback()
    return Health(parts, failed, int((at - due).total_seconds()) if due else 0)


def failed_lately(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a letter that failed in the 24 hours before `at`."""
    tried_at = func.coalesce(Mail.claimed_at, Mail.due_at)  # one that was never written was due
    return Mail.state == MailState.FAILED, tried_at > at - LATELY


def _broker(redis_url: str) -> str:
    try:
        client = redis.Redis.from_url(redis_url, socket_connect_timeout=1, socket_timeout=1)
        try:
            client.ping()
        finally:
            client.close()
    except (redis.RedisError, OSError):
        return "away"
    return "ok"


def _worker(last: datetime | None) -> str:
    if last is None:
        return "no worker has been seen"
    if clock.now() - last > FRESH:
        return f"no sign of life since {last:%Y-%m-%d %H:%M:%S} UTC"
    return "ok"


def _mail(due: datetime | None) -> str:
    if due is None or clock.now() - due < LATE_MAIL:
        return "ok"
    return f"the oldest letter has waited since {due:%Y-%m-%d %H:%M:%S} UTC"
