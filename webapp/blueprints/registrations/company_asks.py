"""What the company's pages share: doing a change or asking for it, and saying which it was."""

from collections.abc import Callable
from typing import cast

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import clock
from webapp.blueprints.guards import company_registration
from webapp.blueprints.registrations.company_forms import CompanyForm
from webapp.blueprints.registrations.refusal_words import REFUSALS, refusal
from webapp.db import transaction
from webapp.domain import amendments, seen_values
from webapp.models.amendment import Amendment
from webapp.models.registration import Registration
from webapp.models.trip import TripState

ASKED = _l(
    "The tour is frozen, so we have asked the organizers. Nothing has changed yet; we write to you "
    "when they answer."
)


def changing_registration(token: str) -> Registration:
    """The registration of this link, as long as it can be changed; else back to its page, which
    says how it stands."""
    registration = company_registration(token)
    if registration.is_out or registration.trip.state != TripState.ANNOUNCED:
        flash(
            _("This can no longer be changed: the registration or the tour has ended."), "warning"
        )
        abort(home(registration))
    return registration


def home(registration: Registration, anchor: str | None = None) -> Response:
    """Back to the company's page."""
    address = url_for("registrations_company.company", token=registration.token, _anchor=anchor)
    return redirect(address, 303)


def is_frozen(registration: Registration) -> bool:
    """Whether a change is a request by now."""
    return registration.trip.is_frozen(clock.now())


def attempt(
    form: FlaskForm, change: Callable[[], Amendment | None], done: str | Callable[[], str]
) -> bool:
    """Do a change in a transaction and say so, or say in the form what keeps it from being done."""
    try:
        with transaction():
            asked = change()
            words = str(ASKED) if asked else done if isinstance(done, str) else done()
    except amendments.ChangedMeanwhile as error:
        _tell_changed(cast(CompanyForm, form), error)
        return False
    except REFUSALS as error:
        form.form_errors = [refusal(error)]
        return False
    flash(words, "success")
    return True


def _tell_changed(form: CompanyForm, error: amendments.ChangedMeanwhile) -> None:
    """Say what somebody changed since the form was shown. What was typed stays; what was not
    touched shows what stands now."""
    typed = form.values()
    untouched = {
        key: value
        for key, value in error.now.items()
        if seen_values.was_shown(form.seen.data or "", key, typed.get(key))
    }
    form.take(untouched)
    form.seen.data = seen_values.refreshed(form.seen.data or "", error.now)
    form.form_errors = [
        _("Somebody changed this while the page was open. Nothing was overwritten; please look."),
        *(_now_line(*form.said(key, value)) for key, value in error.now.items()),
    ]


def _now_line(what: str, value: str) -> str:
    return _("%(what)s is now: %(value)s", what=what, value=value or _("nothing"))
