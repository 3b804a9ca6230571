"""What a delegate agrees to, on their own page and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectMultipleField

from webapp import i18n
from webapp.blueprints.guards import link_delegate
from webapp.db import transaction
from webapp.domain import audits, consents
from webapp.models.consent import Purpose
from webapp.models.delegate import Delegate

bp = Blueprint("consents_delegate", __name__, url_prefix="/d/<token>/consents")


class ConsentForm(FlaskForm):
    """The purposes that are ticked, and which words were shown in which language."""

    purposes = SelectMultipleField(validate_choice=False)
    language = HiddenField()
    seen = HiddenField()

    def chosen(self) -> list[Purpose]:
        """The purposes that there are among those ticked."""
        return [purpose for purpose in Purpose if purpose.value in (self.purposes.data or ())]

    @property
    def was_read(self) -> bool:
        """Whether the words that the form showed are those of now."""
        language = self.language.data
        return language in i18n.LANGUAGES and self.seen.data == consents.seen(language)


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose: the words to agree to, and since when they are agreed to; None: they are not."""

    purpose: Purpose
    wording: str
    since: datetime | None


@bp.post("")
def save(token: str) -> Response | tuple[str, int]:
    """Agree to what is ticked, and take back what is not."""
    found = link_delegate(token)
    form = ConsentForm()
    if form.validate_on_submit() and form.was_read:
        try:
            with transaction():
                by = audits.by_delegate(found)
                consents.set(found, form.chosen(), form.language.data or "en", by)
        except consents.NotThere:
            flash(_("You have no part in this tour any more: nothing was changed."), "warning")
        else:
            flash(_("Saved. You can change this at any time, here."), "success")
        return redirect(url_for("privacy_delegate.page", token=token, _anchor="consents"), 303)
    if form.errors:
        return _page(found), 422
    flash(_("The words have changed since you opened the page. Please read them again."), "info")
    return _page(found), 409


def _page(found: Delegate) -> str:
    return render_template(
        "registrations/consents.html",
        delegate=found,
        registration=found.registration,
        trip=found.registration.trip,
        **consents_context(found),
    )


def consents_context(delegate: Delegate) -> dict[str, Any]:
    """What registrations/_consents.html wants besides `delegate`."""
    given = consents.of(delegate)
    language = i18n.current_language()
    form = ConsentForm(formdata=None, language=language, seen=consents.seen(language))
    return {
        "consent_form": form,
        "consent_lines": [
            Line(
                purpose,
                given[purpose].wording if purpose in given else consents.wording(purpose, language),
                given[purpose].given_at if purpose in given else None,
            )
            for purpose in Purpose
        ],
    }
