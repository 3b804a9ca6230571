"""The wire: one SMTP connection, one message at a time. No retries here: the row has them."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT = 20  # seconds for each answer of the server
LETTERS = 100  # of one connection
NO_ANSWER = -1  # what smtplib takes for a code where there is none
GO_AHEAD = 354
CODE = 3  # digits of an answer's code
BROKEN = {NO_ANSWER, 421}  # after which nothing more is said
NO_ADDRESS = "not an address that a command can hold"
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463, before the words
# Refusals for good of a recipient that say nothing of the address: policy, a sender that is not
# liked, a mailbox that is full.
NOT_THE_ADDRESS = re.compile(r"5\.7\.|5\.1\.[78]$|5\.2\.[23]$")


ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # printable ASCII without "<" and ">"


class Step(StrEnum):
    """At what of a message the server said no."""

    CONNECTION = "connection"
    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said when it took a message."""

    code: int
    words: str


class Refused(Exception):
    """The server did not take it. `for_good` when another try cannot help: 5xx about recipient or
    message. `code` is that of RFC 5321, None when there was no answer."""

    def __init__(
        self,
        words: str,
        *,
        for_good: bool = False,
        code: int | None = None,
        step: Step = Step.CONNECTION,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.for_good = for_good
        self.code = code
        self.step = step

    @property
    def enhanced(self) -> str | None:
        """The server's code of RFC 3463, if it said one."""
        found = ENHANCED.match(self.words)
        return found[1] if found else None

    @property
    def is_of_address(self) -> bool:
        """Whether the address is to blame: nobody has it, so no other letter will reach it."""
        if not self.for_good or self.step != Step.RECIPIENT:
            return False
        enhanced = self.enhanced or ""
        if NOT_THE_ADDRESS.match(enhanced):
            return False
        return enhanced.startswith("5.1.") or self.code in {550, 551, 553}


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
    """A connection to the server of `mail_url` that is greeted and signed in. Raises Refused when
    there is none."""
    try:
        wire = _open(mail_url)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise _no_connection(error) from error
    try:
        yield wire
    finally:
        try:
            if is_open(wire):
                wire.quit()
        except (OSError, smtplib.SMTPException):
            pass  # the letters are through, and that is all there was to it
        wire.close()


@dataclass(slots=True)
class Line:
    """A connection that is made when it is needed, and made anew after LETTERS messages (servers
    count them) or when the server has closed it."""

    mail_url: str
    wire: smtplib.SMTP | None = None
    letters: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def is_open(self) -> bool:
        """Whether another message can go over it as it is."""
        return self.wire is not None and is_open(self.wire)

    def ready(self) -> smtplib.SMTP:
        """The connection, made now if there is none. Raises Refused."""
        if self.wire is None or not is_open(self.wire) or self.letters >= LETTERS:
            self.close()
            self.wire = self._stack.enter_context(connect(self.mail_url))
        return self.wire

    def deliver(self, sender: str, to_email: str, content: bytes) -> Answer:
        """Hand one message to the server. Raises Refused: at Step.CONNECTION nothing was tried.

        A server may hang up between two letters: then this one goes over a connection of its own.
        """
        before = self.letters if self.is_open else 0
        wire = self.ready()
        self.letters += 1
        try:
            return deliver(wire, sender, to_email, content)
        except Refused as refused:
            if refused.step != Step.SENDER or is_open(wire) or not before:
                raise
        wire = self.ready()
        self.letters += 1
        return deliver(wire, sender, to_email, content)

    def close(self) -> None:
        """Say good-bye to the server; the next letter makes a connection anew."""
        self._stack.close()
        self.wire, self.letters = None, 0


def deliver(wire: smtplib.SMTP, sender: str, to_email: str, content: bytes) -> Answer:
    """Hand one message to the server, with `sender` on its envelope; what it said to it.

    Raises Refused; the wire may be used again if it is open.
    """
    if not ADDRESS.fullmatch(to_email):
        raise Refused(NO_ADDRESS, for_good=True, step=Step.RECIPIENT)
    size = f" size={len(content)}" if wire.has_extn("size") else ""
    try:
        _announce(wire, [f"mail FROM:<{sender}>{size}", f"rcpt TO:<{to_email}>", "data"])
        code, said = _ask(wire, Step.MESSAGE, _dotted(content))
        if not 200 <= code <= 299:
            raise _refusal(Step.MESSAGE, code, said)
    except Refused as refused:
        _start_over(wire, refused)
        raise
    return Answer(code, _text(said))


def _announce(wire: smtplib.SMTP, commands: list[str]) -> None:
    """Say from whom, to whom, and that a message comes. Raises Refused.

    To a server that offers PIPELINING (RFC 2920) in one go, so that half as many times its answer
    is waited for.
    """
    lines = [f"{command}\r\n".encode() for command in commands]
    is_piped = wire.has_extn("pipelining")
    if is_piped:
        lines = [b"".join(lines), b"", b""]
    no: Refused | None = None
    for step, line in zip((Step.SENDER, Step.RECIPIENT, Step.MESSAGE), lines, strict=True):
        code, said = _ask(wire, step, line)
        is_well = code == GO_AHEAD if step == Step.MESSAGE else 200 <= code <= 299
        no = no if no or is_well else _refusal(step, code, said)
        if no and (not is_piped or code in BROKEN):
            raise no
        if no and step == Step.MESSAGE:
            if code == GO_AHEAD:  # with a message that has no reader
                _ask(wire, step, b".\r\n")
            raise no


def _ask(wire: smtplib.SMTP, step: Step, line: bytes) -> tuple[int, bytes]:
    """What the server answers to what is sent now, or was sent before (empty). Raises Refused when
    there is no answer."""
    try:
        if line:
            wire.send(line)
        return _reply(wire)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        wire.close()
        raise Refused(f"{type(error).__name__}: {error}", step=step) from error


def _reply(wire: smtplib.SMTP) -> tuple[int, bytes]:
    """The next answer. Nearly all are one line, and need no more than to be cut; what is not one
    like that is left to smtplib, which raises for what is none, and joins those of several lines.
    """
    if wire.file is None or not (seen := wire.file.peek(1)):
        return wire.getreply()
    end = seen.find(b"\r\n")
    if end < CODE or seen[CODE : CODE + 1] != b" " or not seen[:CODE].isdigit():
        return wire.getreply()
    line = wire.file.read(end + 2)
    return int(line[:CODE]), line[CODE + 1 :].strip(b" \t\r\n")


def is_open(wire: smtplib.SMTP) -> bool:
    """Whether the wire can take another message: the server may have closed it, or fallen silent
    at the one before."""
    return wire.sock is not None


def _dotted(content: bytes) -> bytes:
    """A message as it goes over the wire: no line of it is taken for its end (RFC 5321, 4.5.2)."""
    lines = content if content.endswith(b"\r\n") else content + b"\r\n"
    if lines.startswith(b".") or b"\n." in lines:
        lines = (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]
    return lines + b".\r\n"


def _refusal(step: Step, code: int, said: bytes | str) -> Refused:
    """Only what is said of the recipient or the message is for good: a refused sender the operator
    may mend."""
    for_good = 500 <= code <= 599 and step in {Step.RECIPIENT, Step.MESSAGE}
    known = None if code == NO_ANSWER else code
    return Refused(_text(said), for_good=for_good, code=known, step=step)


def _start_over(wire: smtplib.SMTP, refused: Refused) -> None:
    """Make the wire ready for another message, or close it."""
    is_lost = refused.code in {None, 421} and not refused.for_good
    try:
        if is_lost or wire.rset()[0] != 250:
            wire.close()
    except (OSError, smtplib.SMTPException):
        wire.close()


def _open(mail_url: str) -> smtplib.SMTP:
    url = urlsplit(mail_url)
    wire = _reach(mail_url)
    try:
        if parse_qs(url.query).get("starttls") == ["1"]:
            wire.starttls(context=ssl.create_default_context())
        if url.username:
            wire.login(unquote(url.username), unquote(url.password or ""))
        wire.ehlo_or_helo_if_needed()
    except BaseException:
        wire.close()
        raise
    return wire


def _reach(mail_url: str) -> smtplib.SMTP:
    url = urlsplit(mail_url)
    if url.scheme == "smtp+unix":
        return _UnixSMTP(unquote(url.path), 25, local_hostname="localhost", timeout=TIMEOUT)
    host, name = url.hostname or "", _own_name()
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, url.port or 465, name, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(host, url.port or 25, name, timeout=TIMEOUT)


@cache
def _own_name() -> str:
    """How we greet. smtplib would ask the name service anew for each connection, which takes
    seconds where nobody answers."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _no_connection(error: Exception) -> Refused:
    """Why there is no connection. What a server says to a refused sign-in may hold the password."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Refused(f"sign-in refused ({error.smtp_code})", code=error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        known = None if error.smtp_code == NO_ANSWER else error.smtp_code
        return Refused(_text(error.smtp_error), code=known)
    return Refused(f"{type(error).__name__}: {error}")


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
