"""Whether the product is fit to serve: database, broker, worker, waiting mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.db import db
from webapp.mail import outbox
from webapp.models.heartbeat import Heartbeat

FRESH = timedelta(seconds=60)  # four beats
LATE_MAIL = timedelta(minutes=10)
FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """What was found: each part is "ok" or says what is wrong."""

    parts: dict[str, str]

    @property
    def is_fit(self) -> bool:
        """Whether requests can be served well: a late mail is told, and no reason to stop."""
        return all(self.parts[name] == "ok" for name in ("database", "broker", "worker"))


def beat(worker: str) -> None:
    """Write a sign of life of `worker`, and forget workers of long ago."""
    at = clock.now()
    db.session.execute(
        insert(Heartbeat)
        .values(worker=worker, at=at)
        .on_conflict_do_update(index_elements=[Heartbeat.worker], set_={"at": at})
    )
    db.session.execute(delete(Heartbeat).where(Heartbeat.at < at - FORGOTTEN))


def look(redis_url: str) -> Health:
    """Look at each part. Never raises: what does not answer is "away"."""
    parts = {
        "database": "away",
        "broker": _broker(redis_url),
        "worker": "unknown",
        "mail": "unknown",
    }
    try:
        db.session.execute(text("SELECT 1"))
        parts["database"] = "ok"
        parts["worker"] = _worker(db.session.scalar(select(func.max(Heartbeat.at))))
        parts["mail"] = _mail(outbox.oldest_due())
    except SQLAlchemyError:
        db.session.rollback()
    return Health(parts)


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
