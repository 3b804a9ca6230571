"""The application form as a page: shown, changed by its buttons, saved and sent. Public, from a
draft, or from an invitation: the same form at three addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints.registrations import application_forms, names
from webapp.blueprints.registrations.answer_fields import AnswersForm
from webapp.blueprints.registrations.answer_keeping import keep
from webapp.blueprints.registrations.forms import RegistrationForm, answers_of
from webapp.blueprints.registrations.names import Offer
from webapp.blueprints.registrations.rule_words import rule_words
from webapp.db import transaction
from webapp.domain import audits, criteria, drafts, links, prospects, registrations, seats
from webapp.errors import DomainError
from webapp.models.draft import Draft
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration
from webapp.models.trip import Order, Trip, Window

Answer = str | Response | tuple[str, int]
NOT_SAVED = frozenset({"csrf_token", "save_draft", "add_delegate", "remove_delegate", "send_link"})


@dataclass(frozen=True, slots=True)
class Opened:
    """The form that somebody has open: of which tour, from which draft or invitation."""

    trip: Trip
    draft: Draft | None = None
    prospect: Prospect | None = None

    @property
    def window(self) -> Window:
        """Where registration stands for this reader: whoever was invited comes in before others."""
        window = self.trip.window(clock.now())
        early = self.prospect is not None and prospects.may_apply(self.prospect)
        return Window.OPEN if window == Window.BEFORE and early else window


def answer(opened: Opened) -> Answer:
    """What the form answers to the request: the page, or the way to the company's own page."""
    form = application_forms.for_trip(opened.trip, _saved(opened), _given(opened))
    if request.method != "POST":
        return _page(opened, form)
    for button, press in BUTTONS.items():
        if button in request.form:
            return press(opened, form)
    offer = None
    if form.validate():
        offer = names.of(form, opened.trip)
        if offer.is_settled or _was_sent(opened, form, offer):
            return _submit(opened, form, offer)
        names.ask(form)
    return _page(opened, form, offer), 422


def _was_sent(opened: Opened, form: RegistrationForm, offer: Offer) -> bool:
    """Whether this very form made a registration before, which is what its name is like now."""
    key = registrations.sealed_key(form.application(offer.picked))
    return registrations.by_form_key(opened.trip, key) is not None


def _submit(opened: Opened, form: RegistrationForm, offer: Offer) -> Answer:
    try:
        with transaction():
            token = _send(opened, form, offer)
    except DomainError as error:
        form.tell(error)
        if isinstance(error, registrations.AlreadyRegistered):
            offer = names.known_of(form, opened.trip)
        return _page(opened, form, offer), 422
    if token is None:
        words = _("Thank you. We have mailed the link of your company's page to the address given.")
        flash(words, "success")
        return redirect(url_for("trips_public.trip", slug=opened.trip.slug), 303)
    return redirect(url_for("registrations_company.company", token=token), 303)


def _send(opened: Opened, form: RegistrationForm, offer: Offer) -> str | None:
    """Register, keep what was answered, and end the draft; the token of the company's page.

    None where the mail address alone opened places held for somebody: then the link goes to that
    mailbox only, and not to whoever typed it.
    """
    application = form.application(offer.picked, opened.prospect)
    started = clock.now()
    found = registrations.submit(opened.trip.id, application)
    token = found.token
    if found.submitted_at < started:
        if not registrations.says_the_same(found, application):
            flash(_("This form had been sent before. Here is what we stored then."), "info")
        return token
    _keep_answers(found, form)
    if opened.draft:
        drafts.end(opened.draft)
    if opened.prospect:
        prospects.opened(opened.prospect)
    return None if found.held_id and not opened.prospect else token


def _keep_answers(registration: Registration, form: RegistrationForm) -> None:
    of_company = answers_of(form)
    answered: dict[int | None, AnswersForm] = {None: of_company} if of_company else {}
    rows = [(row, answers_of(row)) for row in form.rows()]
    if any(answers for _row, answers in rows):
        people = {delegate.email.lower(): delegate.id for delegate in registration.everybody}
        answered |= {
            people[row.email.data.lower()]: answers
            for row, answers in rows
            if answers and not row.invited.data
        }
    if answered:
        keep(registration, answered, audits.by_company(registration))


def _add(opened: Opened, form: RegistrationForm) -> Answer:
    form.add_row()
    return _page(opened, form)


def _remove(opened: Opened, form: RegistrationForm) -> Answer:
    form.remove_row(request.form.get("remove_delegate", -1, type=int))
    return _page(opened, form)


def _save(opened: Opened, form: RegistrationForm) -> Answer:
    """Keep what was typed: only the address to which the link goes has to be right."""
    if opened.window != Window.OPEN or not form.validate_only("coordinator_email"):
        return _page(opened, form), 422
    try:
        with transaction():
            draft = drafts.save(
                opened.trip.id,
                form.coordinator_email.data,
                _name(form),
                form.language.data if form.language.data in ("en", "fr") else "en",
                _typed(),
                opened.draft,
                opened.prospect,
            )
            if opened.prospect:
                prospects.opened(opened.prospect)
            token, email = draft.token, draft.email
    except DomainError as error:
        form.tell(error)
        return _page(opened, form), 422
    flash(_("Saved. The link to it has been mailed to %(email)s.", email=email), "success")
    return redirect(url_for("drafts_public.draft", slug=opened.trip.slug, token=token), 303)


def _name(form: RegistrationForm) -> str:
    """Whom the letter greets: nobody where the name would carry an address to a stranger."""
    name = form.coordinator_name
    return (name.data or "")[:200] if name.validate(form) else ""


def _send_link(opened: Opened, form: RegistrationForm) -> Answer:
    """Mail the link of a company's registration to its coordinator, whoever that is."""
    if not form.validate_only():
        return _page(opened, form), 422
    offer = names.known_of(form, opened.trip)
    wanted = request.form["send_link"]
    match = next((m for m in offer.registered if str(m.organization_id) == wanted), None)
    if match:
        g.asked_for_letter = True
        with transaction():
            links.send_of(match.organization_id, opened.trip)
        flash(
            _(
                "We have written to whoever registered %(name)s, with the link to its "
                "registration. What you typed is still here.",
                name=match.name,
            ),
            "success",
        )
    return _page(opened, form, offer)


BUTTONS: Mapping[str, Callable[[Opened, RegistrationForm], Answer]] = {
    "add_delegate": _add,
    "remove_delegate": _remove,
    "save_draft": _save,
    "send_link": _send_link,
}


def _typed() -> drafts.Values:
    return [
        (name, value) for name, value in request.form.items(multi=True) if name not in NOT_SAVED
    ]


def _saved(opened: Opened) -> MultiDict[str, str] | None:
    return MultiDict(drafts.values(opened.draft)) if opened.draft else None


def _given(opened: Opened) -> dict[str, str]:
    """What an invitation knows already."""
    if opened.prospect is None:
        return {}
    return {
        "organization_name": opened.prospect.organization_name,
        "coordinator_name": opened.prospect.name,
        "coordinator_email": opened.prospect.email,
        "language": opened.prospect.language,
    }


def _page(opened: Opened, form: RegistrationForm, offer: Offer | None = None) -> str:
    trip = opened.trip
    return render_template(
        "registrations/register.html",
        trip=trip,
        draft=opened.draft,
        prospect=opened.prospect,
        form=form,
        window=opened.window,
        places=seats.places(trip),
        rules=rule_words(trip),
        criteria=criteria.of(trip) if trip.queue_order == Order.SCORE else [],
        offer=offer or names.as_chosen(form, trip),
        answers_of=answers_of,
    )
