"""A mail server for tests that keeps what it took, and does at any moment what a test says."""

import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the server took: it said so, or would have."""

    recipient: str
    content: bytes

    @property
    def message_id(self) -> str:
        return re.search(rb"(?im)^Message-ID: (\S+)\r$", self.content)[1].decode()


@dataclass(slots=True)
class Moment:
    """What the server heard and has not answered yet. `word` is the command, "HELLO" when somebody
    connects, "." the end of a message; `number` how often it was heard, over all connections."""

    word: str
    whole: str
    number: int
    recipient: str
    content: bytes
    wire: socket.socket
    taken: list[Taken]

    @property
    def pid(self) -> int:
        """The process at the other end; of a Unix socket only."""
        peer = self.wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return struct.unpack("3i", peer)[0]

    def take(self) -> str:
        """Keep the message; what is said then."""
        self.taken.append(Taken(self.recipient, self.content))
        return "250 taken"

    def say(self, answer: str) -> None:
        """Answer before the rule has returned."""
        self.wire.sendall(answer.encode("latin-1") + b"\r\n")


# What to answer; None: as usual. "close" closes the connection, "hang" never answers.
Rule = Callable[[Moment], str | None]
USUAL = {"HELLO": "220 mail.example.org", "DATA": "354 go ahead", "QUIT": "221 bye"}


class Sink:
    """Takes every message, but for what `rule` says; it may be given another rule at any time."""

    def __init__(self, rule: Rule | None = None) -> None:
        self.rule = rule
        self.taken: list[Taken] = []
        self.heard: list[str] = []  # without the greetings
        self.numbers: Counter[str] = Counter()
        self._over = Event()
        self._lock = Lock()
        self._wires: set[socket.socket] = set()

    @property
    def message_ids(self) -> Counter[str]:
        """How often each message was taken."""
        return Counter(taken.message_id for taken in list(self.taken))

    def obey(self, rule: Rule | None) -> None:
        """Another rule from now on, for which the numbers begin anew."""
        self.numbers.clear()
        self.rule = rule

    @contextmanager
    def listening(self, unix: Path | None = None) -> Iterator[str]:
        """The MAIL_URL of the server while it listens."""
        if unix:
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.bind(str(unix))
            server.listen(64)
            url = f"smtp+unix://{unix}"
        else:
            server = socket.create_server(("127.0.0.1", 0), backlog=64)
            url = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        self._over.clear()
        accepting = Thread(target=self._accept, args=(server,), daemon=True)
        accepting.start()
        try:
            yield url
        finally:
            self._over.set()
            server.shutdown(socket.SHUT_RDWR)  # wakes accept()
            accepting.join(10)
            server.close()
            for wire in list(self._wires):
                wire.close()

    def _accept(self, server: socket.socket) -> None:
        threads: list[Thread] = []
        while True:
            try:
                wire, _peer = server.accept()
            except OSError:
                break
            self._wires.add(wire)
            threads.append(Thread(target=self._talk, args=(wire,), daemon=True))
            threads[-1].start()
        for wire in list(self._wires):
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the client went away first
        for thread in threads:
            thread.join(10)

    def _talk(self, wire: socket.socket) -> None:
        with wire, wire.makefile("rb") as lines:
            try:
                self._converse(wire, lines)
            except OSError:
                pass  # the client went away first
        self._wires.discard(wire)

    def _converse(self, wire: socket.socket, lines: Any) -> None:
        if not self._answer(wire, "HELLO", "HELLO"):
            return
        recipient = ""
        while line := lines.readline():
            whole = line.decode().strip()
            word = whole.split(" ")[0].upper()
            if word == "RCPT":
                recipient = whole[whole.index("<") + 1 : whole.index(">")]
            said = self._answer(wire, word, whole, recipient)
            if not said:
                return
            if said.startswith("354"):
                content = _message(lines)
                if content is None or not self._answer(wire, ".", ".", recipient, content):
                    return

    def _answer(
        self, wire: socket.socket, word: str, whole: str, recipient: str = "", content: bytes = b""
    ) -> str | None:
        """What was said, or None when the connection is over."""
        with self._lock:
            self.numbers[word] += 1
            number, rule = self.numbers[word], self.rule
            if word != "HELLO":
                self.heard.append(whole)
        moment = Moment(word, whole, number, recipient, content, wire, self.taken)
        answer = rule(moment) if rule else None
        if answer is None:
            answer = moment.take() if word == "." else USUAL.get(word, "250 OK")
        if answer == "hang":
            self._over.wait(30)
        if answer in {"hang", "close"}:
            return None
        moment.say(answer)
        return None if answer.startswith("421") or word == "QUIT" else answer


def _message(lines: Any) -> bytes | None:
    """The message up to its lonely dot, without the dots that were put before others; None when
    the sender went away in the middle."""
    found = []
    while (line := lines.readline()) != b".\r\n":
        if not line:
            return None
        found.append(line[1:] if line.startswith(b".") else line)
    return b"".join(found)
