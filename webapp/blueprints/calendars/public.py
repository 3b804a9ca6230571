"""Feeds and session files, as calendar programs fetch them. (icalendar.md section 12.)

No session, no cookie, no redirect, no change on GET; every client gets the same answer. What is
compressed on the way is a proxy's business: here it would be done anew at each request (H10).
"""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request

from webapp.blueprints import calendar_answers as answers
from webapp.blueprints.guards import public_trip
from webapp.calendars.feed import etag
from webapp.domain import feeds, published
from webapp.i18n import LANGUAGES

bp = Blueprint("calendars_public", __name__)

# Whatever is not GET or HEAD is 405 with Allow (H18), and nothing is redirected (H1, H15), not even
# an address with two slashes where one belongs.
EXACT: dict[str, Any] = {"provide_automatic_options": False, "merge_slashes": False}
UNSAFE_IN_FILENAMES = re.compile(r"[^\w-]+", re.ASCII)


@bp.get("/trips/<slug>/calendar.ics", **EXACT)
def public_feed(slug: str) -> Response:
    """The public feed of a tour; `?lang=fr` is another calendar (H13)."""
    return Response(*answers.of_public(slug, _language(), request.environ))


@bp.get("/calendars/<token>.ics", **EXACT)
def secret_feed(token: str) -> Response:
    """The feed of a delegate, a company or whoever else holds its address."""
    return Response(*answers.of_secret(token, request.environ))


@bp.get("/trips/<slug>/items/<uuid:uid>.ics", **EXACT)
def item_file(slug: str, uid: UUID) -> Response:
    """One published session as a file to download."""
    trip = public_trip(slug)
    item = published.public_item(trip, uid) or abort(404)
    body = feeds.session_file(trip, item, _language())
    name = UNSAFE_IN_FILENAMES.sub("-", item.title.pick("en")).strip("-").lower()[:60]
    download = ("Content-Disposition", f'attachment; filename="{name or "session"}.ics"')
    more = (answers.CACHE_PUBLIC, download)
    said = answers.calendar(body, etag(body), item.changed_at, request.environ, *more)
    return Response(*said)


def _language() -> str:
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else "en"
