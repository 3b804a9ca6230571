"""The tours of a member of staff."""

from flask import Blueprint, render_template

from webapp import clock
from webapp.blueprints import guards
from webapp.domain import audits, listings, mail_health, registrations, releases, seats
from webapp.mail import outbox

bp = Blueprint("trips_organizer", __name__, url_prefix="/organizer")
bp.before_request(guards.staff_only)


@bp.get("/")
def home() -> str:
    """All tours on which the reader has a role; templates are listed apart."""
    trips = [trip for trip in guards.staff_trips() if not trip.is_template]
    mine = None if guards.me().runs_everything else [trip.id for trip in trips]
    return render_template(
        "organizer/home.html",
        trips=trips,
        counts=registrations.counts_of(trips),
        mail_health=mail_health.look(mine) if trips else None,
    )


@bp.get("/trips/<slug>/")
def trip(slug: str) -> str:
    """How one tour stands."""
    found = guards.staff_trip(slug)
    return render_template(
        "organizer/trip.html",
        trip=found,
        window=found.window(clock.now()),
        places=seats.places(found),
        counts=registrations.counts(found),
        figures=listings.figures(found),
        mails=outbox.counts(found.id),
        mail_health=mail_health.look([found.id]),
        differences=releases.differences(found),
        releases=releases.history(found),
        audit=audits.latest(found.id),
    )
