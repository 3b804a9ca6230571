"""Calendar feeds: opening one, what it holds, keeping its bytes right. (DESIGN rules 3 to 5.)"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Interval, Table, func, insert, literal, or_, select, update
from sqlalchemy.orm import joinedload, undefer

from webapp import addresses, clock, i18n, tokens
from webapp.calendars import feed as calendar
from webapp.calendars.event import Span
from webapp.db import db, hint
from webapp.domain import audits, published, seats
from webapp.domain.audits import By
from webapp.domain.entries import entry
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.registration import Registration
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState

PREPARE = "calendars.prepare"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calendar address says: the bytes, their ETag, and when they last changed."""

    body: bytes
    etag: str
    changed_at: datetime


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
    rows = [_of_company(registration) for registration in registrations]
    rows += [_of_delegate(delegate) for delegate in delegates]
    if rows:
        db.session.execute(_INSERT, rows)
        hint(PREPARE)


_INSERT = insert(cast(Table, Feed.__table__))


def open_company(registration: Registration) -> Feed:
    """A secret feed for all of a company's delegates."""
    return _open(_of_company(registration))


def open_delegate(delegate: Delegate) -> Feed:
    """A secret feed for one delegate."""
    return _open(_of_delegate(delegate))


def close_delegate(delegate: Delegate) -> None:
    """End the feed of a delegate who left: its address answers 410 from now on."""
    db.session.execute(
        update(Feed)
        .where(Feed.delegate_id == delegate.id, Feed.revoked_at.is_(None))
        .values(revoked_at=clock.now(), body=None, etag=None)
        .execution_options(synchronize_session="fetch")
    )


def rotate(feed: Feed, by: By) -> Feed:
    """Give a secret feed a new address; the old one answers 410 from now on.

    Of a feed that has been rotated already, the successor is returned and nothing is written.
    """
    seats.hold(feed.trip_id)
    first = feed.revoked_at is None
    if first:
        feed.revoked_at = clock.now()
        feed.body = feed.etag = None
        db.session.flush()  # before the new one is written: two in force are refused
        audits.write(by, feed, "rotate", trip_id=feed.trip_id)
    if feed.delegate is not None:
        return open_delegate(feed.delegate) if first else of_delegate(feed.delegate)
    assert feed.registration is not None
    return open_company(feed.registration) if first else of_company(feed.registration)


def of_company(registration: Registration) -> Feed:
    """The feed of a company that is in force."""
    return _in_force(Feed.registration_id == registration.id)


def of_delegate(delegate: Delegate) -> Feed:
    """The feed of a delegate that is in force."""
    return _in_force(Feed.delegate_id == delegate.id)


def of_delegates(registration: Registration) -> dict[int, Feed]:
    """The feeds in force of all delegates of a registration, by the delegates' ids."""
    found = db.session.scalars(
        select(Feed)
        .join(Delegate, Feed.delegate_id == Delegate.id)
        .where(Delegate.registration_id == registration.id, Feed.revoked_at.is_(None))
    )
    return {feed.delegate_id or 0: feed for feed in found}


def public(trip: Trip, language: str) -> Feed | None:
    """The public feed of a trip in a language, with its prepared bytes."""
    return db.session.scalars(
        select(Feed)
        .where(Feed.trip_id == trip.id, Feed.scope == Scope.TRIP, Feed.language == language)
        .options(undefer(Feed.body), joinedload(Feed.trip))
    ).one_or_none()


def by_token(token: str) -> Feed | None:
    """The feed with that secret, in force or revoked, with its prepared bytes; None if unknown."""
    return db.session.scalars(
        select(Feed)
        .where(Feed.token_digest == tokens.digest(token))
        .options(
            undefer(Feed.body),
            joinedload(Feed.trip),
            joinedload(Feed.registration),
            joinedload(Feed.delegate).joinedload(Delegate.registration),
        )
    ).one_or_none()


def is_gone(feed: Feed) -> bool:
    """Whether the address answers 410: revoked, the company is out, or the trip withdrawn.

    Asked anew at each request, so that leaving acts at once (icalendar.md H14, S3, S6).
    """
    holder = feed.registration or (feed.delegate.registration if feed.delegate else None)
    return (
        feed.revoked_at is not None
        or (feed.delegate is not None and feed.delegate.is_gone)
        or feed.trip.state == TripState.WITHDRAWN
        or (holder is not None and holder.is_out)
    )


def answer(feed: Feed) -> Answer:
    """What the feed says now: the prepared bytes, or bytes made on the spot (DESIGN rule 5)."""
    body = feed.body if feed.body is not None else render(feed)
    etag = feed.etag if feed.body is not None and feed.etag else calendar.etag(body)
    return Answer(body, etag, feed.changed_at)


def render(feed: Feed) -> bytes:
    """The bytes of a feed, from the published release, in the feed's language."""
    with i18n.speaking(feed.language):
        if feed.registration is not None:
            items = published.for_company(feed.registration)
            name = _named(feed, feed.registration.organization.name)
        elif feed.delegate is not None:
            items = published.for_delegate(feed.delegate)
            name = _named(feed, feed.delegate.name)
        else:
            items = published.items(feed.trip)
            name = feed.trip.title.pick(feed.language)
        return _calendar(feed.trip, items, name, feed.language)


