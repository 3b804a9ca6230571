"""Laying out a tour: the blueprint of its pages, and what they share."""

from flask import Blueprint

from webapp import clock
from webapp.blueprints import guards
from webapp.models.trip import Trip

bp = Blueprint("layout_organizer", __name__, url_prefix="/organizer/trips/<slug>")
bp.before_request(guards.staff_only)


def zones(trip: Trip | None = None) -> list[str]:
    """All time zones to choose from, those of the tour first."""
    near: dict[str, None] = {}
    if trip is not None:
        known = [trip.zone, *(stop.zone for stop in trip.stops), trip.home_zone]
        near = dict.fromkeys(zone for zone in known if zone)
    return [*near, *sorted(clock.zone_names() - set(near))]
