"""`python -m tests.faults.senders letters|calendars`: workers that are there at once.

The product is loaded once. Each line on the input forks a process that does what Celery's worker
does when beat calls, without a pause: it calls the tasks themselves. Its id is printed. The line
says by how many seconds the clock of its machine is ahead.
"""

import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from flask import Flask

from tasks import calendars, outbox
from webapp import clock, create_app

PAUSE = 0.05  # seconds between two calls
WORK = {"letters": (outbox.rescue, outbox.send), "calendars": (calendars.prepare,)}


def main() -> None:
    """Fork a worker for each line."""
    app = create_app()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who is killed leaves no zombie
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(app, timedelta(seconds=int(line)))
        print(child, flush=True)


def work(app: Flask, ahead: timedelta) -> None:
    """Do it for ever: a task that fails is logged and called again, as by Celery."""
    clock.machine = lambda: datetime.now(UTC) + ahead
    while True:
        for task in WORK[sys.argv[1]]:
            try:
                task()
            except Exception:  # as Celery does
                app.logger.exception("%s failed", task.name)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
