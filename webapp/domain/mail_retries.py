"""Sending all failed letters again, after what made them fail is mended: for an operator."""

from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.db import db
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.mail import outbox
from webapp.models.mail import Bounce, Mail, MailState
from webapp.models.trip import Trip


def failed(trip: Trip | None = None) -> Sequence[int]:
    """The ids of the letters that failed and may be tried anew, of one trip or of all: not those
    whose address mail comes back from, nor those of which nothing is left to be sent, nor bulletins
    that a later one stands for: it told its reader of both."""
    later = aliased(Mail)
    is_old_news = exists().where(
        Mail.letter == "bulletin",
        later.letter == Mail.letter,
        later.delegate_id == Mail.delegate_id,
        later.id > Mail.id,
        later.state != MailState.CANCELLED,
    )
    came_back = exists().where(
        Bounce.email == func.lower(Mail.to_email), Bounce.cleared_at.is_(None)
    )
    query = select(Mail.id).where(
        Mail.state == MailState.FAILED,
        or_(Mail.message.is_not(None), Mail.facts.is_not(None)),
        ~came_back,
        ~is_old_news,
    )
    if trip is not None:
        query = query.where(Mail.trip_id == trip.id)
    return db.session.scalars(query.order_by(Mail.id)).all()


def send_again(ids: Sequence[int], by: By) -> int:
    """Let those of these letters that are still failed wait anew; how many they are, without those
    whose readers have asked for no more of them since."""
    rows = db.session.scalars(
        select(Mail)
        .where(Mail.id.in_(ids), Mail.state == MailState.FAILED)
        .order_by(Mail.id)
        .with_for_update()
    ).all()
    number = 0
    for mail in rows:
        number += outbox.send_again(mail)
        audits.write(by, mail, "send again", trip_id=mail.trip_id)
    db.session.flush()
    return number
