"""Making the bytes of feeds before somebody asks for them: many at a time, by any number of workers
at once."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import defer

from webapp.calendars import feed as calendar
from webapp.db import db
from webapp.domain.feeds.rendering import render_many
from webapp.models.feed import Feed

CHUNK = 100  # feeds that one worker takes at a time: those of a hundred ids in a row
MOST_BYTES = 8_000_000  # of one UPDATE, so that trips of many sessions do not fill the memory
LOCKS = 0xFEED  # the class of our advisory locks

_OUT_OF_DATE = (Feed.body.is_(None), Feed.revoked_at.is_(None))

# Bytes are stored where the feed is still as it was when it was read, and where nobody holds it.
_STORE = """
UPDATE feeds SET body = made.body, etag = made.etag
FROM unnest(%(ids)b::bigint[], %(stamps)b::timestamptz[], %(etags)s::text[], %(bodies)b::bytea[])
  AS made (id, changed_at, etag, body)
WHERE feeds.id = made.id AND feeds.changed_at = made.changed_at
  AND feeds.id IN (SELECT id FROM feeds WHERE id = ANY(%(ids)b) FOR UPDATE SKIP LOCKED)
"""
_ALONE = """
SELECT NOT EXISTS (
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = :locks AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def prepare(after: int = 0, limit: int = CHUNK) -> int | None:
    """Render up to `limit` feeds that are out of date, from the id after `after` on; the last id
    looked at, or None when there is none left. For a worker, in a transaction of its own.

    A worker claims stretches of ids by advisory locks until it commits; another passes on to the
    next. No row is locked while it renders, so a publication never waits for that. One that comes
    between reading and storing moves `changed_at`, and then nothing is stored: old bytes never
    stand under a new stamp. A feed that a publication holds just now is passed over; one that
    cannot be rendered is logged and does not keep the others waiting.
    """
    stale: list[Feed] = []
    last = after
    while len(stale) < limit and (first := _claimed(last)) is not None:
        end = (first // CHUNK + 1) * CHUNK
        found = _stale(first, end, limit - len(stale))
        stale += found
        last = found[-1].id if len(stale) == limit else end - 1
    _render(stale)
    return last if last > after else None


def needs_help(after: int) -> bool:
    """Whether there is work for another worker: more than one stretch after the id `after`, and
    nobody else at it."""
    more = (
        select(Feed.id)
        .where(Feed.id > after, *_OUT_OF_DATE)
        .order_by(Feed.id)
        .offset(CHUNK)
        .limit(1)
    )
    if db.session.scalar(more) is None:
        return False
    return bool(db.session.scalar(text(_ALONE), {"locks": LOCKS}))


def _next(after: int) -> int | None:
    """The id of the first feed after that one which is out of date."""
    return db.session.scalar(
        select(Feed.id).where(Feed.id > after, *_OUT_OF_DATE).order_by(Feed.id).limit(1)
    )


def _claimed(after: int) -> int | None:
    """The same, in a stretch that is nobody else's and ours from now on."""
    first = _next(after)
    while first is not None and not _claim(first // CHUNK):
        first = _next((first // CHUNK + 1) * CHUNK - 1)
    return first


def _claim(stretch: int) -> bool:
    taken = text("SELECT pg_try_advisory_xact_lock(:locks, :stretch)")
    return bool(db.session.scalar(taken, {"locks": LOCKS, "stretch": stretch}))


def _stale(first: int, end: int, limit: int) -> Sequence[Feed]:
    """The feeds out of date of a stretch that is ours: read after that, since what its holder
    before us made is not out of date any more."""
    return db.session.scalars(
        select(Feed)
        .where(Feed.id >= first, Feed.id < end, *_OUT_OF_DATE)
        .order_by(Feed.id)
        .limit(limit)
        .options(defer(Feed.token_sealed))
        .execution_options(populate_existing=True)
    ).all()


def _render(stale: Sequence[Feed]) -> None:
    """Render all, and store them some megabytes at a time."""
    made: list[tuple[Feed, bytes]] = []
    size = 0
    for feed, body in render_many(stale):
        made.append((feed, body))
        size += len(body)
        if size >= MOST_BYTES:
            _store(made)
            made, size = [], 0
    _store(made)


def _store(made: Sequence[tuple[Feed, bytes]]) -> None:
    """Keep prepared bytes, of all feeds in one statement."""
    if made:
        db.session.connection().exec_driver_sql(
            _STORE,
            {
                "ids": [feed.id for feed, _body in made],
                "stamps": [feed.changed_at for feed, _body in made],
                "etags": [calendar.etag(body) for _feed, body in made],
                "bodies": [body for _feed, body in made],
            },
        )
