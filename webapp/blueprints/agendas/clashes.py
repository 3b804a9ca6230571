"""Clashes of the draft: the list before publishing, what may stand, and how they are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.agendas import clash_words, travel_words
from webapp.blueprints.agendas.clash_forms import OverrideForm, SettingsForm, TravelForm
from webapp.db import transaction
from webapp.domain import agendas, audits, clashes, releases
from webapp.domain.clashes import Clash, Level, settings, table
from webapp.models.place import Venue
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("clashes_organizer", __name__, url_prefix="/organizer/trips/<slug>/clashes")
bp.before_request(guards.staff_only)

SHOWN = 100  # of each group; what is behind shows when those before are settled


@dataclass(frozen=True, slots=True)
class Group:
    """Clashes under one heading; `key` is the id of the heading."""

    key: str
    title: str
    clashes: Sequence[Clash]


@bp.get("")
def listing(slug: str) -> str:
    """What clashes in the draft, the worst first."""
    return _list_page(guards.staff_trip(slug))


@bp.post("/<key>/override")
def override(slug: str, key: str) -> Response | tuple[str, int]:
    """Let a clash through, for a reason."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = OverrideForm(key)
    if not form.validate_on_submit():
        return _list_page(trip, key, form), 422
    try:
        with transaction():
            by = audits.by_staff(guards.me())
            clashes.override(trip, key, form.reason.data, by, releases.held)
    except clashes.NoSuchClash:
        flash(_("This clash is not there any more: something has moved. Look again."), "info")
    else:
        flash(_("This clash no longer blocks publishing, until one of them moves."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/<key>/withdraw")
def withdraw(slug: str, key: str) -> Response:
    """Let a clash block publishing again."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    try:
        with transaction():
            clashes.withdraw_override(trip, key, audits.by_staff(guards.me()))
    except clashes.NoSuchClash:
        flash(_("This clash was not let through any more."), "info")
    else:
        flash(_("This clash blocks publishing again."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.route("/settings", methods=["GET", "POST"])
def judging(slug: str) -> str | Response | tuple[str, int]:
    """How serious each rule is, speeds and margins."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = SettingsForm.of(settings.of(trip))
    if form.validate_on_submit():
        by = audits.by_staff(guards.me())
        with transaction():
            clashes.set_levels(trip, form.levels(), by)
            clashes.set_travel(trip, form.speeds(), *form.minutes(), by)
        flash(_("Saved. The clashes are judged by this from now on."), "success")
        return redirect(url_for(".listing", slug=slug), 303)
    page = render_template("organizer/clashes_settings.html", trip=trip, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/travel", methods=["GET", "POST"])
def travel(slug: str) -> str | Response | tuple[str, int]:
    """How long ways take: by distance and speed, and as the organizers know it."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    venues = settings.venues_used(trip)
    form = TravelForm(from_venue_id=request.args.get("from"), to_venue_id=request.args.get("to"))
    form.offer(list(venues))
    if form.validate_on_submit():
        start, end = int(form.from_venue_id.data), int(form.to_venue_id.data)
        with transaction():
            clashes.set_travel_time(
                trip, start, end, form.minutes.data or 0, audits.by_staff(guards.me())
            )
        flash(_("Saved. The clashes are judged by this from now on."), "success")
        return redirect(url_for(".travel", slug=slug), 303)
    return _travel_page(trip, form, venues), 422 if form.is_submitted() else 200


@bp.post("/travel/<id:travel_id>/remove")
def forget(slug: str, travel_id: int) -> Response:
    """Let distance and speed say again how long a way takes."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    guards.trip_travel_time(trip, travel_id)
    with transaction():
        settings.remove_travel_time(trip, travel_id, audits.by_staff(guards.me()))
    flash(_("Removed. Distance and speed say it again."), "success")
    return redirect(url_for(".travel", slug=slug), 303)


def _list_page(trip: Trip, key: str | None = None, form: OverrideForm | None = None) -> str:
    """The list; `form` is one that was sent for the clash `key` and has a fault."""
    found = releases.clashes_of(trip)
    groups = _groups(found)
    shown = [clash for group in groups for clash in group.clashes[:SHOWN]]
    forms = {clash.key: OverrideForm(clash.key, formdata=None) for clash in shown if clash.blocks}
    if form is not None and key in forms:
        forms[key] = form
    return render_template(
        "organizer/clashes.html",
        trip=trip,
        groups=groups,
        shown=SHOWN,
        words=clash_words.lines(shown, agendas.draft(trip) if shown else []),
        forms=forms,
        sent=form,
    )


def _groups(found: Sequence[Clash]) -> list[Group]:
    told = (
        ("block", _("They block publishing"), [c for c in found if c.blocks]),
        ("warn", _("Please look at these"), [c for c in found if c.level == Level.WARN]),
        ("passed", _("Let through"), [c for c in found if c.level == Level.BLOCK and c.override]),
    )
    return [Group(*each) for each in told if each[2]]


def _travel_page(trip: Trip, form: TravelForm, venues: Sequence[Venue]) -> str:
    return render_template(
        "organizer/clashes_travel.html",
        trip=trip,
        form=form,
        venues=venues,
        ways=table.ways_of(trip),
        spoken=travel_words.spoken,
        number=travel_words.number,
    )
