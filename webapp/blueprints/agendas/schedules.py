"""The published agenda for other programs, in frab's format: no session, no cookie."""

import json

from flask import Blueprint, Response, make_response, request

from webapp.blueprints.guards import public_trip
from webapp.calendars.feed import etag
from webapp.domain.sheets import schedule
from webapp.i18n import LANGUAGES

bp = Blueprint("schedules_public", __name__, url_prefix="/trips/<slug>")


@bp.get("/schedule.json")
def as_json(slug: str) -> Response:
    """The schedule as JSON; `?lang=fr` has it in French."""
    said = schedule.as_json(public_trip(slug), _language())
    body = json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return _answer(body, "application/json; charset=utf-8")


@bp.get("/schedule.xml")
def as_xml(slug: str) -> Response:
    """The schedule as XML; `?lang=fr` has it in French."""
    return _answer(schedule.as_xml(public_trip(slug), _language()), "text/xml; charset=utf-8")


def _language() -> str:
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else "en"


def _answer(body: bytes, kind: str) -> Response:
    """The answer with its validator; any page of any site may read it, as it is for everybody."""
    response = make_response(body)
    response.headers["Content-Type"] = kind
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(etag(body))
    response.make_conditional(request)
    return response
