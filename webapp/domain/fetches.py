"""Which kinds of programs fetch a calendar, and when they last did.

Noted in memory while an answer is given, and written in one statement a few seconds later by a
thread that lives for that alone: a request never waits for it. A process that is killed, or a
database that is away, loses a few notes and nothing else. They go with their feed.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from threading import Lock, Timer
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import select, text

from webapp import clock
from webapp.db import db, transaction
from webapp.models.feed import Client, Feed, FeedFetch

SECONDS = 5.0  # how long notes are gathered before they are written
MOST = 100_000  # notes of one process: many times what is asked in so many seconds

# What stands in the User-Agent, small letters; the first that fits decides. Many call themselves
# browsers besides, hence the order.
_SIGNS = (
    (Client.GOOGLE, ("google-calendar", "googlecalendar", "google calendar")),
    (Client.NEXTCLOUD, ("nextcloud", "owncloud")),
    (Client.HOME_ASSISTANT, ("homeassistant", "home-assistant", "home assistant")),
    (Client.THUNDERBIRD, ("thunderbird", "lightning/", "betterbird")),
    (Client.OUTLOOK, ("outlook", "microsoft office", "microsoft exchange", "msoffice")),
    (Client.ANDROID, ("icsx", "davx", "caldav-sync", "dalvik/", "okhttp/")),
    (
        Client.APPLE,
        ("calendaragent", "dataaccessd", "calendarstore", "accountsd", "remindd", "ical/"),
    ),
    (Client.BROWSER, ("firefox/", "chrome/", "chromium/", "safari/", "edg/", "opr/")),
)

_noted: dict[tuple[int, Client], tuple[datetime, datetime]] = {}
_lock = Lock()
_timer: Timer | None = None


class Fetch(NamedTuple):
    """A kind of program, when it first fetched a feed, and when it last did (aware UTC)."""

    client: Client
    first_at: datetime
    last_at: datetime


@lru_cache(maxsize=1024)
def client(user_agent: str) -> Client:
    """Which kind of program says of itself that it is `user_agent`; OTHER when nothing fits."""
    said = user_agent.lower()
    return next(
        (kind for kind, signs in _SIGNS if any(sign in said for sign in signs)), Client.OTHER
    )


def note(feed_id: int, user_agent: str) -> None:
    """Remember that the feed was fetched now, and see that it is written soon. No statement.

    An application under test starts no thread: there `write` is called by hand.
    """
    global _timer
    key, at = (feed_id, client(user_agent[:300])), clock.now()
    with _lock:
        first, _last = _noted.get(key, (at, at))
        if len(_noted) < MOST:
            _noted[key] = (first, at)
        if _timer is None and not current_app.testing:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
            _timer = Timer(SECONDS, _write_alone, [app])
            _timer.daemon = True  # the end of the process does not wait for it
            _timer.start()


def write() -> None:
    """Write what was noted since the last time. One statement; a feed that has been deleted
    meanwhile is passed over."""
    with _lock:
        noted = sorted(_noted.items())
        _noted.clear()
    if noted:
        db.session.execute(
            _WRITE,
            {
                "feeds": [feed_id for (feed_id, _kind), _when in noted],
                "clients": [kind.value for (_id, kind), _when in noted],
                "firsts": [first for _key, (first, _last) in noted],
                "lasts": [last for _key, (_first, last) in noted],
            },
        )


def of(feed: Feed) -> list[Fetch]:
    """Which kinds of programs fetched the feed, the latest first."""
    return of_many([feed]).get(feed.id, [])


def of_many(feeds: Iterable[Feed]) -> dict[int, list[Fetch]]:
    """The same for several feeds, by their ids; those that nobody fetched are missing. One
    statement."""
    found: dict[int, list[Fetch]] = {}
    rows = db.session.scalars(
        select(FeedFetch)
        .where(FeedFetch.feed_id.in_([feed.id for feed in feeds]))
        .order_by(FeedFetch.last_at.desc(), FeedFetch.client)
    )
    for row in rows:
        found.setdefault(row.feed_id, []).append(Fetch(row.client, row.first_at, row.last_at))
    return found


# In the order of the key, so that two processes that write at once do not wait for each other.
_WRITE = text("""
    INSERT INTO feed_fetches (feed_id, client, first_at, last_at)
    SELECT noted.feed_id, noted.client, noted.first_at, noted.last_at
    FROM unnest(CAST(:feeds AS bigint[]), CAST(:clients AS text[]),
                CAST(:firsts AS timestamptz[]), CAST(:lasts AS timestamptz[]))
         AS noted (feed_id, client, first_at, last_at)
    JOIN feeds ON feeds.id = noted.feed_id
    ORDER BY noted.feed_id, noted.client
    ON CONFLICT (feed_id, client) DO UPDATE
    SET first_at = least(feed_fetches.first_at, excluded.first_at),
        last_at = greatest(feed_fetches.last_at, excluded.last_at)
""")


def _write_alone(app: Flask) -> None:
    """What the thread does. Whatever fails costs these notes."""
    global _timer
    with _lock:
        _timer = None
    with app.app_context():
        try:
            with transaction():
                write()
        except Exception as error:  # noqa: BLE001  # no answer hangs on it
            app.logger.warning("fetches of calendars were not noted: %s", type(error).__name__)
