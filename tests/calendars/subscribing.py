"""Other people's programs that subscribe over HTTP: vdirsyncer fetches, khal shows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

PROGRAMS = Path(sys.executable).parent
SYNC = """
[general]
status_path = "{folder}/status"
[pair tour]
a = "web"
b = "disk"
collections = null
conflict_resolution = "a wins"
[storage web]
type = "http"
url = "{address}"
[storage disk]
type = "filesystem"
path = "{folder}/entries"
fileext = ".ics"
"""
SHOW = """
[calendars]
[[tour]]
path = {folder}/entries
readonly = True
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""
SHOWN = ("uid", "start-long-full", "end-long-full", "title", "location", "status", "all-day")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a loopback port of its own, for as long as the block runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Subscriber:
    """Somebody whose vdirsyncer fetches one calendar into a folder, which their khal shows."""

    folder: Path

    def sync(self) -> None:
        """Fetch, as it does every few minutes from a timer."""
        self._run("vdirsyncer", "-c", str(self.folder / "sync"), "sync")

    def shown(self, day: str, days: int) -> list[dict[str, str]]:
        """What khal lists from `day` on: each entry once, times as UTC, in the order of start."""
        fields = [argument for name in SHOWN for argument in ("--json", name)]
        listed = self._run(
            "khal", "-c", str(self.folder / "show"), "list", *fields, "--once", day, f"{days}d"
        )
        # A list for each day that has something.
        return [entry for line in listed.splitlines() for entry in json.loads(line)]

    def files(self) -> list[bytes]:
        """What lies in the folder: a file an entry."""
        return [path.read_bytes() for path in sorted((self.folder / "entries").iterdir())]

    def _run(self, program: str, *arguments: str) -> str:
        home = {name: str(self.folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            env={**os.environ, **home, "TZ": "UTC", "NO_PROXY": "*"},
            check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def subscribe(folder: Path, address: str) -> Subscriber:
    """A new subscription to the calendar at `address`, which has fetched nothing yet."""
    (folder / "entries").mkdir(parents=True)
    (folder / "sync").write_text(SYNC.format(folder=folder, address=address))
    (folder / "show").write_text(SHOW.format(folder=folder))
    found = Subscriber(folder)
    found._run("vdirsyncer", "-c", str(folder / "sync"), "discover")
    return found
