"""Preparing the bytes of feeds, so that an answer is one look-up."""

from celery import shared_task

from webapp.db import transaction
from webapp.domain import feeds


@shared_task(name="calendars.prepare")
def prepare() -> None:
    """Render every feed that is out of date, a batch a transaction."""
    last: int | None = 0
    while last is not None:
        with transaction():
            last = feeds.prepare(last)
