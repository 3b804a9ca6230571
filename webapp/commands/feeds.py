"""The prepared bytes of calendar feeds."""

import difflib
from collections.abc import Iterator, Sequence

import click
from sqlalchemy import func, select
from sqlalchemy.orm import defer, undefer

from webapp.commands.tidy import Group
from webapp.db import db, transaction
from webapp.domain import feeds as verbs
from webapp.models.feed import Feed
from webapp.models.trip import Trip

BATCH = 200
LINES_SHOWN = 6

feeds = Group("feeds", help="The prepared bytes of calendar feeds.")


@feeds.command("check")
def check() -> None:
    """Compare each prepared feed, of whatever kind, with a fresh rendering of the release in force;
    print what differs and what no calendar can hold, and exit with 1 if there is any."""
    looked = differing = 0
    for feed, fresh in _fresh():
        looked += 1
        if feed.body is not None and fresh != feed.body:
            differing += 1
            click.echo(_told(feed))
            for line in _difference(feed.body, fresh):
                click.echo(f"  {line}")
    missing = _missing()
    for line in missing:
        click.echo(line)
    waiting = _waiting()
    if waiting:
        click.echo(f"{waiting} feeds are out of date; workers prepare them, or their next reader")
    click.echo(f"{looked} prepared feeds, {differing} differ")
    if differing or missing:
        raise SystemExit(1)


@feeds.command("rebuild")
def rebuild() -> None:
    """Render all feeds anew. Trips of which one differs get a later Last-Modified."""
    stale = {feed.trip_id for feed, fresh in _fresh() if fresh != feed.body}
    with transaction():
        for trip_id in sorted(stale):
            verbs.outdate(db.session.get_one(Trip, trip_id))
    last: int | None = 0
    while last is not None:
        with transaction():
            last = verbs.prepare(last)
    click.echo(f"{len(stale)} trips had feeds that were not right; all are prepared now")


def _fresh() -> Iterator[tuple[Feed, bytes]]:
    """The feeds in force that have prepared bytes, with those of now, a batch at a time. What no
    calendar can hold is said in them, so that it differs."""
    for batch in _prepared():
        fresh = {feed.id: body for feed, body in verbs.render_many(batch)}
        for feed in batch:
            yield feed, fresh.get(feed.id, b"cannot be rendered: the log says why")


def _prepared() -> Iterator[Sequence[Feed]]:
    """The feeds in force that have prepared bytes, a batch at a time, in order."""
    last = 0
    while True:
        batch = db.session.scalars(
            select(Feed)
            .where(Feed.id > last, Feed.body.is_not(None), Feed.revoked_at.is_(None))
            .order_by(Feed.id)
            .limit(BATCH)
            .options(undefer(Feed.body), defer(Feed.token_sealed))
        ).all()
        if not batch:
            return
        last = batch[-1].id
        yield batch


def _missing() -> list[str]:
    """A line for each published session that no calendar can hold."""
    trips = db.session.scalars(select(Trip).where(Trip.release_id.is_not(None)).order_by(Trip.id))
    return [
        f"session of {trip.slug} left out: {why}" for trip in trips for why in verbs.faults(trip)
    ]


def _waiting() -> int:
    """How many feeds in force have no prepared bytes."""
    rows = select(func.count()).where(Feed.body.is_(None), Feed.revoked_at.is_(None))
    return db.session.scalar(rows) or 0


def _told(feed: Feed) -> str:
    """A feed by what may be said aloud: never by its address."""
    return f"feed {feed.id}: {feed.scope.value} of {feed.trip.slug}, {feed.language}"


def _difference(prepared: bytes, fresh: bytes) -> list[str]:
    old, new = (body.decode(errors="replace").splitlines() for body in (prepared, fresh))
    lines = [
        line
        for line in difflib.unified_diff(old, new, "prepared", "fresh", lineterm="", n=0)
        if not line.startswith("@@")
    ]
    return lines[: LINES_SHOWN + 2]
