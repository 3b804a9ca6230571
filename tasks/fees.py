"""Reminding companies of what they have to pay."""

from celery import shared_task

from webapp.db import transaction
from webapp.domain import fee_letters


@shared_task(name="fees.remind")
def remind() -> None:
    """Write to every company that has something to pay soon; each reminder is sent once."""
    with transaction():
        fee_letters.remind()
