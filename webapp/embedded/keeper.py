"""A process that ends what is left of our children when we are killed and cannot do it.

The kernel tells each child when we die, but not its children: Celery's pool would work on. The
keeper learns of our death by the end of a pipe, and knows the process groups to look after.
"""

import os
import signal

from webapp.embedded.processes import Child, wait_until

GRACE = 5.0  # seconds that the children have to end in good order, told by the kernel


class Keeper:
    """Our end of the pipe. Needs to be made before we have a second thread: it forks."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._writing)
            _keep(reading)
        os.close(reading)

    def watch(self, child: Child) -> None:
        """Look after this child's group from now on."""
        self._say(child, "+")

    def forget(self, child: Child) -> None:
        """The child's group has ended; its number may come to belong to somebody else."""
        self._say(child, "-")

    def dismiss(self) -> None:
        """All children have ended in good order."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._writing)

    def _say(self, child: Child, sign: str) -> None:
        try:
            os.write(self._writing, f"{sign}{child.process.pid}\n".encode())
        except BrokenPipeError:
            pass  # somebody killed the keeper; that alone is no reason to stop


def _keep(reading: int) -> None:
    """The keeper's whole life."""
    try:
        os.setsid()  # so that a signal to the terminal's or to our group spares it
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        groups: set[int] = set()
        with os.fdopen(reading) as orders:
            for order in orders:
                (groups.add if order[0] == "+" else groups.discard)(int(order[1:]))
        wait_until(lambda: not any(_signal_group(group, 0) for group in groups), GRACE)
        for group in groups:
            _signal_group(group, signal.SIGKILL)
    finally:
        os._exit(0)


def _signal_group(group: int, sign: int) -> bool:
    """Whether somebody of the group was there to be signalled."""
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):
        return False
    return True
