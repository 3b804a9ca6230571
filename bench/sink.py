"""A mail server that takes everything at once and keeps nothing but who was written to, and when:
in a process of its own, so that what is measured is who sends."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from smtplib import SMTP
from threading import Thread

PIECE = 1 << 16  # octets read at once


class Sink:
    """The sink as the measuring process sees it."""

    def __init__(self, port: int, asked: Connection) -> None:
        self.port = port
        self._asked = asked

    def count(self) -> int:
        """How many messages it has taken since it was emptied."""
        self._asked.send(("count", ""))
        return int(self._asked.recv())

    def taken(self, address: str) -> float | None:
        """When it took the first message to that address, on the clock of time.monotonic."""
        self._asked.send(("taken", address))
        found = self._asked.recv()
        return None if found is None else float(found)

    def empty(self) -> None:
        """Forget everything."""
        self._asked.send(("empty", ""))
        self._asked.recv()


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink on a free loopback port, for as long as the block lasts."""
    apart = get_context("spawn")
    ours, theirs = apart.Pipe()
    process = apart.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Sink(int(ours.recv()), ours)
    finally:
        process.terminate()
        process.join(10)


def serve(asked: Connection) -> None:
    """Listen, and answer what is asked over the pipe."""
    taken: dict[str, float] = {}
    count = [0]
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    asked.send(server.getsockname()[1])
    Thread(target=_accept, args=(server, taken, count), daemon=True).start()
    while True:
        question, value = asked.recv()
        if question == "count":
            asked.send(count[0])
        elif question == "taken":
            asked.send(taken.get(value))
        else:
            taken.clear()
            count[0] = 0
            asked.send(None)


def _accept(server: socket.socket, taken: dict[str, float], count: list[int]) -> None:
    while True:
        wire, _peer = server.accept()
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_talk, args=(wire, taken, count), daemon=True).start()


def _talk(wire: socket.socket, taken: dict[str, float], count: list[int]) -> None:
    with wire:
        wire.sendall(b"220 sink\r\n")
        rest, reader = b"", ""
        while True:
            while b"\r\n" not in rest:
                piece = wire.recv(PIECE)
                if not piece:
                    return
                rest += piece
            line, rest = rest.split(b"\r\n", 1)
            word = line[:4].upper()
            if word == b"DATA":
                wire.sendall(b"354 go ahead\r\n")
                while not rest.endswith(b"\r\n.\r\n"):  # nobody sends ahead of our answer
                    rest += wire.recv(PIECE)
                rest = b""
                count[0] += 1
                taken.setdefault(reader, time.monotonic())
                wire.sendall(b"250 2.0.0 taken\r\n")
            elif word == b"EHLO":
                wire.sendall(b"250-sink\r\n250-SIZE 10240000\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif word == b"QUIT":
                wire.sendall(b"221 bye\r\n")
                return
            else:
                if word == b"RCPT":
                    reader = line.decode("ascii", "replace").split("<")[1].split(">")[0].lower()
                wire.sendall(b"250 ok\r\n")


def loop(port: int, asked: Connection) -> None:
    """smtplib and nothing else, over one connection."""
    letters = asked.recv()
    asked.send("ready")
    asked.recv()
    with SMTP("127.0.0.1", port, "localhost") as wire:
        for to_email, content in letters:
            wire.sendmail("tours@escale.example", [to_email], content)
    asked.send("done")
