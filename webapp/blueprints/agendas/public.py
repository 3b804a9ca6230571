"""The published agenda: as a page, what changed in it, and on one sheet of paper."""

from flask import Blueprint, Response, abort, render_template, request

from webapp.blueprints.agendas import filters, glance, pages
from webapp.blueprints.agendas.days import arrange
from webapp.blueprints.calendar_ways import public_ways
from webapp.blueprints.guards import public_stamp, public_trip
from webapp.domain import published, releases
from webapp.domain.change_words import told, when, where
from webapp.i18n import current_language
from webapp.models.trip import Trip

bp = Blueprint("agendas_public", __name__, url_prefix="/trips/<slug>/agenda")


@bp.get("")
def agenda(slug: str) -> Response:
    """What is published for everybody, by day, place or track, each time with its zone."""
    return pages.answer(public_stamp(slug), lambda: _agenda(slug))


@bp.get("/glance")
def at_a_glance(slug: str) -> Response:
    """All of it on one sheet of paper, days as columns."""
    return pages.answer(public_stamp(slug), lambda: _at_a_glance(slug))


@bp.get("/changes")
def changes(slug: str) -> Response:
    """What changed since the version `?since=`, before and after."""
    return pages.answer(public_stamp(slug), lambda: _changes(slug))


def since(trip: Trip) -> int:
    """The version that the reader knew, as the address says it; else the one before the latest.
    404 for what is no number, and while nothing is published."""
    latest = (trip.release and trip.release.number) or abort(404)
    asked = request.args.get("since", str(max(1, latest - 1)))
    if not asked.isdecimal() or len(asked) > 9:
        abort(404)
    return int(asked)


def _agenda(slug: str) -> str:
    trip = public_trip(slug)
    items = published.items(trip)
    wish = filters.wish(request.args)
    fragments = pages.fragments(trip, items)
    away = {item.uid for item in items if not wish.matches(item)}
    return render_template(
        "agendas/agenda.html",
        trip=trip,
        release=trip.release,
        wish=wish,
        choices=filters.choices(items, current_language()),
        sections=arrange(items, wish.by, current_language()),
        fragments={
            uid: pages.hidden(fragment) if uid in away else fragment
            for uid, fragment in fragments.items()
        },
        away=away,
        count=len(items),
        ways=public_ways(trip, current_language()),
    )


def _at_a_glance(slug: str) -> str:
    trip = public_trip(slug)
    items = published.items(trip)
    return render_template(
        "agendas/glance.html",
        trip=trip,
        release=trip.release,
        delegate=None,
        picks={},
        sheets=glance.sheets(items, trip.home_zone),
        legend=glance.legend(items),
    )


def _changes(slug: str) -> str:
    trip = public_trip(slug)
    known = since(trip)
    try:
        found = releases.public_changes(trip, known)
    except releases.NoSuchRelease:
        abort(404)
    return render_template(
        "agendas/changes.html",
        trip=trip,
        release=trip.release,
        since=known,
        delegate=None,
        differences=told(found),
        when=when,
        where=where,
    )
