"""Mail servers for tests: one that behaves, over TCP, TLS or a Unix socket; one that does not."""

import asyncio
import datetime
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.mail.sinks import Moment, Sink

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
    reply), else as usual. Yields the port and the commands it heard, over all connections."""

    def rule(moment: Moment) -> str | None:
        return script.get(moment.whole) or script.get(moment.word)

    sink = Sink(rule)
    with sink.listening() as url:
        yield int(url.rpartition(":")[2]), sink.heard


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
