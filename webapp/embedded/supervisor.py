"""`./escale run`: every process of the product as our child, from the first to the last."""

import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import DEFAULT_PORT, Config, ConfigError
from webapp.embedded import places, product
from webapp.embedded.keeper import Keeper
from webapp.embedded.postgres import start_database
from webapp.embedded.processes import Child, ServiceError, wait_until
from webapp.embedded.services import prepare_sockets, start_inbox
from webapp.embedded.valkey import start_broker

OTHER_PORTS = range(DEFAULT_PORT + 1, DEFAULT_PORT + 100)
DEATHS = 5  # of one service within DEATHS_WITHIN seconds: then something is broken for good
DEATHS_WITHIN = 60.0
# Nothing new comes in, then nothing new is due, then what runs ends, and last what all of it needs.
STOP_ORDER = ("web", "beat", "worker", "inbox", "broker", "database")
LEFTOVERS = 30.0  # seconds that the processes of a killed copy have to end


@dataclass(slots=True)
class Service:
    """One kind of child: how to start it, the one that runs, and when others of it died."""

    name: str
    launch: Callable[[], Child]
    child: Child | None = None
    deaths: list[float] = field(default_factory=list)
    again_at: float = 0.0


class Supervisor:
    """Starts the services, keeps them alive, and stops them in good order."""

    def __init__(self) -> None:
        self.stopping = False
        self.services: list[Service] = []
        self.keeper = Keeper()

    def stop_on_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal for the wish to stop."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if sign == signal.SIGHUP and signal.getsignal(sign) == signal.SIG_IGN:
                continue  # started under nohup
            signal.signal(sign, lambda *_: setattr(self, "stopping", True))

    def add(self, name: str, launch: Callable[[], Child]) -> None:
        """Start a service now and keep it alive from now on. Raises ServiceError."""
        if not self.stopping:
            child = launch()
            self.keeper.watch(child)
            self.services.append(Service(name, launch, child))

    def wait(self, question: Callable[[], bool], seconds: float) -> bool:
        """Wait for something, but not longer than until somebody wants to stop."""
        return wait_until(lambda: self.stopping or bool(self.failed()) or question(), seconds)

    def failed(self) -> str:
        """Which services have ended without being asked to, and the last lines of their logs."""
        ended = [each.child for each in self.services if each.child and each.child.ended()]
        return "\n".join(f"{child.name} ended:\n{child.last_words()}" for child in ended)

    def watch(self) -> None:
        """Restart what dies until somebody wants to stop. Raises ServiceError when it is no use."""
        while not self.stopping:
            for service in self.services:
                if service.child and service.child.ended():
                    self._bury(service)
                elif service.child is None and time.monotonic() >= service.again_at:
                    self._revive(service)
            time.sleep(0.2)

    def _bury(self, service: Service) -> None:
        assert service.child is not None
        code, words = service.child.stop(), service.child.last_words()
        self.keeper.forget(service.child)
        service.child = None
        self._died(service, f"ended with code {code}", words)

    def _revive(self, service: Service) -> None:
        try:
            service.child = service.launch()
            self.keeper.watch(service.child)
        except ServiceError as error:
            self._died(service, "does not start", str(error))

    def _died(self, service: Service, how: str, words: str) -> None:
        now = time.monotonic()
        service.deaths = [at for at in service.deaths if now - at < DEATHS_WITHIN] + [now]
        if len(service.deaths) > DEATHS:
            raise ServiceError(f"{service.name} {how} {DEATHS + 1} times in a minute:\n{words}")
        pause = 0.25 * 2 ** len(service.deaths)
        service.again_at = now + pause
        tell(f"{service.name} {how}; starting it again in {pause:.1f} s")

    def stop(self) -> None:
        """Stop everything, in STOP_ORDER."""
        for service in sorted(self.services, key=lambda each: STOP_ORDER.index(each.name)):
            if service.child:
                service.child.stop()
        self.keeper.dismiss()


def run(environ: Mapping[str, str]) -> int:
    """Run until told to stop; return the exit code: 0, 1 something broke, 2 it could not start."""
    try:
        config = Config.from_env(environ)
        lock = _lock(config.data_dir)
        with _web_socket(config, chosen=bool(environ.get("PORT"))) as web:
            return _supervise(environ, web, lock)
    except ConfigError as error:
        tell(*error.faults)
        return 2


