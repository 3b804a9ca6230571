"""How gunicorn serves the product; read by gunicorn itself, its command line wins over it."""

import os
from pathlib import Path
from typing import Any

worker_class = "gthread"
workers = 2
threads = 4
preload_app = True  # loaded once, then forked: half the memory, and a new worker at once
timeout = 60  # seconds without a heartbeat before a worker is taken for hung
graceful_timeout = 10
keepalive = 5
# Heartbeats are file times: in memory, so that a slow disk does not pass for a hung worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# One socket per account under its home folder: two copies of the product would share it.
control_socket_disable = True
# An address can hold a token, which belongs in no log; the product logs requests without it.
accesslog = None
pythonpath = str(Path(__file__).resolve().parents[2])


def on_starting(_server: Any) -> None:
    """With the product loaded and no worker yet: wait until the database has been prepared.

    `./escale run` holds the other end of this pipe open until then, so that both go on at once.
    """
    if "ESCALE_GATE" in os.environ:
        os.read(int(os.environ["ESCALE_GATE"]), 1)


def child_exit(_server: Any, worker: Any) -> None:
    """Take a dead worker's live gauges out of the metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
