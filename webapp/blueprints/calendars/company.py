"""What a company does with its calendar: a new address, stopping it, opening it again."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.calendars import buttons
from webapp.blueprints.calendars.buttons import Verb
from webapp.blueprints.guards import company_registration
from webapp.db import transaction
from webapp.domain import audits, feeds

bp = Blueprint("calendars_company", __name__, url_prefix="/r/<token>/calendar")


@bp.post("")
def rotate(token: str) -> Response:
    """A new address for the company's calendar; the old one ends at once."""
    words = _("The calendar has a new address. The old one no longer works.")
    return _done(token, feeds.rotate, words)


@bp.post("/stop")
def stop(token: str) -> Response:
    """The calendar ends at once, without a new address."""
    return _done(token, feeds.revoke, _("The calendar is stopped. Its address no longer works."))


@bp.post("/open")
def reopen(token: str) -> Response:
    """A calendar that was stopped gets a new address."""
    found = company_registration(token)
    if buttons.is_pressed(found):
        with transaction():
            feeds.reopen_company(found, audits.by_company(found))
        flash(_("The calendar is open again, at a new address."), "success")
    return _back(token)


def _done(token: str, verb: Verb, words: str) -> Response:
    found = company_registration(token)
    if buttons.is_pressed(found):
        stopped = _("The calendar is stopped. Open it again first.")
        by = audits.by_company(found)
        buttons.change(feeds.of_company(found), verb, by, done=words, stopped=stopped)
    return _back(token)


def _back(token: str) -> Response:
    here = url_for("registrations_company.company", token=token, _anchor="calendar")
    return redirect(here, 303)
