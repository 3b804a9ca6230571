"""Real processes of the product for fault tests: started, waited for, killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config import Config

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds: a busy machine takes its time, and a right answer ends the wait


def environment(config: Config, **settings: str) -> dict[str, str]:
    """The settings of `config` for a process of its own."""
    return {
        **os.environ,
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "MAIL_URL": config.mail_url,
        "MAIL_FROM": config.mail_from,
        "SECRET_KEY": config.secret_key,
        "DATA_DIR": str(config.data_dir),
        **settings,
    }


@contextmanager
def process(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """A process group that is gone when the block ends, whatever happened in it."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        kill(child)


def worker(config: Config, log: Path, **settings: str):
    """A Celery worker with one pool process and no scheduler."""
    command = ["celery", "-A", "wsgi:celery", "worker", "-c", "1", "--loglevel", "WARNING"]
    return process(command, environment(config, **settings), log)


def web(config: Config, port: int, log: Path):
    """A web process on a loopback port."""
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", "wsgi:app"]
    return process(command, environment(config, PORT=str(port)), log)


def kill(child: subprocess.Popen) -> None:
    """SIGKILL for the whole group: nobody gets to clean up."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def wait_for(what: str, question: Callable[[], object], log: Path | None = None) -> None:
    """Ask until the answer is true; fail with the log after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while not question():
        if time.monotonic() > end:
            said = log.read_text(errors="replace")[-3000:] if log else ""
            raise AssertionError(f"waited in vain: {what}\n{said}")
        time.sleep(0.05)


def free_port() -> int:
    """A loopback port that nobody listens on, outside the range of outgoing connections."""
    for port in range(20000 + os.getpid() % 5000, 32000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
