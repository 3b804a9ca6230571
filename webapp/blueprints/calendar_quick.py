"""The short way to a feed. Calendar programs ask day and night, and all that Flask makes ready for
a page (session, language, protection of forms) takes several times as long as to read a feed, which
needs none of it.

So a plain GET or HEAD of a feed's address is answered before Flask begins, by the very function
that the views call, and logged and counted as they are. Whatever is not plainly that goes the long
way: other methods, hosts and spellings, and whatever fails, so that it is told there.
"""

import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from webapp import logs
from webapp.blueprints import calendar_answers as answers
from webapp.blueprints import headers, metrics
from webapp.blueprints.calendar_answers import Said

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

PUBLIC = re.compile(r"/trips/([a-z0-9-]{1,64})/calendar\.ics")
SECRET = re.compile(r"/calendars/([A-Za-z0-9_-]{1,64})\.ics")
LANGUAGE = {"": "en", "lang=en": "en", "lang=fr": "fr"}  # by query string
LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
OF_BODIES = {"Content-Type", "Last-Modified"}  # not in a 304: the reader has them (RFC 9110 15.4.5)
MOST_HOSTS = 100  # names of ours that are remembered


def init_app(app: Flask) -> None:
    """Put the short way in front of the application."""
    long_way: Wsgi = app.wsgi_app
    stricter = {name for name, _value in headers.FOR_PROGRAMS}
    standard = [header for header in headers.standard_of(app) if header[0] not in stricter]
    is_ours = _hosts(app)

    def quick(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = _feed(environ)
        if asked is None or not is_ours(environ):
            return long_way(environ, start_response)
        endpoint, answer, began = *asked, time.perf_counter()
        try:
            with app.app_context():
                said = answer()
        except Exception:  # noqa: BLE001  # it fails there again, and is told
            return long_way(environ, start_response)
        if said.status == 304:
            own = [header for header in said.headers if header[0] not in OF_BODIES]
        else:
            own = [*said.headers, ("Content-Length", str(len(said.body)))]
        start_response(LINES[said.status], own + standard)
        seconds = time.perf_counter() - began
        logs.answered(endpoint, environ["REQUEST_METHOD"], said.status, seconds)
        metrics.count(endpoint, said.status, seconds)
        return [] if said.status == 304 or environ["REQUEST_METHOD"] == "HEAD" else [said.body]

    app.wsgi_app = quick  # type: ignore[method-assign]


def _feed(environ: dict[str, Any]) -> tuple[str, Callable[[], Said]] | None:
    """The endpoint that is asked for and what answers, if it is plainly a feed's."""
    language = LANGUAGE.get(environ.get("QUERY_STRING", ""))
    if language is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    path = environ["PATH_INFO"]
    if secret := SECRET.fullmatch(path):
        return "calendars_public.secret_feed", lambda: answers.of_secret(secret[1], environ)
    if public := PUBLIC.fullmatch(path):
        return (
            "calendars_public.public_feed",
            lambda: answers.of_public(public[1], language, environ),
        )
    return None


def _hosts(app: Flask) -> Callable[[dict[str, Any]], bool]:
    """Whether a request names a host of ours, as Flask asks it (TRUSTED_HOSTS)."""
    known: set[str] = set()

    def is_ours(environ: dict[str, Any]) -> bool:
        host = environ.get("HTTP_HOST", "")
        if host in known:
            return True
        try:
            get_host(environ, app.config["TRUSTED_HOSTS"])
        except SecurityError:
            return False
        if len(known) < MOST_HOSTS:
            known.add(host)
        return True

    return is_ours
