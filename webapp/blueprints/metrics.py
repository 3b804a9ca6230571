"""Counting requests, for /metrics. Labels are endpoints, never addresses."""

import time

from flask import Flask, Response, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from webapp import clock
from webapp.domain import mail_health
from webapp.mail import outbox

ANSWERS = Counter("escale_requests", "Answers by endpoint and status.", ["endpoint", "status"])
SECONDS = Histogram("escale_request_seconds", "Seconds an answer took.", ["endpoint"])


def init_app(app: Flask) -> None:
    """Count every answer."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.counted_from = time.perf_counter()


def count(endpoint: str, status: int, seconds: float | None) -> None:
    """Count one answer, and how long it took where that is known."""
    ANSWERS.labels(endpoint, str(status)).inc()
    if seconds is not None:
        SECONDS.labels(endpoint).observe(seconds)


def _count(response: Response) -> Response:
    seconds = time.perf_counter() - g.counted_from if "counted_from" in g else None
    count(request.endpoint or "unknown", response.status_code, seconds)
    return response


def exposition() -> bytes:
    """All metrics in Prometheus' text form: of every web process, and of the outbox."""
    registry = CollectorRegistry()
    if values.ValueClass is not values.MutexValue:  # the library saw its directory variable
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Copy())
    registry.register(_Outbox())
    return generate_latest(registry)


class _Copy(Collector):
    """The counters of this one process."""

    def collect(self):  # type: ignore[no-untyped-def]
        yield from ANSWERS.collect()
        yield from SECONDS.collect()


class _Outbox(Collector):
    """The outbox, read at each scrape."""

    def collect(self):  # type: ignore[no-untyped-def]
        mails = GaugeMetricFamily("escale_mails", "Letters by state.", labels=["state"])
        for state, count in outbox.counts().items():
            mails.add_metric([state.value], count)
        yield mails
        due = outbox.oldest_due()
        waited = (clock.now() - due).total_seconds() if due else 0
        yield GaugeMetricFamily(
            "escale_mail_oldest_waiting_seconds",
            "How long the oldest due letter has waited.",
            value=waited,
        )
        yield GaugeMetricFamily(
            "escale_workers_alive",
            "Worker processes that worked within the last minute.",
            value=len(mail_health.alive()),
        )
