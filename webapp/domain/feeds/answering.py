"""What a calendar address answers: 404, 410, or the bytes that are right now. (DESIGN rule 5.)

One statement finds the feed, asks whether its holder may still read it (icalendar.md S6) and brings
the bytes, unless the reader or this process has them. Only a feed that is out of date costs more:
it is rendered on the spot.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, undefer

from webapp import tokens
from webapp.calendars import feed as calendar
from webapp.db import db
from webapp.domain.feeds.rendering import render
from webapp.errors import DomainError
from webapp.kept import Kept
from webapp.models.delegate import GONE, Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.registration import IS_OUT
from webapp.models.trip import Trip, TripState
from webapp.rows import read_one


class Ended(DomainError):
    """The address answers 410: revoked, its holder out, or the trip withdrawn (H14, S3, S6)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calendar address says: the bytes, their ETag, and when they last changed. Whoever has
    these bytes already (`is_known`) may be given none."""

    body: bytes
    etag: str
    changed_at: datetime
    feed_id: int = 0
    is_known: bool = False


def _listed(states: Collection[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


# Who lost the right to read a feed; asked anew at each request, so that leaving acts at once. Of
# the public one nobody has a right of their own: what does not stand there costs no time. Nobody's
# company or delegate has left (NULL) a feed that is of none.
_IS_OVER = f"feeds.revoked_at IS NOT NULL OR trips.state = '{TripState.WITHDRAWN}'"
_IS_GONE = f"""
    {_IS_OVER}
    OR registrations.state IN ({_listed(IS_OUT)})
    OR delegates.state IN ({_listed(GONE)}) OR delegates.erased_at IS NOT NULL
    OR feeds.scope = '{Scope.STAFF}' AND NOT EXISTS (
        SELECT FROM staff
        WHERE staff.id = feeds.staff_id AND staff.active
        AND (staff.runs_everything OR EXISTS (
            SELECT FROM trip_roles
            WHERE trip_roles.staff_id = staff.id AND trip_roles.trip_id = feeds.trip_id)))"""  # noqa: S608
# Joined, which costs PostgreSQL two thirds of what a question inside the question does.
_WITH_HOLDER = """
FROM feeds JOIN trips ON trips.id = feeds.trip_id
LEFT JOIN delegates ON delegates.id = feeds.delegate_id
LEFT JOIN registrations
    ON registrations.id = coalesce(feeds.registration_id, delegates.registration_id)"""
# $1: the tags of bytes that need not travel. A feed out of date has no tag.
_BYTES = """
    CASE WHEN feeds.body IS NOT NULL THEN feeds.etag END,
    CASE WHEN feeds.etag = ANY($1::text[]) THEN NULL ELSE feeds.body END"""
_PUBLIC = f"""
SELECT feeds.id, feeds.changed_at, {_IS_OVER}, {_BYTES}
FROM trips JOIN feeds ON feeds.trip_id = trips.id
    AND feeds.scope = '{Scope.TRIP}' AND feeds.language = $3
WHERE trips.slug = $2 AND trips.state <> '{TripState.DRAFT}'"""  # noqa: S608
_SECRET = f"""
SELECT feeds.id, feeds.changed_at, {_IS_GONE}, {_BYTES}
{_WITH_HOLDER}
WHERE feeds.token_digest = $2"""
_GONE_ONE = f"""
SELECT {_IS_GONE} {_WITH_HOLDER}
WHERE feeds.id = $1"""


def read_public(slug: str, language: str, known: Collection[str] = ()) -> Answer | None:
    """What the public feed of a trip says in a language; None unless everybody may see the trip.

    `known` are the ETags of bytes that the reader has. One statement; more only the first time that
    prepared bytes are found out of date. Raises Ended.
    """
    return _read(_PUBLIC, (slug, language), known)


def read_secret(token: str, known: Collection[str] = ()) -> Answer | None:
    """The same of the feed with that secret; None for a secret that we do not know. Raises
    Ended."""
    return _read(_SECRET, (tokens.digest(token),), known)


def public(trip: Trip, language: str) -> Feed | None:
    """The public feed of a trip in a language, with its prepared bytes."""
    return db.session.scalars(
        select(Feed)
        .where(Feed.trip_id == trip.id, Feed.scope == Scope.TRIP, Feed.language == language)
        .options(undefer(Feed.body), joinedload(Feed.trip))
    ).one_or_none()


def by_token(token: str) -> Feed | None:
    """The feed with that secret, in force or revoked, with its prepared bytes; None if unknown."""
    return _whole(Feed.token_digest == tokens.digest(token))


def is_gone(feed: Feed) -> bool:
    """Whether the address answers 410: revoked, its holder out, or the trip withdrawn (H14, S6)."""
    row = read_one(_GONE_ONE, [feed.id])
    return row is None or bool(row[0])


def answer(feed: Feed) -> Answer:
    """What the feed says now: the prepared bytes, or bytes made on the spot (DESIGN rule 5)."""
    body = feed.body if feed.body is not None else render(feed)
    etag = feed.etag if feed.body is not None and feed.etag else calendar.etag(body)
    return Answer(body, etag, feed.changed_at, feed.id)


LIMIT = 16 * 1024 * 1024  # octets that a process keeps: some two hundred calendars of 120 sessions
_kept: Kept[Answer] = Kept(LIMIT)


def _read(statement: str, whose: tuple[str, ...], known: Collection[str]) -> Answer | None:
    """The answer of the feed that `statement` finds by `whose`, which is its name in memory too."""
    there = _kept.get(whose)
    tags = [*known, there.etag] if there else list(known)
    row = read_one(statement, [tags, *whose])
    if row is None:
        return None
    feed_id, changed_at, gone, etag, body = row
    if gone:
        _kept.drop(whose)
        raise Ended
    if etag is not None and etag in known:
        return Answer(b"", etag, changed_at, feed_id, is_known=True)
    if there and _is_still(there, feed_id, etag, changed_at):
        body, etag = there.body, there.etag
    else:
        if body is None:
            body, etag = _rendered(feed_id)
        _kept.put(whose, Answer(body, etag, changed_at, feed_id), len(body))
    return Answer(body, etag, changed_at, feed_id, is_known=etag in known)


def _is_still(there: Answer, feed_id: int, etag: str | None, changed_at: datetime) -> bool:
    """Whether bytes that this process has are the feed's. Of a feed out of date the tag is not
    known; what was rendered on the spot after its last change, as the stamp tells (H7), counts."""
    if etag is None:
        return (there.feed_id, there.changed_at) == (feed_id, changed_at)
    return there.etag == etag


def _rendered(feed_id: int) -> tuple[bytes, str]:
    """The bytes of a feed out of date, made on the spot, and their tag. What is made now is never
    older than the stamp that was read before."""
    feed = _whole(Feed.id == feed_id)
    if feed is None:
        raise Ended  # deleted this very moment
    made = answer(feed)
    return made.body, made.etag


def _whole(condition: ColumnElement[bool]) -> Feed | None:
    """A feed with all that its rendering begins with."""
    return db.session.scalars(
        select(Feed)
        .where(condition)
        .options(
            undefer(Feed.body),
            joinedload(Feed.trip),
            joinedload(Feed.registration),
            joinedload(Feed.delegate).joinedload(Delegate.registration),
        )
    ).one_or_none()
