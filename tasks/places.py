"""Places that pass on because a date has come: offers, payments, blocks that were held."""

from collections.abc import Callable
from functools import partial

from celery import shared_task
from flask import current_app

from webapp.db import transaction
from webapp.domain import held_places, registrations


@shared_task(name="places.pass_on")
def pass_on() -> None:
    """Let lapse what was not answered or paid in time, release the blocks whose date has come, and
    let those who wait come up: a transaction a trip, so that none waits for another."""
    with transaction():
        due, ended = registrations.due_trips(), held_places.due_trips()
    for trip_id in due:
        _try(partial(registrations.lapse_due, trip_id), f"trip {trip_id}")
    for trip_id in ended:
        _try(partial(held_places.expire_due, trip_id), f"held places of trip {trip_id}")


def _try(verb: Callable[[], object], what: str) -> None:
    try:
        with transaction():
            verb()
    except Exception:  # whatever it is, the others pass on
        current_app.logger.exception("%s: places could not pass on", what)
