"""A company's own registration, for whoever holds its link."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import addresses
from webapp.blueprints.guards import company_registration
from webapp.blueprints.registrations.forms import ReasonForm
from webapp.db import transaction
from webapp.domain import audits, feeds, registrations
from webapp.models.registration import RegistrationState

bp = Blueprint("registrations_company", __name__, url_prefix="/r/<token>")


@bp.get("")
def company(token: str) -> str:
    """Where the application stands, and the company's calendar address."""
    registration = company_registration(token)
    return render_template(
        "registrations/company.html",
        registration=registration,
        trip=registration.trip,
        feed_address=addresses.feed(feeds.of_company(registration).token),
        may_cancel=registration.may_become(RegistrationState.CANCELLED),
        form=ReasonForm(),
    )


@bp.post("/cancel")
def cancel(token: str) -> Response:
    """The company withdraws: its places are freed and its calendars end."""
    registration = company_registration(token)
    form = ReasonForm()
    if form.validate_on_submit():
        with transaction():
            registrations.cancel(
                registration, form.reason.data or "", audits.by_company(registration)
            )
        flash(_("Your registration is cancelled. We have written to everybody."), "success")
    else:
        flash(_("The reason is too long: 1000 characters at most."), "error")
    return redirect(url_for(".company", token=token), 303)


@bp.post("/calendar")
def new_calendar(token: str) -> Response:
    """A new address for the company's calendar; the old one ends at once."""
    registration = company_registration(token)
    if FlaskForm().validate_on_submit():
        with transaction():
            feeds.rotate(feeds.of_company(registration), audits.by_company(registration))
        flash(_("The calendar has a new address. The old one no longer works."), "success")
    return redirect(url_for(".company", token=token), 303)
