"""A full disk when a file is kept that goes with a message: nothing is half kept, and what was
there stays.

`./escale test tests/faults/test_mail_disk.py -s` says whether the disk was a real one.
"""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from tests.factories import make_trip
from webapp import storage
from webapp.db import db, transaction
from webapp.models.trip import Trip

pytestmark = pytest.mark.faults

FOLDER = "mailings"
SMALL, LARGE = b"small" * 100, bytes(range(256)) * 1000


@pytest.fixture
def small_disk(app, monkeypatch, tmp_path):
    """A disk with room for the small file: a real one where we may mount one."""
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "escale-test", str(folder)]
    try:
        mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode
    except OSError:
        mounted = 1
    print("a real disk" if mounted == 0 else "a disk that only says that it is full")
    if mounted == 0:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return

    def full(handle: int) -> None:
        if os.fstat(handle).st_size > 64 * 1024:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    yield folder


def on_disk(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_does_not_fit_leaves_nothing_and_keeps_what_is_there(small_disk):
    with transaction():
        first = storage.put(FOLDER, SMALL)

    with pytest.raises(OSError, match="No space left") as refused, transaction():  # noqa: PT012
        slug = make_trip().slug
        storage.put(FOLDER, LARGE)

    assert refused.value.errno == errno.ENOSPC
    assert on_disk(small_disk) == {first}
    assert db.session.query(Trip).filter_by(slug=slug).count() == 0  # one transaction with the rest
    with transaction():
        second = storage.put(FOLDER, SMALL)
    assert on_disk(small_disk) == {first, second}
    assert (storage.get(first), storage.get(second)) == (SMALL, SMALL)


def test_a_request_that_meets_a_full_disk_is_asked_to_come_again(app, client, monkeypatch):
    """Whatever page it is: pages that take files say it beside the field."""

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(app.view_functions, "trips_public.home", full)

    answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "20")
    assert "try again" in answer.get_data(as_text=True).lower()
