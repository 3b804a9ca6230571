"""Mailing sessions to calendars, and what became of those that were mailed."""

import time

from celery import shared_task
from flask import current_app

from webapp.db import transaction, wake
from webapp.domain import invitations

CALL = 1.0  # seconds of one call: then other tasks, letters above all, have their turn


@shared_task(name=invitations.RECONCILE)
def reconcile() -> None:
    """Look at everybody whom a change marked, a batch a transaction. A trip that fails is logged,
    looked at again next time, and keeps no other waiting. What one call leaves over, the next one
    takes up at once."""
    end = time.monotonic() + CALL
    with transaction():
        due = invitations.due()
    for trip_id in due:
        try:
            is_done = _trip(trip_id, end)
        except Exception as error:  # whatever it is, the other trips are looked at
            current_app.logger.error("no invitations of trip %d", trip_id, exc_info=error)
            continue
        if not is_done:
            wake({invitations.RECONCILE})
            return


def _trip(trip_id: int, end: float) -> bool:
    """Whether everybody of the trip was looked at before the end of the call."""
    last: int | None = 0
    while last is not None:
        if time.monotonic() > end:
            return False
        with transaction():
            last = invitations.reconcile(trip_id, last)
    return True
