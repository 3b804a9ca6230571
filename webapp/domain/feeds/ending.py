"""Ending a calendar's address, giving it another, and what a delegate has in it besides."""

from collections.abc import Sequence

from sqlalchemy import update

from webapp import clock
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.feeds.finding import in_force, name, of_delegate
from webapp.domain.feeds.opening import open_after, open_delegate
from webapp.domain.feeds.outdating import outdate_feed
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope

_ENDED = {"body": None, "etag": None, "is_settled": False}  # nothing of its bytes is kept


class FeedStopped(DomainError):
    """The calendar was stopped: it gets an address by being opened again, not another one."""


class NotSecret(DomainError):
    """The public calendar has the address of its trip: it is neither rotated nor stopped."""


class NoOptions(DomainError):
    """Only a delegate's own calendar can hold what the delegate may choose besides."""


def rotate(feed: Feed, by: By) -> Feed:
    """Give a secret feed a new address; the old one answers 410 from now on.

    Of a feed that has been rotated already, the successor is returned and nothing is written.
    Raises FeedStopped for one that was stopped, NotSecret for a public one.
    """
    if not _end(feed, "rotate", by):
        after = in_force(
            Feed.trip_id == feed.trip_id, Feed.scope == feed.scope, *_same_holder(feed)
        )
        if after is None:
            raise FeedStopped
        return after
    return open_after(feed)


def revoke(feed: Feed, by: By) -> None:
    """Stop a secret feed: its address answers 410 from now on, and there is no other until it is
    opened again. Does nothing for one that has ended. Raises NotSecret."""
    _end(feed, "revoke", by)


def close_delegate(delegate: Delegate) -> None:
    """End the feed of a delegate who left: its address answers 410 from now on."""
    _close(Feed.delegate_id == delegate.id)


def renew_delegate(delegate: Delegate) -> Feed:
    """Another address for a delegate who gets new keys: the calendar stays as it was. In the course
    of something that has its own audit."""
    before = of_delegate(delegate)
    close_delegate(delegate)
    return open_after(before) if before else open_delegate(delegate)


def close_track(track_id: int) -> None:
    """End the feeds of a track that is being deleted: 410 says more than 404 (icalendar.md H14)."""
    _close(Feed.track_id == track_id)


def close_venue(venue_id: int) -> None:
    """The same for a venue."""
    _close(Feed.venue_id == venue_id)


def end(feed_ids: Sequence[int]) -> None:
    """End feeds by their ids, in the course of something that has its own audit."""
    if feed_ids:
        _close(Feed.id.in_(feed_ids))


def show_options(feed: Feed, wanted: bool, by: By) -> None:
    """Let a delegate's feed hold what may be chosen besides and what is waited for, or no longer.
    Raises NoOptions for a feed that is not a delegate's, FeedStopped for one that has ended."""
    if feed.scope != Scope.DELEGATE:
        raise NoOptions
    seats.hold(feed.trip_id)  # what was read of the feed before is forgotten
    if feed.revoked_at is not None:
        raise FeedStopped
    if feed.with_options == wanted:
        return
    feed.with_options = wanted
    db.session.flush()
    audits.write(
        by,
        feed,
        "options",
        trip_id=feed.trip_id,
        before={"with_options": not wanted},
        after={"with_options": wanted},
    )
    outdate_feed(feed)


def speak(delegate: Delegate) -> None:
    """Let a delegate's feed in force speak the delegate's language. The caller outdates it."""
    db.session.execute(
        update(Feed)
        .where(Feed.delegate_id == delegate.id, Feed.revoked_at.is_(None))
        .values(language=delegate.language)
        .execution_options(synchronize_session="fetch")
    )


def _end(feed: Feed, action: str, by: By) -> bool:
    """End a feed, if it has not ended: whether it was done here."""
    if feed.scope == Scope.TRIP:
        raise NotSecret
    seats.hold(feed.trip_id)  # what was read of the feed before is forgotten
    if feed.revoked_at is not None:
        return False
    feed.revoked_at = clock.now()
    for column, value in _ENDED.items():
        setattr(feed, column, value)
    db.session.flush()  # before another one is written: two in force are refused
    before = {"scope": feed.scope, "of": name(feed), "language": feed.language}
    audits.write(by, feed, action, trip_id=feed.trip_id, before=before)
    return True


def _same_holder(feed: Feed) -> list[object]:
    held = ("registration_id", "delegate_id", "track_id", "venue_id", "host_id", "staff_id")
    whose = [column for column in held if getattr(feed, column) is not None]
    same: list[object] = [getattr(Feed, column) == getattr(feed, column) for column in whose]
    if feed.scope not in (Scope.COMPANY, Scope.DELEGATE):  # those have one in one language
        same.append(Feed.language == feed.language)
    return same


def _close(condition: object) -> None:
    db.session.execute(
        update(Feed)
        .where(condition, Feed.revoked_at.is_(None))  # type: ignore[arg-type]
        .values(revoked_at=clock.now(), **_ENDED)
        .execution_options(synchronize_session="fetch")
    )
