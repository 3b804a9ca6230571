"""The front page, the partnership, and the page of a tour."""

from itertools import groupby

from flask import Blueprint, render_template

from webapp import clock
from webapp.blueprints.guards import public_trip
from webapp.domain import partnerships, seats, trips
from webapp.models.organization import OrganizationKind

bp = Blueprint("trips_public", __name__)


@bp.get("/")
def home() -> str:
    """Upcoming tours or that there are none, past ones, the partnership, articles."""
    return render_template(
        "trips/home.html",
        calendar=trips.public(),
        partnership=partnerships.first(),
        now=clock.now(),
    )


@bp.get("/partnership")
def partnership() -> str:
    """Who works together, since when, what was signed, what is new."""
    return render_template(
        "trips/partnership.html",
        partnership=partnerships.first(),
        sources=partnerships.sources(),
        calendar=trips.public(),
    )


@bp.get("/trips/<slug>/")
def trip(slug: str) -> str:
    """One tour: partners, members by kind, stops, and how to take part."""
    found = trips.with_people(public_trip(slug))
    order = list(OrganizationKind)
    members = sorted(
        found.members, key=lambda m: (order.index(m.organization.kind), m.position, m.id)
    )
    return render_template(
        "trips/trip.html",
        trip=found,
        window=found.window(clock.now()),
        places=seats.places(found),
        members_by_kind=[
            (kind, list(group)) for kind, group in groupby(members, lambda m: m.organization.kind)
        ],
        sources=partnerships.sources(),
    )
