"""What a batch of letters needs of the database, read in a few statements for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from webapp.db import db
from webapp.domain import wordings
from webapp.domain.correspondence import days, messages, news
from webapp.domain.correspondence.days import Days
from webapp.domain.correspondence.messages import Messages
from webapp.domain.correspondence.news import News
from webapp.models.amendment import Amendment
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.feed import Feed
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Live:
    """The rows that the letters of a batch are about, as they are now, by id; feeds in force by
    the delegate's. One that is gone is not among them. The organizers' own words by trip_id, letter
    and language."""

    registrations: dict[int, Registration]
    delegates: dict[int, Delegate]
    feeds: dict[int, Feed]
    trips: dict[int, Trip]
    amendments: dict[int, Amendment]
    drafts: dict[int, Draft]
    prospects: dict[int, Prospect]
    days: Days
    news: News
    messages: Messages
    wordings: dict[wordings.Key, wordings.Words]


def read(rows: Sequence[Mail]) -> Live:
    """Read what these letters are about: a constant number of statements, none for what no letter
    of the batch is about."""
    facts = [row.facts or {} for row in rows]
    amendments = _amendments(_told(facts, "amendment_id"))
    delegates = _delegates(_some(row.delegate_id for row in rows) | _told(facts, "delegate_ids"))
    trips = _by_id(select(Trip), Trip.id, _some(row.trip_id for row in rows))
    return Live(
        registrations=_registrations(
            _some(row.registration_id for row in rows)
            | _told(facts, "registration_ids")
            | {amendment.registration_id for amendment in amendments.values()}
        ),
        delegates=delegates,
        feeds=_feeds(delegates),
        trips=trips,
        amendments=amendments,
        drafts=_by_id(select(Draft), Draft.id, _told(facts, "draft_id")),
        prospects=_by_id(select(Prospect), Prospect.id, _told(facts, "prospect_id")),
        days=days.read(rows, delegates),
        news=news.read(rows, delegates, trips),
        messages=messages.read(rows),
        wordings=wordings.of_batch(rows),
    )


def _registrations(ids: set[int]) -> dict[int, Registration]:
    whole = select(Registration).options(
        joinedload(Registration.trip),
        joinedload(Registration.organization),
        selectinload(Registration.delegates),
    )
    return _by_id(whole, Registration.id, ids)


def _delegates(ids: set[int]) -> dict[int, Delegate]:
    registration = joinedload(Delegate.registration)
    whole = select(Delegate).options(
        registration.joinedload(Registration.trip),
        registration.joinedload(Registration.organization),
        selectinload(Delegate.tracks),
    )
    return _by_id(whole, Delegate.id, ids)


def _amendments(ids: set[int]) -> dict[int, Amendment]:
    return _by_id(select(Amendment).options(joinedload(Amendment.delegate)), Amendment.id, ids)


def _feeds(ids: Iterable[int]) -> dict[int, Feed]:
    wanted = list(ids)
    if not wanted:
        return {}
    found = db.session.scalars(
        select(Feed).where(Feed.delegate_id.in_(wanted), Feed.revoked_at.is_(None))
    )
    return {feed.delegate_id: feed for feed in found if feed.delegate_id is not None}


def _by_id(query: Any, column: InstrumentedAttribute[int], ids: set[int]) -> dict[int, Any]:
    if not ids:
        return {}
    return {found.id: found for found in db.session.scalars(query.where(column.in_(ids)))}


def _some(ids: Iterable[int | None]) -> set[int]:
    return {found for found in ids if found is not None}


def _told(facts: Sequence[dict[str, Any]], name: str) -> set[int]:
    """The ids that any of the letters was told under that name, one or a list of them."""
    found: set[int] = set()
    for each in facts:
        value = each.get(name)
        found.update(value if isinstance(value, list) else [value] if value else [])
    return found
