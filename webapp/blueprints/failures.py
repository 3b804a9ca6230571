"""What a reader sees when something is wrong: words that help, in the reader's language."""

import errno
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.exceptions import BadRequest as WrongRequest
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from webapp.blueprints import calendar_answers as answers
from webapp.blueprints.headers import is_calendar_address
from webapp.db import db
from webapp.domain.agendas import ChangedMeanwhile
from webapp.models.states import MoveRefused

TOLD = (400, 404, 405, 409, 410, 413, 429)
FULL = {errno.ENOSPC, errno.EDQUOT}
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
RETRY_AFTER = "20"  # seconds
ASCII = bytes(range(128))


def init_app(app: Flask) -> None:
    """Register a page for each failure."""
    app.wsgi_app = _spelled(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse_nul)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(MoveRefused, _moved_on)
    app.register_error_handler(ChangedMeanwhile, _moved_on)
    app.register_error_handler(ObjectDeletedError, _moved_on)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(PoolTimeout, _away)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(Exception, _bug)


def _spelled(application: Any) -> Any:
    """Raw octets in a query, which some program sends and Werkzeug cannot decode, are spelled as
    they should have been: "%F6"."""

    def spelled(environ: dict[str, Any], start_response: Any) -> Any:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query, safe=ASCII, encoding="latin-1")
        return application(environ, start_response)

    return spelled


def _refuse_nul() -> None:
    """No text of ours holds NUL, and the database refuses it: say so before a look-up does."""
    if "\0" in request.path or any("\0" in part for part in request.args.values()):
        raise WrongRequest


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # A host name that is not ours: no address can be built for it, so no page either.
        return make_response("This is not the address of Escale.\n", 400, PLAIN)
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    code = error.code if error.code in TOLD else (400 if error.code < 500 else 500)
    response = _page(code)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"
    return response


def _forged(error: CSRFError) -> Response:
    return _page(400, "errors/csrf.html")


def _moved_on(error: Exception) -> Response:
    """Somebody decided meanwhile, or deleted what this is about: the page that was open showed a
    button that is gone now."""
    _forget()
    return _page(409)


def _away(error: Exception) -> Response:
    _forget()
    response = _page(503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _database(error: DBAPIError) -> Response:
    return _away(error) if error.connection_invalidated else _bug(error)


def _system(error: OSError) -> Response:
    """A full disk is a part that does not work at the moment; any other is a mistake of ours."""
    if error.errno not in FULL:
        return _bug(error)
    current_app.logger.error("the disk is full", exc_info=error)
    return _away(error)


def _bug(error: Exception) -> Response:
    current_app.logger.error("request failed", exc_info=error)
    _forget()
    if current_app.testing:
        raise error
    return _page(500)


def _forget() -> None:
    try:
        db.session.rollback()
    except SQLAlchemyError:  # the connection itself is gone
        db.session.remove()


def _page(code: int, template: str | None = None) -> Response:
    if is_calendar_address():
        return Response(*answers.failure(code))
    try:
        return make_response(render_template(template or f"errors/{code}.html"), code)
    except Exception:
        # The server would log the address, which may be a secret, if this one got away.
        current_app.logger.exception("the page of a failure failed")
        if current_app.testing:
            raise
        return make_response(f"{code}\n", code, PLAIN)
