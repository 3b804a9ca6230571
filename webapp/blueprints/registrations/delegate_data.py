"""A delegate's own data and answers, for whoever holds the link."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints.guards import link_delegate
from webapp.blueprints.registrations import answer_pages
from webapp.blueprints.registrations.amendment_words import told
from webapp.blueprints.registrations.answer_pages import AnswersAsk
from webapp.blueprints.registrations.company_asks import attempt
from webapp.blueprints.registrations.company_forms import OwnDataForm, person_form
from webapp.blueprints.registrations.company_words import due, lack_text
from webapp.blueprints.registrations.document_words import documents_context
from webapp.domain import amendments, audits, missing, questions
from webapp.models.amendment import Amendment, AmendmentKind, AmendmentState
from webapp.models.delegate import Delegate
from webapp.models.trip import TripState

bp = Blueprint("registrations_delegate_data", __name__, url_prefix="/d/<token>")

Answer = str | Response | tuple[str, int]


@bp.route("/data", methods=["GET", "POST"])
def data(token: str) -> Answer:
    """The own data: what an invited colleague fills in first, and what anybody may mend."""
    delegate = _changing(token)
    form = person_form(OwnDataForm, delegate.registration, delegate)
    if form.validate_on_submit() and attempt(
        form, lambda: _save(delegate, form), _("Your data is saved.")
    ):
        return _after(delegate)
    return _shown(delegate, form, answer_pages.delegate_page(delegate, private=True, fresh=True))


@bp.post("/answers")
def answers(token: str) -> Answer:
    """What the tour asks of a delegate, also what only the delegate sees."""
    delegate = _changing(token)
    page = answer_pages.delegate_page(delegate, private=True)
    by = audits.by_delegate(delegate)
    if page.validate_on_submit() and attempt(
        page,
        lambda: answer_pages.save(page, delegate.registration, delegate, by),
        _("Your answers are saved."),
    ):
        return _after(delegate)
    return _shown(
        delegate, person_form(OwnDataForm, delegate.registration, delegate, fresh=True), page
    )


def own_context(delegate: Delegate) -> dict[str, Any]:
    """What registrations/_delegate_todo.html wants: what the delegate has not given, and asked."""
    registration = delegate.registration
    zone = registration.trip.says_deadlines_in
    lacks = missing.of(registration).delegates.get(delegate.id, [])
    mine = [
        each
        for each in amendments.of(registration)
        if each.delegate_id == delegate.id and each.state == AmendmentState.OPEN
    ]
    return {
        "lacks": [(lack_text(lack), due(lack.due_at, zone)) for lack in lacks],
        "own_requests": told(mine, questions.every(registration.trip)) if mine else [],
        "may_change": not registration.is_out and registration.trip.state == TripState.ANNOUNCED,
    }


def _changing(token: str) -> Delegate:
    """The delegate of this link, as long as something can be changed; else back to their own page,
    which says how it stands."""
    delegate = link_delegate(token)
    registration = delegate.registration
    if registration.is_out or registration.trip.state != TripState.ANNOUNCED:
        flash(_("This can no longer be changed: you have no part in the tour any more."), "warning")
        abort(_home(delegate))
    return delegate


def _home(delegate: Delegate) -> Response:
    return redirect(url_for("registrations_delegate.delegate", token=delegate.token), 303)


def _after(delegate: Delegate) -> Response:
    """Here again while something is missing, else to their own page."""
    if own_context(delegate)["lacks"]:
        return redirect(url_for(".data", token=delegate.token, _anchor="missing"), 303)
    return _home(delegate)


def _save(delegate: Delegate, form: OwnDataForm) -> Amendment | None:
    return amendments.do_or_ask(
        delegate.registration,
        AmendmentKind.EDIT,
        form.values(),
        form.note.data or "",
        audits.by_delegate(delegate),
        delegate,
        form.seen.data or "",
    )


def _shown(delegate: Delegate, form: FlaskForm, page: AnswersAsk) -> str | tuple[str, int]:
    registration = delegate.registration
    text = render_template(
        "registrations/delegate_data.html",
        delegate=delegate,
        registration=registration,
        trip=registration.trip,
        form=form,
        answers=page,
        frozen=registration.trip.is_frozen(clock.now()) and not delegate.awaits_data,
        **own_context(delegate),
        **documents_context(registration, delegate),
    )
    return (text, 422) if request.method == "POST" else text
