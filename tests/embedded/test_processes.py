import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.embedded.processes import ServiceError, start, wait_ready, wait_until

ROOT = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def read_pids(file: Path, count: int) -> list[int]:
    assert wait_until(lambda: file.exists() and len(file.read_text().split()) == count, 10)
    return [int(word) for word in file.read_text().split()]


def test_a_stopped_child_takes_its_group_with_it(tmp_path: Path):
    pids = tmp_path / "pids"
    script = f'(trap "" TERM; sleep 60) & echo $$ $! > {pids}; wait'
    child = start("shell", ["sh", "-c", script], tmp_path / "log")
    both = read_pids(pids, 2)
    assert child.stop() == -signal.SIGTERM
    assert wait_until(lambda: not any(map(alive, both)), 5)


def test_a_child_that_ignores_its_farewell_is_killed(tmp_path: Path):
    pids = tmp_path / "pids"
    script = f'trap "" TERM; echo $$ > {pids}; while :; do sleep 0.1; done'
    farewell = ((signal.SIGTERM, 0.3),)
    child = start("shell", ["sh", "-c", script], tmp_path / "log", farewell=farewell)
    read_pids(pids, 1)
    assert child.stop() == -signal.SIGKILL


def test_a_child_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path):
    child = start("shell", ["sh", "-c", "echo cannot bind; exit 3"], tmp_path / "log")
    with pytest.raises(ServiceError, match=r"(?s)shell ended at once.*cannot bind"):
        wait_ready(child, lambda: False)
    assert child.stop() == 3


@pytest.mark.parametrize("guarded", [False, True], ids=["child", "its-children-too"])
def test_nothing_outlives_a_killed_parent(tmp_path: Path, guarded: bool):
    """The kernel ends the child; the keeper ends what the child has started."""
    pids = tmp_path / "pids"
    grandchild = "(sleep 60) & echo $$ $!" if guarded else "echo $$"
    script = f"""
import signal, time
from pathlib import Path
from webapp.embedded import keeper
from webapp.embedded.processes import start
keeper.GRACE = 0.5
watcher = keeper.Keeper() if {guarded} else None
child = start("shell", ["sh", "-c", "{grandchild} > {pids}; sleep 60"], Path("{tmp_path}/log"),
              orphan_signal=signal.SIGKILL)
if watcher: watcher.watch(child)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as parent:
        ours = read_pids(pids, 2 if guarded else 1)
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(map(alive, ours)), 5)
