"""Start a child so that it never outlives us, and stop it in good order."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

PR_SET_PDEATHSIG = 1
LAST_LINES = 12
_libc = ctypes.CDLL(None, use_errno=True)


class ServiceError(Exception):
    """An embedded service cannot serve; the text is for the operator, one line and maybe a log."""


class Account(NamedTuple):
    """Who a child runs as when it must not run as root; it gets no other group."""

    uid: int
    gid: int


@dataclass(slots=True)
class Child:
    """A process of ours, leader of its own group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    # What to send, and how many seconds to wait for the end, before the next one; then SIGKILL.
    farewell: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    started: float = field(default_factory=time.monotonic)

    def ended(self) -> bool:
        """Whether it is no more. It stays a zombie until stop(), so that its group keeps its id."""
        if self.process.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def stop(self) -> int:
        """End it and whatever is left of its group; return its exit code (negative: a signal)."""
        for sign, seconds in self.farewell:
            if self.ended():
                break
            self.process.send_signal(sign)
            wait_until(self.ended, seconds)
        if self.process.returncode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # only its zombie is left
        return self.process.wait()

    def last_words(self) -> str:
        """The end of its log, to show beside the fault."""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"    {line}" for line in lines)


def start(
    name: str,
    command: Sequence[str | os.PathLike[str]],
    log: Path,
    *,
    farewell: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),),
    orphan_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] = "/",
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start `command` as the leader of its own group, its output in `log`.

    `orphan_signal` reaches it from the kernel when we die, whatever killed us.
    """
    with open_log(log) as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            pass_fds=pass_fds,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Runs after the change of account, which would clear it. The caller has one thread.
            preexec_fn=_tied_to(os.getpid(), orphan_signal),
        )
    return Child(name, process, log, farewell)


def open_log(log: Path) -> BinaryIO:
    """Open a log of ours for appending; only this account reads it."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def wait_until(question: Callable[[], bool], seconds: float) -> bool:
    """Ask, soon and then less often, until the answer is yes or the time is over; return it."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not question():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)
    return True


def wait_ready(child: Child, ready: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a new child serves. Raises ServiceError when it ends or never does."""
    if wait_until(lambda: child.ended() or ready(), seconds) and not child.ended():
        return
    trouble = "ended at once" if child.ended() else f"did not answer within {seconds:.0f} s"
    raise ServiceError(f"{child.name} {trouble}; its log {child.log} ends:\n{child.last_words()}")


def _tied_to(parent: int, sign: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return tie
