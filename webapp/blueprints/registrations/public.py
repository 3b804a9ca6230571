"""The application form: no account needed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints import csrf
from webapp.blueprints.guards import public_trip
from webapp.blueprints.registrations.forms import RegistrationForm
from webapp.blueprints.throttle import registration_limits
from webapp.db import transaction
from webapp.domain import registrations, seats
from webapp.errors import DomainError
from webapp.models.trip import Trip

bp = Blueprint("registrations_public", __name__)


@bp.route("/trips/<slug>/register", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one loses nothing that was typed
@registration_limits
def register(slug: str) -> str | Response | tuple[str, int]:
    """Register a company with its delegates."""
    trip = public_trip(slug)
    form = RegistrationForm.sent(trip)
    if "add_delegate" in request.form:
        form.add_row()
        return _page(trip, form)
    if "remove_delegate" in request.form:
        form.remove_row(request.form.get("remove_delegate", -1, type=int))
        return _page(trip, form)
    if request.method != "POST":
        return _page(trip, form)
    if form.validate():
        try:
            with transaction():
                application = form.application()
                found = registrations.submit(trip.id, application)
                token = found.token
                if not registrations.says_the_same(found, application):
                    flash(_("This form had been sent before. Here is what we stored then."), "info")
        except DomainError as error:
            form.tell(error)
        else:
            return redirect(url_for("registrations_company.company", token=token), 303)
    return _page(trip, form), 422


def _page(trip: Trip, form: RegistrationForm) -> str:
    return render_template(
        "registrations/register.html",
        trip=trip,
        form=form,
        window=trip.window(clock.now()),
        places=seats.places(trip),
    )
