"""Signs of life, and the end of data whose time is over."""

import os
import socket
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from flask import current_app

from webapp.db import transaction
from webapp.domain import health, retention
from webapp.domain.retention import Duty


@worker_ready.connect
def greet(sender: Any, **_signal: Any) -> None:
    """Let a worker that starts show that it is there at once, not when beat next asks."""
    sender.app.send_task("housekeeping.beat")


@shared_task(name="housekeeping.beat")
def beat() -> None:
    """Write that this process took a message of the scheduler and could write to the database."""
    with transaction():
        health.beat(f"{socket.gethostname()}:{os.getpid()}")


@shared_task(name="housekeeping.purge")
def purge() -> None:
    """Purge what is over, and sweep files that nobody names. Runs more often than once a day, so
    that a worker that was away at one hour does not keep anything for another day."""
    purge_due()


def purge_due(slug: str | None = None) -> dict[Duty, int]:
    """Purge what is over in all tours, or in one: how many rows of each kind. A batch is one
    transaction; a tour that fails is logged and does not keep the others."""
    with transaction():
        duties = retention.due(slug)
    done = {duty: _purge(duty) for duty in duties}
    if slug is None:
        while _purge_loose():
            pass
        with transaction():
            retention.sweep()
    return done


def _purge(duty: Duty) -> int:
    total = 0
    try:
        while number := _purge_batch(duty):
            total += number
    except Exception:  # whatever it is, the others are purged
        current_app.logger.exception("%s of trip %d was not purged", duty.kind, duty.trip_id)
    return total


def _purge_batch(duty: Duty) -> int:
    with transaction():
        return retention.purge(duty)


def _purge_loose() -> int:
    with transaction():
        return retention.purge_loose()
