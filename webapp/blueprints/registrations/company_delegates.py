"""A company's delegates, one by one: added, invited, changed, replaced, withdrawn, written to."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints.guards import registration_delegate
from webapp.blueprints.registrations import answer_pages
from webapp.blueprints.registrations.company_asks import (
    attempt,
    changing_registration,
    home,
    is_frozen,
)
from webapp.blueprints.registrations.company_forms import (
    InviteForm,
    PersonForm,
    WithdrawForm,
    person_form,
)
from webapp.blueprints.registrations.refusal_words import REFUSALS, refusal
from webapp.db import transaction
from webapp.domain import amendments, audits, changing, delegate_links, delegates, seats
from webapp.models.amendment import Amendment, AmendmentKind
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import Registration

bp = Blueprint("registrations_company_delegates", __name__, url_prefix="/r/<token>/delegates")

Answer = str | Response | tuple[str, int]


@bp.route("/new", methods=["GET", "POST"])
def add(token: str) -> Answer:
    """One more delegate, with the data of the company."""
    registration = changing_registration(token)
    form = person_form(PersonForm, registration)
    if form.validate_on_submit() and _came(registration, form, invited=False):
        return home(registration, "delegates")
    return _shown("company_person.html", registration, form, delegate=None)


@bp.route("/invite", methods=["GET", "POST"])
def invite(token: str) -> Answer:
    """One more delegate, who is written to and fills in their own data."""
    registration = changing_registration(token)
    form = InviteForm()
    if form.validate_on_submit() and _came(registration, form, invited=True):
        return home(registration, "delegates")
    return _shown("company_invite.html", registration, form)


@bp.route("/<id:delegate_id>", methods=["GET", "POST"])
def edit(token: str, delegate_id: int) -> Answer:
    """What the company says of a delegate."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    form = person_form(PersonForm, registration, delegate)
    if form.validate_on_submit() and attempt(
        form, lambda: _edit(registration, delegate, form), _("Saved.")
    ):
        return home(registration, f"delegate-{delegate_id}")
    return _shown(
        "company_person.html",
        registration,
        form,
        delegate=delegate,
        answers=answer_pages.delegate_page(delegate, private=False, fresh=True),
    )


@bp.post("/<id:delegate_id>/answers")
def answers(token: str, delegate_id: int) -> Answer:
    """What the tour asks of a delegate and the company may answer: nothing sensitive."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    page = answer_pages.delegate_page(delegate, private=False)
    by = audits.by_company(registration)
    if page.validate() and attempt(
        page, lambda: answer_pages.save(page, registration, delegate, by), _("Saved.")
    ):
        return home(registration, f"delegate-{delegate_id}")
    form = person_form(PersonForm, registration, delegate, fresh=True)
    return _shown("company_person.html", registration, form, delegate=delegate, answers=page)


@bp.route("/<id:delegate_id>/replace", methods=["GET", "POST"])
def replace(token: str, delegate_id: int) -> Answer:
    """Another colleague instead: first what does not pass on is said, then who comes."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    invited = request.values.get("how") == "invite"
    form = InviteForm() if invited else person_form(PersonForm, registration)
    if form.validate_on_submit() and _came(registration, form, invited=invited, instead=delegate):
        return home(registration, "delegates")
    return _shown(
        "company_replace.html",
        registration,
        form,
        delegate=delegate,
        invited=invited,
        lost=delegates.what_does_not_pass_on(delegate),
    )


@bp.route("/<id:delegate_id>/withdraw", methods=["GET", "POST"])
def withdraw(token: str, delegate_id: int) -> Answer:
    """A delegate does not come, and the place is free for a colleague who waits, or passes on."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        done = _("%(name)s does not come. We have written to them.", name=delegate.name)
        if attempt(form, lambda: _withdraw(registration, delegate, form.note.data), done):
            return home(registration, "delegates")
    return _shown("company_withdraw.html", registration, form, delegate=delegate)


@bp.post("/<id:delegate_id>/send")
def send_again(token: str, delegate_id: int) -> Response:
    """Mail the invitation, or the link, to the delegate again."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    by = audits.by_company(registration)
    return _written(registration, delegate, lambda: delegate_links.send_again(delegate, by))


@bp.post("/<id:delegate_id>/link")
def new_link(token: str, delegate_id: int) -> Response:
    """A new link for a delegate whose own has become known to others; the old one ends."""
    registration = changing_registration(token)
    delegate = registration_delegate(registration, delegate_id)
    by = audits.by_company(registration)
    return _written(registration, delegate, lambda: delegates.new_link(delegate, by))


def _came(
    registration: Registration,
    form: PersonForm | InviteForm,
    *,
    invited: bool,
    instead: Delegate | None = None,
) -> bool:
    """Add the delegate of the form, or put them in the place of another; whether it was done. The
    same form sent twice adds nobody twice."""
    data = form.data_given()
    if any(delegates.data_of(each) == data for each in registration.delegates):
        flash(_("%(email)s is on your list already.", email=data.email), "info")
        return True
    return attempt(
        form,
        lambda: amendments.do_or_ask(
            registration,
            AmendmentKind.REPLACE if instead else AmendmentKind.ADD,
            changing.person(data, invited=invited),
            form.note.data or "",
            audits.by_company(registration),
            instead,
        ),
        lambda: _came_words(registration.delegates[-1]),
    )


def _came_words(delegate: Delegate) -> str:
    """Whether somebody new has a place, for what was just added."""
    if delegate.state == DelegateState.WAITING:
        return _(
            "%(name)s is on your list and waits for a place: none is left now. We have written to "
            "them.",
            name=delegate.name,
        )
    return _("%(name)s is on your list. We have written to them.", name=delegate.name)


def _edit(registration: Registration, delegate: Delegate, form: PersonForm) -> Amendment | None:
    return amendments.do_or_ask(
        registration,
        AmendmentKind.EDIT,
        form.values(),
        form.note.data or "",
        audits.by_company(registration),
        delegate,
        form.seen.data or "",
    )


def _withdraw(
    registration: Registration, delegate: Delegate, reason: str | None
) -> Amendment | None:
    return amendments.do_or_ask(
        registration,
        AmendmentKind.WITHDRAW,
        {"state": DelegateState.WITHDRAWN.value},
        reason or "",
        audits.by_company(registration),
        delegate,
    )


def _written(registration: Registration, delegate: Delegate, write: Callable[[], None]) -> Response:
    """Write to a delegate, if the button was pressed on our page."""
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                write()
                words = _("We have written to %(email)s.", email=delegate.email)
        except REFUSALS as error:
            flash(refusal(error), "warning")
        else:
            flash(words, "success")
    return home(registration, f"delegate-{delegate.id}")


def _shown(
    template: str, registration: Registration, form: FlaskForm, **more: Any
) -> str | tuple[str, int]:
    page = render_template(
        f"registrations/{template}",
        registration=registration,
        trip=registration.trip,
        form=form,
        frozen=is_frozen(registration),
        room=seats.room_for(registration.trip, registration),
        **more,
    )
    return (page, 422) if request.method == "POST" else page
