"""Finding the feeds of somebody or something, and what they are called."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import i18n
from webapp.db import db
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.registration import Registration
from webapp.models.trip import Trip

# Those that organizers open, in the order in which they are listed.
OPENED = (Scope.TRACK, Scope.VENUE, Scope.HOST, Scope.STAFF)


def of_company(registration: Registration) -> Feed | None:
    """The feed of a company that is in force; None after it was stopped."""
    return in_force(Feed.registration_id == registration.id)


def of_delegate(delegate: Delegate) -> Feed | None:
    """The feed of a delegate that is in force; None after it was stopped."""
    return in_force(Feed.delegate_id == delegate.id)


def of_delegates(registration: Registration) -> dict[int, Feed]:
    """The feeds in force of all delegates of a registration, by the delegates' ids."""
    found = db.session.scalars(
        select(Feed)
        .join(Delegate, Feed.delegate_id == Delegate.id)
        .where(Delegate.registration_id == registration.id, Feed.revoked_at.is_(None))
    )
    return {feed.delegate_id or 0: feed for feed in found}


def of_trip(trip: Trip) -> Sequence[Feed]:
    """The feeds in force that organizers opened: of tracks, venues, hosts and staff, which are
    loaded; in this order, then by name and language."""
    found = db.session.scalars(
        select(Feed)
        .where(Feed.trip_id == trip.id, Feed.scope.in_(OPENED), Feed.revoked_at.is_(None))
        .options(*(joinedload(getattr(Feed, scope.value)) for scope in OPENED))
    ).all()
    return sorted(
        found, key=lambda feed: (OPENED.index(feed.scope), name(feed).casefold(), feed.language)
    )


def in_force(*conditions: Any) -> Feed | None:
    """The one feed in force that meets the conditions, or None."""
    return db.session.scalars(
        select(Feed).where(*conditions, Feed.revoked_at.is_(None))
    ).one_or_none()


def title(feed: Feed) -> str:
    """What a calendar is called: the trip, and whose it is. Speak its language around the call."""
    trip, who = feed.trip.title.pick(feed.language), name(feed)
    return f"{trip} \N{EN DASH} {who}" if who else trip


def name(feed: Feed) -> str:
    """Of whom or of what a feed is, in its own language; empty for the public one."""
    match feed.scope:
        case Scope.COMPANY if feed.registration:
            return feed.registration.organization.name
        case Scope.DELEGATE if feed.delegate:
            return feed.delegate.name
        case Scope.TRACK if feed.track:
            return feed.track.name.pick(feed.language)
        case Scope.VENUE if feed.venue:
            return feed.venue.name
        case Scope.HOST if feed.host:
            return feed.host.name
        case Scope.STAFF:
            with i18n.speaking(feed.language):
                return _("for the team")
    return ""
