"""Clashes that block publishing, let through for a reason. (DESIGN rule 7.)"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.clash import ClashOverride
from webapp.models.trip import Trip

LONGEST_REASON = 500


class NoSuchClash(DomainError):
    """Nothing of that key clashes now, or what does is only told and blocks nothing."""


class ReasonMissing(DomainError):
    """Whoever lets a clash through says why, in 500 characters at most."""


def reason_of(text: str) -> str:
    """The reason without blanks at its ends. Raises ReasonMissing."""
    reason = text.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ReasonMissing
    return reason


def of_trip(trip: Trip) -> dict[str, ClashOverride]:
    """Every override by the key of its clash, with who said so. One whose clash is gone counts for
    nothing, and counts again when the items come back to where they were."""
    rows = db.session.scalars(
        select(ClashOverride)
        .where(ClashOverride.trip_id == trip.id)
        .options(joinedload(ClashOverride.staff))
    )
    return {row.key: row for row in rows}


def write(trip: Trip, key: str, rule: str, reason: str, by: By) -> ClashOverride:
    """Keep a reason for a clash, or another one in its place. The caller holds the trip."""
    row = of_trip(trip).get(key)
    before = row.reason if row else None
    if row is None:
        row = ClashOverride(trip_id=trip.id, key=key, rule=rule)
        db.session.add(row)
    row.reason, row.staff_id, row.at = reason, by.staff_id, clock.now()
    db.session.flush()
    audits.write(
        by,
        row,
        "override",
        trip_id=trip.id,
        before=None if before is None else {"rule": rule, "reason": before},
        after={"rule": rule, "key": key},
        reason=reason,
    )
    return row


def withdraw_override(trip: Trip, key: str, by: By) -> None:
    """Let a clash block publishing again. Audited. Raises NoSuchClash when none is overridden."""
    trip = seats.hold(trip.id)
    row = of_trip(trip).get(key)
    if row is None:
        raise NoSuchClash
    audits.write(
        by,
        row,
        "withdraw",
        trip_id=trip.id,
        before={"rule": row.rule, "key": key, "reason": row.reason},
    )
    db.session.delete(row)
    db.session.flush()
