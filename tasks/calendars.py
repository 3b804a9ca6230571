"""Preparing the bytes of feeds, so that an answer is one look-up."""

import time

from celery import shared_task

from webapp.db import transaction, wake
from webapp.domain import feeds

CALL = 1.0  # seconds of one call: then other tasks, letters above all, have their turn
GO_ON = "calendars.go_on"


@shared_task(name=feeds.PREPARE)
def prepare() -> None:
    """Render every feed that is out of date, a batch a transaction. Where there is much, another
    worker is asked to help."""
    _prepare(asks=True)


@shared_task(name=GO_ON)
def go_on() -> None:
    """Render what a call left over, or asked help for. It asks nobody, and leaves one message at
    most where it took one: so there are never more of them than hints and helpers."""
    _prepare(asks=False)


def _prepare(*, asks: bool) -> None:
    last: int | None = 0
    end = time.monotonic() + CALL
    while last is not None:
        with transaction():
            last = feeds.prepare(last)
            much = asks and last is not None and feeds.needs_help(last)
        if much:
            asks = False
            wake({GO_ON})
        if last is not None and time.monotonic() > end:
            wake({GO_ON})
            return
