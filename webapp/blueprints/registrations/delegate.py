"""A delegate's own page, for whoever holds the link."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import i18n
from webapp.blueprints.agendas import glance
from webapp.blueprints.agendas.clash_words import sentence
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.agendas.public import since
from webapp.blueprints.calendars.invitations import SAID
from webapp.blueprints.calendars.own import own_calendar
from webapp.blueprints.guards import link_delegate
from webapp.blueprints.registrations.consents import consents_context
from webapp.blueprints.registrations.delegate_data import own_context
from webapp.db import transaction
from webapp.domain import (
    audits,
    bulletins,
    clashes,
    feeds,
    invitations,
    own_agendas,
    picks,
    releases,
)
from webapp.domain.change_words import told, when, where
from webapp.domain.own_agendas import OwnAgenda
from webapp.errors import DomainError
from webapp.models.pick import PickState
from webapp.models.trip import Trip

bp = Blueprint("registrations_delegate", __name__, url_prefix="/d/<token>")


@bp.get("")
def delegate(token: str) -> str:
    """The agenda of one delegate, what they may choose, and the address of the calendar that
    follows it."""
    found = link_delegate(token)
    trip = found.registration.trip
    own = own_agendas.of(found)
    return render_template(
        "registrations/delegate.html",
        delegate=found,
        registration=found.registration,
        trip=trip,
        release=trip.release,
        own=own,
        days=by_day(own.items),
        options=by_day(own.options),
        clashes=_clashes(own, trip),
        calendar=own_calendar(feeds.of_delegate(found)),
        invited=invitations.of_delegate(found),
        said=SAID,
        form=FlaskForm(),
        **own_context(found),
        **consents_context(found),
    )


@bp.get("/glance")
def at_a_glance(token: str) -> str:
    """The same on one sheet of paper, days as columns."""
    found = link_delegate(token)
    trip = found.registration.trip
    own = own_agendas.of(found)
    return render_template(
        "agendas/glance.html",
        trip=trip,
        release=trip.release,
        delegate=found,
        picks=own.picks,
        sheets=glance.sheets(own.items, trip.home_zone),
        legend=glance.legend(own.items),
    )


@bp.get("/changes")
def changes(token: str) -> str:
    """What changed for this delegate since the version `?since=`, before and after."""
    found = link_delegate(token)
    known = since(found.registration.trip)
    try:
        differences = bulletins.for_delegate(found, known)
    except releases.NoSuchRelease:
        abort(404)
    return render_template(
        "agendas/changes.html",
        trip=found.registration.trip,
        release=found.registration.trip.release,
        since=known,
        delegate=found,
        differences=told(differences),
        when=when,
        where=where,
    )


@bp.post("/choices/<uuid:uid>")
def choose(token: str, uid: UUID) -> Response:
    """Take a place in an optional session, or a turn on its waiting list."""
    found = link_delegate(token)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                pick = picks.choose(found, uid, audits.by_delegate(found))
                chosen = pick.state == PickState.CHOSEN
        except picks.REFUSALS as error:
            flash(_refused(error), "warning")
        else:
            flash(
                _("You have a place. It stands in your agenda and in your calendar.")
                if chosen
                else _("All places are taken: you are on the waiting list, in order of arrival."),
                "success",
            )
    return redirect(url_for(".delegate", token=token, _anchor=f"item-{uid}"), 303)


@bp.post("/choices/<uuid:uid>/leave")
def leave(token: str, uid: UUID) -> Response:
    """Give a place, or a turn on the waiting list, back."""
    found = link_delegate(token)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                picks.leave(found, uid, audits.by_delegate(found))
        except picks.REFUSALS as error:
            flash(_refused(error), "warning")
        else:
            flash(_("You are out of it. Your calendar no longer holds it."), "success")
    return redirect(url_for(".delegate", token=token, _anchor=f"item-{uid}"), 303)


def _clashes(own: OwnAgenda, trip: Trip) -> list[str]:
    """What the delegate cannot attend both of, in words."""
    titles = {item.uid: i18n.words(item.title) for item in own.items}
    return [sentence(clash, titles) for clash in clashes.own_clashes(own.attended, trip)]


def _refused(error: DomainError) -> str:
    match error:
        case picks.MandatoryItem():
            return _("This session is part of the program: it is not for choosing.")
        case picks.ItemCancelled():
            return _("This session does not take place.")
        case picks.NotAccepted():
            return _("You can choose once your company is accepted.")
    return _("This session is not open to you, or not any more.")
