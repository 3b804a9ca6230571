"""The calendars of a tour, for its staff: which there are, who fetches them, and invitations."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp import clock, i18n
from webapp.blueprints import guards
from webapp.blueprints.calendar_ways import programs, public_ways, secret_ways
from webapp.blueprints.calendars.calendar_forms import InvitingForm, OpenForm
from webapp.blueprints.calendars.own import own_calendar
from webapp.db import transaction
from webapp.domain import audits, feeds, fetches, invitations, subscriptions
from webapp.models.feed import Feed, Scope
from webapp.models.invitation import Answer
from webapp.models.staff import Role
from webapp.models.trip import Inviting, Trip

bp = Blueprint("calendars_organizer", __name__, url_prefix="/organizer/trips/<slug>/calendars")
bp.before_request(guards.staff_only)

SAID = (Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED, Answer.NONE)  # in this order
MOST_INVITED = 1000  # people of one session on one page


@bp.get("")
def page(slug: str) -> str:
    """Every calendar of the tour with its address and who fetches it, but delegates' and companies'
    secret ones, of which only numbers are told."""
    trip = guards.staff_trip(slug)
    return _page(trip, OpenForm.of(trip))


@bp.post("/open")
def open_one(slug: str) -> Response | tuple[str, int]:
    """A calendar of a track, a venue or a host gets an address."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = OpenForm.of(trip)
    if not form.validate_on_submit():
        return _page(trip, form), 422
    with transaction():
        feed = form.open(trip, audits.by_staff(guards.me()))
    flash(_("The calendar is open. Give its address to whoever should follow it."), "success")
    return _back(slug, f"calendar-{feed.id}")


@bp.post("/own")
def open_own(slug: str) -> Response:
    """The signed-in member of staff gets a calendar of the whole tour."""
    trip = guards.staff_trip(slug)
    language = request.form.get("language")
    if FlaskForm().validate_on_submit() and language in i18n.LANGUAGES:
        with transaction():
            feeds.open_staff(trip, guards.me(), language, audits.by_staff(guards.me()))
        flash(_("Your calendar of this tour is open."), "success")
    return _back(slug, "own")


@bp.post("/<id:feed_id>/rotate")
def rotate(slug: str, feed_id: int) -> Response:
    """A new address for one of them; the old one ends at once."""
    feed = _mine(guards.staff_trip(slug), feed_id)
    if feed.scope == Scope.STAFF and feed.staff_id != guards.me().id:
        abort(404)  # somebody else's address is nobody's to take
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                feed = feeds.rotate(feed, audits.by_staff(guards.me()))
        except feeds.FeedStopped:
            flash(_("This calendar was stopped. Open it again."), "warning")
        else:
            flash(_("The calendar has a new address. The old one no longer works."), "success")
    return _back(slug, _anchor(feed))


@bp.post("/<id:feed_id>/stop")
def stop(slug: str, feed_id: int) -> Response:
    """The address of one of them ends at once, without a new one."""
    feed = _mine(guards.staff_trip(slug), feed_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            feeds.revoke(feed, audits.by_staff(guards.me()))
        flash(_("The calendar is stopped. Its address no longer works."), "success")
    return _back(slug, "own" if feed.staff_id == guards.me().id else "opened")


@bp.post("/invitations")
def set_inviting(slug: str) -> Response | tuple[str, int]:
    """Which sessions are mailed as invitations from now on."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = InvitingForm()
    if form.validate_on_submit():
        with transaction():
            invitations.set_mode(trip, form.inviting.data, audits.by_staff(guards.me()))
        said = _("Saved.")
        if trip.inviting == Inviting.ALL and trip.inviting_goes_at:
            said = _("Saved. Invitations go out in ten minutes, unless you choose again.")
        flash(said, "success")
        return _back(slug, "invitations")
    return _page(trip, OpenForm.of(trip), form), 422


@bp.post("/invitations/now")
def send_invitations(slug: str) -> Response:
    """Let the invitations go out at once that are held since all are mailed."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if FlaskForm().validate_on_submit():
        with transaction():
            goes = invitations.let_go(trip, audits.by_staff(guards.me()))
        if goes:
            flash(_("The letters go out now."), "success")
        else:
            flash(_("Too late: the letters are on their way, or were stopped before."), "warning")
    return _back(slug, "invitations")


@bp.get("/invitations/<uuid:uid>")
def invited(slug: str, uid: UUID) -> str:
    """Who was invited to one session by mail, and what they said."""
    trip = guards.staff_trip(slug)
    rows = invitations.of_trip(trip, uid=uid, limit=MOST_INVITED) or abort(404)
    return render_template(
        "organizer/calendar_invited.html", trip=trip, rows=rows, most=MOST_INVITED
    )


def _page(trip: Trip, form: OpenForm, inviting: InvitingForm | None = None) -> str:
    me = guards.me()
    opened = feeds.of_trip(trip)
    public = subscriptions.public(trip)
    mine = [feed for feed in opened if feed.staff_id == me.id]
    goes_at = trip.inviting_goes_at
    is_held = goes_at is not None and goes_at > clock.now()
    return render_template(
        "organizer/calendars.html",
        trip=trip,
        form=form,
        inviting_form=inviting or InvitingForm(None, inviting=trip.inviting),
        public=[(feed, public_ways(trip, feed.language)) for feed in public],
        opened=[(feed, secret_ways(feed)) for feed in opened if feed.scope != Scope.STAFF],
        team=[feed for feed in opened if feed.scope == Scope.STAFF and feed not in mine],
        own=[own_calendar(feed) for feed in mine],
        can_open=[code for code in i18n.LANGUAGES if code not in {f.language for f in mine}],
        fetches=fetches.of_many([*opened, *public]),
        usage=subscriptions.usage(trip),
        tallies=subscriptions.tallies(trip),
        said=SAID,
        at_most=invitations.at_most(trip),
        goes_at=goes_at if is_held else None,
        held=invitations.held(trip) if is_held else 0,
        programs_list=programs(None),
    )


def _mine(trip: Trip, feed_id: int) -> Feed:
    """A calendar of this trip that the signed-in staff may change: an organizer any that
    organizers open, everybody their own; else 404."""
    feed = subscriptions.find(trip, feed_id) or abort(404)
    me = guards.me()
    if feed.staff_id != me.id and me.role_on(trip.id) != Role.ORGANIZER:
        abort(404)
    return feed


def _anchor(feed: Feed) -> str:
    return "own" if feed.scope == Scope.STAFF else f"calendar-{feed.id}"


def _back(slug: str, anchor: str) -> Response:
    return redirect(url_for(".page", slug=slug, _anchor=anchor), 303)
