"""For machines: alive, fit to serve, metrics, robots."""

from flask import Blueprint, Response, current_app, jsonify, make_response

from webapp.blueprints import metrics
from webapp.domain import health

bp = Blueprint("health_public", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers. It asks nobody else."""
    return make_response("ok\n", {"Content-Type": "text/plain; charset=utf-8"})


@bp.get("/readyz")
def readyz() -> Response:
    """Fit to serve: 200, or 503 and which part is not; and how many letters failed in the last 24
    hours, how many seconds the oldest due one has waited."""
    found = health.look(current_app.config["REDIS_URL"])
    letters = {"failed": found.failed, "oldest_waiting_seconds": found.waited}
    response = jsonify(ready=found.is_fit, **found.parts, letters=letters)
    response.status_code = 200 if found.is_fit else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/metrics")
def prometheus() -> Response:
    """Counts of requests and letters in Prometheus' text form."""
    return make_response(
        metrics.exposition(), {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


@bp.get("/robots.txt")
def robots() -> Response:
    """Everybody may read the feeds (icalendar.md H17); staff pages are no use to a robot."""
    text = "User-agent: *\nDisallow: /organizer/\n"
    return make_response(text, {"Content-Type": "text/plain; charset=utf-8"})
