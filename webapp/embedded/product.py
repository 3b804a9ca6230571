"""The product's own processes, as `./escale run` starts them, and what it tells its operator."""

import http.client
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config import CHECKOUT, Config
from webapp.embedded import places
from webapp.embedded.processes import Child, start

CELERY = [sys.executable, "-m", "celery", "-A", "wsgi:celery"]


def start_preparation(
    config: Config, environ: Mapping[str, str], links_fd: int, keep: tuple[int, ...]
) -> Child:
    """Migrate, and fill a database of our own with the demonstration tours; ends by itself."""
    command = [sys.executable, "-m", "webapp.embedded", "prepare", str(links_fd)]
    if "database" in config.embedded:
        command.append("--demo")
    log = config.data_dir / "logs" / "prepare.log"
    return start("prepare", command, log, env=environ, cwd=CHECKOUT, pass_fds=(links_fd, *keep))


def start_web(
    config: Config, environ: Mapping[str, str], web: socket.socket, gate: int, keep: tuple[int, ...]
) -> Child:
    """Start gunicorn on a socket that is bound already; it serves once the pipe `gate` ends."""
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{web.fileno()}", "wsgi:app"]
    command += ["--config", str(Path(__file__).with_name("gunicorn_settings.py"))]
    return start(
        "web",
        command,
        config.data_dir / "logs" / "web.log",
        farewell=((signal.SIGTERM, 15.0), (signal.SIGQUIT, 3.0)),
        env={**environ, "ESCALE_GATE": str(gate)},
        cwd=CHECKOUT,
        pass_fds=(web.fileno(), gate, *keep),
    )


def start_worker(config: Config, environ: Mapping[str, str], keep: tuple[int, ...]) -> Child:
    """Start Celery's worker; SIGTERM lets it finish its tasks, SIGQUIT gives them back.

    When we are killed it has to be killed: either signal makes it wait for the broker, which has
    gone with us. What it was doing is done again, as after any crash.
    """
    command = [*CELERY, "worker", "--pool", "prefork", "--concurrency", "2"]
    command += ["--hostname", "worker@escale", "--without-gossip", "--without-mingle"]
    return start(
        "worker",
        [*command, "--loglevel", "INFO"],
        config.data_dir / "logs" / "worker.log",
        farewell=((signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0)),
        orphan_signal=signal.SIGKILL,
        env=environ,
        cwd=CHECKOUT,
        pass_fds=keep,
    )


def start_beat(config: Config, environ: Mapping[str, str], keep: tuple[int, ...]) -> Child:
    """Start Celery's scheduler, in memory: the default one's file may be left corrupt by a kill."""
    command = [*CELERY, "beat", "-S", "celery.beat:Scheduler", "--loglevel", "INFO"]
    log = config.data_dir / "logs" / "beat.log"
    return start("beat", command, log, env=environ, cwd=CHECKOUT, pass_fds=keep)


def is_alive(config: Config) -> bool:
    """Whether our own port answers /healthz with 200."""
    line = http.client.HTTPConnection("127.0.0.1", config.port, timeout=5)
    try:
        line.request("GET", "/healthz", headers={"Host": config.trusted_hosts[0].lstrip(".")})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def announce(config: Config) -> None:
    """Write who and where we are, for `./escale flask` in another shell."""
    about = {
        "pid": str(os.getpid()),
        "born": places.process_birth(os.getpid()),
        "port": str(config.port),
        "url": config.public_url,
    }
    file = places.instance_file(config.data_dir)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(about))
    draft.replace(file)


def empty_metrics(config: Config) -> Path:
    """The folder in which the processes add up their metrics, emptied: its numbers are per run."""
    folder = config.data_dir / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def keep_previous_logs(config: Config) -> None:
    """Begin new logs; those of the run before stay as *.log.1."""
    for log in (config.data_dir / "logs").glob("*.log"):
        log.replace(log.with_name(f"{log.name}.1"))


def welcome(config: Config, links: Mapping[str, Any], seconds: float) -> list[str]:
    """What to try first, line by line."""
    lines = ["", f"Escale is up ({seconds:.1f} s).", "", f"  {'page':<12}{config.public_url}/"]
    organizer = links.get("organizer") or {}
    if organizer:
        who = f"sign in as {organizer.get('email')} with {organizer.get('password')}"
        lines.append(f"  {'organizer':<12}{organizer.get('url')}  {who}")
        if "mail" in config.embedded:
            mailbox = f"{config.public_url}/organizer/mailbox"
            lines.append(f"  {'mailbox':<12}{mailbox}  nothing leaves this machine")
    for trip in (links.get("trips") or [])[:1]:
        names = ("agenda", "register", "feed", "company", "delegate")
        lines += [f"  {name:<12}{trip[name]}" for name in names if trip.get(name)]
    return [*lines, "", f"Logs: {config.data_dir / 'logs'}", "Ctrl-C stops everything.", ""]
