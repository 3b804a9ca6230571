"""Whether mail works, for those who wonder whether their letters arrive: workers, the way to the
mail server, what waits too long, what failed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from webapp import clock
from webapp.db import db
from webapp.domain import health
from webapp.models.mail import Hold, Mail, MailAttempt, MailLane, MailState, Outcome

SERVER = "server"  # the lane that every letter takes
FLOWING = timedelta(minutes=2)  # since the last letter left: what waits is a long queue, not stuck
LOOKED_AT = 1000  # attempts that are gone through for the last letter that left


@dataclass(frozen=True, slots=True)
class MailHealth:
    """How mail stands at `at`. `workers` are those alive and `last_sign` the last sign of any of
    them, `due` how many letters should have left and `due_since` when the first of them should
    have, `failed` how many failed in the last 24 hours, `held` how many wait for an address that
    mail came back from, `closed_until` when the mail server is tried next after it did not answer
    (that may be now) and `words` what was the matter."""

    at: datetime
    workers: tuple[str, ...]
    last_sign: datetime | None
    due: int
    due_since: datetime | None
    failed: int
    held: int
    last_sent: datetime | None
    closed_until: datetime | None
    words: str | None

    @property
    def is_late(self) -> bool:
        """Whether letters wait that should have left long ago, while no other leaves either."""
        if self.due_since is None or self.at - self.due_since < health.LATE_MAIL:
            return False
        return self.last_sent is None or self.at - self.last_sent > FLOWING

    @property
    def works(self) -> bool:
        """Whether letters leave: what failed or is held for its address is no fault of the way."""
        return bool(self.workers) and self.closed_until is None and not self.is_late


def alive() -> tuple[str, ...]:
    """The worker processes that gave a sign of life a short while ago, by name."""
    at = clock.now()
    return tuple(sorted(sign.worker for sign in health.workers() if at - sign.at <= health.FRESH))


def look(trip_ids: Collection[int] | None = None) -> MailHealth:
    """How mail stands, its letters counted over these trips; None: over all there are, those of no
    trip too. Three statements, none of which goes through all letters."""
    at = clock.now()
    signs = health.workers()
    lane = db.session.get(MailLane, SERVER, populate_existing=True)
    due, since, failed, held, sent = db.session.execute(_figures(trip_ids, at)).one()
    # Once its time is over, the way is tried with the next letter: until there is one, nobody
    # knows better, and nobody waits.
    is_closed = lane and lane.closed_until and (lane.closed_until > at or due)
    return MailHealth(
        at=at,
        workers=tuple(sorted(sign.worker for sign in signs if at - sign.at <= health.FRESH)),
        last_sign=max((sign.at for sign in signs), default=None),
        due=due,
        due_since=since,
        failed=failed,
        held=held,
        last_sent=sent,
        closed_until=lane.closed_until if lane and is_closed else None,
        words=lane.words if lane and is_closed else None,
    )


def _figures(trip_ids: Collection[int] | None, at: datetime) -> Any:
    """One row of figures, each by an index of its own (models/mail.py)."""
    mine: list[ColumnElement[bool]] = []
    if trip_ids is not None:
        mine = [Mail.trip_id.in_(list(trip_ids))]
    due = (Mail.state == MailState.WAITING, Mail.due_at <= at, *mine)
    failed = (*health.failed_lately(at), *mine)
    held = (Mail.state == MailState.HELD, Mail.hold == Hold.ADDRESS, *mine)
    last = (
        select(MailAttempt.at, MailAttempt.outcome)
        .order_by(MailAttempt.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    sent = select(func.max(last.c.at)).where(last.c.outcome == Outcome.ACCEPTED)
    parts = (
        select(func.count()).select_from(Mail).where(*due),
        select(func.min(Mail.due_at)).where(*due),
        select(func.count()).select_from(Mail).where(*failed),
        select(func.count()).select_from(Mail).where(*held),
        sent,
    )
    return select(*(part.scalar_subquery() for part in parts))
