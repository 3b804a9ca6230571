"""What a feed's address answers, as plain values: for the views, and for the short way (`quick`).

The same for every client: no session, no cookie, no redirect. (icalendar.md section 12.)
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from webapp.blueprints import conditions, headers
from webapp.domain import feeds, fetches

CALENDAR = ("Content-Type", "text/calendar; charset=utf-8")
PLAIN = ("Content-Type", "text/plain; charset=utf-8")
CACHE_PUBLIC = ("Cache-Control", "public, max-age=300")
CACHE_PRIVATE = ("Cache-Control", "private, no-cache")
NOT_INDEXED = ("X-Robots-Tag", "noindex")  # robots.txt lets everybody read it (H17)
# The same for whatever secret, whoever asks (H15).
SAID_OF = {
    404: "There is no calendar at this address.\nIl n'y a pas de calendrier à cette adresse.\n",
    410: "This calendar has ended.\nCe calendrier n'existe plus.\n",
}

Environ = Mapping[str, Any]
Header = tuple[str, str]


class Said(NamedTuple):
    """An answer: its body, status, and headers but those of every answer. Those that tell of a body
    stand in a 304 too, and are left out when it is sent."""

    body: bytes
    status: int
    headers: list[Header]


def of_public(slug: str, language: str, asked: Environ) -> Said:
    """The public feed of a tour: 404 for one that not everybody may see, 410 for one that was
    withdrawn (H14). `asked` is the WSGI environment of the request."""
    return _feed(lambda tags: feeds.read_public(slug, language, tags), asked, CACHE_PUBLIC)


def of_secret(token: str, asked: Environ) -> Said:
    """The feed with that secret: 404 for one that we do not know, 410 for one that ended (H14,
    H15)."""
    return _feed(lambda tags: feeds.read_secret(token, tags), asked, CACHE_PRIVATE, NOT_INDEXED)


def calendar(body: bytes, tag: str, changed_at: datetime, asked: Environ, *more: Header) -> Said:
    """A calendar with its validators, or 304 when the reader has these bytes (H1 to H11)."""
    return _calendar(body, tag, changed_at, _known(asked), asked, *more)


def failure(code: int) -> Said:
    """What a calendar's address says when there is no calendar: a few words for whoever looks."""
    said = SAID_OF.get(code, f"{code}\n").encode()
    cache = ("Cache-Control", "no-cache")
    return Said(said, code, [PLAIN, cache, NOT_INDEXED, *headers.FOR_PROGRAMS])


def _feed(
    read: Callable[[frozenset[str]], feeds.Answer | None], asked: Environ, *more: Header
) -> Said:
    known = _known(asked)
    try:
        answer = read(known or frozenset())
    except feeds.Ended:
        return failure(410)
    if answer is None:
        return failure(404)
    fetches.note(answer.feed_id, asked.get("HTTP_USER_AGENT", ""))
    return _calendar(answer.body, answer.etag, answer.changed_at, known, asked, *more)


def _known(asked: Environ) -> frozenset[str] | None:
    return conditions.tags(asked.get("HTTP_IF_NONE_MATCH"))


def _calendar(
    body: bytes,
    tag: str,
    changed_at: datetime,
    known: frozenset[str] | None,
    asked: Environ,
    *more: Header,
) -> Said:
    if known is None:
        has_it = conditions.is_since(asked.get("HTTP_IF_MODIFIED_SINCE"), changed_at)
    else:
        has_it = known is conditions.ANY or tag in known
    etag = ("ETag", f'"{tag}"')
    stamp = ("Last-Modified", conditions.http_date(changed_at))
    said = [CALENDAR, etag, stamp, *more, *headers.FOR_PROGRAMS]
    return Said(b"", 304, said) if has_it else Said(body, 200, said)
