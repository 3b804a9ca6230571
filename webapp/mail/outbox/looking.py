"""What is asked about letters: how many stand where, which are of a tour, who had many lately."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.models.mail import Mail, MailState

LONGEST_NAME = 200  # of its column; the message itself has the whole name


def written_lately(
    to_emails: Iterable[str], letters: Iterable[str], within: timedelta, most: int
) -> frozenset[str]:
    """Which of the addresses (lower case) have had `most` or more of these letters within that
    time, written already or not. What follows a plus sign counts for nothing: it is the same
    mailbox."""
    box = func.regexp_replace(func.lower(Mail.to_email), r"\+[^@]*@", "@")
    boxes = {email.lower(): re.sub(r"\+[^@]*@", "@", email.lower()) for email in to_emails}
    full = db.session.scalars(
        select(box)
        .where(
            box.in_(set(boxes.values())),
            Mail.letter.in_(list(letters)),
            Mail.created_at > clock.now() - within,
        )
        .group_by(box)
        .having(func.count() >= most)
    ).all()
    return frozenset(email for email, mailbox in boxes.items() if mailbox in full)


def counts(trip_id: int | None = None) -> dict[MailState, int]:
    """How many letters stand in each state, of one trip or of all; every state is a key."""
    query = select(Mail.state, func.count()).group_by(Mail.state)
    if trip_id is not None:
        query = query.where(Mail.trip_id == trip_id)
    return dict.fromkeys(MailState, 0) | {state: n for state, n in db.session.execute(query)}


def oldest_due() -> datetime | None:
    """Since when the longest-waiting letter has been due, or None when none is due."""
    return db.session.scalar(
        select(func.min(Mail.due_at)).where(
            Mail.state == MailState.WAITING, Mail.due_at <= clock.now()
        )
    )


def of_registration(registration_id: int) -> Sequence[Mail]:
    """The letters that one registration caused, in order."""
    return db.session.scalars(
        select(Mail).where(Mail.registration_id == registration_id).order_by(Mail.id)
    ).all()


def latest(trip_id: int, limit: int = 200, state: MailState | None = None) -> Sequence[Mail]:
    """The newest letters of a trip, of one state or of all."""
    query = select(Mail).where(Mail.trip_id == trip_id).order_by(Mail.id.desc()).limit(limit)
    return db.session.scalars(query.where(Mail.state == state) if state else query).all()


def find(trip_id: int, mail_id: int) -> Mail | None:
    """The letter of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Mail).where(Mail.id == mail_id, Mail.trip_id == trip_id)
    ).one_or_none()
