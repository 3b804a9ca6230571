"""The audit: who did what, before and after, and why. (DESIGN rule 7.)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from webapp import clock
from webapp.db import Base, db
from webapp.models.audit import Actor, AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.staff import Staff

LONGEST_NAME = 200  # of its column; a delegate's two names can be longer together


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, as the audit names them."""

    actor: Actor
    name: str
    staff_id: int | None = None


SYSTEM = By(Actor.SYSTEM, "Escale")


def by_staff(staff: Staff) -> By:
    """A member of staff acts."""
    return By(Actor.STAFF, staff.name, staff.id)


def by_company(registration: Registration) -> By:
    """Whoever holds the company's link acts."""
    return By(Actor.COMPANY, registration.coordinator_name)


def by_delegate(delegate: Delegate) -> By:
    """Whoever holds the delegate's link acts."""
    return By(Actor.DELEGATE, delegate.name)


def write(
    by: By,
    thing: Base,
    action: str,
    *,
    trip_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> AuditEntry:
    """Write one row beside the change it tells of. `thing` has an id: flush it first."""
    entry = AuditEntry(
        at=clock.now(),
        actor=by.actor,
        staff_id=by.staff_id,
        actor_name=by.name[:LONGEST_NAME],
        trip_id=trip_id,
        object_kind=thing.__tablename__,
        object_id=thing.id,  # type: ignore[attr-defined]
        action=action,
        before=_plain(before),
        after=_plain(after),
        reason=reason or None,
    )
    db.session.add(entry)
    return entry


def of(thing: Base) -> Sequence[AuditEntry]:
    """The history of one thing, the latest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == thing.__tablename__,
            AuditEntry.object_id == thing.id,  # type: ignore[attr-defined]
        )
        .order_by(AuditEntry.id.desc())
    ).all()


def of_all(thing: Base, parts: Sequence[Base]) -> Sequence[AuditEntry]:
    """The history of a thing and of its parts, which are all of one kind, the latest first."""
    kinds = {part.__tablename__ for part in parts}
    ids = [part.id for part in parts]  # type: ignore[attr-defined]
    return db.session.scalars(
        select(AuditEntry)
        .where(
            and_(
                AuditEntry.object_kind == thing.__tablename__,
                AuditEntry.object_id == thing.id,  # type: ignore[attr-defined]
            )
            | and_(AuditEntry.object_kind.in_(kinds), AuditEntry.object_id.in_(ids))
        )
        .order_by(AuditEntry.id.desc())
    ).all()


def was_deleted(trip_id: int, kind: type[Base], thing_id: int) -> bool:
    """Whether this trip had such a thing with that id, and somebody deleted it."""
    row = select(AuditEntry.id).where(
        AuditEntry.trip_id == trip_id,
        AuditEntry.object_kind == kind.__tablename__,
        AuditEntry.object_id == thing_id,
        AuditEntry.action == "delete",
    )
    return db.session.scalars(row.limit(1)).first() is not None


def latest(trip_id: int, limit: int = 12) -> Sequence[AuditEntry]:
    """The latest entries of one trip, newest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.trip_id == trip_id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()


def _plain(facts: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if facts is None else {key: _text(value) for key, value in facts.items()}


def _text(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
    return value
