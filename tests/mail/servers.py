"""Mail servers for tests: one that behaves, over TCP, TLS or a Unix socket; one that does not."""

import asyncio
import datetime
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, SECRET = "tours@example.org", "p@ss/word: 100%"


class Keeper:
    """Keeps every message with its envelope; refuses the recipients it was told to refuse."""

    def __init__(self, refused: Mapping[str, str] | None = None) -> None:
        self.refused = refused or {}
        self.mails: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 taken"


@contextmanager
def behaved(keeper: Keeper, unix: Path | None = None, **options: Any) -> Iterator[int]:
    """aiosmtpd on a free loopback port (which is yielded) or on a Unix socket."""
    loop = asyncio.new_event_loop()
    over_tls = options.pop("over_tls", None)

    def protocol() -> SMTP:
        return SMTP(keeper, hostname="mail.example.org", loop=loop, **options)

    async def listen() -> asyncio.Server:
        if unix:
            return await loop.create_unix_server(protocol, path=str(unix))
        return await loop.create_server(protocol, "127.0.0.1", 0, ssl=over_tls)

    server = loop.run_until_complete(listen())
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield 0 if unix else server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """The one account of the server."""
    known = (data.login, data.password) == (USER.encode(), SECRET.encode())
    return AuthResult(success=known, handled=known)


@contextmanager
def misbehaved(script: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    """A server that answers each command by `script` (the whole of it or its first word, to a
    reply), else "250 OK".

    "HELLO" is the greeting, "." the end of the message. A reply of "close" closes the connection,
    one of "hang" never comes. Yields the port and the commands it heard, over all connections.
    """
    heard: list[str] = []
    over = Event()

    def talk(wire: socket.socket) -> None:
        with wire, wire.makefile("rb") as lines:
            try:
                _converse(wire, lines, script, heard, over)
            except OSError:
                pass  # the client went away first

    with socket.create_server(("127.0.0.1", 0)) as server:
        threads: list[Thread] = []

        def accept() -> None:
            while True:
                try:
                    wire, _peer = server.accept()
                except OSError:
                    return
                if over.is_set():
                    wire.close()
                    return
                threads.append(Thread(target=talk, args=(wire,), daemon=True))
                threads[-1].start()

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        port = server.getsockname()[1]
        try:
            yield port, heard
        finally:
            over.set()
            socket.create_connection(("127.0.0.1", port)).close()  # wakes accept()
            for thread in (accepting, *threads):
                thread.join(10)


def _converse(
    wire: socket.socket, lines: Any, script: Mapping[str, str], heard: list[str], over: Event
) -> None:
    usual = {"HELLO": "220 mail.example.org", "DATA": "354 go ahead", "QUIT": "221 bye"}
    answers = usual | script
    say: Callable[[str], bool] = lambda word: _say(wire, answers.get(word, "250 OK"), over)  # noqa: E731
    if not say("HELLO"):
        return
    while line := lines.readline():
        whole = line.decode().strip()
        word = whole.split(" ")[0].upper()
        heard.append(whole)
        if not say(whole if whole in answers else word):
            return
        if word == "DATA" and answers["DATA"].startswith("354"):
            while lines.readline().strip() != b".":
                pass
            heard.append(".")
            if not say("."):
                return


def _say(wire: socket.socket, answer: str, over: Event) -> bool:
    if answer == "hang":
        over.wait(30)
        return False
    if answer == "close":
        return False
    wire.sendall(answer.encode("latin-1") + b"\r\n")
    return not answer.startswith("421")


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for "localhost", and the file of the certificate to be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, private)
    return context, cert
