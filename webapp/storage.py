"""Files that people send: sealed octets in a folder of DATA_DIR, which no web server serves.

The one place that knows where such files are: with several machines it becomes a bucket, behind
the same five functions. A file follows the transaction that wrote or dropped it: one written in a
transaction that rolls back goes again, one dropped goes once the transaction has committed. What a
process that was killed in between leaves behind, `sweep` takes away later.
"""

import os
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from flask import current_app
from sqlalchemy.orm import Session

from webapp import clock, tokens
from webapp.db import db

KEY = re.compile(r"[a-z]{1,20}/[0-9a-f]{40}")
UNDER_WAY = timedelta(hours=1)  # a younger file may belong to a transaction that is still open
_WRITTEN, _DROPPED = "files_written", "files_dropped"


class FileGone(Exception):
    """The file of a key is not there, or cannot be opened with this SECRET_KEY."""


def put(folder: str, data: bytes) -> str:
    """Seal `data` into a new file of `folder` (lower-case letters) and return its key. It stays
    if the open transaction commits. Raises OSError when the disk is full; nothing is left then."""
    key = f"{folder}/{secrets.token_hex(20)}"
    path = _path(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(tokens.seal(current_app.secret_key, data))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:  # a full disk: the rest must not keep it full
        unfinished.unlink(missing_ok=True)
        raise
    db.session.info.setdefault(_WRITTEN, set()).add(path)
    return key


def get(key: str) -> bytes:
    """The octets that were put. Raises FileGone."""
    try:
        return tokens.unseal(current_app.secret_key, _path(key).read_bytes())
    except (OSError, ValueError, InvalidToken) as error:
        raise FileGone(key) from error


def drop(key: str) -> None:
    """Delete the file once the open transaction has committed; one that is gone already is fine."""
    db.session.info.setdefault(_DROPPED, set()).add(_path(key))


def keys(folder: str) -> Iterator[str]:
    """The keys of all files in `folder`."""
    for path in _root().joinpath(folder).glob("*"):
        if KEY.fullmatch(f"{folder}/{path.name}"):
            yield f"{folder}/{path.name}"


def sweep(folder: str, wanted: frozenset[str]) -> int:
    """Delete the files of `folder` that no row wants and that are older than UNDER_WAY; how many.

    Ask the rows first, then call this: a file is written before its row is seen by others.
    """
    swept = 0
    for path in list(_root().joinpath(folder).glob("*")):
        if f"{folder}/{path.name}" in wanted or not _is_old(path):
            continue
        path.unlink(missing_ok=True)
        swept += 1
    return swept


def _root() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "files"


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise ValueError(f"no key of a file: {key!r}")
    return _root() / key


def _is_old(path: Path) -> bool:
    try:
        return clock.now().timestamp() - path.stat().st_mtime > UNDER_WAY.total_seconds()
    except OSError:  # another worker was faster
        return False


def _unlink(session: Session, name: str, other: str) -> None:
    if session.in_nested_transaction():
        # A savepoint decides nothing; what was dropped in one that is undone, `sweep` takes later.
        if name == _WRITTEN:
            session.info.pop(_DROPPED, None)
        return
    session.info.pop(other, None)
    for path in session.info.pop(name, ()):
        path.unlink(missing_ok=True)


@sa.event.listens_for(db.session, "after_commit")
def _committed(session: Session) -> None:
    _unlink(session, _DROPPED, _WRITTEN)


@sa.event.listens_for(db.session, "after_rollback")
def _rolled_back(session: Session) -> None:
    _unlink(session, _WRITTEN, _DROPPED)
