"""Publishing the draft, now or later; the versions there were."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.agendas import release_pages as pages
from webapp.blueprints.agendas.release_forms import CompareForm, PublishForm, title
from webapp.db import transaction
from webapp.domain import agendas, audits, releases, telling
from webapp.domain.item_values import EndsBeforeStart, TimeRefused
from webapp.models.release import Release
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("releases_organizer", __name__, url_prefix="/organizer/trips/<slug>/publish")
bp.before_request(guards.staff_only)
bp.add_app_template_filter(title, "release_title")


@bp.route("", methods=["GET", "POST"])
def publish(slug: str) -> str | Response | tuple[str, int]:
    """What publishing would change, whom that concerns, and the button that does it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = PublishForm.of(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                release = _put_out(trip, form)
                told = pages.told(trip, release)
        except agendas.ChangedMeanwhile:
            return pages.publish(trip, form, changed=True), 409
        except releases.Blocked:
            return pages.publish(trip, form, blocked=True), 409
        except releases.NothingToPublish:
            flash(_("There is nothing to publish: the draft says what is published."), "info")
            return redirect(url_for(".publish", slug=slug))
        except (TimeRefused, releases.PlannedInThePast, releases.AlreadyPlanned) as error:
            form.tell(error)
        else:
            flash(told, "success")
            return redirect(url_for(".publish", slug=slug))
    return pages.publish(trip, form), 422 if form.is_submitted() else 200


@bp.post("/<id:item_id>/hold-back")
def hold_back(slug: str, item_id: int) -> Response:
    """Leave a session out of what is published next."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        releases.hold_back(guards.trip_item(trip, item_id), audits.by_staff(guards.me()))
    flash(_("Held back: publishing leaves it as it is."), "success")
    return redirect(url_for(".publish", slug=slug, _anchor="differences"))


@bp.post("/<id:item_id>/let-go")
def let_go(slug: str, item_id: int) -> Response:
    """Let a session that was held back be published."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        releases.let_go(guards.trip_item(trip, item_id), audits.by_staff(guards.me()))
    flash(_("No longer held back: it is published with the others."), "success")
    return redirect(url_for(".publish", slug=slug, _anchor="differences"))


@bp.post("/<id:release_id>/drop")
def drop(slug: str, release_id: int) -> Response:
    """Let a planned version never come out."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    with transaction():
        found = releases.by_id(trip, release_id) or abort(404)
        releases.drop(found, audits.by_staff(guards.me()))
    flash(_("The planned version is dropped. The draft stays as it is."), "success")
    return redirect(url_for(".publish", slug=slug))


@bp.get("/compare")
def compare(slug: str) -> str | tuple[str, int]:
    """Any two versions side by side."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    history = releases.history(trip)
    form = CompareForm.of(history)
    chosen = form.chosen() if history else None
    return pages.compare(trip, form, chosen, history), 422 if form.errors else 200


@bp.get("/versions/<id:release_number>")
def version(slug: str, release_number: int) -> str:
    """One version: what it changed, and all that it says."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    return pages.version(trip, _release(trip, release_number))


@bp.route("/versions/<id:release_number>/restore", methods=["GET", "POST"])
def restore(slug: str, release_number: int) -> str | Response:
    """Take a version as the draft again, once it is confirmed."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = pages.ConfirmForm()
    release = _release(trip, release_number)
    if not form.validate_on_submit():
        return pages.restore(trip, release, form)
    try:
        with transaction():
            losses = releases.restore(trip, release, audits.by_staff(guards.me()))
            page = pages.restored(trip, release, losses) if losses else None
    except (TimeRefused, EndsBeforeStart):
        flash(_("Some of its times do not exist any more, so nothing was restored."), "error")
        return redirect(url_for(".version", slug=slug, release_number=release_number))
    if page:
        return page
    flash(_("The draft says again what that version said. Nothing is published yet."), "success")
    return redirect(url_for("agendas_organizer.agenda", slug=slug))


@bp.post("/versions/<id:release_number>/letters/undo")
def undo_letters(slug: str, release_number: int) -> Response:
    """Stop the letters about a version while they are held."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    release = _release(trip, release_number)
    try:
        with transaction():
            telling.undo(release, audits.by_staff(guards.me()))
    except telling.NothingHeld:
        flash(_("Too late: the letters are on their way, or were stopped before."), "warning")
    else:
        flash(_("Undone: nobody is written to about this version."), "success")
    return redirect(url_for(".version", slug=slug, release_number=release_number))


@bp.post("/versions/<id:release_number>/letters/now")
def send_letters(slug: str, release_number: int) -> Response:
    """Let the letters about a version go out at once."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    release = _release(trip, release_number)
    try:
        with transaction():
            telling.now(release, audits.by_staff(guards.me()))
    except telling.NothingHeld:
        flash(_("Too late: the letters are on their way, or were stopped before."), "warning")
    else:
        flash(_("The letters go out now."), "success")
    return redirect(url_for(".version", slug=slug, release_number=release_number))


def _put_out(trip: Trip, form: PublishForm) -> Release:
    by, note, name = audits.by_staff(guards.me()), form.note.data or "", form.name.data or None
    seen = form.seen.data or ""
    tells, minutes = bool(form.tells.data), form.hold_minutes.data or 0
    if form.is_later:
        return releases.plan(
            trip, by, form.at(), note, name, seen, checked=True, tells=tells, hold_minutes=minutes
        )
    return releases.publish(
        trip, by, note, seen, name, checked=True, tells=tells, hold_minutes=minutes
    )


def _release(trip: Trip, number: int) -> Release:
    return releases.find(trip, number) or abort(404)
