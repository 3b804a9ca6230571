"""Signs of life that a worker writes."""

import os
import socket

from sqlalchemy import select

from tasks import housekeeping
from tests.factories import utc
from webapp.domain import health
from webapp.models.heartbeat import Heartbeat


def test_a_beat_is_written_for_each_process_of_a_machine(session, config, hold_clock):
    for at in (utc(2027, 9, 1, 12, 0), utc(2027, 9, 1, 12, 0, 15)):
        hold_clock(at)
        housekeeping.beat()

    [beat] = session.scalars(select(Heartbeat))
    assert beat.worker == f"{socket.gethostname()}:{os.getpid()}"
    assert (beat.started_at, beat.at) == (utc(2027, 9, 1, 12, 0), utc(2027, 9, 1, 12, 0, 15))
    assert health.look(config.redis_url).parts["worker"] == "ok"


def test_a_beat_is_due_often_enough_for_one_to_be_lost(app):
    schedule = app.extensions["celery"].conf.beat_schedule

    assert schedule["housekeeping.beat"]["schedule"] * 3 < health.FRESH.total_seconds()
