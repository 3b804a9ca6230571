"""Where the embedded services live: the same answer in every shell, so a command finds the copy."""

import hashlib
import json
import os
import re
import secrets
import stat
from pathlib import Path

SOCKET_PATH_LIMIT = 107  # octets of sockaddr_un.sun_path on Linux, without the closing NUL
DATABASE_SOCKET = ".s.PGSQL.5432"  # PostgreSQL names its socket itself
SYSTEM_HOME = Path("/var/lib/escale")
SECRET_LENGTH = 32


def data_dir(wanted: Path, faults: list[str]) -> Path:
    """Make DATA_DIR when it is missing and return its absolute path; a fault when it is not ours.

    Everything private in it has its own mode. Root's stays passable, never listable, so that the
    database's unprivileged account can reach its folder.
    """
    # abspath, since resolve() would replace the operator's own symbolic links.
    folder = Path(os.path.abspath(wanted))  # noqa: PTH100
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        trouble = "" if os.access(folder, os.W_OK | os.X_OK) else "not writable"
    except OSError as error:
        trouble = error.strerror or "cannot be made"
    if trouble:
        faults.append(f"DATA_DIR: {folder}: {trouble}; name a folder this account may write to.")
    return folder


def socket_dir(data_dir: Path) -> Path:
    """The private folder of our sockets: DATA_DIR/run, or a short one where that will not do."""
    inside = data_dir / "run"
    if _fits(inside):
        return inside
    # Its owner and mode are checked before anything in it is believed: check_sockets().
    return Path(f"/tmp/escale-{os.geteuid()}-{_digest(data_dir)}")  # noqa: S108


def broker_socket(data_dir: Path) -> Path:
    """The socket of the embedded Valkey."""
    return socket_dir(data_dir) / "valkey.sock"


def inbox_socket(data_dir: Path) -> Path:
    """The socket of the embedded mail inbox."""
    return socket_dir(data_dir) / "inbox.sock"


def database_home(data_dir: Path) -> Path:
    """The folder of the embedded database: its cluster and, for root, its socket.

    PostgreSQL refuses to run as root, so root's runs under an unprivileged account, which must be
    able to reach the folder. Where DATA_DIR or a parent is closed to others nothing is opened: the
    database lives in /var/lib/escale, and DATA_DIR/database.path says where.
    """
    pointer = data_dir / "database.path"
    if pointer.is_file():
        return Path(pointer.read_text().strip())
    inside = data_dir / "database"
    if os.geteuid() != 0 or inside.exists() or reachable_by_others(data_dir):
        return inside
    return system_home(data_dir)


def system_home(data_dir: Path) -> Path:
    """Where root's database, or only its socket, lies when DATA_DIR will not do."""
    return SYSTEM_HOME / _digest(data_dir)


def database_socket_dir(data_dir: Path) -> Path:
    """The private folder of the database's socket."""
    if os.geteuid() != 0:
        return socket_dir(data_dir)
    inside = database_home(data_dir) / "socket"
    return inside if _fits(inside) else system_home(data_dir) / "socket"


def reachable_by_others(folder: Path) -> bool:
    """Whether an account that owns none of the folders may walk down to `folder`."""
    levels = (level for level in (folder, *folder.parents) if level.exists())
    return all(level.stat().st_mode & stat.S_IXOTH for level in levels)


def check_sockets(data_dir: Path, faults: list[str]) -> None:
    """A fault when somebody else made the short folder under /tmp before us."""
    folder = socket_dir(data_dir)
    if folder.parent == data_dir or not os.path.lexists(folder):
        return
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    if not private or found.st_uid != os.geteuid():
        faults.append(f"DATA_DIR: {folder} is not a private folder of ours; name a shorter path.")


def instance_file(data_dir: Path) -> Path:
    """Where `./escale run` writes its process id, its birth, its port and its address."""
    return data_dir / "run" / "instance.json"


def running_instance(data_dir: Path) -> dict[str, str]:
    """What `./escale run` wrote about itself (pid, born, port, url); empty when it is gone."""
    try:
        about = json.loads(instance_file(data_dir).read_text())
        if process_birth(int(about["pid"])) == about["born"]:
            return {str(name): str(value) for name, value in about.items()}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing runs, or it was killed while writing
    return {}


def process_birth(pid: int) -> str:
    """When a process was started, in clock ticks since boot: a process id alone comes back.

    Raises OSError when there is no such process.
    """
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def own_secret(data_dir: Path, faults: list[str]) -> str:
    """The secret of a copy that was given none: made once, 64 hexadecimal digits, mode 0600."""
    file = data_dir / "secret_key"
    try:
        if not file.exists():
            _write_once(file, secrets.token_hex(32))
        secret = file.read_text().strip()
    except OSError as error:
        faults.append(f"DATA_DIR: {file}: {error.strerror}; mend its owner, or set SECRET_KEY.")
        return ""
    if len(secret) < SECRET_LENGTH:
        faults.append(f"DATA_DIR: {file} was cut short; put it back from a backup.")
    return secret


def _write_once(file: Path, text: str) -> None:
    """Written aside and linked into place, so that of two first starts both read the same one."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # the other one was first
    finally:
        draft.unlink()


def _fits(folder: Path) -> bool:
    # Only signs that mean nothing in an address or in a list of folders: nobody need quote them.
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(folder))
    return plain is not None and len(str(folder / DATABASE_SOCKET)) <= SOCKET_PATH_LIMIT


def _digest(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
