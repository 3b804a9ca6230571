"""Registering a company of three: against a view that inserts and commits one row."""

from flask import Flask, Response
from flask_migrate import upgrade
from sqlalchemy import text

from bench.measure import counting, getter, line, rates
from tests.factories import application, make_registration, make_trip
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain import registrations
from webapp.embedded.services import services


def run() -> None:
    """The rate, and the number of SQL statements with few and many registrations."""
    with services(durable=True) as config:
        app = create_app(config)
        _views(app)
        with app.app_context():
            upgrade()
            with transaction():
                trip = make_trip()
                app.config["BENCH_TRIP"] = trip.id
            for size in (1, 200):
                with transaction():
                    while registrations.counts(trip)["submitted"] < size:  # type: ignore[index]
                        make_registration(trip, 1)
                db.session.remove()
                with counting() as sent:
                    getter(app, "/bench/register", 204)()
                line(f"registering 3, {size} there: SQL statements", len(sent), "")
                db.session.add(trip)
            db.session.remove()
        rate, limit = rates(getter(app, "/bench/register", 204), getter(app, "/bench/one-row", 204))
        line("registering 3 with 4 letters", rate, "1/s", limit)
        with app.app_context():
            db.engine.dispose()


def _views(app: Flask) -> None:
    """Both change rows on GET, which no page of the product does: no form is part of this."""

    @app.get("/bench/register")
    def register() -> Response:
        with transaction():
            registrations.submit(app.config["BENCH_TRIP"], application(3))
        return Response(status=204)

    @app.get("/bench/one-row")
    def one_row() -> Response:
        with transaction():
            db.session.execute(
                text(
                    "INSERT INTO heartbeats VALUES ('bench', now()) "
                    "ON CONFLICT (worker) DO UPDATE SET at = now()"
                )
            )
        return Response(status=204)
