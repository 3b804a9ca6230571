"""What a delegate does with the own calendar: a new address, stopping it, opening it again, what
it holds, and all of it as a file."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp.blueprints.calendars import buttons
from webapp.blueprints.calendars.buttons import Verb
from webapp.blueprints.calendars.downloads import calendar_file
from webapp.blueprints.guards import link_delegate
from webapp.db import transaction
from webapp.domain import audits, feeds

bp = Blueprint("calendars_delegate", __name__, url_prefix="/d/<token>")


@bp.get("/agenda.ics")
def download(token: str) -> Response:
    """All that the delegate's calendar holds now, as a file: it follows no change (H2)."""
    found = link_delegate(token)
    slug = found.registration.trip.slug
    return calendar_file(feeds.delegate_file(found), f"{slug}-program.ics")


@bp.post("/calendar")
def rotate(token: str) -> Answer:
    """A new address for the delegate's calendar; the old one ends at once."""
    words = _("Your calendar has a new address. The old one no longer works.")
    return _done(token, feeds.rotate, words)


@bp.post("/calendar/stop")
def stop(token: str) -> Answer:
    """The calendar ends at once, without a new address."""
    return _done(token, feeds.revoke, _("Your calendar is stopped. Its address no longer works."))


@bp.post("/calendar/open")
def reopen(token: str) -> Answer:
    """A calendar that was stopped gets a new address."""
    found = link_delegate(token)
    if buttons.is_pressed(found.registration):
        with transaction():
            feeds.reopen_delegate(found, audits.by_delegate(found))
        flash(_("Your calendar is open again, at a new address."), "success")
    return _back(token)


@bp.post("/calendar/options")
def options(token: str) -> Answer:
    """Whether the calendar holds, besides, what the delegate may still choose."""
    wanted = request.form.get("wanted") == "1"
    words = (
        _("Your calendar now shows what you may choose, marked as not certain.")
        if wanted
        else _("Your calendar now shows only what you are in.")
    )
    return _done(token, lambda feed, by: feeds.show_options(feed, wanted, by), words)


def _done(token: str, verb: Verb, words: str) -> Answer:
    found = link_delegate(token)
    if buttons.is_pressed(found.registration):
        stopped = _("Your calendar is stopped. Open it again first.")
        by = audits.by_delegate(found)
        buttons.change(feeds.of_delegate(found), verb, by, done=words, stopped=stopped)
    return _back(token)


def _back(token: str) -> Answer:
    here = url_for("registrations_delegate.delegate", token=token, _anchor="subscribe")
    return redirect(here, 303)
