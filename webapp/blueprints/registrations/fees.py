"""The price list of a tour, and what all companies owe."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Redirect

from webapp.blueprints import guards
from webapp.blueprints.registrations import fee_pages, sheets
from webapp.blueprints.registrations.fee_forms import PriceForm
from webapp.db import transaction
from webapp.domain import accounts, audits, fees, prices
from webapp.domain.instalments import MOST_INSTALMENTS
from webapp.errors import DomainError
from webapp.models.fee import FeeItem
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("fees_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations")
bp.before_request(guards.staff_only)

PAGE_SIZE = 100


@bp.get("/fees")
def listing(slug: str) -> str:
    """The price list, and what each company owes, has paid and is late with."""
    trip = guards.staff_trip(slug)
    everybody = accounts.of(trip)
    only_late = request.args.get("show") == "overdue"
    shown = [each for each in everybody if each.overdue] if only_late else everybody
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    return render_template(
        "organizer/fees.html",
        trip=trip,
        prices=prices.of(trip),
        retired=prices.retired(trip),
        grace=fees.GRACE.days,
        terms=fee_pages.terms,
        percent=fee_pages.percent,
        totals=accounts.totals(everybody),
        everybody=len(everybody),
        only_late=only_late,
        rows=shown[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        pages=max(1, -(-len(shown) // PAGE_SIZE)),
    )


@bp.get("/fees.xlsx")
def xlsx(slug: str) -> Response:
    """Every line and every payment as a workbook."""
    trip = guards.staff_trip(slug)
    rows = fee_pages.sheet(accounts.of(trip))
    return sheets.workbook(_("Fees"), rows, f"{slug}-fees.xlsx")


@bp.route("/fees/prices/new", methods=["GET", "POST"])
def new(slug: str) -> str | Redirect | tuple[str, int]:
    """Add a price."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = PriceForm.of(trip.currency, None, _rows_sent())
    if form.validate_on_submit():
        try:
            with transaction():
                prices.add(trip.id, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("The price is on the list. Accepted companies are charged it."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, form, None), 422 if form.is_submitted() else 200


@bp.route("/fees/prices/<id:price_id>", methods=["GET", "POST"])
def price(slug: str, price_id: int) -> str | Redirect | tuple[str, int]:
    """Change a price."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_price(trip, price_id)
    form = PriceForm.of(trip.currency, found, _rows_sent())
    if form.validate_on_submit():
        try:
            with transaction():
                changed = prices.change(found, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_changed(changed), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, form, found), 422 if form.is_submitted() else 200


@bp.post("/fees/prices/<id:price_id>/move")
def move(slug: str, price_id: int) -> Redirect:
    """Let a price come earlier or later in the list."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_price(trip, price_id)
    if FlaskForm().validate_on_submit():
        steps = -1 if request.form.get("way") == "earlier" else 1
        with transaction():
            prices.move(found, steps, audits.by_staff(guards.me()))
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/fees/prices/<id:price_id>/retire")
def retire(slug: str, price_id: int) -> Redirect:
    """Take a price off the list, or put it back."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_price(trip, price_id)
    if FlaskForm().validate_on_submit():
        by = audits.by_staff(guards.me())
        back = request.form.get("back") == "y"
        with transaction():
            if back:
                prices.bring_back(found, by)
            else:
                prices.retire(found, by)
        flash(
            _("The price is on the list again.") if back else _("The price is retired."), "success"
        )
    return redirect(url_for(".listing", slug=slug), 303)


def _rows_sent() -> int:
    """How many rows of instalments the request brings."""
    return sum(1 for row in range(MOST_INSTALMENTS) if f"percent_{row}" in request.form)


def _changed(number: int) -> str:
    if not number:
        return _("The price is saved. Nobody owes another sum by it.")
    return ngettext(
        "The price is saved. %(num)d company owes another sum now and is being written to.",
        "The price is saved. %(num)d companies owe another sum now and are being written to.",
        number,
    )


def _page(trip: Trip, form: PriceForm, found: FeeItem | None) -> str:
    return render_template(
        "organizer/fee_price.html",
        trip=trip,
        form=form,
        price=found,
        history=audits.of(found) if found else (),
    )
