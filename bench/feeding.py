"""The application that bench/feeds.py serves: the product, and under /bench/ an application of
nothing but Flask with the views that feeds are measured against."""

import os
from threading import local
from typing import Any

import psycopg
from flask import Flask, Response

from config import Config
from webapp import create_app

product = create_app(Config.from_env(dict(os.environ)))
plain = Flask("plain")
_url = os.environ["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
_mine = local()
_bodies: dict[int, bytes] = {}


def app(environ: dict[str, Any], start_response: Any) -> Any:
    """Both in one, in the same processes."""
    one = plain if environ["PATH_INFO"].startswith("/bench/") else product
    return one.wsgi_app(environ, start_response)


@plain.get("/bench/bare/<int:feed_id>/<int:status>")
def bare(feed_id: int, status: int) -> Response:
    """The same bytes, or a 304 without any, and nothing else."""
    return _answer(feed_id, status)


@plain.get("/bench/select/<int:feed_id>/<int:status>")
def select(feed_id: int, status: int) -> Response:
    """The same after one SELECT by primary key: the driver alone, a connection for each thread, the
    statement prepared; the bytes do not travel."""
    _cursor().execute("SELECT etag FROM feeds WHERE id = %s", (feed_id,), prepare=True).fetchone()
    return _answer(feed_id, status)


@plain.get("/bench/select-bytes/<int:feed_id>/<int:status>")
def select_bytes(feed_id: int, status: int) -> Response:
    """The same where the SELECT brings the bytes."""
    row = _cursor().execute("SELECT body FROM feeds WHERE id = %s", (feed_id,), prepare=True)
    found = row.fetchone()
    assert found
    return Response(b"" if status == 304 else found[0], status, mimetype="text/calendar")


def _answer(feed_id: int, status: int) -> Response:
    if feed_id not in _bodies:
        row = _cursor().execute("SELECT body FROM feeds WHERE id = %s", (feed_id,)).fetchone()
        assert row
        _bodies[feed_id] = row[0]
    body = b"" if status == 304 else _bodies[feed_id]
    return Response(body, status, mimetype="text/calendar")


def _cursor() -> psycopg.Cursor[Any]:
    found = getattr(_mine, "cursor", None)
    if found is None:
        found = psycopg.connect(_url, autocommit=True).cursor(binary=True)
        _mine.cursor = found
    return found
