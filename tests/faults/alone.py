"""A product with services of its own, which a test may kill, stop and start again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from config import Config
from webapp import create_app
from webapp.db import db
from webapp.embedded import services
from webapp.embedded.postgres import start_database
from webapp.embedded.processes import Child
from webapp.embedded.valkey import start_broker


@dataclass
class Alone:
    """The application and its services. They keep what they were told over a crash, as those of an
    operator do: the database writes a commit to the disk before it says so."""

    config: Config
    app: Flask = field(init=False)
    database: Child = field(init=False)
    broker: Child = field(init=False)

    def start_database(self) -> None:
        self.database = start_database(self.config.data_dir, durable=True)

    def start_broker(self) -> None:
        self.broker = start_broker(self.config.data_dir, durable=True)

    def stop(self) -> None:
        self.database.stop()
        self.broker.stop()


def crash(child: Child, sign: signal.Signals = signal.SIGKILL) -> None:
    """End a service without a farewell. PostgreSQL: by SIGQUIT, which ends all of its processes."""
    os.kill(child.process.pid, sign)
    child.process.wait()


@contextmanager
def alone() -> Iterator[Alone]:
    """The product on an empty database, until the block ends."""
    with ExitStack() as cleanup:
        folder = Path(tempfile.mkdtemp(prefix="escale-"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        if os.geteuid() == 0:
            folder.chmod(0o711)  # so that root's database can lie inside it
        config = replace(Config.from_env({"DATA_DIR": str(folder)}), testing=True)
        cleanup.callback(services.remove_outside, folder)
        services.prepare_sockets(folder)
        found = Alone(config)
        cleanup.callback(lambda: found.stop())
        found.start_broker()
        found.start_database()
        found.app = create_app(config)
        with found.app.app_context():
            upgrade()
            db.session.remove()
            db.engine.dispose()
        yield found
