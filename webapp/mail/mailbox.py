"""The mailbox that reports come to, read over IMAP: what is new in it, and that it was taken in."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from webapp.mail.returns import MOST_READ

TIMEOUT = 20  # seconds for each answer of the server
MOST = 200  # messages of one look; the next look takes the next


class MailboxAway(Exception):
    """The mailbox cannot be read now; the words are for the operator and hold no password."""


@contextmanager
def connect(intake_url: str) -> Iterator[imaplib.IMAP4]:
    """A signed-in connection with the folder chosen. Raises MailboxAway, at whatever step."""
    wire: imaplib.IMAP4 | None = None
    try:
        wire = _open(urlsplit(intake_url))
        yield wire
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxAway(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        if wire is not None:
            _leave(wire)


def new(wire: imaplib.IMAP4) -> list[str]:
    """The UIDs of the messages that nobody has taken in, the oldest first, MOST at most."""
    _kind, found = wire.uid("SEARCH", "UNSEEN")
    return [uid.decode() for uid in (found[0] or b"").split()][:MOST]


def fetch(wire: imaplib.IMAP4, uid: str) -> bytes:
    """The first MOST_READ octets of a message, which stays new."""
    _kind, parts = wire.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_READ}>)")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def taken(wire: imaplib.IMAP4, uid: str) -> None:
    """Mark a message as read: it is not looked at again."""
    wire.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")


def _open(url: SplitResult) -> imaplib.IMAP4:
    host, context = url.hostname or "", ssl.create_default_context()
    wire: imaplib.IMAP4
    if url.scheme == "imaps":
        wire = imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=context, timeout=TIMEOUT)
    else:
        wire = imaplib.IMAP4(host, url.port or 143, timeout=TIMEOUT)
    try:
        if parse_qs(url.query).get("starttls") == ["1"]:
            wire.starttls(context)
        wire.login(unquote(url.username or ""), unquote(url.password or ""))
        folder = unquote(url.path.strip("/")) or "INBOX"
        kind, _said = wire.select('"' + re.sub(r'(["\\\\])', r"\\\1", folder) + '"')
        if kind != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {folder}")
    except BaseException:
        _leave(wire)
        raise
    return wire


def _leave(wire: imaplib.IMAP4) -> None:
    try:
        wire.logout()
    except (OSError, imaplib.IMAP4.error):
        wire.shutdown()
