"""What organizers do for a company: its delegates, also once the tour is frozen or closed."""

from collections.abc import Callable
from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.case_forms import DelegateForm, LeaveForm
from webapp.blueprints.registrations.organizer import bp
from webapp.blueprints.registrations.refusal_words import REFUSALS, refusal
from webapp.db import transaction
from webapp.domain import amendments, audits, delegates
from webapp.domain.audits import By
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip


@bp.route("/<id:registration_id>/delegates/new", methods=["GET", "POST"])
def new_delegate(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """One more delegate; with nothing but a mail address the colleague fills in the rest."""
    trip, found = _company(slug, registration_id)
    form = DelegateForm.of(found)

    def add(by: By) -> str:
        made = delegates.add(found, form.data_given(), by, invited=form.is_invited)
        return _("%(name)s is added and is being written to.", name=made.name)

    return _done(trip, found, form, add) or _page(trip, found, form, "add")


@bp.route("/<id:registration_id>/delegates/<id:delegate_id>", methods=["GET", "POST"])
def edit_delegate(slug: str, registration_id: int, delegate_id: int) -> Response | tuple[str, int]:
    """Other data of a delegate."""
    trip, found = _company(slug, registration_id)
    delegate = guards.registration_delegate(found, delegate_id)
    form = DelegateForm.of(found, delegate)
    now = amendments.fingerprint(asdict(delegates.data_of(delegate)))
    if request.method == "POST" and form.seen.data != now:
        form.form_errors = [
            _("Somebody has changed this meanwhile. What you typed is still here: save it again.")
        ]
        form.seen.data = now
        return _page(trip, found, form, "edit", delegate)
    form.seen.data = now

    def edit(by: By) -> str:
        delegates.edit(delegate, form.data_given(), by)
        return _("Saved.")

    return _done(trip, found, form, edit) or _page(trip, found, form, "edit", delegate)


@bp.route("/<id:registration_id>/delegates/<id:delegate_id>/replace", methods=["GET", "POST"])
def replace_delegate(
    slug: str, registration_id: int, delegate_id: int
) -> Response | tuple[str, int]:
    """Another colleague instead; what does not pass on is said before and after."""
    trip, found = _company(slug, registration_id)
    delegate = guards.registration_delegate(found, delegate_id)
    form = DelegateForm.of(found)

    def replace(by: By) -> str:
        made = delegates.replace(delegate, form.data_given(), by, invited=form.is_invited)
        return _("%(new)s comes instead of %(old)s.", new=made.new.name, old=made.old.name)

    return _done(trip, found, form, replace) or _page(trip, found, form, "replace", delegate)


@bp.route("/<id:registration_id>/delegates/<id:delegate_id>/withdraw", methods=["GET", "POST"])
def withdraw_delegate(
    slug: str, registration_id: int, delegate_id: int
) -> Response | tuple[str, int]:
    """A delegate does not come; the place passes on."""
    trip, found = _company(slug, registration_id)
    delegate = guards.registration_delegate(found, delegate_id)
    form = LeaveForm()

    def withdraw(by: By) -> str:
        delegates.withdraw(delegate, form.note.data or "", by)
        return _("%(name)s does not come. The place passes on.", name=delegate.name)

    return _done(trip, found, form, withdraw) or _page(trip, found, form, "withdraw", delegate)


def _company(slug: str, registration_id: int) -> tuple[Trip, Registration]:
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    return trip, guards.trip_registration(trip, registration_id)


def _done(
    trip: Trip,
    found: Registration,
    form: DelegateForm | LeaveForm,
    deed: Callable[[By], str],
) -> Response | None:
    """Do it if the form is good, with the organizer's reason beside it; None when the page is to
    be shown."""
    if not form.validate_on_submit():
        return None
    by = audits.by_staff(guards.me())
    try:
        with transaction():
            told = deed(by)
            if isinstance(form, DelegateForm) and form.note.data:
                audits.write(by, found, "act for", trip_id=trip.id, reason=form.note.data)
    except REFUSALS as error:
        form.form_errors = [refusal(error)]
        return None
    flash(told, "success")
    address = url_for(".registration", slug=trip.slug, registration_id=found.id)
    return redirect(f"{address}#delegates", 303)


def _page(
    trip: Trip,
    found: Registration,
    form: DelegateForm | LeaveForm,
    deed: str,
    delegate: Delegate | None = None,
) -> tuple[str, int]:
    lost = delegates.what_does_not_pass_on(delegate) if delegate and deed == "replace" else []
    page = render_template(
        "organizer/registration_delegate.html",
        trip=trip,
        registration=found,
        delegate=delegate,
        form=form,
        deed=deed,
        lost=lost,
    )
    return page, 422 if request.method == "POST" else 200
