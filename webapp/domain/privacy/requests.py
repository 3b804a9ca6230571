"""What is asked and noted around people's data: a delegate's wish to be erased, and every look at
data that few may see."""

from collections.abc import Sequence

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import joinedload

from webapp.db import Base, db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip

ASKED = "ask erasure"


def ask_erasure(delegate: Delegate, by: By) -> None:
    """Note that the delegate asks to be erased; organizers see it on the page of data protection
    and do it. Asking twice is asking once."""
    trip = seats.hold(delegate.registration.trip_id)
    if delegate.erased_at is None and not has_asked(delegate):
        audits.write(by, delegate, ASKED, trip_id=trip.id)


def has_asked(delegate: Delegate) -> bool:
    """Whether the delegate has asked to be erased."""
    return bool(db.session.scalar(select(_asked(delegate.id))))


def open_requests(trip: Trip) -> Sequence[tuple[Delegate, AuditEntry]]:
    """Who of the tour asked and is not erased yet, with the request; the oldest first."""
    rows = db.session.execute(
        select(Delegate, AuditEntry)
        .join(Registration, Registration.id == Delegate.registration_id)
        .join(
            AuditEntry,
            (AuditEntry.object_id == Delegate.id)
            & (AuditEntry.object_kind == Delegate.__tablename__)
            & (AuditEntry.action == ASKED),
        )
        .where(Registration.trip_id == trip.id, Delegate.erased_at.is_(None))
        .options(joinedload(Delegate.registration).joinedload(Registration.organization))
        .order_by(AuditEntry.id)
    )
    return [(delegate, entry) for delegate, entry in rows]


def looked(thing: Base, trip: Trip, by: By, what: dict[str, object] | None = None) -> None:
    """Audit that somebody looked at sealed data of `thing` (a delegate, a registration): each look
    is told of, and none of what was seen."""
    audits.write(by, thing, "look", trip_id=trip.id, after=what)


def exported(delegate: Delegate, by: By) -> None:
    """Audit that everything held about a delegate was taken out as a file."""
    audits.write(by, delegate, "export", trip_id=delegate.registration.trip_id)


def _asked(delegate_id: int) -> Exists:
    return exists().where(
        AuditEntry.object_kind == Delegate.__tablename__,
        AuditEntry.object_id == delegate_id,
        AuditEntry.action == ASKED,
    )
