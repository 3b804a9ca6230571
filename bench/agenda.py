"""Answering the public agenda: against a bare Flask view that returns the same bytes."""

import time

from flask import Flask, Response
from flask_migrate import upgrade

from bench.feeds import make_published
from bench.measure import counting, getter, line, rates
from webapp import create_app
from webapp.blueprints.agendas import pages
from webapp.db import PEEK_SECONDS, db
from webapp.embedded.services import services


def run() -> None:
    """60 and 600 sessions: the first rendering, and every answer after it."""
    with services() as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
        for size in (60, 600):
            with app.app_context():
                slug = make_published(size)
                db.session.remove()
            _measure(app, f"/trips/{slug}/agenda", size)
        with app.app_context():
            db.engine.dispose()


def _measure(app: Flask, path: str, size: int) -> None:
    get = getter(app, path)
    for name in ("first", "rendered before"):
        time.sleep(2 * PEEK_SECONDS)
        with counting() as sent:
            get()
        line(f"agenda, {size} sessions, {name}: SQL statements", len(sent), "")
    body = app.test_client().get(path).data
    etag = next(page.etag for page in pages.PAGES.things() if page.body == body)
    bare, filtered = getter(_bare(body), "/"), getter(app, f"{path}?kind=visit")
    again = getter(app, path, 304, **{"If-None-Match": f'"{etag}"'})
    for name, thing in (("200", get), ("304", again), ("filtered", filtered)):
        rate, limit = rates(thing, bare)
        line(f"agenda, {size} sessions, {name}, beside bare Flask", rate, "1/s", limit)


def _bare(body: bytes) -> Flask:
    """An application of nothing but Flask, with one view of these bytes."""
    app = Flask("bare")

    @app.get("/")
    def page() -> Response:
        return Response(body, mimetype="text/html")

    return app
