"""The prepared bytes of calendar feeds."""

import difflib
from collections.abc import Iterator

import click
from sqlalchemy import select
from sqlalchemy.orm import undefer

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
    """Compare each prepared feed with a fresh rendering; print what differs, and exit with 1."""
    looked = differing = 0
    for feed in _prepared():
        looked += 1
        fresh = _fresh(feed)
        if feed.body is not None and fresh != feed.body:
            differing += 1
            click.echo(_told(feed))
            for line in _difference(feed.body, fresh):
                click.echo(f"  {line}")
    click.echo(f"{looked} prepared feeds, {differing} differ")
    if differing:
        raise SystemExit(1)


@feeds.command("rebuild")
def rebuild() -> None:
    """Render all feeds anew. Trips of which one differs get a later Last-Modified."""
    stale = {feed.trip_id for feed in _prepared() if _fresh(feed) != feed.body}
    with transaction():
        for trip_id in sorted(stale):
            verbs.outdate(db.session.get_one(Trip, trip_id))
    last: int | None = 0
    while last is not None:
        with transaction():
            last = verbs.prepare(last)
    click.echo(f"{len(stale)} trips had feeds that were not right; all are prepared now")


def _prepared() -> Iterator[Feed]:
    """The feeds in force that have prepared bytes, a batch at a time, in order."""
    last = 0
    while True:
        batch = db.session.scalars(
            select(Feed)
            .where(Feed.id > last, Feed.body.is_not(None), Feed.revoked_at.is_(None))
            .order_by(Feed.id)
            .limit(BATCH)
            .options(undefer(Feed.body))
        ).all()
        if not batch:
            return
        yield from batch
        last = batch[-1].id


def _fresh(feed: Feed) -> bytes:
    """The bytes of now; what no calendar can hold is said in them, so that it differs."""
    try:
        return verbs.render(feed)
    except (TypeError, ValueError) as error:
        return f"cannot be rendered: {error}".encode()


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
