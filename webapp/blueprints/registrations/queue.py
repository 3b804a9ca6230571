"""The waiting list: who is next, and why each stands where it stands."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.decision_forms import DecisionForm, refusal
from webapp.blueprints.registrations.queue_words import since, waits_for
from webapp.blueprints.registrations.rule_words import queue_words
from webapp.db import transaction
from webapp.domain import audits, queues, registrations, seats
from webapp.models.registration import RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "queue_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/queue"
)
bp.before_request(guards.staff_only)

MOST_FREED = 100_000


@bp.get("")
def line(slug: str) -> str:
    """The waiting list in order; with `?free=5` also who would come up if so many places were
    free."""
    return _page(guards.staff_trip(slug), DecisionForm(formdata=None))


@bp.post("/<id:registration_id>")
def out_of_turn(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """Accept one that waits before those who stand before it, for a reason."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(trip, form, registration_id), 422
    try:
        with transaction():
            registrations.decide(
                found,
                RegistrationState.ACCEPTED,
                form.reason.data or "",
                audits.by_staff(guards.me()),
                form.seen_decisions(),
                out_of_turn=True,
            )
    except registrations.REFUSALS as error:
        form.reason.errors = [refusal(error)]
        return _page(trip, form, registration_id), 422
    flash(_("Accepted. The company and its delegates are being written to."), "success")
    return redirect(url_for(".line", slug=slug), 303)


def _page(trip: Trip, form: DecisionForm, chosen: int | None = None) -> str:
    freed = min(max(0, request.args.get("free", 0, type=int)), MOST_FREED)
    return render_template(
        "organizer/queue.html",
        trip=trip,
        turns=queues.line(trip),
        would_come=_would_come(trip, freed) if freed else frozenset(),
        freed=freed,
        form=form,
        chosen=chosen,
        waits_for=waits_for,
        since=since,
        sentences=queue_words(trip),
        places=seats.places(trip),
    )


def _would_come(trip: Trip, freed: int) -> frozenset[tuple[int, int | None]]:
    """Who would come up with so many places more, as (registration, delegate)."""
    return frozenset(
        (turn.registration.id, turn.delegate.id if turn.delegate else None)
        for turn in queues.line(trip, freed)
        if turn.waits_for == queues.WaitsFor.NOTHING
    )
