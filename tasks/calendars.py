"""Preparing the bytes of feeds, so that an answer is one look-up."""

import time

from celery import shared_task

from webapp.db import transaction, wake
from webapp.domain import feeds

CALL = 5.0  # seconds of one call: then other tasks, letters above all, have their turn


@shared_task(name="calendars.prepare")
def prepare() -> None:
    """Render every feed that is out of date, a batch a transaction. What one call leaves over, the
    next one takes up at once."""
    last: int | None = 0
    end = time.monotonic() + CALL
    while last is not None:
        if time.monotonic() > end:
            wake({feeds.PREPARE})
            return
        with transaction():
            last = feeds.prepare(last)
