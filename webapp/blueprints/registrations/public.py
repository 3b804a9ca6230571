"""The application form: no account needed."""

from flask import Blueprint

from webapp.blueprints import csrf
from webapp.blueprints.guards import public_trip
from webapp.blueprints.registrations.application import Answer, Opened, answer
from webapp.blueprints.throttle import letter_limits, registration_limits

bp = Blueprint("registrations_public", __name__)


@bp.route("/trips/<slug>/register", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one loses nothing that was typed
@registration_limits
@letter_limits
def register(slug: str) -> Answer:
    """Register a company with its delegates, or save the form for later."""
    return answer(Opened(public_trip(slug)))