def session_file(trip: Trip, item: ReleaseItem, language: str) -> bytes:
    """One published session as a file to download."""
    with i18n.speaking(language):
        return calendar.file(entry(trip, item, language), language=language)


def sessions_file(trip: Trip, items: Iterable[ReleaseItem], language: str) -> bytes:
    """Some published sessions as one file, those called off marked so."""
    with i18n.speaking(language):
        return calendar.files([entry(trip, item, language) for item in items], language=language)


def delegate_file(delegate: Delegate) -> bytes:
    """All that a delegate's calendar holds now, as the file that the welcome letter carries."""
    return program_file(delegate, published.for_delegate(delegate))


def program_file(delegate: Delegate, items: Sequence[ReleaseItem]) -> bytes:
    """The same of `items`, which are read already."""
    with i18n.speaking(delegate.language):
        trip = delegate.registration.trip
        name = trip.title.pick(delegate.language)
        return _calendar(trip, items, name, delegate.language)


def outdate(trip: Trip) -> None:
    """Mark every feed of the trip out of date, and let its Last-Modified move on (H7)."""
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


def prepare(after: int = 0, limit: int = 50) -> int | None:
    """Render up to `limit` feeds that are out of date, from the id after `after` on; the last id
    looked at, or None when there is none left. For a worker.

    A publication that comes between reading and storing moves `changed_at`, and then nothing is
    stored: old bytes never stand under a new stamp. A feed that a publication holds just now is
    passed over; one that cannot be rendered is logged and does not keep the others waiting.
    """
    stale = db.session.scalars(
        select(Feed)
        .where(Feed.id > after, Feed.body.is_(None), Feed.revoked_at.is_(None))
        .order_by(Feed.id)
        .limit(limit)
    ).all()
    # All are rendered before the first is locked, so that nobody waits for a rendering.
    bodies = [(feed, _try_to_render(feed)) for feed in stale]
    for feed, body in bodies:
        if body is not None:
            _store(feed, body)
    return stale[-1].id if stale else None


def _calendar(trip: Trip, items: Sequence[ReleaseItem], name: str, language: str) -> bytes:
    span = Span(
        uid=str(trip.uid),
        sequence=trip.sequence,
        created_at=trip.created_at,
        changed_at=trip.changed_at,
        starts_on=trip.starts_on,
        ends_on=trip.ends_on,
        title=trip.title.pick(language),
        description=trip.summary.pick(language),
        location=", ".join(dict.fromkeys(stop.city for stop in trip.stops)),
        url=addresses.trip(trip.slug),
        cancelled=trip.state == TripState.CANCELLED,
        cancelled_label=_("CANCELLED"),
    )
    description = trip.summary.pick(language)
    if trip.is_sample:
        description = f"{_('Illustrative sample')}. {description}"
    return calendar.feed(
        name,
        [entry(trip, item, language) for item in items],
        description=description,
        spans=[span],
        url=addresses.trip(trip.slug),
        language=language,
    )


def _named(feed: Feed, who: str) -> str:
    return f"{feed.trip.title.pick(feed.language)} \N{EN DASH} {who}"


def _row(scope: Scope, trip_id: int, language: str) -> dict[str, Any]:
    at = clock.now()
    stamps = {"created_at": at, "changed_at": at}
    return {"scope": scope, "trip_id": trip_id, "language": language, **stamps}


def _of_company(registration: Registration) -> dict[str, Any]:
    row = _row(Scope.COMPANY, registration.trip_id, registration.language)
    return row | _secret() | {"registration_id": registration.id, "delegate_id": None}


def _of_delegate(delegate: Delegate) -> dict[str, Any]:
    row = _row(Scope.DELEGATE, delegate.registration.trip_id, delegate.language)
    return row | _secret() | {"registration_id": None, "delegate_id": delegate.id}


def _secret() -> dict[str, Any]:
    token = tokens.new_token()
    return {"token_digest": tokens.digest(token), "token_sealed": token.encode()}


def _open(row: dict[str, Any]) -> Feed:
    feed = Feed(**row)
    db.session.add(feed)
    db.session.flush()
    hint(PREPARE)
    return feed


def _try_to_render(feed: Feed) -> bytes | None:
    try:
        return render(feed)
    except (TypeError, ValueError):  # what no calendar can hold (webapp.calendars.event.Entry)
        current_app.logger.exception("feed %d cannot be rendered", feed.id)
        return None


def _store(feed: Feed, body: bytes) -> None:
    """Keep prepared bytes, unless the feed changed since it was read or is held."""
    free = (
        select(Feed.id)
        .where(Feed.id == feed.id, Feed.changed_at == feed.changed_at)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(
        update(Feed)
        .where(Feed.id.in_(free))
        .values(body=body, etag=calendar.etag(body))
        .execution_options(synchronize_session=False)
    )


def _in_force(condition: object) -> Feed:
    return db.session.scalars(
        select(Feed).where(condition, Feed.revoked_at.is_(None))  # type: ignore[arg-type]
    ).one()


def _outdate(condition: object) -> None:
    # A whole second at least: HTTP dates have no fractions (H6).
    later = func.greatest(clock.now(), Feed.changed_at + literal(timedelta(seconds=1), Interval()))
    db.session.execute(
        update(Feed)
        .where(condition)  # type: ignore[arg-type]
        .values(body=None, etag=None, changed_at=later)
        .execution_options(synchronize_session="fetch")
    )
    hint(PREPARE)
