"""Asking a server for one address again and again: by wrk, else by a small loader of our own."""

import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from socket import create_connection, socket

WRK = shutil.which("wrk")
MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """Answers a second, and within how many milliseconds 99 of 100 came."""

    rate: float
    p99: float


def load(
    port: int, path: str, connections: int, seconds: float, headers: Sequence[str] = ()
) -> Load:
    """Ask `path` on so many connections that stay open, for so many seconds; `headers` are whole
    lines. Raises RuntimeError when an answer is an error."""
    return (_by_wrk if WRK else _by_ourselves)(port, path, connections, seconds, headers)


def tool() -> str:
    """What does the asking."""
    return "wrk" if WRK else "a loader in Python, since there is no wrk: rates are lower than true"


def _by_wrk(port: int, path: str, connections: int, seconds: float, headers: Sequence[str]) -> Load:
    command = [str(WRK), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    command.append(f"http://127.0.0.1:{port}{path}")
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said)
    if rate is None or p99 is None or re.search(r"Non-2xx|Socket errors", said):
        raise RuntimeError(said)
    return Load(float(rate[1]), float(p99[1]) * MS[p99[2]])


def _by_ourselves(
    port: int, path: str, connections: int, seconds: float, headers: Sequence[str]
) -> Load:
    """In a process of its own, as wrk is."""
    command = [sys.executable, "-m", "bench.loading", str(port), path, str(connections)]
    said = subprocess.run(
        [*command, str(seconds), *headers], check=True, capture_output=True, text=True
    ).stdout
    rate, p99 = said.split()
    return Load(float(rate), float(p99))


def _ask(port: int, path: str, connections: int, seconds: float, headers: Sequence[str]) -> Load:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]
    wanted = "\r\n".join(lines).encode()
    chooser, took = selectors.DefaultSelector(), []
    for _number in range(connections):
        wire = create_connection(("127.0.0.1", port))
        chooser.register(wire, selectors.EVENT_READ, [b"", time.perf_counter()])
        wire.sendall(wanted)
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        for key, _events in chooser.select(1):
            wire, so_far = key.fileobj, key.data
            assert isinstance(wire, socket)
            so_far[0] += wire.recv(1 << 20)
            if _is_whole(so_far[0]):
                took.append(now - so_far[1])
                so_far[:] = b"", time.perf_counter()
                wire.sendall(wanted)
    for key in list(chooser.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    took.sort()
    return Load(len(took) / seconds, took[int(len(took) * 0.99)] * 1000)


def _is_whole(answer: bytes) -> bool:
    head, ended, body = answer.partition(b"\r\n\r\n")
    if not ended:
        return False
    if not re.match(rb"HTTP/1.1 (200|304)", head):
        raise RuntimeError(head.decode("latin-1"))
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return head[9:12] == b"304" or len(body) >= int(length[1] if length else 0)


if __name__ == "__main__":
    _port, _path, _connections, _seconds, *_headers = sys.argv[1:]
    found = _ask(int(_port), _path, int(_connections), float(_seconds), _headers)
    print(found.rate, found.p99)
