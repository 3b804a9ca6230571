"""A mailbox over IMAP that is small and real: sockets, literals, flags."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Mailbox(socketserver.ThreadingTCPServer):
    """Messages by UID, the set of those that are seen, and what was asked of it."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, messages: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.messages = {number: message for number, message in enumerate(messages, 101)}
        self.seen: set[int] = set()
        self.password = "open sesame"
        self.hangs_up_at = ""

    @property
    def url(self) -> str:
        return f"imap://reports%40x:open%20sesame@127.0.0.1:{self.server_address[1]}/INBOX"


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.say(b"* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, asked = line.partition(" ")
            if self.server.hangs_up_at and self.server.hangs_up_at in asked:
                return
            self.say(f"{tag} {self.answer(asked)}".encode())
            if asked == "LOGOUT":
                return

    def answer(self, asked: str) -> str:
        name = asked.upper()
        if name.startswith("LOGIN"):
            return "OK in" if self.server.password in asked else "NO [AUTHENTICATIONFAILED] no"
        if name.startswith("SELECT"):
            return "OK [READ-WRITE] chosen" if '"INBOX"' in asked or "INBOX" in asked else "NO none"
        if name.startswith("UID SEARCH"):
            new = sorted(self.server.messages.keys() - self.server.seen)
            self.say(b"* SEARCH " + " ".join(map(str, new)).encode())
        elif name.startswith("UID FETCH"):
            uid = int(asked.split()[2])
            size = int(re.search(r"<0\.(\d+)>", asked)[1])
            body = self.server.messages[uid][:size]
            self.say(b"* 1 FETCH (UID %d BODY[]<0> {%d}" % (uid, len(body)))
            self.wfile.write(body)
            self.say(b")")
        elif name.startswith("UID STORE"):
            assert asked.endswith(r"(\Seen)")
            self.server.seen.add(int(asked.split()[2]))
        elif name == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1")
        return "OK done"

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def mailbox(messages: list[bytes]) -> Iterator[Mailbox]:
    """A mailbox with these messages, none of them seen."""
    with Mailbox(messages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
