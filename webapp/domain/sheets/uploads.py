"""Files that wait between the dry run and bringing them in: kept apart, by a name that only the
page knows, for one member of staff and one trip; never served.

They lie in DATA_DIR, so that page and form have to reach the same machine; a file is gone after a
day, or once it was brought in.
"""

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import current_app

from webapp import clock, tokens

KEPT = timedelta(days=1)
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: what it was called, and its octets."""

    token: str
    name: str
    data: bytes


def keep(data: bytes, name: str, staff_id: int, trip_id: int) -> str:
    """Keep a file for later, and return the token that finds it again. Old ones are deleted."""
    _sweep()
    token = tokens.new_token()
    path = _path(token, staff_id, trip_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = json.dumps({"name": name[:200]}).encode()
    unfinished = path.with_suffix(".new")
    unfinished.write_bytes(head + b"\n" + data)
    unfinished.rename(path)
    return token


def find(token: str, staff_id: int, trip_id: int) -> Upload | None:
    """The file, or None: not there any longer, or kept for somebody else or another trip."""
    if not TOKEN.fullmatch(token):
        return None
    path = _path(token, staff_id, trip_id)
    try:
        if _is_old(path):
            return None
        head, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return Upload(token, json.loads(head)["name"], data)


def forget(token: str, staff_id: int, trip_id: int) -> None:
    """Delete the file."""
    if TOKEN.fullmatch(token):
        _path(token, staff_id, trip_id).unlink(missing_ok=True)


def _path(token: str, staff_id: int, trip_id: int) -> Path:
    """Whom it is kept for goes into the name: nobody else's token finds it."""
    name = hashlib.sha256(f"{token} {staff_id} {trip_id}".encode()).hexdigest()
    return _folder() / name


def _folder() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "uploads"


def _is_old(path: Path) -> bool:
    return clock.now().timestamp() - path.stat().st_mtime > KEPT.total_seconds()


def _sweep() -> None:
    for path in _folder().glob("*"):
        with suppress(OSError):  # another worker was faster
            if _is_old(path):
                path.unlink()
