"""The start command as an operator knows it: the real script, a DATA_DIR of its own, real signals.

The tests of this file share one running copy, in the order in which they stand.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.embedded import places
from webapp.embedded.processes import wait_until

ROOT = Path(__file__).parents[2]
SETTINGS = ("DATABASE_URL", "REDIS_URL", "MAIL_URL", "MAIL_FROM", "PUBLIC_URL", "SECRET_KEY")
START = 120  # seconds, on a busy machine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*SETTINGS, "PORT")}
    return {**kept, "DATA_DIR": str(data_dir), **more}


def escale(data_dir: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One command to its end, typed in some other folder."""
    return subprocess.run(
        [ROOT / "escale", *words],
        env=environment(data_dir, **more),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=START,
        check=False,
    )


def start(data_dir: Path, port: int) -> subprocess.Popen[bytes]:
    """`./escale run`, up to the moment at which it says that it is up."""
    output = data_dir / "output"
    with output.open("wb") as terminal:
        process = subprocess.Popen(
            [ROOT / "escale", "run"],
            env=environment(data_dir, PORT=str(port)),
            cwd="/",
            stdout=terminal,
            stderr=subprocess.STDOUT,
        )
    ready = wait_until(lambda: process.poll() is not None or "Ctrl-C" in output.read_text(), START)
    assert ready, "it neither came up nor ended"
    assert process.poll() is None, output.read_text()
    return process


def health(port: int) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status
    except OSError:
        return 0
    finally:
        line.close()


def left_of(data_dir: Path) -> list[str]:
    """The processes that this copy has started and that still live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            about = command + (folder / "environ").read_bytes()
        except OSError:
            continue  # gone in the meantime, or somebody else's
        if os.fsencode(data_dir) in about and command:
            found.append(f"{folder.name} {command!r}")
    return found


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="escale-run-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    yield folder
    assert left_of(folder) == []
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def port() -> int:
    """A free port, below those that Linux hands out."""
    for number in range(18000, 19000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
        return number
    pytest.fail("no free port")


@pytest.fixture(scope="module")
def copy(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = start(home, port)
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(60)


def test_wrong_settings_are_told_at_once_and_nothing_is_started(data_dir: Path):
    for words in (["run"], ["flask", "routes"]):
        done = escale(data_dir, *words, PUBLIC_URL="ftp://x", MAIL_URL="smtp://u:hunter2@h:x")
        lines = (done.stdout + done.stderr).strip().splitlines()
        assert done.returncode == 2, lines
        told = [line.removeprefix("Error: ").partition(":")[0] for line in lines]
        assert told == ["PUBLIC_URL", "MAIL_URL", "MAIL_FROM"]
        assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.usefixtures("copy")
def test_a_command_in_another_folder_means_the_running_copy(home: Path, port: int):
    assert health(port) == 200
    done = escale(home, "flask", "demo", "links", "--json")
    assert done.returncode == 0, done.stderr
    links = json.loads(done.stdout)
    assert links["organizer"]["url"].startswith(f"http://127.0.0.1:{port}/")


@pytest.mark.usefixtures("copy")
def test_a_second_copy_on_the_same_folder_is_refused(home: Path, port: int):
    done = escale(home, "run")
    assert done.returncode == 2
    (line,) = (done.stdout + done.stderr).splitlines()
    assert f"in use by another copy: http://127.0.0.1:{port} (process " in line


@pytest.mark.usefixtures("copy")
def test_a_chosen_port_that_is_taken_is_said_so(data_dir: Path, port: int):
    done = escale(data_dir, "run", PORT=str(port))
    assert done.returncode == 2
    (line,) = (done.stdout + done.stderr).splitlines()
    assert line == f"PORT: {port} cannot be used (Address already in use); choose another one."


def test_a_killed_child_is_started_again(home: Path, port: int, copy: subprocess.Popen[bytes]):
    (master,) = [
        int(line.split()[0])
        for line in left_of(home)
        if "gunicorn" in line and parent(line) == copy.pid
    ]
    os.kill(master, signal.SIGKILL)
    assert wait_until(lambda: "web ended with code -9" in (home / "output").read_text(), 10)
    assert wait_until(lambda: health(port) == 200, START)


def parent(line: str) -> int:
    stat = Path(f"/proc/{line.split()[0]}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def test_a_killed_copy_leaves_nothing_and_the_next_one_stops_in_order(
    home: Path, port: int, copy: subprocess.Popen[bytes]
):
    assert len(left_of(home)) > 6
    copy.kill()
    copy.wait()
    assert wait_until(lambda: not left_of(home), 20), left_of(home)

    again = start(home, port)
    assert health(port) == 200
    again.send_signal(signal.SIGINT)
    assert again.wait(60) == 0
    assert left_of(home) == []
    assert health(port) == 0
    assert not places.instance_file(home).exists()
    log = (home / "logs" / "database.log").read_text()
    assert "database system is shut down" in log
    assert "automatic recovery" not in log  # the killed one before ended in good order too
