"""What companies ask for once the tour is frozen, for its organizers to decide."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.amendment_words import title, told
from webapp.blueprints.registrations.company_forms import AnswerForm
from webapp.blueprints.registrations.refusal_words import REFUSALS, request_refusal
from webapp.db import transaction
from webapp.domain import amendments, audits, questions
from webapp.errors import DomainError
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "amendments_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/requests"
)
bp.before_request(guards.staff_only)

CANNOT = (
    *REFUSALS,
    amendments.Stale,
    amendments.NoLongerOpen,
    amendments.ReasonMissing,
)


@bp.get("")
def listing(slug: str) -> str:
    """The open requests of a tour, the oldest first."""
    return _list(guards.staff_trip(slug), AnswerForm(formdata=None))


@bp.post("")
def many(slug: str) -> str | Response | tuple[str, int]:
    """Agree to several, or decline them, each by itself."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = AnswerForm()
    wanted = request.form.getlist("amendments", type=int)
    decision = request.form.get("decision")
    if decision not in ("accept", "decline") or not form.validate_on_submit():
        return _list(trip, form), 422
    if not wanted:
        form.form_errors = [_("Please tick the requests that you mean.")]
        return _list(trip, form), 422
    try:
        with transaction():
            answers = amendments.decide_many(
                trip,
                wanted,
                decision == "accept",
                form.reason.data or "",
                audits.by_staff(guards.me()),
            )
            _say(answers)
    except amendments.ReasonMissing as error:
        form.reason.errors = [request_refusal(error)]
        return _list(trip, form), 422
    return redirect(url_for(".listing", slug=slug), 303)


@bp.route("/<id:amendment_id>", methods=["GET", "POST"])
def one(slug: str, amendment_id: int) -> str | Response | tuple[str, int]:
    """One request with what it changes; POST decides it."""
    role = Role.ORGANIZER if request.method == "POST" else Role.READER
    trip = guards.staff_trip(slug, role)
    amendment = guards.trip_amendment(trip, amendment_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _decide(amendment, form.reason.data or "")
        except CANNOT as error:
            form.reason.errors = [request_refusal(error)]
        else:
            flash(_("Decided. The company is being written to."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, amendment, form), 422 if request.method == "POST" else 200


def amendments_context(registration: Registration) -> dict[str, object]:
    """What organizer/_registration_amendments.html wants beside the registration."""
    every = questions.every(registration.trip)
    return {"requests": told(amendments.of(registration), every)}


def _decide(amendment: Amendment, reason: str) -> None:
    by = audits.by_staff(guards.me())
    match request.form.get("decision"):
        case "accept":
            amendments.accept(amendment, by, reason)
        case "decline":
            amendments.decline(amendment, reason, by)
        case _:
            abort(400)


def _list(trip: Trip, form: FlaskForm) -> str:
    return render_template(
        "organizer/amendments.html",
        trip=trip,
        requests=told(amendments.open_of(trip), questions.every(trip)),
        ticked=set(request.form.getlist("amendments", type=int)),
        form=form,
    )


def _page(trip: Trip, amendment: Amendment, form: FlaskForm) -> str:
    return render_template(
        "organizer/amendment.html",
        trip=trip,
        registration=amendment.registration,
        told=told([amendment], questions.every(trip))[0],
        is_open=amendment.state == AmendmentState.OPEN,
        form=form,
        history=audits.of(amendment),
    )


def _say(answers: list[tuple[Amendment, DomainError | None]]) -> None:
    """How many were decided, and of each of the others why not."""
    done = sum(1 for _each, error in answers if error is None)
    if done:
        flash(
            ngettext("%(num)d request is decided.", "%(num)d requests are decided.", done),
            "success",
        )
    for amendment, error in answers:
        if error is not None:
            company = amendment.registration.organization.name
            flash(
                _(
                    "%(company)s, %(what)s: %(why)s",
                    company=company,
                    what=title(amendment),
                    why=request_refusal(error),
                ),
                "warning",
            )
