"""The venues and rooms of a tour. All tours share them: who does not organize every tour that uses
a venue reads it, and may add a copy."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.trips.layout import bp, zones
from webapp.blueprints.trips.place_forms import RoomForm, VenueForm
from webapp.db import transaction
from webapp.domain import audits, places
from webapp.models.place import Room, Venue
from webapp.models.staff import Role
from webapp.models.trip import Trip


@bp.get("/places")
def places_list(slug: str) -> str:
    """The venues of this tour first; all others by search."""
    trip = guards.staff_trip(slug)
    text = request.args.get("q", "").strip()[:200]
    near = places.near(trip)
    known = {venue.id for venue in near}
    return render_template(
        "organizer/places.html",
        trip=trip,
        venues=near,
        counts=places.counts(trip),
        text=text,
        found=[v for v in places.search(text) if v.id not in known] if text else [],
    )


@bp.route("/places/new", methods=["GET", "POST"])
def new_place(slug: str) -> str | Response | tuple[str, int]:
    """Add a venue, or a copy of one with `?copy=`."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    copied = request.values.get("copy_of") or request.args.get("copy") or ""
    other = guards.venue(int(copied)) if copied.isdecimal() and len(copied) < 18 else None
    stop = trip.stops[0] if trip.stops else None
    form = (
        VenueForm.of(other, copy_of=str(other.id), take_over=True)
        if other
        else VenueForm(
            country=stop.country if stop else None, zone=stop.zone if stop else trip.zone
        )
    )
    if form.validate_on_submit():
        with transaction():
            venue = places.add(
                trip,
                form.values(),
                audits.by_staff(guards.me()),
                rooms_of=other,
                instead_of=other if form.take_over.data else None,
            )
        flash(_("The venue is added."), "success")
        return redirect(url_for(".place", slug=slug, venue_id=venue.id), 303)
    page = render_template(
        "organizer/place_new.html", trip=trip, form=form, other=other, zones=zones(trip)
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/places/<id:venue_id>", methods=["GET", "POST"])
def place(slug: str, venue_id: int) -> str | Response | tuple[str, int]:
    """One venue with its rooms; POST changes it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER if request.method == "POST" else Role.READER)
    found = guards.own_venue(venue_id) if request.method == "POST" else guards.venue(venue_id)
    form = VenueForm.of(found)
    if form.validate_on_submit():
        with transaction():
            places.change(trip, found, form.values(), audits.by_staff(guards.me()))
        flash(_("The venue is saved. What is published stays until you publish."), "success")
        return redirect(url_for(".place", slug=slug, venue_id=venue_id), 303)
    return _page(trip, form, found), 422 if form.is_submitted() else 200


@bp.post("/places/<id:venue_id>/remove")
def remove_place(slug: str, venue_id: int) -> Response | tuple[str, int]:
    """Delete a venue that nothing names."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.own_venue(venue_id)
    name = found.name
    try:
        with transaction():
            places.remove(trip, found, audits.by_staff(guards.me()))
    except places.VenueInUse as error:
        return _page(trip, VenueForm.of(found, formdata=None), found, error.where), 409
    flash(_("The venue %(name)s is removed.", name=name), "success")
    return redirect(url_for(".places_list", slug=slug), 303)


@bp.route("/places/<id:venue_id>/rooms/new", methods=["GET", "POST"])
def new_room(slug: str, venue_id: int) -> str | Response | tuple[str, int]:
    """Add a room."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    venue = guards.own_venue(venue_id)
    form = RoomForm()
    if form.validate_on_submit():
        try:
            with transaction():
                places.add_room(trip, venue, form.values(), audits.by_staff(guards.me()))
        except places.RoomNameTaken:
            form.name.errors = [_("This venue has another room of that name.")]
        else:
            flash(_("The room is added."), "success")
            return redirect(url_for(".place", slug=slug, venue_id=venue_id), 303)
    return _room_page(trip, venue, form, None), 422 if form.is_submitted() else 200


@bp.route("/places/<id:venue_id>/rooms/<id:room_id>", methods=["GET", "POST"])
def room(slug: str, venue_id: int, room_id: int) -> str | Response | tuple[str, int]:
    """Change a room."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    venue = guards.own_venue(venue_id)
    found = guards.venue_room(venue, room_id)
    form = RoomForm.of(found)
    if form.validate_on_submit():
        try:
            with transaction():
                places.change_room(trip, found, form.values(), audits.by_staff(guards.me()))
        except places.RoomNameTaken:
            form.name.errors = [_("This venue has another room of that name.")]
        else:
            flash(_("The room is saved. What is published stays until you publish."), "success")
            return redirect(url_for(".place", slug=slug, venue_id=venue_id), 303)
    return _room_page(trip, venue, form, found), 422 if form.is_submitted() else 200


@bp.post("/places/<id:venue_id>/rooms/<id:room_id>/remove")
def remove_room(slug: str, venue_id: int, room_id: int) -> Response | tuple[str, int]:
    """Delete a room that no session names."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    venue = guards.own_venue(venue_id)
    found = guards.venue_room(venue, room_id)
    try:
        with transaction():
            places.remove_room(trip, found, audits.by_staff(guards.me()))
    except places.VenueInUse as error:
        form = RoomForm.of(found, formdata=None)
        return _room_page(trip, venue, form, found, error.where), 409
    flash(_("The room is removed."), "success")
    return redirect(url_for(".place", slug=slug, venue_id=venue_id), 303)


def _page(trip: Trip, form: VenueForm, venue: Venue, where: Sequence[places.Use] = ()) -> str:
    uses = places.uses(venue)
    return render_template(
        "organizer/place.html",
        trip=trip,
        form=form,
        venue=venue,
        where=where,
        # Which other tours there are is for those who have a part in them.
        uses=[use for use in uses if guards.me().role_on(use.trip.id)],
        hidden=sum(1 for use in uses if not guards.me().role_on(use.trip.id)),
        may_change=_organizes(trip) and guards.may_change_venue(venue),
        zones=zones(trip),
        history=audits.of(venue),
    )


def _room_page(
    trip: Trip, venue: Venue, form: RoomForm, found: Room | None, where: Sequence[places.Use] = ()
) -> str:
    return render_template(
        "organizer/room.html",
        trip=trip,
        venue=venue,
        form=form,
        room=found,
        where=where,
        history=audits.of(found) if found else [],
    )


def _organizes(trip: Trip) -> bool:
    return guards.me().role_on(trip.id) == Role.ORGANIZER
