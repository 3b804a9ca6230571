"""The whole published agenda as one file to download. (icalendar.md H2: it follows no change.)"""

from flask import Blueprint, Response, request

from webapp.blueprints.calendars.public import EXACT
from webapp.blueprints.guards import public_trip
from webapp.calendars.feed import etag
from webapp.domain import feeds, published
from webapp.i18n import LANGUAGES

bp = Blueprint("downloads_public", __name__)


@bp.get("/trips/<slug>/agenda.ics", **EXACT)
def agenda(slug: str) -> Response:
    """All that everybody may see of the published agenda; `?lang=fr` in French (H13)."""
    trip = public_trip(slug)
    asked = request.args.get("lang")
    language = asked if asked in LANGUAGES else "en"
    body = feeds.sessions_file(trip, published.items(trip), language)
    response = calendar_file(body, f"{trip.slug}.ics")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.set_etag(etag(body))
    response.make_conditional(request)
    return response


def calendar_file(body: bytes, name: str) -> Response:
    """A calendar to be saved under that name, not subscribed to."""
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
