"""A delegate's own page, for whoever holds the link."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import addresses
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.guards import link_delegate
from webapp.db import transaction
from webapp.domain import audits, feeds, published
from webapp.models.delegate import Delegate

bp = Blueprint("registrations_delegate", __name__, url_prefix="/d/<token>")


@bp.get("")
def delegate(token: str) -> str:
    """The agenda of one delegate, and the address of the calendar that follows it."""
    found = link_delegate(token)
    return render_template(
        "registrations/delegate.html",
        delegate=found,
        registration=found.registration,
        trip=found.registration.trip,
        release=found.registration.trip.release,
        days=by_day(published.for_delegate(found)),
        feed_address=addresses.feed(feeds.of_delegate(found).token),
        form=FlaskForm(),
    )


@bp.post("/calendar")
def new_calendar(token: str) -> Response:
    """A new address for the delegate's calendar; the old one ends at once."""
    found: Delegate = link_delegate(token)
    if FlaskForm().validate_on_submit():
        with transaction():
            feeds.rotate(feeds.of_delegate(found), audits.by_delegate(found))
        flash(_("Your calendar has a new address. The old one no longer works."), "success")
    return redirect(url_for(".delegate", token=token), 303)
