"""The published agenda."""

from flask import Blueprint, render_template

from webapp import addresses
from webapp.blueprints.agendas.days import by_day
from webapp.blueprints.guards import public_trip
from webapp.domain import published

bp = Blueprint("agendas_public", __name__)


@bp.get("/trips/<slug>/agenda")
def agenda(slug: str) -> str:
    """What is published for everybody, by day, each time with its zone."""
    trip = public_trip(slug)
    return render_template(
        "agendas/agenda.html",
        trip=trip,
        release=trip.release,
        days=by_day(published.items(trip)),
        feed_address=addresses.public_feed(trip.slug),
    )
