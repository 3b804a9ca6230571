"""A form that was begun, for whoever holds its link."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import csrf, guards
from webapp.blueprints.registrations.application import Answer, Opened, answer
from webapp.blueprints.throttle import letter_limits, registration_limits
from webapp.db import transaction
from webapp.domain import drafts, prospects
from webapp.models.draft import Draft
from webapp.models.prospect import Prospect

bp = Blueprint("drafts_public", __name__, url_prefix="/trips/<slug>/register/draft/<token>")


@bp.route("", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token
@registration_limits
@letter_limits
def draft(slug: str, token: str) -> Answer:
    """Go on with a form: send it, or save it again."""
    found = guards.saved_draft(slug, token)
    return answer(Opened(found.trip, found, _prospect(found)))


@bp.post("/remove")
def remove(slug: str, token: str) -> Response:
    """Whoever began the form wants nothing of it kept."""
    found = guards.saved_draft(slug, token)
    if FlaskForm().validate_on_submit():
        with transaction():
            drafts.end(found)
        flash(_("The saved form is deleted."), "success")
    return redirect(url_for("registrations_public.register", slug=slug), 303)


def _prospect(draft: Draft) -> Prospect | None:
    """The invitation that the form was begun from, while it stands."""
    if draft.prospect_id is None:
        return None
    found = prospects.find(draft.trip, draft.prospect_id)
    return found if found and prospects.may_apply(found) else None
