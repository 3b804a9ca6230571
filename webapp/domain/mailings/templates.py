"""Messages kept to be written again: of one tour, or for all tours."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.mailings import drafts
from webapp.domain.mailings.drafts import Content
from webapp.domain.mailings.terms import Audience, AudienceRefused, from_plain
from webapp.errors import DomainError
from webapp.models.mailing import Mailing, MailingTemplate
from webapp.models.trip import Trip

MOST = 200  # of one tour, and for all


class NameMissing(DomainError):
    """A template needs a name."""


class TooManyTemplates(DomainError):
    """There are MOST templates already."""


def keep(trip: Trip, mailing: Mailing, name: str, by: By, *, for_all: bool) -> MailingTemplate:
    """Keep what a message says, without its files, under a name. What asks for things of this tour
    alone (companies, a day, a stop ...) is left out of one for all. Raises NameMissing,
    TooManyTemplates."""
    if not name.strip():
        raise NameMissing
    trip = seats.hold(trip.id)
    of = MailingTemplate.trip_id.is_(None) if for_all else MailingTemplate.trip_id == trip.id
    if (db.session.scalar(select(func.count()).where(of)) or 0) >= MOST:
        raise TooManyTemplates
    asked = _audience(mailing.audience)
    template = MailingTemplate(
        trip_id=None if for_all else trip.id,
        name=name.strip(),
        subject=mailing.subject,
        body=mailing.body,
        audience=(_of_any_tour(asked) if for_all else asked).plain(),
        is_news=mailing.is_news,
        created_at=clock.now(),
    )
    db.session.add(template)
    db.session.flush()
    audits.write(by, template, "create", trip_id=template.trip_id, after={"name": template.name})
    return template


def remove(template: MailingTemplate, by: By) -> None:
    """Delete a template; messages that were started from it stay."""
    audits.write(by, template, "delete", trip_id=template.trip_id, before={"name": template.name})
    db.session.delete(template)
    db.session.flush()


def of_trip(trip: Trip) -> Sequence[MailingTemplate]:
    """The templates that a message of this tour may start from, by name."""
    return db.session.scalars(
        select(MailingTemplate)
        .where(_seen(trip))
        .order_by(func.lower(MailingTemplate.name), MailingTemplate.id)
    ).all()


def find(trip: Trip, template_id: int) -> MailingTemplate | None:
    """The template with that id that this tour may use, or None: never another tour's."""
    return db.session.scalars(
        select(MailingTemplate).where(MailingTemplate.id == template_id, _seen(trip))
    ).one_or_none()


def content_of(template: MailingTemplate) -> Content:
    """What a template says, as a new draft takes it."""
    return Content(template.subject, template.body, _audience(template.audience), template.is_news)


def copied(mailing: Mailing) -> Content:
    """What an old message says, as a new draft takes it."""
    try:
        return drafts.content_of(mailing)
    except AudienceRefused:
        return Content(mailing.subject, mailing.body, Audience(), mailing.is_news)


def _seen(trip: Trip) -> ColumnElement[bool]:
    return or_(MailingTemplate.trip_id.is_(None), MailingTemplate.trip_id == trip.id)


def _audience(said: dict[str, object]) -> Audience:
    try:
        return from_plain(said)
    except AudienceRefused:
        return Audience()


def _of_any_tour(asked: Audience) -> Audience:
    return Audience(
        to_whom=asked.to_whom,
        states=asked.states,
        delegate_states=asked.delegate_states,
        missing=asked.missing,
        unpaid=asked.unpaid,
        language=asked.language,
        unopened=asked.unopened,
        any_language=asked.any_language,
    )
