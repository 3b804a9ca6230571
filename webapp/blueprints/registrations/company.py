"""A company's own registration, for whoever holds its link: where it stands, what it answers."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints.guards import company_registration
from webapp.blueprints.registrations.company_forms import PartyForm
from webapp.blueprints.registrations.company_page import context
from webapp.blueprints.registrations.forms import ReasonForm
from webapp.blueprints.registrations.refusal_words import REFUSALS, refusal
from webapp.db import transaction
from webapp.domain import audits, registrations
from webapp.domain.audits import By
from webapp.models.registration import Registration, RegistrationState

bp = Blueprint("registrations_company", __name__, url_prefix="/r/<token>")

Verb = Callable[[Registration, By], object]


@bp.get("")
def company(token: str) -> str:
    """Where the application stands, what to do next, and all that the company can change."""
    return render_template("registrations/company.html", **context(company_registration(token)))


@bp.post("/cancel")
def cancel(token: str) -> Response:
    """The company withdraws: its places are freed and its calendars end."""
    company_registration(token)
    form = ReasonForm()
    if not form.validate_on_submit():
        flash(_("The reason is too long: 1000 characters at most."), "error")
        return redirect(url_for(".company", token=token), 303)
    return _done(
        token,
        lambda registration, by: registrations.cancel(registration, form.reason.data or "", by),
        _("Your registration is cancelled. We have written to everybody."),
        RegistrationState.CANCELLED,
    )


@bp.post("/offer")
def take_offer(token: str) -> Response:
    """The company takes the place that it is offered."""
    return _done(
        token,
        registrations.accept_offer,
        _("The place is yours. We have written to everybody."),
        RegistrationState.ACCEPTED,
    )


@bp.post("/offer/refuse")
def refuse_offer(token: str) -> Response:
    """The company does not want the place, which passes on."""
    return _done(
        token,
        lambda registration, by: registrations.cancel(registration, "", by),
        _("Your registration has ended, and the place passes on."),
        RegistrationState.CANCELLED,
    )


@bp.post("/again")
def ask_again(token: str) -> Response:
    """A company whose place passed on asks for one again, at the end of the line."""
    return _done(
        token,
        registrations.wait_again,
        _("You are on the waiting list again. We write to you when your turn comes."),
        RegistrationState.WAITLISTED,
    )


@bp.post("/party")
def change_party(token: str) -> Response:
    """Wait for all places at once, or for as many as there are."""
    company_registration(token)
    form = PartyForm()
    if not form.validate_on_submit():
        flash(_("Please choose how you wait."), "error")
        return redirect(url_for(".company", token=token), 303)
    return _done(
        token,
        lambda registration, by: registrations.change_party(registration, form.chosen(), by),
        _("Saved. Your turn in the line stays the same."),
    )


def _done(token: str, verb: Verb, words: str, becomes: RegistrationState | None = None) -> Response:
    """Do it, if the button was pressed on our page, and say so. Pressed twice, it is done once."""
    registration = company_registration(token)
    if FlaskForm().validate_on_submit() and registration.state != becomes:
        try:
            with transaction():
                verb(registration, audits.by_company(registration))
        except REFUSALS as error:
            flash(refusal(error), "warning")
        else:
            flash(words, "success")
    return redirect(url_for(".company", token=token), 303)
