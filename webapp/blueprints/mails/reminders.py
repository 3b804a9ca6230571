"""Reminders of a tour: letters that go out by themselves."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.mails import reminder_words, test_letters
from webapp.blueprints.mails.reminder_forms import ReminderForm
from webapp.db import transaction
from webapp.domain import audits, reminders
from webapp.domain.reminders import showing
from webapp.domain.reminders.reach import Reach
from webapp.errors import DomainError
from webapp.models.mailing import Reminder, ReminderKind
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "reminders_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails/reminders"
)
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """All reminders of a tour, in the order in which they go out next."""
    trip = guards.staff_trip(slug)
    return render_template(
        "organizer/reminders.html",
        trip=trip,
        standings=showing.standings(trip, reminders.of_trip(trip)),
        lacking=len(reminders.lacking(trip)),
        kinds=list(ReminderKind),
        words=reminder_words,
    )


@bp.post("/usual")
def usual(slug: str) -> Response:
    """Set what of the usual set is not there, turned off."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                made = reminders.add_usual(trip, audits.by_staff(guards.me()))
        except reminders.TooManyReminders:
            flash(_("This tour has as many reminders as it can have."), "error")
        else:
            flash(_told(len(made)), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.route("/new/<kind>", methods=["GET", "POST"])
def new(slug: str, kind: str) -> str | Response | tuple[str, int]:
    """Set a reminder, turned off."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    wanted = next((each for each in ReminderKind if each == kind), None) or abort(404)
    form = ReminderForm.of(wanted)
    if form.validate_on_submit():
        try:
            with transaction():
                by = audits.by_staff(guards.me())
                made = reminders.add(trip, form.values(), by, is_on=False)
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Set, and turned off. Turn it on once you have looked at it."), "success")
            return redirect(url_for(".one", slug=slug, reminder_id=made.id), 303)
    page = render_template(
        "organizer/reminder_new.html", trip=trip, kind=wanted, form=form, words=reminder_words
    )
    return page, 422 if request.method == "POST" else 200


@bp.route("/<id:reminder_id>", methods=["GET", "POST"])
def one(slug: str, reminder_id: int) -> str | Response | tuple[str, int]:
    """One reminder: when it goes out, to how many, how it reads; and saying something else."""
    is_change = request.method == "POST"
    trip = guards.staff_trip(slug, Role.ORGANIZER if is_change else Role.READER)
    found = guards.trip_reminder(trip, reminder_id)
    form = ReminderForm.of(found.kind, found)
    if form.validate_on_submit():
        try:
            with transaction():
                reminders.change(found, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".one", slug=slug, reminder_id=reminder_id), 303)
    return _page(trip, found, form), 422 if is_change else 200


@bp.post("/<id:reminder_id>/turn")
def turn(slug: str, reminder_id: int) -> Response:
    """Turn a reminder on or off."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_reminder(trip, reminder_id)
    on = request.form.get("on") == "1"
    if FlaskForm().validate_on_submit():
        with transaction():
            reminders.turn(found, audits.by_staff(guards.me()), on=on)
        flash(_("Turned on.") if on else _("Turned off. Nothing goes out."), "success")
    return redirect(_back(slug, reminder_id), 303)


@bp.post("/turn")
def turn_all(slug: str) -> Response:
    """Turn all reminders on or off."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    on = request.form.get("on") == "1"
    if FlaskForm().validate_on_submit():
        with transaction():
            reminders.turn_all(trip, audits.by_staff(guards.me()), on=on)
        flash(_("All are on.") if on else _("All are off. Nothing goes out."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/<id:reminder_id>/test")
def test(slug: str, reminder_id: int) -> Response:
    """Send the organizers' own words to whoever is signed in, as one reader of each language would
    read them."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_reminder(trip, reminder_id)
    if found.kind != ReminderKind.MESSAGE:
        abort(404)
    test_letters.send(lambda: reminders.test(found, trip, guards.me()))
    return redirect(url_for(".one", slug=slug, reminder_id=reminder_id), 303)


@bp.post("/<id:reminder_id>/remove")
def remove(slug: str, reminder_id: int) -> Response:
    """Take a reminder away."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_reminder(trip, reminder_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            reminders.remove(found, audits.by_staff(guards.me()))
        flash(_("Removed."), "success")
    return redirect(url_for(".listing", slug=slug), 303)


def _page(trip: Trip, found: Reminder, form: ReminderForm) -> str:
    reach = Reach(trip)
    try:
        previews = showing.previews(found, reach)
    except DomainError:  # the page says why beside the number of people
        previews = []
    return render_template(
        "organizer/reminder.html",
        trip=trip,
        standing=showing.standing(found, reach),
        previews=previews,
        form=form,
        history=audits.of(found),
        words=reminder_words,
    )


def _back(slug: str, reminder_id: int) -> str:
    if request.form.get("back") == "one":
        return url_for(".one", slug=slug, reminder_id=reminder_id)
    return url_for(".listing", slug=slug)


def _told(number: int) -> str:
    return ngettext(
        "%(num)d reminder is set, turned off. Look at it, then turn it on.",
        "%(num)d reminders are set, turned off. Look at them, then turn on what you want.",
        number,
    )
