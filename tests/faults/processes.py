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
PATIENCE = 240  # seconds: a busy machine takes its time, and a right answer ends the wait


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
def process(
    command: list[str],
    env: dict[str, str],
    log: Path,
    stdin: int | None = None,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen]:
    """A process group that is gone when the block ends, whatever happened in it."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=env,
            stdin=stdin,
            stdout=stdout or output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        kill(child)
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def hasty(config: Config, log: Path, name: str, **settings: str):
    """Celery with two pool processes and a scheduler that looks for letters each second."""
    command = ["celery", "-A", "tests.faults.hasty:celery", "worker", "-B", "-c", "2"]
    command += ["-n", name, "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return process(command, environment(config, **settings), log)


class Senders:
    """Workers without Celery (tests/faults/senders.py)."""

    def __init__(self, nursery: subprocess.Popen) -> None:
        self._nursery = nursery
        assert nursery.stdout.readline() == b"ready\n"

    def start(self, ahead: int = 0) -> int:
        """A new worker, whose clock is ahead by so many seconds; its process id."""
        self._nursery.stdin.write(f"{ahead}\n".encode())
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())


@contextmanager
def senders(config: Config, log: Path, work: str = "letters", **settings: str) -> Iterator[Senders]:
    """What starts workers of the outbox, or of calendars; they end with the block."""
    env = environment(config, **settings)
    command = ["tests.faults.senders", work]
    with process(command, env, log, subprocess.PIPE, subprocess.PIPE) as nursery:
        yield Senders(nursery)


def end(pid: int) -> None:
    """SIGKILL for a worker of `senders`, until it is gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_for("the worker is gone", lambda: not Path(f"/proc/{pid}").exists())


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
