"""Signs of life."""

import socket
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from webapp.db import transaction
from webapp.domain import health


@worker_ready.connect
def greet(sender: Any, **_signal: Any) -> None:
    """Let a worker that starts show that it is there at once, not when beat next asks."""
    sender.app.send_task("housekeeping.beat")


@shared_task(name="housekeeping.beat")
def beat() -> None:
    """Write that a worker took a message of the scheduler and could write to the database."""
    with transaction():
        health.beat(socket.gethostname())
