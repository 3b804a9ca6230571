"""Places held for a company or a mail domain."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.held_forms import HoldForm, TermsForm
from webapp.blueprints.trips.layout import zones
from webapp.db import transaction
from webapp.domain import audits, held_places, organizations, seats
from webapp.errors import DomainError
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("held_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/held")
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The blocks of a tour: for whom, until when, what is used and what is left."""
    trip = guards.staff_trip(slug)
    return _page(trip, HoldForm.of(trip))


@bp.post("")
def hold(slug: str) -> Response | tuple[str, int]:
    """Hold places."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = HoldForm.of(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                held_places.hold(trip, form.wanted(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Held. Nobody else can take these places."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, form), 422


@bp.route("/<id:held_id>", methods=["GET", "POST"])
def block(slug: str, held_id: int) -> str | Response | tuple[str, int]:
    """Other terms of one block."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_held(trip, held_id)
    form = TermsForm.of(found, trip.says_deadlines_in)
    if form.validate_on_submit():
        try:
            with transaction():
                held_places.change(found, form.hold(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    page = render_template(
        "organizer/held_one.html",
        trip=trip,
        block=found,
        form=form,
        in_force=held_places.is_in_force(found),
        places=seats.places(trip),
        zones=zones(trip),
        history=audits.of(found),
    )
    return page, 422 if request.method == "POST" else 200


@bp.post("/<id:held_id>/release")
def release(slug: str, held_id: int) -> Response:
    """Give what is left of a block to everybody."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_held(trip, held_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                held_places.release(found, audits.by_staff(guards.me()))
        except held_places.Ended:
            flash(_("These places were not held any longer."), "info")
        else:
            flash(_("Released. Whoever waited for these places has come up."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


def _page(trip: Trip, form: HoldForm) -> str:
    return render_template(
        "organizer/held.html",
        trip=trip,
        form=form,
        blocks=held_places.of_trip(trip),
        in_force=held_places.is_in_force,
        places=seats.places(trip),
        zones=zones(trip),
        offered=organizations.of_trip(trip),
    )
