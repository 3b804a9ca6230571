"""What a tour is, its state, and its dates."""

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.trips.layout import bp, zones
from webapp.blueprints.trips.setup_forms import ReasonForm, TourForm
from webapp.blueprints.trips.shift_forms import ShiftForm, surprise_words
from webapp.db import transaction
from webapp.domain import agendas, audits, shifts, tours
from webapp.errors import DomainError
from webapp.models.staff import Role
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip


@bp.route("/settings", methods=["GET", "POST"])
def settings(slug: str) -> str | Response | tuple[str, int]:
    """What the tour is."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = TourForm.of(trip)
    if form.validate_on_submit():
        try:
            with transaction():
                tours.change(trip, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Saved. The tour's own entry in calendars follows."), "success")
            return redirect(url_for(".settings", slug=slug), 303)
    return _page(trip, form, ReasonForm(formdata=None)), 422 if form.is_submitted() else 200


@bp.post("/settings/state")
def state(slug: str) -> Response | tuple[str, int]:
    """Announce a tour, call it off, bring it back, or withdraw it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    reason = ReasonForm()
    deed = _deeds(reason.reason.data or "").get(request.form.get("deed", ""))
    if deed is None or not reason.validate():
        return _page(trip, TourForm.of(trip, fresh=True), reason), 422
    try:
        with transaction():
            told = deed(trip)
    except tours.ReasonMissing:
        reason.reason.errors = [_("Please give a reason.")]
        return _page(trip, TourForm.of(trip, fresh=True), reason), 422
    except (MoveRefused, tours.OnlyTemplate):
        flash(_("Somebody has changed the state meanwhile. This is how it stands now."), "info")
    else:
        flash(told, "success")
    return redirect(url_for(".settings", slug=slug), 303)


@bp.route("/dates", methods=["GET", "POST"])
def dates(slug: str) -> str | Response | tuple[str, int]:
    """Move the whole tour to other dates: first what would happen, then the button that does it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = ShiftForm.sent()
    wanted = form.starts_on.data if form.asked and form.validate() else None
    days = (wanted - trip.starts_on).days if wanted else 0
    try:
        if request.method == "POST" and days and FlaskForm().validate_on_submit():
            with transaction():
                by = audits.by_staff(guards.me())
                found = shifts.shift(trip, days, by, window=bool(form.window.data))
            for text in [surprise_words(each) for each in found][:6]:
                flash(text, "info")
            flash(_("The tour is moved. Publish to let the sessions follow."), "success")
            return redirect(url_for("agendas_organizer.agenda", slug=slug), 303)
        return _dates_page(trip, form, wanted, days)
    except shifts.DatesRefused:
        form.starts_on.errors = [_("Please check the year.")]
        return _dates_page(trip, form, None, 0), 422


def _deeds(reason: str) -> dict[str, Callable[[Trip], str]]:
    """What a button of the state does, and what it says then."""
    by = audits.by_staff(guards.me())

    def announce(trip: Trip) -> str:
        tours.announce(trip, by)
        return _("The tour is announced: everybody sees its page.")

    def call_off(trip: Trip) -> str:
        tours.call_off(trip, by, reason)
        return _("The tour is called off. Its page and every calendar say so.")

    def bring_back(trip: Trip) -> str:
        tours.bring_back(trip, by)
        return _("The tour takes place after all. Its page and every calendar say so.")

    def withdraw(trip: Trip) -> str:
        tours.withdraw(trip, by, reason)
        return _("The tour is withdrawn: its addresses say that it is gone.")

    return {
        "announce": announce,
        "call_off": call_off,
        "bring_back": bring_back,
        "withdraw": withdraw,
    }


def _page(trip: Trip, form: TourForm, reason: ReasonForm) -> str:
    return render_template(
        "organizer/settings.html",
        trip=trip,
        form=form,
        reason=reason,
        zones=zones(trip),
        history=audits.of(trip),
    )


def _dates_page(trip: Trip, form: ShiftForm, wanted: date | None, days: int) -> str:
    return render_template(
        "organizer/dates.html",
        trip=trip,
        form=form,
        wanted=wanted,
        days=days,
        sessions=len(agendas.draft(trip)) if days else 0,
        surprises=[surprise_words(each) for each in shifts.surprises(trip, days)] if days else [],
        changes=shifts.clock_changes(trip, days) if days else [],
        gaps=shifts.gaps(trip, days) if days else None,
    )