def _supervise(environ: Mapping[str, str], web: socket.socket, lock: int) -> int:
    port = str(web.getsockname()[1])
    environ = {"PUBLIC_URL": f"http://127.0.0.1:{port}", **environ, "PORT": port}
    config = Config.from_env(environ)
    environ["DATA_DIR"] = str(config.data_dir)
    environ["PROMETHEUS_MULTIPROC_DIR"] = str(product.empty_metrics(config))
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    product.keep_previous_logs(config)
    product.announce(config)
    try:
        _start(supervisor, config, environ, web, lock)
        supervisor.watch()
        tell("stopping ...")
        return 0
    except ServiceError as error:
        tell(str(error))
        return 1
    finally:
        supervisor.stop()
        places.instance_file(config.data_dir).unlink(missing_ok=True)


def _start(
    supervisor: Supervisor,
    config: Config,
    environ: Mapping[str, str],
    web: socket.socket,
    lock: int,
) -> None:
    # Every child holds the lock too: while one of a killed copy is left, no new copy starts.
    data_dir, keep = config.data_dir, (lock,)
    began = time.monotonic()
    tell(f"starting on port {config.port}, data and logs in {data_dir} ...")
    if config.embedded:
        prepare_sockets(data_dir)
    if "database" in config.embedded:
        supervisor.add("database", lambda: start_database(data_dir, pass_fds=keep))
    if "broker" in config.embedded:
        supervisor.add("broker", lambda: start_broker(data_dir, pass_fds=keep))
    if "mail" in config.embedded:
        supervisor.add("inbox", lambda: start_inbox(data_dir, pass_fds=keep))
    gate, opener = os.pipe()
    supervisor.add("web", lambda: product.start_web(config, environ, web, gate, keep))
    links = _prepare(supervisor, config, environ, keep)
    os.close(opener)
    alive = supervisor.wait(lambda: product.is_alive(config), 90)
    if supervisor.stopping:
        return
    if not alive or supervisor.failed():
        raise ServiceError(supervisor.failed() or "the pages do not answer; see web.log")
    supervisor.add("worker", lambda: product.start_worker(config, environ, keep))
    supervisor.add("beat", lambda: product.start_beat(config, environ, keep))
    tell(*product.welcome(config, links, time.monotonic() - began))


def _prepare(
    supervisor: Supervisor, config: Config, environ: Mapping[str, str], keep: tuple[int, ...]
) -> dict[str, Any]:
    """Migrate and load the demonstration tours; return their addresses."""
    if supervisor.stopping:
        return {}
    links_fd = os.memfd_create("links")  # they hold tokens: neither on disk nor in a log
    try:
        child = product.start_preparation(config, environ, links_fd, keep)
        supervisor.wait(child.ended, 300)
        code = child.stop()
        if supervisor.failed():
            raise ServiceError(supervisor.failed())
        if code and not supervisor.stopping:
            raise ServiceError(f"the database could not be prepared:\n{child.last_words()}")
        with os.fdopen(os.dup(links_fd)) as links:
            links.seek(0)
            return dict(json.loads(links.read() or "{}"))
    finally:
        os.close(links_fd)


def _lock(data_dir: Path) -> int:
    """Take DATA_DIR for this copy until the last of its processes ends. Raises ConfigError."""
    places.instance_file(data_dir).parent.mkdir(exist_ok=True, mode=0o700)
    lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def taken() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    wait_until(lambda: bool(places.running_instance(data_dir)) or taken(), LEFTOVERS)
    if taken():
        return lock
    running = places.running_instance(data_dir)
    who = f"{running['url']} (process {running['pid']})" if running else "one that is ending"
    raise ConfigError([f"DATA_DIR: {data_dir} is in use by another copy: {who}."])


def _web_socket(config: Config, *, chosen: bool) -> socket.socket:
    """Bind the port ourselves: then whatever answers on it is our child. Raises ConfigError."""
    trouble: str | None = None
    for port in [config.port] if chosen else [config.port, *OTHER_PORTS]:
        web = socket.socket()
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            web.bind(("127.0.0.1", port))
            web.listen(128)
        except OSError as error:
            web.close()
            trouble = error.strerror
            continue
        if port != config.port:
            tell(f"port {config.port} is taken, using {port} (PORT chooses another one)")
        return web
    raise ConfigError([f"PORT: {config.port} cannot be used ({trouble}); choose another one."])


def tell(*lines: str) -> None:
    """Say something in the terminal, which may be gone by now."""
    try:
        for line in lines:
            print(line, flush=True)
    except OSError:
        pass
