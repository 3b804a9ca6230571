"""The wire: one SMTP connection, one message at a time. No retries here: the row has them."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT = 20  # seconds for each answer of the server


class Refused(Exception):
    """The server did not take it. `for_good` when another try cannot help (5xx)."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.words = words
        self.for_good = for_good


class _UnixSMTP(smtplib.SMTP):
    """SMTP over a Unix socket: how the built-in inbox listens."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            wire.settimeout(timeout)
            wire.connect(host)
        except OSError:
            wire.close()
            raise
        return wire


@contextmanager
def connect(mail_url: str) -> Iterator[smtplib.SMTP]:
    """A ready connection to the server of `mail_url`. Raises Refused when there is none."""
    try:
        wire = _open(mail_url)
    except (OSError, UnicodeError, smtplib.SMTPException) as error:
        raise _refused(error) from error
    try:
        yield wire
    finally:
        try:
            wire.quit()
        except (OSError, smtplib.SMTPException):
            wire.close()


def deliver(wire: smtplib.SMTP, sender: str, to_email: str, content: bytes) -> None:
    """Hand one message to the server. Raises Refused; the wire may be used again if it is open."""
    try:
        wire.sendmail(parseaddr(sender)[1], [to_email], content)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _refused(smtplib.SMTPDataError(code, words)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _refused(error) from error


def is_open(wire: smtplib.SMTP) -> bool:
    """Whether the wire can take another message: the server may have closed it, or fallen silent
    at the one before."""
    return wire.sock is not None


def _open(mail_url: str) -> smtplib.SMTP:
    url = urlsplit(mail_url)
    if url.scheme == "smtp+unix":
        return _UnixSMTP(unquote(url.path), 25, local_hostname="localhost", timeout=TIMEOUT)
    host = url.hostname or ""
    wire: smtplib.SMTP
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        wire = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
    else:
        wire = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
    try:
        if parse_qs(url.query).get("starttls") == ["1"]:
            wire.starttls(context=ssl.create_default_context())
        if url.username:
            wire.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        wire.close()
        raise
    return wire


def _refused(error: Exception) -> Refused:
    """What the server said, and whether it meant it for good: only what it says of the recipient
    or the message. A refused sign-in, sender or connection the operator may mend, so those are
    tried again."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Refused(f"sign-in refused ({error.smtp_code})", for_good=False)
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        told_of_letter = isinstance(error, smtplib.SMTPDataError)
        for_good = told_of_letter and 500 <= error.smtp_code <= 599
        return Refused(f"{error.smtp_code} {words}".strip(), for_good=for_good)
    return Refused(f"{type(error).__name__}: {error}", for_good=False)
