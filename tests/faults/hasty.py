"""What Celery loads for fault tests: the product, whose scheduler looks for letters each second, so
that no test waits for it longer than that."""

from wsgi import celery

for task in ("outbox.send", "outbox.rescue"):
    celery.conf.beat_schedule[task]["schedule"] = 1.0
    celery.conf.beat_schedule[task]["options"] = {"expires": 1.0}
