"""What one company owes and has paid, as organizers keep it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations import fee_pages
from webapp.blueprints.registrations.fee_forms import (
    LineActForm,
    LineForm,
    PaymentForm,
    ReasonForm,
)
from webapp.blueprints.registrations.fees import bp
from webapp.db import transaction
from webapp.domain import audits, charges, payments, statements
from webapp.errors import DomainError
from webapp.models.fee import Charge
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip


@bp.get("/<id:registration_id>/fees")
def account(slug: str, registration_id: int) -> str:
    """The lines and payments of one company, with the forms to add some."""
    trip = guards.staff_trip(slug)
    return _page(trip, guards.trip_registration(trip, registration_id))


@bp.post("/<id:registration_id>/fees/lines")
def add_line(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """Charge something that is not on the price list, or take something off."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = LineForm.of(trip.currency)
    if form.validate_on_submit():
        try:
            with transaction():
                charges.add(
                    found, form.name.data, form.net.data, form.tax_rate.data, form.due_on.data,
                    lapses=bool(form.lapses.data), by=audits.by_staff(guards.me()),
                    form_key=form.key(),
                )  # fmt: skip
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("The line is added."), "success")
            return _back(found)
    return _page(trip, found, adding=form), 422


@bp.post("/<id:registration_id>/fees/payments")
def add_payment(slug: str, registration_id: int) -> Response | tuple[str, int]:
    """Write down what came in or was given back."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = PaymentForm.of(trip.currency)
    if form.validate_on_submit():
        try:
            with transaction():
                payments.record(found, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("The payment is recorded."), "success")
            return _back(found)
    return _page(trip, found, paying=form), 422


@bp.route("/<id:registration_id>/fees/lines/<id:charge_id>", methods=["GET", "POST"])
def line(slug: str, registration_id: int, charge_id: int) -> str | Response | tuple[str, int]:
    """Waive or void a line, ask for it again, or give it another date."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    registration = guards.trip_registration(trip, registration_id)
    found = guards.registration_charge(registration, charge_id)
    form = LineActForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _act(found, form)
        except DomainError as error:
            _tell(form, error)
        else:
            flash(_("The line is changed."), "success")
            return _back(registration)
    return _line_page(trip, registration, found, form), 422 if form.is_submitted() else 200


@bp.route("/<id:registration_id>/fees/payments/<id:payment_id>", methods=["GET", "POST"])
def payment(slug: str, registration_id: int, payment_id: int) -> str | Response | tuple[str, int]:
    """Take back a payment that was recorded by mistake."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    registration = guards.trip_registration(trip, registration_id)
    found = guards.registration_payment(registration, payment_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                payments.void(found, form.reason.data, audits.by_staff(guards.me()))
        except payments.IsVoid:
            form.reason.errors = [_("A colleague has voided it meanwhile.")]
        else:
            flash(_("The payment is voided."), "success")
            return _back(registration)
    return render_template(
        "organizer/fee_payment.html",
        trip=trip, registration=registration, payment=found, form=form,
        history=audits.of(found),
    ), 422 if form.is_submitted() else 200  # fmt: skip


def _act(found: Charge, form: LineActForm) -> None:
    by, reason = audits.by_staff(guards.me()), form.reason.data or ""
    match request.form.get("act"):
        case "waive":
            charges.waive(found, reason, by)
        case "void":
            charges.void(found, reason, by)
        case "again":
            charges.ask_again(found, reason, by)
        case _ if form.due_on.data:
            charges.put_off(found, form.due_on.data, reason, by)
        case _:
            raise DateMissing


class DateMissing(DomainError):
    """Another date was asked for and none given."""


def _tell(form: LineActForm, error: DomainError) -> None:
    match error:
        case DateMissing():
            form.due_on.errors = [_("Please give a date.")]
        case charges.DatePassed():
            form.due_on.errors = [_("This day has passed.")]
        case charges.NotOwed() | charges.IsOwed():
            form.reason.errors = [_("A colleague has changed this line meanwhile.")]
        case _:
            raise error


def _back(registration: Registration) -> Response:
    slug = registration.trip.slug
    return redirect(url_for(".account", slug=slug, registration_id=registration.id), 303)


def _line_page(trip: Trip, registration: Registration, found: Charge, form: LineActForm) -> str:
    context = fee_pages.fees_context(registration)
    return render_template(
        "organizer/fee_line.html",
        trip=trip,
        registration=registration,
        charge=found,
        form=form,
        history=audits.of(found),
        **context,
    )


def _page(trip: Trip, found: Registration, **sent: Any) -> str:
    today = statements.today(trip.says_deadlines_in)
    shown: dict[str, Any] = {
        "adding": LineForm(formdata=None, tax_rate=0),
        "paying": PaymentForm(formdata=None, received_on=today),
    }
    return render_template(
        "organizer/fee_account.html",
        trip=trip,
        registration=found,
        may_change=guards.me().role_on(trip.id) == Role.ORGANIZER,
        **fee_pages.fees_context(found),
        **(shown | sent),
    )
