"""The stops of a tour."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.trips.layout import bp, zones
from webapp.blueprints.trips.setup_forms import StopForm
from webapp.db import transaction
from webapp.domain import audits, item_names, organizations, stops, trips
from webapp.models.place import Stop
from webapp.models.staff import Role
from webapp.models.trip import Trip


@bp.get("/stops")
def stops_list(slug: str) -> str:
    """The stops in their order."""
    trip = guards.staff_trip(slug)
    return render_template("organizer/stops.html", trip=trip)


@bp.route("/stops/new", methods=["GET", "POST"])
def new_stop(slug: str) -> str | Response | tuple[str, int]:
    """Add a stop."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    last = trip.stops[-1] if trip.stops else None
    form = StopForm(
        country=last.country if last else None,
        zone=last.zone if last else trip.zone,
        starts_on=last.ends_on if last else trip.starts_on,
        ends_on=trip.ends_on,
    )
    if form.validate_on_submit():
        try:
            with transaction():
                stops.add(trip, form.values(), audits.by_staff(guards.me()))
        except trips.DatesOutOfOrder as error:
            form.tell(error)
        else:
            flash(_("The stop is added."), "success")
            return redirect(url_for(".stops_list", slug=slug), 303)
    return _page(trip, form, None), 422 if form.is_submitted() else 200


@bp.route("/stops/<id:stop_id>", methods=["GET", "POST"])
def stop(slug: str, stop_id: int) -> str | Response | tuple[str, int]:
    """Change a stop."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_stop(trip, stop_id)
    form = StopForm.of(found)
    if form.validate_on_submit():
        try:
            with transaction():
                stops.change(trip, found, form.values(), audits.by_staff(guards.me()))
        except trips.DatesOutOfOrder as error:
            form.tell(error)
        else:
            flash(_("The stop is saved. Its sessions keep their own times and zones."), "success")
            return redirect(url_for(".stops_list", slug=slug), 303)
    return _page(trip, form, found), 422 if form.is_submitted() else 200


@bp.post("/stops/<id:stop_id>/move")
def move_stop(slug: str, stop_id: int) -> Response:
    """Let a stop come earlier or later in the route."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_stop(trip, stop_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            earlier = request.form.get("way") == "earlier"
            stops.move(trip, found, audits.by_staff(guards.me()), earlier=earlier)
    return redirect(url_for(".stops_list", slug=slug, _anchor=f"stop-{stop_id}"), 303)


@bp.post("/stops/<id:stop_id>/remove")
def remove_stop(slug: str, stop_id: int) -> str | Response | tuple[str, int]:
    """Delete a stop that no session names."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_stop(trip, stop_id)
    city = found.city
    try:
        with transaction():
            stops.remove(trip, found, audits.by_staff(guards.me()))
    except stops.StopInUse as error:
        return _page(trip, StopForm.of(found, fresh=True), found, error), 409
    flash(_("The stop %(city)s is removed.", city=city), "success")
    return redirect(url_for(".stops_list", slug=slug), 303)


def _page(
    trip: Trip, form: StopForm, found: Stop | None, in_use: stops.StopInUse | None = None
) -> str:
    history = audits.of(found) if found else []
    said = (facts for entry in history for facts in (entry.before, entry.after))
    return render_template(
        "organizer/stop.html",
        trip=trip,
        form=form,
        stop=found,
        in_use=list(in_use.items) if in_use else [],
        hosts=organizations.of_trip(trip),
        zones=zones(trip),
        history=history,
        names=item_names.names(said),
    )
