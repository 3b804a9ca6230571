"""An application served by gunicorn, for as long as a `with` lasts."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

from config import Config

ROOT = Path(__file__).parents[1]


@contextmanager
def served(config: Config, target: str, *options: str) -> Iterator[int]:
    """Serve `target` ("module:app") on a port of its own, with these options of gunicorn. What it
    logs goes to a file, and what it counts is added up, as in the product."""
    with socket(AF_INET, SOCK_STREAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    metrics = config.data_dir / "run" / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    names = {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "MAIL_URL": config.mail_url,
        "DATA_DIR": str(config.data_dir),
        "MAIL_FROM": config.mail_from,
        "SECRET_KEY": config.secret_key,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }
    command = [sys.executable, "-m", "gunicorn", target, "--bind", f"127.0.0.1:{port}"]
    command += ["--log-level", "error", *options]
    with (config.data_dir / "logs" / "bench-web.log").open("ab") as log:
        server = subprocess.Popen(command, env=os.environ | names, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    for _try in range(1200):
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")
