"""The embedded inbox: takes every mail over SMTP on a Unix socket into a Maildir; sends none on.

Run as a file, so that it loads the mail server and nothing of the product.
"""

import argparse
import asyncio
import os
import signal
import time
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED = "refused.example.org"  # nobody there has a mailbox
SIZE_LIMIT = 30 * 1024 * 1024  # octets of one mail, attachments included


class Maildir:
    """Keeps each accepted mail as one file, on disk before the sender hears "accepted"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in (folder, folder / "tmp", folder / "new", folder / "cur"):
            path.mkdir(exist_ok=True, mode=0o700)

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take mail to everybody but those of one domain, so that a rehearsal can show what becomes
        of a wrong address."""
        if address.lower().endswith(f"@{REFUSED}"):
            return f"550 5.1.1 <{address}>: there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail, headed by its envelope: its own headers need not name who gets it."""
        assert isinstance(envelope.content, bytes)
        head = f"X-MailFrom: {envelope.mail_from}\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\n"
        name = f"{time.time():.6f}.{uuid4().hex}.escale"
        draft = self.folder / "tmp" / name
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(head.encode() + envelope.content.replace(b"\r\n", b"\n"))
            out.flush()
            os.fsync(out.fileno())
        draft.rename(self.folder / "new" / name)
        return "250 OK"


async def serve(address: Path, folder: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    handler = Maildir(folder)
    address.unlink(missing_ok=True)  # left by one that was killed
    os.umask(0o077)
    server = await loop.create_unix_server(
        lambda: SMTP(
            handler,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname="inbox.escale.example",
            loop=loop,
        ),
        path=str(address),
    )
    await stop.wait()
    server.close()
    address.unlink(missing_ok=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("socket", type=Path)
    arguments.add_argument("maildir", type=Path)
    given = arguments.parse_args()
    asyncio.run(serve(given.socket, given.maildir))
