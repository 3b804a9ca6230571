"""Who may ask: one package a noun; inside, a routes module for each audience."""

import re

from flask import Flask
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter, Map

from webapp.blueprints import (
    calendar_quick,
    failures,
    guards,
    headers,
    labels,
    metrics,
    openings,
    shown,
    uploads,
)
from webapp.blueprints.throttle import limiter
from webapp.db import db
from webapp.models.staff import Staff

STRICT = StrictUndefined
csrf = CSRFProtect()
logins = LoginManager()


class Id(IntegerConverter):
    """The number of a row. What no row can have is no address, and not an error further in."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def init_app(app: Flask) -> None:
    """Register every blueprint, each with the guard of its audience."""
    uploads.init_app(app)
    app.url_map.converters["id"] = Id
    csrf.init_app(app)
    # Not by flask-login's context processor: it asks the database for every template, and so
    # the page that says that the database is away could not be shown.
    logins.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    limiter.init_app(app)
    metrics.init_app(app)
    headers.init_app(app)
    failures.init_app(app)
    openings.init_app(app)
    shown.init_app(app)
    labels.init_app(app)
    # Imported here: the routes import `csrf` from this module.
    from webapp.blueprints import agendas, calendars, health, mails, registrations, staff, trips

    for package in (trips, agendas, registrations, calendars, mails, staff, health):
        for blueprint in package.BLUEPRINTS:
            app.register_blueprint(blueprint)
    calendar_quick.init_app(app)


@logins.user_loader
def load_staff(session_id: str) -> Staff | None:
    """Who is signed in, asked anew at each request: a closed account is out at once, and so is
    every copy of a cookie once somebody signed out."""
    found = re.fullmatch(r"([0-9]{1,18})\.[0-9]{1,18}", session_id)
    staff = db.session.get(Staff, int(found[1])) if found else None
    return staff if staff and staff.active and staff.get_id() == session_id else None


__all__ = ["csrf", "guards", "init_app"]
