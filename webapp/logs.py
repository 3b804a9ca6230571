"""Logs: one JSON object a line. Addresses are never logged, since many of them are secrets."""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime

import structlog
from flask import Flask, Response, g, request

# What stands in an address after these is a key (DESIGN rule 10).
SECRET = re.compile(r"/(r|d|calendars|register/draft|register/invited|mail/stop)/[^\s?'\"]+")
requests = logging.getLogger("escale.requests")


def init_app(app: Flask) -> None:
    """Log to standard error, and each request by its endpoint."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Lines(
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


def answered(endpoint: str, method: str, status: int, seconds: float | None) -> None:
    """Log one answer: the endpoint and not the path, since `/r/<token>` is a key (DESIGN rule 10).

    The record is made here: where in the code it comes from is known, and to look for that takes
    longer than all the rest.
    """
    if not requests.isEnabledFor(logging.INFO):
        return
    record = logging.LogRecord(requests.name, logging.INFO, __file__, 0, "request", (), None)
    record.endpoint, record.method, record.status = endpoint, method, status
    record.ms = None if seconds is None else round(seconds * 1000, 1)
    requests.handle(record)


class _Lines(structlog.stdlib.ProcessorFormatter):
    """JSON lines; those of requests, which are many and all alike, without structlog's chain."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name != requests.name:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, UTC)
        said = {
            "endpoint": record.endpoint,  # type: ignore[attr-defined]
            "method": record.method,  # type: ignore[attr-defined]
            "status": record.status,  # type: ignore[attr-defined]
            "ms": record.ms,  # type: ignore[attr-defined]
            "event": record.msg,
            "level": "info",
            "logger": record.name,
            "timestamp": at.isoformat().replace("+00:00", "Z"),
        }
        return json.dumps(said)


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.started if "started" in g else None
    answered(request.endpoint or "unknown", request.method, response.status_code, seconds)
    return response
