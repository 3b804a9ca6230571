"""Marking the bytes of feeds out of date, in the transaction of the change. (DESIGN rule 5.)"""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Interval, func, literal, or_, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.registration import Registration
from webapp.models.trip import Trip

PREPARE = "calendars.prepare"
RECONCILE = "invitations.reconcile"


def outdate(trip: Trip) -> None:
    """Mark every feed of the trip out of date, and let its Last-Modified move on (H7). The caller
    holds the trip.

    `calendar_number` becomes another random number, under which each process renders the sessions
    anew. A count would be given out twice where a transaction is rolled back, and what was rendered
    in that one would stand for what the next one says.
    """
    trip.calendar_number = secrets.randbits(62)
    db.session.flush()
    _outdate(Feed.trip_id == trip.id)


def outdate_registration(registration: Registration) -> None:
    """The same for the feeds of one company and its delegates."""
    outdate_registrations([registration.id])


def outdate_registrations(registration_ids: Iterable[int]) -> None:
    """The same for several companies, by the ids of their registrations."""
    wanted = sorted(registration_ids)
    if not wanted:
        return
    delegates = select(Delegate.id).where(Delegate.registration_id.in_(wanted))
    _outdate(or_(Feed.registration_id.in_(wanted), Feed.delegate_id.in_(delegates)))


def outdate_track(track_id: int) -> None:
    """The same for the feeds of a track, which are named after it."""
    _outdate(Feed.track_id == track_id)


def outdate_venue(venue_id: int) -> None:
    """The same for the feeds of a venue, of whatever trip."""
    _outdate(Feed.venue_id == venue_id)


def outdate_feed(feed: Feed) -> None:
    """The same for one."""
    _outdate(Feed.id == feed.id)


def _outdate(condition: object) -> None:
    # A whole second at least: HTTP dates have no fractions (H6).
    later = func.greatest(clock.now(), Feed.changed_at + literal(timedelta(seconds=1), Interval()))
    db.session.execute(
        update(Feed)
        .where(condition)  # type: ignore[arg-type]
        .values(body=None, etag=None, changed_at=later, is_settled=False)
        .execution_options(synchronize_session="fetch")
    )
    hint(PREPARE)
    hint(RECONCILE)
