"""Giving calendars an address. What ends one, or makes it say more, is in `ending`."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, insert, select

from webapp import clock, i18n, tokens
from webapp.db import db, hint
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.feeds.finding import in_force, name, of_company, of_delegate
from webapp.domain.feeds.outdating import PREPARE
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.organization import Organization
from webapp.models.place import Venue
from webapp.models.registration import Registration
from webapp.models.staff import Staff
from webapp.models.track import Track
from webapp.models.trip import Trip

# What a feed and the one that comes after it have in common.
LASTING = (
    "scope", "trip_id", "registration_id", "delegate_id", "track_id", "venue_id", "host_id",
    "staff_id", "language", "with_options",
)  # fmt: skip


def open_public(trip: Trip) -> None:
    """See that the trip has its public feed in each language; repeat-safe."""
    have = set(
        db.session.scalars(
            select(Feed.language).where(Feed.trip_id == trip.id, Feed.scope == Scope.TRIP)
        )
    )
    for language in i18n.LANGUAGES:
        if language not in have:
            db.session.add(Feed(**_row(Scope.TRIP, trip.id, language)))
    db.session.flush()
    hint(PREPARE)


def open_registration(registration: Registration) -> None:
    """A secret feed for a new registration and for each of its delegates. One statement."""
    open_many([registration], registration.everybody)


def open_many(registrations: Iterable[Registration], delegates: Iterable[Delegate]) -> None:
    """A secret feed for each of these registrations and delegates, which have been flushed. One
    statement."""
    rows = [_of_company(registration) | _secret() for registration in registrations]
    rows += [_of_delegate(delegate) | _secret() for delegate in delegates]
    if rows:
        db.session.execute(_INSERT, rows)
        hint(PREPARE)


def open_company(registration: Registration) -> Feed:
    """A secret feed for all of a company's delegates."""
    return _open(_of_company(registration))


def open_delegate(delegate: Delegate) -> Feed:
    """A secret feed for one delegate."""
    return _open(_of_delegate(delegate))


def open_track(track: Track, language: str, by: By) -> Feed:
    """The feed of a track in a language: opened, unless one is in force."""
    return _once(Scope.TRACK, track.trip_id, language, by, track_id=track.id)


def open_venue(trip: Trip, venue: Venue, language: str, by: By) -> Feed:
    """The feed of what a trip does at a venue, in a language: opened, unless one is in force."""
    return _once(Scope.VENUE, trip.id, language, by, venue_id=venue.id)


def open_host(trip: Trip, organization: Organization, language: str, by: By) -> Feed:
    """The feed of what an organization hosts, in a language: opened, unless one is in force."""
    return _once(Scope.HOST, trip.id, language, by, host_id=organization.id)


def open_staff(trip: Trip, staff: Staff, language: str, by: By) -> Feed:
    """The feed of a whole trip for one member of staff, in a language: opened, unless one is in
    force. Whether they may read it is asked at each fetch (icalendar.md S6)."""
    return _once(Scope.STAFF, trip.id, language, by, staff_id=staff.id)


def reopen_delegate(delegate: Delegate, by: By) -> Feed:
    """Another address for a delegate who had stopped the calendar: the same calendar as before,
    or the one in force."""
    seats.hold(delegate.registration.trip_id)
    found = of_delegate(delegate)
    last = _last(Feed.delegate_id == delegate.id)
    return found or _told(open_after(last) if last else open_delegate(delegate), by)


def reopen_company(registration: Registration, by: By) -> Feed:
    """The same for a company."""
    seats.hold(registration.trip_id)
    found = of_company(registration)
    last = _last(Feed.registration_id == registration.id)
    return found or _told(open_after(last) if last else open_company(registration), by)


def open_after(feed: Feed) -> Feed:
    """The feed that comes after one that was revoked: the same calendar at another address."""
    kept = {name: getattr(feed, name) for name in LASTING}
    return _open(kept | _stamps())


def _once(scope: Scope, trip_id: int, language: str, by: By, **whose: int) -> Feed:
    seats.hold(trip_id)  # so that two at once open one
    condition = [getattr(Feed, column) == key for column, key in whose.items()]
    found = in_force(Feed.trip_id == trip_id, Feed.language == language, *condition)
    return found or _told(_open(_row(scope, trip_id, language) | whose), by)


def _told(feed: Feed, by: By) -> Feed:
    after = {"scope": feed.scope, "of": name(feed), "language": feed.language}
    audits.write(by, feed, "open", trip_id=feed.trip_id, after=after)
    return feed


def _last(condition: Any) -> Feed | None:
    return db.session.scalars(select(Feed).where(condition).order_by(Feed.id.desc())).first()


def _open(row: dict[str, Any]) -> Feed:
    feed = Feed(**row, **_secret())
    db.session.add(feed)
    db.session.flush()
    hint(PREPARE)
    return feed


def _of_company(registration: Registration) -> dict[str, Any]:
    row = _row(Scope.COMPANY, registration.trip_id, registration.language)
    return row | {"registration_id": registration.id, "delegate_id": None}


def _of_delegate(delegate: Delegate) -> dict[str, Any]:
    row = _row(Scope.DELEGATE, delegate.registration.trip_id, delegate.language)
    return row | {"registration_id": None, "delegate_id": delegate.id}


def _row(scope: Scope, trip_id: int, language: str) -> dict[str, Any]:
    return {"scope": scope, "trip_id": trip_id, "language": language, **_stamps()}


def _stamps() -> dict[str, Any]:
    at = clock.now()
    return {"created_at": at, "changed_at": at}


def _secret() -> dict[str, Any]:
    token = tokens.new_token()
    return {"token_digest": tokens.digest(token), "token_sealed": token.encode()}


_INSERT = insert(cast(Table, Feed.__table__))
