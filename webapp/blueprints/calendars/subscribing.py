"""The public calendar of a tour, explained program by program."""

from flask import Blueprint, Response, render_template

from webapp import i18n
from webapp.blueprints.agendas import pages
from webapp.blueprints.calendar_ways import programs, public_ways
from webapp.blueprints.guards import public_stamp, public_trip

bp = Blueprint("subscribing_public", __name__)


@bp.get("/trips/<slug>/calendar")
def page(slug: str) -> Response:
    """Its address in each language, how each program takes it, and the agenda as one file."""
    return pages.answer(public_stamp(slug), lambda: _page(slug))


def _page(slug: str) -> str:
    trip = public_trip(slug)
    mine = i18n.current_language()
    ways = public_ways(trip, mine)
    return render_template(
        "calendars/public.html",
        trip=trip,
        release=trip.release,
        ways=ways,
        programs_list=programs(ways),
        others=[
            (code, name, public_ways(trip, code))
            for code, name in i18n.LANGUAGES.items()
            if code != mine
        ],
    )
