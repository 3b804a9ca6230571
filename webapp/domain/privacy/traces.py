"""What somebody leaves behind besides the own rows: letters, and the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from webapp.db import Facts, db
from webapp.domain.privacy.subjects import Subject
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.mail import Mail, OptOut
from webapp.models.person import Person
from webapp.models.pick import Pick
from webapp.models.trip import Trip


def letters(subject: Subject) -> list[Facts]:
    """The letters that went to somebody, without what stood in them."""
    ids = [each.id for each in subject.delegates]
    rows = db.session.scalars(
        select(Mail)
        .where(
            or_(func.lower(Mail.to_email).in_(subject.emails), Mail.delegate_id.in_(ids)),
            *_within(subject, Mail.trip_id),
        )
        .order_by(Mail.id)
    )
    return [
        {
            "letter": mail.letter,
            "to": mail.to_email,
            "subject": mail.subject,
            "language": mail.language,
            "state": mail.state.value,
            "put_at": said_at(mail.created_at),
            "sent_at": said_at(mail.sent_at),
        }
        for mail in rows
    ]


def refused_letters(subject: Subject) -> list[Facts]:
    """The kinds of letters that somebody asked for no more of."""
    rows = db.session.execute(
        select(Trip.slug, OptOut.topic, OptOut.at)
        .join(Trip, OptOut.trip_id == Trip.id)
        .where(OptOut.email.in_(subject.emails), *_within(subject, OptOut.trip_id))
        .order_by(OptOut.id)
    )
    return [{"trip": slug, "topic": topic.value, "at": said_at(at)} for slug, topic, at in rows]


def history(subject: Subject) -> list[Facts]:
    """What was done to the rows of this human. Who did it is told by role: the names of others are
    theirs."""
    ids = [each.id for each in subject.delegates]
    people = [each.id for each in subject.people]
    kind, number = AuditEntry.object_kind, AuditEntry.object_id
    documents_of = select(Document.id).where(Document.delegate_id.in_(ids))
    picks_of = select(Pick.id).where(Pick.delegate_id.in_(ids))
    rows = db.session.scalars(
        select(AuditEntry)
        .where(
            or_(
                and_(kind == Delegate.__tablename__, number.in_(ids)),
                and_(kind == Person.__tablename__, number.in_(people)),
                and_(kind == Document.__tablename__, number.in_(documents_of)),
                and_(kind == Pick.__tablename__, number.in_(picks_of)),
            ),
            *_within(subject, AuditEntry.trip_id),
        )
        .order_by(AuditEntry.id)
    )
    return [
        {
            "at": said_at(entry.at),
            "by": entry.actor.value,
            "of": entry.object_kind,
            "action": entry.action,
            "before": entry.before,
            "after": entry.after,
            "reason": entry.reason,
        }
        for entry in rows
    ]


def _within(subject: Subject, column: Any) -> list[ColumnElement[bool]]:
    return [] if subject.trip_ids is None else [column.in_(subject.trip_ids)]


def said_at(at: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC, to the second."""
    return at.isoformat(timespec="seconds") if at else None
