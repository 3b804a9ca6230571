"""Feeds and session files, as calendar programs fetch them. (icalendar.md section 12.)

No session, no cookie, no redirect, no change on GET; every client gets the same answer.
"""

import re
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request
from werkzeug.exceptions import Gone

from webapp.blueprints.guards import public_trip
from webapp.calendars.feed import etag
from webapp.domain import feeds, published
from webapp.i18n import LANGUAGES

bp = Blueprint("calendars_public", __name__)

CACHE_PUBLIC = "public, max-age=300"
CACHE_PRIVATE = "private, no-cache"
UNSAFE_IN_FILENAMES = re.compile(r"[^\w-]+", re.ASCII)


@bp.get("/trips/<slug>/calendar.ics")
def public_feed(slug: str) -> Response:
    """The public feed of a tour; `?lang=fr` is another calendar (H13)."""
    trip = public_trip(slug)
    feed = feeds.public(trip, _language()) or abort(404)
    answer = feeds.answer(feed)
    return _calendar(answer.body, answer.etag, answer.changed_at, CACHE_PUBLIC)


@bp.get("/trips/<slug>/items/<uuid:uid>.ics")
def item_file(slug: str, uid: UUID) -> Response:
    """One published session as a file to download."""
    trip = public_trip(slug)
    item = published.public_item(trip, uid) or abort(404)
    body = feeds.session_file(trip, item, _language())
    response = _calendar(body, etag(body), item.changed_at, CACHE_PUBLIC)
    name = UNSAFE_IN_FILENAMES.sub("-", item.title.pick("en")).strip("-").lower()[:60]
    response.headers["Content-Disposition"] = f'attachment; filename="{name or "session"}.ics"'
    return response


@bp.get("/calendars/<token>.ics")
def secret_feed(token: str) -> Response:
    """The feed of a delegate or a company: 404 for a secret we do not know, 410 for one that
    ended (H14, H15)."""
    feed = feeds.by_token(token) or abort(404)
    if feeds.is_gone(feed):
        raise Gone
    answer = feeds.answer(feed)
    response = _calendar(answer.body, answer.etag, answer.changed_at, CACHE_PRIVATE)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _language() -> str:
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else "en"


def _calendar(body: bytes, tag: str, changed_at: datetime, cache: str) -> Response:
    """The answer with its validators, or 304 when the reader has these bytes (H1 to H11)."""
    response = make_response(body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = cache
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.last_modified = changed_at.replace(microsecond=0)
    response.set_etag(tag)
    response.make_conditional(request)
    return response
