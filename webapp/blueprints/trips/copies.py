"""New tours: empty, from a template, or like an earlier one. For staff who run everything."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.trips.layout import zones
from webapp.blueprints.trips.shift_forms import CopyForm, NewTourForm, surprise_words
from webapp.db import transaction
from webapp.domain import agendas, audits, copies, shifts, tours, trips
from webapp.models.trip import Trip

bp = Blueprint("copies_organizer", __name__, url_prefix="/organizer")
bp.before_request(guards.staff_only)


@bp.get("/new")
def start() -> str:
    """What a new tour starts from."""
    guards.owner_only()
    found = trips.every()
    return render_template(
        "organizer/new.html",
        templates=[trip for trip in found if trip.is_template],
        tours=[trip for trip in found if not trip.is_template],
    )


@bp.route("/new/empty", methods=["GET", "POST"])
def empty() -> str | Response | tuple[str, int]:
    """An empty tour."""
    guards.owner_only()
    form = NewTourForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = tours.create(form.slug.data, form.values(), audits.by_staff(guards.me()))
        except tours.SlugTaken:
            form.slug.errors = [_("Another tour has this address.")]
        except trips.DatesOutOfOrder:
            form.ends_on.errors = [
                _("The last day cannot be before the first, nor more than a year after it.")
            ]
        else:
            flash(_("The tour is a draft: nobody outside sees it. Next, its stops."), "success")
            return redirect(url_for("layout_organizer.stops_list", slug=made.slug), 303)
    page = render_template("organizer/new_empty.html", form=form, zones=zones())
    return page, 422 if form.is_submitted() else 200


@bp.route("/new/like/<slug>", methods=["GET", "POST"])
def like(slug: str) -> str | Response | tuple[str, int]:
    """A tour, or a template, made from another of either."""
    guards.owner_only()
    trip = guards.staff_trip(slug)
    form = CopyForm.of(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                made = _copy(trip, form)
        except tours.SlugTaken:
            form.slug.errors = [_("Another tour has this address.")]
        except shifts.DatesRefused:
            form.starts_on.errors = [_("Please check the year.")]
        else:
            flash(_("The tour is a draft: nobody outside sees it."), "success")
            return redirect(url_for("layout_organizer.stops_list", slug=made.slug), 303)
    number = sum(1 for item in agendas.draft(trip) if not item.is_cancelled)
    page = render_template("organizer/new_like.html", trip=trip, form=form, sessions=number)
    return page, 422 if form.is_submitted() else 200


@bp.get("/templates")
def templates() -> str:
    """The templates."""
    guards.owner_only()
    found = [trip for trip in trips.every() if trip.is_template]
    return render_template("organizer/templates.html", templates=found)


@bp.post("/templates/<slug>/delete")
def delete(slug: str) -> Response:
    """Delete a template."""
    guards.owner_only()
    found = guards.template(slug)
    if FlaskForm().validate_on_submit():
        with transaction():
            tours.delete_template(found, audits.by_staff(guards.me()))
        flash(_("The template is deleted."), "success")
    return redirect(url_for(".templates"), 303)


def _copy(trip: Trip, form: CopyForm) -> Trip:
    """Make the copy, and tell of each wall time that could not be kept."""
    made = copies.copy(
        trip,
        form.slug.data,
        form.starts_on.data,
        form.title(),
        frozenset(form.parts.data or ()),
        audits.by_staff(guards.me()),
        as_template=bool(form.as_template.data),
    )
    if "items" in form.parts.data:
        days = (made.starts_on - trip.starts_on).days
        for surprise in shifts.surprises(trip, days)[:6]:
            flash(surprise_words(surprise), "info")
    return made
