"""What the database hears: every statement that goes over the wire, whoever sends it and how."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from psycopg.pq import Trace

from webapp.db import db


@contextmanager
def overheard() -> Iterator[Callable[[], list[str]]]:
    """Inside an application context: the function says which messages carried a statement since it
    was last asked. All connections are made anew, so that each is listened to."""
    engine = db.engine
    # Two handles: what is written must not move on what is read.
    with tempfile.NamedTemporaryFile("w") as log, Path(log.name).open() as heard:
        wires: list[Any] = []

        def listen(connection: Any, _record: object) -> None:
            wires.append(connection.pgconn)
            _trace(wires[-1], log.fileno())

        def said() -> list[str]:
            for wire in wires:
                wire.untrace()  # this alone lets go of what was written
                _trace(wire, log.fileno())
            return _statements(heard)

        db.session.commit()  # gives its connection back
        engine.dispose()
        sa.event.listen(engine, "connect", listen)
        try:
            yield said
        finally:
            sa.event.remove(engine, "connect", listen)
            db.session.commit()
            engine.dispose()  # none that is still listened to is used again


def _trace(wire: Any, file: int) -> None:
    wire.trace(file)
    wire.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)


def _statements(heard: IO[str]) -> list[str]:
    """A statement is a Query or an Execute of the protocol; to prepare one is none."""
    lines = heard.read().splitlines()
    kinds = [line.split("\t") for line in lines]
    return [parts[2] for parts in kinds if parts[0] == "F" and parts[2] in ("Query", "Execute")]
