"""A company's data: the coordinator, the answers, requests, handing over, a new link."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints.guards import company_amendment, company_registration
from webapp.blueprints.registrations import answer_pages
from webapp.blueprints.registrations.company_asks import (
    attempt,
    changing_registration,
    home,
    is_frozen,
)
from webapp.blueprints.registrations.company_forms import (
    CoordinatorForm,
    HandOverForm,
    SureForm,
    coordinator_form,
)
from webapp.blueprints.registrations.refusal_words import request_refusal
from webapp.db import transaction
from webapp.domain import amendments, audits, registrations
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.registration import Registration

bp = Blueprint("registrations_company_data", __name__, url_prefix="/r/<token>")

Answer = str | Response | tuple[str, int]


@bp.route("/data", methods=["GET", "POST"])
def data(token: str) -> Answer:
    """The coordinator's own data and what the company hopes for."""
    registration = changing_registration(token)
    form = coordinator_form(registration)
    if form.validate_on_submit() and attempt(
        form, lambda: _change(registration, form), _("Saved.")
    ):
        return home(registration, "coordinator")
    return _shown("company_coordinator.html", registration, form=form)


@bp.route("/answers", methods=["GET", "POST"])
def answers_page(token: str) -> Answer:
    """What the tour asks of the company, both stages."""
    registration = changing_registration(token)
    page = answer_pages.company_page(registration)
    by = audits.by_company(registration)
    if page.validate_on_submit() and attempt(
        page, lambda: answer_pages.save(page, registration, None, by), _("Saved.")
    ):
        return home(registration, "answers")
    return _shown("company_answers.html", registration, form=page)


@bp.route("/hand-over", methods=["GET", "POST"])
def hand_over(token: str) -> Answer:
    """Another colleague coordinates: who, then whether that is meant, then this link ends."""
    registration = changing_registration(token)
    form = HandOverForm()
    good = form.validate_on_submit()
    if good and "sure" in request.form:
        with transaction():
            registrations.hand_over(
                registration,
                form.name.data or "",
                form.email.data or "",
                form.language.data,
                audits.by_company(registration),
            )
        flash(
            _("%(name)s coordinates from now on. Your link has ended.", name=form.name.data),
            "success",
        )
        return _away(registration)
    if good:
        return render_template(
            "registrations/company_hand_over_sure.html",
            registration=registration,
            trip=registration.trip,
            form=form,
        )
    return _shown("company_hand_over.html", registration, form=form)


@bp.route("/link", methods=["GET", "POST"])
def new_link(token: str) -> Answer:
    """A new link, by mail to the coordinator and to nobody else; this one ends."""
    registration = company_registration(token)
    form = SureForm()
    if form.validate_on_submit():
        with transaction():
            registrations.new_link(registration, audits.by_company(registration))
            email = registration.coordinator_email
        flash(_("A new link is on its way to %(email)s. The old one has ended.", email=email))
        return _away(registration)
    return _shown("company_link.html", registration, form=form)


@bp.post("/requests/<id:amendment_id>/take-back")
def take_back(token: str, amendment_id: int) -> Response:
    """The company does not ask for it any more."""
    registration = company_registration(token)
    amendment = company_amendment(registration, amendment_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                amendments.withdraw(amendment, audits.by_company(registration))
        except amendments.NoLongerOpen as error:
            flash(request_refusal(error), "warning")
        else:
            flash(_("You have taken your request back."), "success")
    return home(registration, "requests")


def _change(registration: Registration, form: CoordinatorForm) -> Amendment | None:
    return amendments.do_or_ask(
        registration,
        AmendmentKind.COMPANY,
        form.values(),
        form.note.data or "",
        audits.by_company(registration),
        seen=form.seen.data or "",
    )


def _away(registration: Registration) -> Response:
    """To the page of the tour: the company's own has another address now."""
    return redirect(url_for("trips_public.trip", slug=registration.trip.slug), 303)


def _shown(template: str, registration: Registration, *, form: FlaskForm) -> str | tuple[str, int]:
    page = render_template(
        f"registrations/{template}",
        registration=registration,
        trip=registration.trip,
        form=form,
        frozen=is_frozen(registration),
    )
    return (page, 422) if request.method == "POST" else page
