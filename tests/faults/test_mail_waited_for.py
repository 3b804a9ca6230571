"""A letter that somebody waits for, while the worker has far more to do than it can."""

import statistics
import time

import pytest
import redis
from sqlalchemy import select

from tests.factories import application, make_trip
from tests.faults.processes import environment, process, wait_for
from webapp.db import db, transaction
from webapp.domain import registrations
from webapp.models.mail import Mail, MailState

pytestmark = pytest.mark.faults

BUSY, TURN = "tests.busy", 1.0  # tests/faults/busy.py, which only a worker loads
PILE = 30  # of them: fifteen seconds of work for two processes, and there is always more


def test_a_confirmation_does_not_wait_behind_what_else_a_worker_has_to_do(
    committed, config, tmp_path
):
    """Its hint once stood in one line with the calendars of a whole tour, longer than a hint is
    good for: confirmations waited for minutes."""
    log, broker = tmp_path / "log", redis.Redis.from_url(committed.config["REDIS_URL"])
    broker.flushall()
    for _ in range(PILE):
        committed.extensions["celery"].send_task(BUSY, ignore_result=True)
    with transaction():
        trip_id = make_trip(max_delegates=None).id
    command = ["celery", "-A", "tests.faults.busy:celery", "worker", "-c", "2", "-n", "busy"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    took = []
    with process(command, environment(config), log):
        wait_for("the worker is busy", lambda: broker.hlen("unacked") >= 2, log)
        for _ in range(5):
            sent = application(1)
            began = time.monotonic()
            with transaction():
                registrations.submit(trip_id, sent)
            wait_for("a confirmation is sent", lambda sent=sent: is_sent(sent), log)
            took.append(time.monotonic() - began)
        assert broker.llen("celery") > PILE / 2  # it has been busy all the time
    broker.flushall()
    print(f"confirmations: median {statistics.median(took):.1f} s, slowest {max(took):.1f} s")
    assert statistics.median(took) <= 2 * TURN
    assert max(took) <= 4 * TURN


def is_sent(sent: registrations.Application) -> bool:
    db.session.rollback()
    query = select(Mail.state).where(Mail.to_email == sent.coordinator_email)
    return MailState.SENT in db.session.scalars(query).all()
