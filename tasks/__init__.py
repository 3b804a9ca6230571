"""What happens later: the Celery application and its tasks.

A message is only a hint; the rows are the truth. Each task takes ids at most, can run twice, and
beat runs it again for what no hint told of. No ETA, no Celery retry: Redis would redeliver them
after its visibility timeout, and times live in rows.
"""

from typing import Any

from celery import Celery, Task
from flask import Flask

from config import Config
from webapp.db import db

MODULES = (
    "tasks.outbox",
    "tasks.calendars",
    "tasks.invitations",
    "tasks.releases",
    "tasks.mailings",
    "tasks.places",
    "tasks.fees",
    "tasks.intakes",
    "tasks.reminders",
    "tasks.housekeeping",
    "tasks.returns",
)

SECONDS = {
    "outbox.send": 10.0,
    "outbox.rescue": 60.0,
    "calendars.prepare": 30.0,
    "invitations.reconcile": 30.0,
    "releases.publish_due": 15.0,
    "releases.tell_due": 15.0,
    "mailings.put_due": 15.0,
    "places.pass_on": 15.0,
    "fees.remind": 900.0,
    "intakes.run": 15.0,
    "reminders.run": 60.0,
    "reminders.offers": 300.0,
    "returns.poll": 60.0,
    "housekeeping.beat": 15.0,
    "housekeeping.purge": 3600.0,
}
# A message that nobody took before the next one is sent says nothing new: it expires.
SCHEDULE = {
    task: {"task": task, "schedule": every, "options": {"expires": every}}
    for task, every in SECONDS.items()
}

# Letters have a queue of their own, and workers take from both in turn: a letter that somebody
# waits for is not behind all the calendars of a tour, where its hint would expire.
LETTERS, OTHERS = "letters", "celery"
ROUTES = {"outbox.*": {"queue": LETTERS}}


def create_celery(app: Flask, config: Config) -> Celery:
    """The Celery application of `app`: every task runs inside the app's context."""

    class AppTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                try:
                    return self.run(*args, **kwargs)
                finally:
                    db.session.remove()

    celery = Celery(app.name, task_cls=AppTask, include=list(MODULES))
    celery.conf.update(
        broker_url=config.celery_broker_url,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 3600,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 10,
            "max_retries": 0,  # of a hint: a request must not wait for a broker that is away
        },
        task_queues={name: {"exchange": name} for name in (LETTERS, OTHERS)},
        task_default_queue=OTHERS,
        task_routes=ROUTES,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_time_limit=600,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule=SCHEDULE,
        timezone="UTC",
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery
