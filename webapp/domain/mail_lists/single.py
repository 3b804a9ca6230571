"""One letter: what was tried, what was done to it, and which change caused it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from webapp.db import db
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, MailAttempt
from webapp.models.mailing import Mailing, Reminder
from webapp.models.registration import Registration
from webapp.models.release import Release
from webapp.models.trip import Trip

MOST_CAUSES = 12
# Rows of the same transaction: its number counts anew once the database was restored from a copy.
TOGETHER = timedelta(minutes=1)
REPEATS = ("send again", "stop", "bounce")  # done to a letter itself, afterwards


@dataclass(frozen=True, slots=True)
class Origin:
    """The version, message or reminder that a letter belongs to; None for what it does not, or
    what is gone."""

    release: Release | None
    mailing: Mailing | None
    reminder: Reminder | None


def one(trip: Trip, mail_id: int) -> Mail | None:
    """The letter of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Mail).where(Mail.id == mail_id, Mail.trip_id == trip.id)
    ).one_or_none()


def attempts(mail: Mail) -> Sequence[MailAttempt]:
    """Every try to send the letter and every report about it, in order."""
    return db.session.scalars(
        select(MailAttempt).where(MailAttempt.mail_id == mail.id).order_by(MailAttempt.id)
    ).all()


def cause(mail: Mail, most: int = MOST_CAUSES) -> Sequence[AuditEntry]:
    """What was done in the transaction that put the letter, and the publishing, sending or setting
    that it comes from: what is about its own reader first. Empty for letters from before changes
    had numbers."""
    told = [_done(name, key) for name, key in _sources(mail) if key is not None]
    if mail.change_number is not None:
        same = AuditEntry.change_number == mail.change_number
        told.append(and_(same, AuditEntry.at >= mail.created_at - TOGETHER))
    if not told:
        return []
    about = _about(mail)
    return db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.trip_id == mail.trip_id,
            or_(*told),
            AuditEntry.at <= mail.created_at + TOGETHER,
            AuditEntry.object_kind != Mail.__tablename__,
        )
        .order_by(*([case((or_(*about), 0), else_=1)] if about else []), AuditEntry.id)
        .limit(most)
    ).all()


def history(mail: Mail) -> Sequence[AuditEntry]:
    """What was done to the letter itself since: sent again, stopped, came back; the latest
    first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == Mail.__tablename__,
            AuditEntry.object_id == mail.id,
            AuditEntry.action.in_(REPEATS),
        )
        .order_by(AuditEntry.id.desc())
    ).all()


def origin(mail: Mail) -> Origin:
    """What the letter belongs to."""
    return Origin(
        db.session.get(Release, mail.release_id) if mail.release_id else None,
        db.session.get(Mailing, mail.mailing_id) if mail.mailing_id else None,
        db.session.get(Reminder, mail.reminder_id) if mail.reminder_id else None,
    )


def purged_at(mail: Mail) -> datetime | None:
    """When what stood in the letters of its tour was last purged, which is when this one was if it
    is empty; None when they were not."""
    return db.session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.object_kind == Trip.__tablename__,
            AuditEntry.object_id == mail.trip_id,
            AuditEntry.action == "purge",
            AuditEntry.after["kind"].astext.in_(("letters", "contacts")),
        )
    )


def _sources(mail: Mail) -> tuple[tuple[str, int | None], ...]:
    return (
        (Release.__tablename__, mail.release_id),
        (Mailing.__tablename__, mail.mailing_id),
        (Reminder.__tablename__, mail.reminder_id),
    )


def _done(kind: str, key: int) -> ColumnElement[bool]:
    return and_(AuditEntry.object_kind == kind, AuditEntry.object_id == key)


def _about(mail: Mail) -> list[ColumnElement[bool]]:
    """The conditions of an entry that is about the letter's own company or delegate."""
    found = []
    if mail.registration_id is not None:
        found.append(_done(Registration.__tablename__, mail.registration_id))
    if mail.delegate_id is not None:
        found.append(_done(Delegate.__tablename__, mail.delegate_id))
    return found
