"""One registration as organizers see it: deciding it, its places, its points, its tracks."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations import fragments
from webapp.blueprints.registrations.criterion_forms import ScoreForm, Sheet
from webapp.blueprints.registrations.decision_forms import (
    DECISIONS,
    CancelForm,
    DecisionForm,
    ExtraForm,
    refusal,
)
from webapp.blueprints.registrations.organizer import bp
from webapp.db import transaction
from webapp.domain import (
    audits,
    criteria,
    delegates,
    mail_addresses,
    queues,
    registrations,
    seats,
)
from webapp.mail import outbox
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Role
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip


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
                _decide(found, wanted, form)
        except registrations.REFUSALS as error:
            form.reason.errors = [refusal(error)]
        else:
            flash(_("Decided. The company and its delegates are being written to."), "success")
            return _back(found)
    return _page(trip, found, form), 422 if request.method == "POST" else 200


@bp.post("/<id:registration_id>/cancel")
def cancel(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """The company told the organizers that it does not come."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = CancelForm()
    if not form.validate_on_submit():
        return _page(trip, found, cancelling=form), 422
    try:
        with transaction():
            registrations.cancel(found, form.cause.data or "", audits.by_staff(guards.me()))
    except MoveRefused:
        flash(_("A colleague has decided meanwhile. This is how it stands now."), "info")
    else:
        flash(_("Cancelled. Its places pass on, and everybody is being written to."), "success")
    return _back(found)


@bp.post("/<id:registration_id>/turn")
def turn(slug: str, registration_id: int) -> Response:
    """Let a registration in reserve come up by its turn."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            registrations.let_take_turn(found, audits.by_staff(guards.me()))
        flash(_("It comes up by its turn from now on."), "success")
    return _back(found)


@bp.post("/<id:registration_id>/extra")
def extra(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """Let one company send more delegates than others may."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = ExtraForm()
    if not form.validate_on_submit() or form.extra.data is None:
        if form.extra.data is None and not form.extra.errors:
            form.extra.errors = [_("Please give a whole number.")]
        return _page(trip, found, extra=form), 422
    with transaction():
        by = audits.by_staff(guards.me())
        registrations.allow_extra(found, form.extra.data, form.why.data, by)
    flash(
        _("Saved. Delegates who waited for that have come in as far as there is room."), "success"
    )
    return _back(found)


@bp.post("/<id:registration_id>/score")
def score(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """Write the points of a registration."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form, sheet = ScoreForm(), Sheet.sent(criteria.of(trip), request.form)
    if not form.validate_on_submit() or sheet.errors:
        return _page(trip, found, scoring=form, sheet=sheet), 422
    try:
        with transaction():
            by = audits.by_staff(guards.me())
            criteria.score(found, sheet.given, by, form.seen_scores.data or "")
    except criteria.ScoredMeanwhile as error:
        form.form_errors = [refusal(error)]
        form.seen_scores.data = criteria.mark(criteria.scores_of(found))
        return _page(trip, found, scoring=form, sheet=sheet), 422
    flash(_("Scored."), "success")
    return redirect(f"{_address(found)}#score", 303)


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
    return _back(found)


def _decide(found: Registration, wanted: RegistrationState, form: DecisionForm) -> None:
    registrations.decide(
        found,
        wanted,
        form.reason.data or "",
        audits.by_staff(guards.me()),
        form.seen_decisions(),
        out_of_turn=bool(form.out_of_turn.data) and wanted == RegistrationState.ACCEPTED,
    )


def _page(
    trip: Trip,
    found: Registration,
    form: DecisionForm | None = None,
    *,
    extra: ExtraForm | None = None,
    cancelling: CancelForm | None = None,
    scoring: ScoreForm | None = None,
    sheet: Sheet | None = None,
) -> str:
    form = form or DecisionForm(formdata=None)
    form.seen.data = str(found.decisions)
    known = criteria.of(trip)
    scores = criteria.scores_of(found) if known else {}
    waits = found.state == RegistrationState.WAITLISTED
    return render_template(
        "organizer/registration.html",
        trip=trip,
        registration=found,
        form=form,
        extra=extra or ExtraForm(formdata=None, extra=found.extra_places),
        cancelling=cancelling or CancelForm(formdata=None),
        scoring=scoring or ScoreForm(formdata=None, seen_scores=criteria.mark(scores)),
        sheet=sheet or Sheet.of(known, scores),
        scores=scores,
        scorers=criteria.scorers(scores),
        most=criteria.most_in_all(known),
        decisions=[state for state in DECISIONS if found.may_become(state)],
        may_cancel=found.may_become(RegistrationState.CANCELLED),
        before=queues.before(found) if waits else 0,
        turn=queues.rank_of(found),
        room=seats.room_for(trip, found),
        places=seats.places(trip),
        mails=outbox.of_registration(found.id),
        history=audits.of_all(found, found.everybody),
        came_back=mail_addresses.known_bad(_emails(found)),
        people={delegate.id: delegate.name for delegate in found.everybody},
        **fragments.contexts(found),
    )


def _emails(found: Registration) -> list[str]:
    return [found.coordinator_email, *(delegate.email for delegate in found.delegates)]


def _address(found: Registration) -> str:
    return url_for(
        "registrations_organizer.registration",
        slug=found.trip.slug,
        registration_id=found.id,
    )


def _back(found: Registration) -> Response:
    return redirect(_address(found), 303)
