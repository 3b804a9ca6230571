"""Logs: one JSON object a line. Addresses are never logged, since many of them are secrets."""

import logging
import re
import sys
import time

import structlog
from flask import Flask, Response, g, request

# What stands in an address after these is a key (DESIGN rule 10).
SECRET = re.compile(r"/(r|d|calendars|register/draft|register/invited|mail/stop)/[^\s?'\"]+")
requests = logging.getLogger("escale.requests")


def init_app(app: Flask) -> None:
    """Log to standard error, and each request by its endpoint."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    if not app.testing:
        root.handlers = [handler]
        root.setLevel(logging.WARNING)
        requests.setLevel(logging.INFO)
    logging.getLogger("gunicorn.error").addFilter(without_secrets)
    app.before_request(_start)
    app.after_request(_finish)


def without_secrets(record: logging.LogRecord) -> bool:
    """A filter that blackens the keys in what a server says of a request that it cannot serve."""
    record.msg, record.args = SECRET.sub(r"/\1/...", record.getMessage()), ()
    return True


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    """The endpoint and not the path: `/r/<token>` is a key (DESIGN rule 10)."""
    requests.info(
        "request",
        extra={
            "endpoint": request.endpoint or "unknown",
            "method": request.method,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.started) * 1000, 1) if "started" in g else None,
        },
    )
    return response
