"""Limits and deadlines: how a tour takes companies, on one page."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations.rule_forms import RulesForm
from webapp.blueprints.registrations.rule_words import rule_words
from webapp.blueprints.trips.layout import zones
from webapp.db import transaction
from webapp.domain import audits, enrolling, seats
from webapp.errors import DomainError
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("rules_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations")
bp.before_request(guards.staff_only)


@bp.get("/rules")
def rules(slug: str) -> str:
    """Window, deadlines, limits and the rules of the queue, and how companies read them."""
    trip = guards.staff_trip(slug)
    return _page(trip, RulesForm.of(trip))


@bp.post("/rules")
def save(slug: str) -> Response | tuple[str, int]:
    """Save them; whoever fits by the new ones comes up from the waiting list."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = RulesForm.of(trip)
    if form.validate_on_submit():
        by = audits.by_staff(guards.me())
        try:
            with transaction():
                enrolling.set_rules(trip, form.rules(), by, form.seen.data or "")
        except DomainError as error:
            form.tell(error, trip)
        else:
            flash(_("Saved. Whoever fits by these rules has come up already."), "success")
            return redirect(url_for(".rules", slug=slug), 303)
    return _page(trip, form), 422


def _page(trip: Trip, form: RulesForm) -> str:
    return render_template(
        "organizer/rules.html",
        trip=trip,
        form=form,
        sentences=rule_words(trip),
        places=seats.places(trip),
        zones=zones(trip),
        history=[entry for entry in audits.of(trip) if _is_of_rules(entry.before or {})],
    )


def _is_of_rules(facts: dict[str, object]) -> bool:
    return not facts.keys().isdisjoint(enrolling.FACTS)
