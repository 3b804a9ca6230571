"""A company that was invited to apply, for whoever holds its link."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import csrf, guards
from webapp.blueprints.registrations.application import Answer, Opened, answer
from webapp.blueprints.throttle import letter_limits, registration_limits
from webapp.db import transaction
from webapp.domain import prospects

bp = Blueprint("prospects_public", __name__, url_prefix="/trips/<slug>/register/invited/<token>")


@bp.route("", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token
@registration_limits
@letter_limits
def invited(slug: str, token: str) -> Answer:
    """The form with what the organizers know filled in; it opens before others may apply."""
    prospect = guards.invited_prospect(slug, token)
    return answer(Opened(prospect.trip, prospect=prospect))


@bp.post("/refuse")
def refuse(slug: str, token: str) -> Response:
    """No, thank you."""
    prospect = guards.invited_prospect(slug, token)
    if FlaskForm().validate_on_submit():
        with transaction():
            prospects.refuse(prospect)
        flash(
            _("Thank you for telling us. Should you change your mind, the form stays."), "success"
        )
    return redirect(url_for(".invited", slug=slug, token=token), 303)
