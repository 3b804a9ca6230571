"""Criteria, and the ranking that comes of them."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp import i18n
from webapp.blueprints import guards
from webapp.blueprints.registrations import sheets
from webapp.blueprints.registrations.criterion_forms import CriterionForm
from webapp.db import transaction
from webapp.domain import audits, criteria
from webapp.errors import DomainError
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "criteria_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations/criteria"
)
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """The criteria of a tour, and where each company stands by them."""
    return _page(guards.staff_trip(slug), CriterionForm())


@bp.post("")
def add(slug: str) -> Answer | tuple[str, int]:
    """One more criterion."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = CriterionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                criteria.add(trip, form.terms(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Added."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, form), 422


@bp.route("/<id:criterion_id>", methods=["GET", "POST"])
def criterion(slug: str, criterion_id: int) -> str | Answer | tuple[str, int]:
    """Say anew what one criterion is."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_criterion(trip, criterion_id)
    form = CriterionForm.of(found)
    if form.validate_on_submit():
        try:
            with transaction():
                criteria.change(found, form.terms(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    page = render_template(
        "organizer/criterion.html",
        trip=trip,
        criterion=found,
        form=form,
        fixed=criteria.are_fixed(trip),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/<id:criterion_id>/remove")
def remove(slug: str, criterion_id: int) -> Answer:
    """Take a criterion away."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_criterion(trip, criterion_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                criteria.remove(found, audits.by_staff(guards.me()))
        except criteria.CriteriaFixed:
            flash(_("An application has arrived: the criteria stay as they are."), "error")
        else:
            flash(_("Taken away."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.get("/ranking.xlsx")
def ranking(slug: str) -> Response:
    """The selection sheet as a workbook."""
    trip = guards.staff_trip(slug)
    rows = sheets.selection(criteria.of(trip), criteria.ranking(trip), i18n.current_language())
    return sheets.workbook(_("Selection"), rows, f"{slug}-selection.xlsx")


def _page(trip: Trip, form: CriterionForm) -> str:
    known = criteria.of(trip)
    return render_template(
        "organizer/criteria.html",
        trip=trip,
        form=form,
        criteria=known,
        fixed=criteria.are_fixed(trip),
        most=criteria.most_in_all(known),
        ranking=criteria.ranking(trip) if known else [],
    )
