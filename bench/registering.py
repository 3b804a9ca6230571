"""The application that bench/registration.py serves: the product, and beside it a view that inserts
and commits one row. Throttling is off: everybody here has one address."""

import os

from flask import Response
from sqlalchemy import text

from config import Config
from webapp import create_app
from webapp.blueprints.throttle import limiter
from webapp.db import db, transaction

app = create_app(Config.from_env(dict(os.environ)))
limiter.enabled = False


@app.get("/bench/one-row")
def one_row() -> Response:
    """Changes a row on GET, which no page of the product does: no form is part of this."""
    with transaction():
        db.session.execute(
            text("INSERT INTO heartbeats VALUES (gen_random_uuid()::text, now())"),
        )
    return Response(status=204)
