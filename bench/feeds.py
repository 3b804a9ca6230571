"""Answering a public feed: against a bare view of the same bytes, and one with one SELECT."""

from datetime import datetime, timedelta

from flask import Flask, Response
from flask_migrate import upgrade
from sqlalchemy import text

from bench.measure import counting, getter, line, rates
from tests.factories import make_item, make_trip, publish
from webapp import create_app
from webapp.db import Words, db, transaction
from webapp.domain import feeds, trips
from webapp.embedded.services import services


def run() -> None:
    """60 and 600 sessions; 200 and 304."""
    with services() as config:
        app = create_app(config)
        bodies: dict[str, bytes] = {}
        _bare_views(app, bodies)
        with app.app_context():
            upgrade()
        for size in (60, 600):
            with app.app_context():
                slug = make_published(size)
                found = trips.by_slug(slug)
                assert found
                trip_feed = feeds.public(found, "en")
                assert trip_feed
                bodies["body"], etag = trip_feed.body or b"", trip_feed.etag or ""
                db.session.remove()
            path = f"/trips/{slug}/calendar.ics"
            with counting() as sent:
                getter(app, path)()
            line(f"feed, {size} sessions: SQL statements", len(sent), "")
            for status, headers in ((200, {}), (304, {"If-None-Match": f'"{etag}"'})):
                get = getter(app, path, status, **headers)
                for name in ("bare", "select"):
                    rate, limit = rates(get, getter(app, f"/bench/{name}"))
                    line(f"feed, {size} sessions, {status}, beside {name}", rate, "1/s", limit)
        with app.app_context():
            db.engine.dispose()


def _bare_views(app: Flask, bodies: dict[str, bytes]) -> None:
    @app.get("/bench/bare")
    def bare() -> Response:
        return Response(bodies["body"], mimetype="text/calendar")

    @app.get("/bench/select")
    def select() -> Response:
        db.session.execute(text("SELECT id FROM trips WHERE id = 1")).one()
        return Response(bodies["body"], mimetype="text/calendar")


def make_published(size: int) -> str:
    """The slug of a tour with so many published sessions and prepared feeds."""
    with transaction():
        trip = make_trip()
        start = datetime(2027, 10, 25, 8, 0)  # noqa: DTZ001  # a wall time
        for number in range(size):
            at = start + timedelta(minutes=12 * number)
            make_item(
                trip,
                title=Words(en=f"Session {number}", fr=f"Séance {number}"),
                description=Words(en="What one sees there, and whom one meets. " * 4),
                starts_local=at,
                ends_local=at + timedelta(minutes=45),
            )
        publish(trip)
        slug = trip.slug
    with transaction():
        feeds.prepare()
    return slug
