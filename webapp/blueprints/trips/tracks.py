"""The tracks of a tour, and who follows them."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.trips.layout import bp
from webapp.blueprints.trips.setup_forms import TrackForm
from webapp.db import transaction
from webapp.domain import audits, tracks
from webapp.models.staff import Role
from webapp.models.track import Track
from webapp.models.trip import Trip

COMPANIES_A_PAGE = 40


@bp.get("/tracks")
def tracks_list(slug: str) -> str:
    """The tracks in their order, and how full they are."""
    trip = guards.staff_trip(slug)
    return render_template("organizer/tracks.html", trip=trip, counts=tracks.counts(trip))


@bp.route("/tracks/new", methods=["GET", "POST"])
def new_track(slug: str) -> str | Response | tuple[str, int]:
    """Add a track."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = TrackForm()
    if form.validate_on_submit():
        with transaction():
            by = audits.by_staff(guards.me())
            made = tracks.add(trip, form.words(), form.color.data, by)
        flash(_("The track is added. Now choose who follows it."), "success")
        return redirect(url_for(".members", slug=slug, track_id=made.id), 303)
    return _page(trip, form, None), 422 if form.is_submitted() else 200


@bp.route("/tracks/<id:track_id>", methods=["GET", "POST"])
def track(slug: str, track_id: int) -> str | Response | tuple[str, int]:
    """Change what a track is called, and its color."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_track(trip, track_id)
    form = TrackForm.of(found)
    if form.validate_on_submit():
        with transaction():
            by = audits.by_staff(guards.me())
            tracks.change(trip, found, form.words(), form.color.data, by)
        flash(_("The track is saved. What is published stays until you publish."), "success")
        return redirect(url_for(".tracks_list", slug=slug), 303)
    return _page(trip, form, found), 422 if form.is_submitted() else 200


@bp.post("/tracks/<id:track_id>/move")
def move_track(slug: str, track_id: int) -> Response:
    """Let a track stand before or after its neighbor."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_track(trip, track_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            earlier = request.form.get("way") == "earlier"
            tracks.move(trip, found, audits.by_staff(guards.me()), earlier=earlier)
    return redirect(url_for(".tracks_list", slug=slug, _anchor=f"track-{track_id}"), 303)


@bp.post("/tracks/<id:track_id>/remove")
def remove_track(slug: str, track_id: int) -> Response:
    """Delete a track; or only take the draft's sessions out of it, while it is published."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_track(trip, track_id)
    by = audits.by_staff(guards.me())
    try:
        with transaction():
            lost = tracks.remove(trip, found, by)
    except tracks.TrackPublished:
        with transaction():
            tracks.take_off(trip, found, by)
        flash(
            _("Its sessions are out of the track. Publish that; then the track can be removed."),
            "info",
        )
        return redirect(url_for(".track", slug=slug, track_id=track_id), 303)
    flash(
        ngettext(
            "The track is removed. %(num)d session lost it.",
            "The track is removed. %(num)d sessions lost it.",
            lost,
        ),
        "success",
    )
    return redirect(url_for(".tracks_list", slug=slug), 303)


@bp.route("/tracks/<id:track_id>/members", methods=["GET", "POST"])
def members(slug: str, track_id: int) -> str | Response:
    """Who follows a track: delegates one by one, or whole companies."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_track(trip, track_id)
    if FlaskForm().validate_on_submit():
        shown, one_by_one, whole = (
            request.form.getlist(name, type=int) for name in ("shown", "delegate", "company")
        )
        with transaction():
            by = audits.by_staff(guards.me())
            changed = tracks.set_members(trip, found, shown, one_by_one, whole, by)
        told = ngettext(
            "Saved: %(num)d delegate begins or ceases to follow it. Calendars follow.",
            "Saved: %(num)d delegates begin or cease to follow it. Calendars follow.",
            changed,
        )
        flash(told if changed else _("Nothing has changed."), "success")
        page = request.form.get("page", 1, type=int)
        return redirect(url_for(".members", slug=slug, track_id=track_id, page=page), 303)
    everybody = tracks.delegates(trip)
    pages = max(1, -(-len(everybody) // COMPANIES_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    start = (page - 1) * COMPANIES_A_PAGE
    return render_template(
        "organizer/track_members.html",
        trip=trip,
        track=found,
        registrations=everybody[start : start + COMPANIES_A_PAGE],
        page=page,
        pages=pages,
    )


def _page(trip: Trip, form: TrackForm, found: Track | None) -> str:
    return render_template(
        "organizer/track.html",
        trip=trip,
        form=form,
        track=found,
        counts=tracks.counts(trip)[found.id] if found else None,
        history=audits.of(found) if found else [],
    )
