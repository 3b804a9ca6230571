"""Registrations as organizers see and decide them."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.forms import DecisionForm
from webapp.db import transaction
from webapp.domain import audits, delegates, registrations, seats
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "registrations_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations"
)
bp.before_request(guards.staff_only)

DECISIONS = (
    RegistrationState.ACCEPTED,
    RegistrationState.WAITLISTED,
    RegistrationState.DECLINED,
)
PAGE_SIZE = 50


@bp.get("")
def listing(slug: str) -> str:
    """The registrations of a tour in order of arrival, all or of one state."""
    trip = guards.staff_trip(slug)
    state = next((s for s in RegistrationState if s == request.args.get("state")), None)
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    counts = registrations.counts(trip)
    total = counts[state] if state else sum(counts.values())
    return render_template(
        "organizer/registrations.html",
        trip=trip,
        registrations=registrations.of_trip(trip, state, page, PAGE_SIZE),
        counts=counts,
        state=state,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        places=seats.places(trip),
    )


@bp.route("/<id:registration_id>", methods=["GET", "POST"])
def registration(slug: str, registration_id: int) -> str | Response | tuple[str, int]:
    """One registration; POST decides it."""
    trip = guards.staff_trip(slug)
    if request.method == "POST":
        trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = DecisionForm()
    wanted = next((s for s in DECISIONS if s == request.form.get("decision")), None)
    if wanted and form.validate_on_submit():
        try:
            with transaction():
                registrations.decide(
                    found,
                    wanted,
                    form.reason.data or "",
                    audits.by_staff(guards.me()),
                    seen_decisions(form),
                )
        except registrations.REFUSALS as error:
            form.reason.errors = [_refusal(error)]
        else:
            flash(_("Decided. The company and its delegates are being written to."), "success")
            return redirect(url_for(".registration", slug=slug, registration_id=found.id), 303)
    return _page(trip, found, form), 422 if request.method == "POST" else 200


@bp.post("/<id:registration_id>/tracks/<id:delegate_id>")
def tracks(slug: str, registration_id: int, delegate_id: int) -> Response:
    """Which tracks a delegate follows."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    delegate = guards.registration_delegate(found, delegate_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            wanted = request.form.getlist("tracks", type=int)
            delegates.follow(delegate, trip, wanted, audits.by_staff(guards.me()))
        flash(_("Tracks saved. The calendar of %(name)s follows.", name=delegate.name), "success")
    return redirect(url_for(".registration", slug=slug, registration_id=found.id), 303)


def seen_decisions(form: DecisionForm) -> int:
    """How many decisions the page showed; -1, which no page shows, for anything else."""
    seen = form.seen.data or ""
    return int(seen) if re.fullmatch(r"[0-9]{1,6}", seen) else -1


def _page(trip: Trip, found: Registration, form: DecisionForm) -> str:
    form.seen.data = str(found.decisions)
    return render_template(
        "organizer/registration.html",
        trip=trip,
        registration=found,
        form=form,
        decisions=[state for state in DECISIONS if found.may_become(state)],
        places=seats.places(trip),
        mails=outbox.of_registration(found.id),
        history=audits.of(found),
    )


def _refusal(error: DomainError) -> str:
    match error:
        case registrations.DecidedMeanwhile():
            return _("A colleague has decided meanwhile. This is how it stands now.")
        case registrations.ReasonMissing():
            return _("Please give a reason: the company will read it.")
        case seats.NoSeatLeft(asked=asked, left=left):
            return ngettext(
                "Only %(num)d place is left; this company needs %(asked)d.",
                "Only %(num)d places are left; this company needs %(asked)d.",
                left,
                asked=asked,
            )
    return _("The tour takes no further organization.")
