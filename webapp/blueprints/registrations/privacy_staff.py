"""Data protection of a tour: how long what is kept, who agreed to what, who may read what is
sealed; a copy of one person's data, and erasing one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import i18n
from webapp.blueprints import guards
from webapp.blueprints.registrations.privacy import data_file
from webapp.blueprints.registrations.privacy_forms import DaysForm, EraseForm
from webapp.db import transaction
from webapp.domain import audits, consents, privacy, retention, staffs
from webapp.models.delegate import Delegate
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "privacy_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/privacy"
)
bp.before_request(guards.staff_only)
PAGE_SIZE = 100


@bp.get("")
def page(slug: str) -> str:
    """How long each kind of data is kept, and all that belongs to it."""
    trip = guards.staff_trip(slug)
    return _page(trip, DaysForm.of(trip))


@bp.post("/days")
def days(slug: str) -> Response | tuple[str, int]:
    """Keep the data of this tour for other times than is usual."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = DaysForm.of(trip)
    if not form.validate_on_submit():
        return _page(trip, form), 422
    with transaction():
        retention.set_days(trip, form.wanted(), audits.by_staff(guards.me()))
    flash(_("Saved. What is over is purged within the hour."), "success")
    return redirect(url_for(".page", slug=slug), 303)


@bp.post("/staff/<id:staff_id>")
def let_see(slug: str, staff_id: int) -> Response:
    """Let somebody of the staff read what is sealed, or no longer. For who runs everything."""
    guards.owner_only()
    trip = guards.staff_trip(slug)
    staff = next((s for s in staffs.of_trip(trip) if s.id == staff_id), None) or abort(404)
    if FlaskForm().validate_on_submit():
        allowed = request.form.get("allowed") == "yes"
        try:
            with transaction():
                staffs.let_see_private(staff, trip, allowed, audits.by_staff(guards.me()))
        except staffs.NoRole:
            abort(404)
        flash(_("Saved."), "success")
    return redirect(url_for(".page", slug=slug, _anchor="readers"), 303)


@bp.route("/people/<id:registration_id>/<id:delegate_id>", methods=["GET", "POST"])
def person(slug: str, registration_id: int, delegate_id: int) -> str | Response | tuple[str, int]:
    """What can be done with one delegate's data; POST erases it for good."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = _delegate(trip, registration_id, delegate_id)
    form = EraseForm()
    if form.validate_on_submit() and form.fits(found):
        try:
            with transaction():
                privacy.erase(found, audits.by_staff(guards.me()), form.reason.data or "")
        except privacy.StillCoordinates as error:
            form.typed.errors = [_still(error)]
        except privacy.AlreadyErased:
            abort(410)
        else:
            flash(_("Erased. One last letter tells the person so."), "success")
            return redirect(url_for(".page", slug=slug), 303)
    return _person_page(trip, found, form), 422 if form.is_submitted() else 200


@bp.post("/people/<id:registration_id>/<id:delegate_id>/export")
def export(slug: str, registration_id: int, delegate_id: int) -> Response:
    """Everything held about one person in the tours that this organizer runs, as one file."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    guards.sees_private(trip)
    found = _delegate(trip, registration_id, delegate_id)
    if not FlaskForm().validate_on_submit():
        abort(400)
    mine = [each.id for each in guards.staff_trips() if guards.me().role_on(each.id) == "organizer"]
    private = [trip_id for trip_id in mine if guards.me().sees_private_on(trip_id)]
    with transaction():
        subject = privacy.of_person(found.person, mine)
        body = privacy.export(subject, i18n.current_language(), private)
        privacy.exported(found, audits.by_staff(guards.me()))
    return data_file(body, privacy.filename(slug))


def _delegate(trip: Trip, registration_id: int, delegate_id: int) -> Delegate:
    found = guards.trip_registration(trip, registration_id)
    return guards.registration_anybody(found, delegate_id)


def _page(trip: Trip, form: DaysForm) -> str:
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    people = consents.asked(trip)
    return render_template(
        "organizer/privacy.html",
        trip=trip,
        form=form,
        lines=retention.plan(trip),
        readers=staffs.of_trip(trip),
        counts=consents.counts(trip),
        people=people,
        agreed=consents.of_trip(trip, number, PAGE_SIZE),
        page=number,
        pages=max(1, -(-people // PAGE_SIZE)),
        requests=privacy.open_requests(trip),
        history=retention.history(trip),
        may_change=guards.me().role_on(trip.id) == Role.ORGANIZER,
    )


def _person_page(trip: Trip, found: Delegate, form: EraseForm) -> str:
    return render_template(
        "organizer/privacy_person.html",
        trip=trip,
        delegate=found,
        registration=found.registration,
        form=form,
        is_last=[found.id] == [each.id for each in found.registration.delegates],
        has_asked=privacy.has_asked(found),
        sees_private=guards.me().sees_private_on(trip.id),
    )


def _still(error: privacy.StillCoordinates) -> str:
    return _(
        "This person speaks for %(references)s, where colleagues still come. Let the company hand "
        "the coordination over first, or cancel the registration.",
        references=i18n.listed(error.references),
    )
