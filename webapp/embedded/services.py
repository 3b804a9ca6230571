"""PostgreSQL, Valkey and the inbox for as long as a `with` lasts: for tests, bench and checks."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from config import Config
from webapp.embedded import places
from webapp.embedded.postgres import start_database
from webapp.embedded.processes import Child, ServiceError, start, wait_ready
from webapp.embedded.valkey import answers, start_broker


@contextmanager
def services(directory: Path | None = None, *, durable: bool = False) -> Iterator[Config]:
    """Start all three and yield the settings that reach them; stop them at the end.

    `directory` becomes DATA_DIR and is kept; without one a temporary folder is made and removed.
    Unless `durable`, the database is fast, may create databases (so that a test can), and nothing
    is left of it outside `directory`. Raises ServiceError.
    """
    with ExitStack() as cleanup:
        if directory is None:
            directory = Path(tempfile.mkdtemp(prefix="escale-"))
            cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
            if os.geteuid() == 0:
                directory.chmod(0o711)  # ours: so that root's database can lie inside it
        config = Config.from_env({"DATA_DIR": str(directory)})
        if not durable:
            cleanup.callback(remove_outside, directory)
            config = replace(config, testing=True)
        prepare_sockets(directory)
        cleanup.callback(start_database(directory, durable=durable).stop)
        cleanup.callback(start_broker(directory, durable=durable).stop)
        cleanup.callback(start_inbox(directory).stop)
        yield config


def remove_outside(data_dir: Path) -> None:
    """Remove what a stopped copy has outside its DATA_DIR. For the throw-away ones of tests."""
    shutil.rmtree(places.system_home(data_dir), ignore_errors=True)
    if places.socket_dir(data_dir).parent != data_dir:
        shutil.rmtree(places.socket_dir(data_dir), ignore_errors=True)


def prepare_sockets(data_dir: Path) -> None:
    """Make the private folder of the sockets. Raises ServiceError when it is not ours alone."""
    places.socket_dir(data_dir).mkdir(parents=True, exist_ok=True, mode=0o700)
    faults: list[str] = []
    places.check_sockets(data_dir, faults)
    if faults:
        raise ServiceError(faults[0])


def start_inbox(data_dir: Path, *, pass_fds: tuple[int, ...] = ()) -> Child:
    """Start the mail inbox and wait until it greets. Raises ServiceError."""
    address = places.inbox_socket(data_dir)
    script = Path(__file__).with_name("inbox.py")
    command: list[str | Path] = [sys.executable, "-I", script, address, data_dir / "inbox"]
    farewell = ((signal.SIGTERM, 5.0),)
    child = start(
        "inbox", command, data_dir / "logs" / "inbox.log", farewell=farewell, pass_fds=pass_fds
    )
    wait_ready(child, lambda: answers(address, b"NOOP\r\n", b"220"))
    return child
