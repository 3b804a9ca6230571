"""What Celery loads for a test of a busy worker: the product, and a task that always has more to
do, as calendars of a large tour have: a second of work, then it wakes itself."""

import time

from webapp.db import wake
from wsgi import celery

BUSY = "tests.busy"
TURN = 1.0  # seconds
celery.conf.beat_schedule = {**celery.conf.beat_schedule, BUSY: {"options": {"expires": 30.0}}}


@celery.task(name=BUSY)
def busy() -> None:
    """One turn of it."""
    time.sleep(TURN)
    wake({BUSY})
