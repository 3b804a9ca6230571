"""Reading one row in one round trip: for addresses that programs ask again and again.

The driver's own calls, below SQLAlchemy and below psycopg's cursors, which cost more than the row.
"""

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary, finalize

import psycopg
import sqlalchemy as sa
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, Format

from webapp.db import db

Row = Sequence[Any]
PLACE = re.compile(r"\$([0-9]+)")


class Reader:
    """A connection of the pool's making that has left the pool, and reads alone. No transaction is
    ever begun on it. Raises what SQLAlchemy does when the database is away."""

    def __init__(self, engine: sa.Engine) -> None:
        with engine.connect():  # asks whether there is a database
            pass
        self._made = engine.raw_connection()
        connection = self._made.driver_connection
        assert isinstance(connection, psycopg.Connection)
        self._made.detach()
        connection.autocommit = True
        self._connection, self._wire = connection, connection.pgconn
        self._values = Transformer(connection)
        finalize(self, connection.close).atexit = False  # with an engine that nobody disposed of
        self._names: dict[str, bytes] = {}  # of the statements that are prepared, by their text

    def read(self, statement: str, values: Sequence[Any]) -> Row | None:
        """The one row, or None. Raises psycopg.Error."""
        name = self._names.get(statement)
        if name is None:
            name = f"row{len(self._names)}".encode()
            _check(self._wire.prepare(name, statement.encode()))
            self._names[statement] = name
        # As text, so that the server takes each for what the statement makes of it.
        sent: Any = self._values.dump_sequence(values, [PyFormat.TEXT] * len(values))
        result = _check(self._wire.exec_prepared(name, sent, None, Format.BINARY))
        self._values.set_pgresult(result)
        row: Row | None = self._values.load_row(0, tuple) if result.ntuples else None
        return row

    def close(self) -> None:
        """End the connection, in whatever state it is."""
        self._connection.close()
        self._made.invalidate()  # so that SQLAlchemy does not try to bring it in order


# Those that are free just now, as many as have ever read at once.
_free: WeakKeyDictionary[sa.Engine, deque[Reader]] = WeakKeyDictionary()


def read_one(statement: str, values: Sequence[Any]) -> Row | None:
    """The one row that `statement` finds, or None. It is in PostgreSQL's form: "$1" is the first of
    `values`, and has a cast where its type cannot be seen.

    The database hears this statement, prepared before, and nothing else: no transaction, and no
    question whether the connection still lives. One that does not is dropped, and the row read
    through the pool. Inside an open transaction it sees the rows of that one.
    """
    engine = db.engines[None]
    if not isinstance(engine, sa.Engine) or _has_begun():
        db.session.flush()
        return _by_sqlalchemy(db.session.connection(), statement, values)
    free = _free_of(engine)
    try:
        reader = free.pop()
    except IndexError:
        reader = Reader(engine)
    try:
        row = reader.read(statement, values)
    except psycopg.Error:
        reader.close()
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as alone:
            return _by_sqlalchemy(alone, statement, values)
    free.append(reader)
    return row


def _check(result: psycopg.pq.abc.PGresult) -> psycopg.pq.abc.PGresult:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise psycopg.OperationalError(result.get_error_message())
    return result


def _by_sqlalchemy(connection: sa.Connection, statement: str, values: Sequence[Any]) -> Row | None:
    named = {f"v{number}": value for number, value in enumerate(values, 1)}
    return connection.exec_driver_sql(_drivers_form(statement), named).one_or_none()


@lru_cache(maxsize=32)
def _drivers_form(statement: str) -> str:
    return PLACE.sub(r"%(v\1)s", statement)


def _has_begun() -> bool:
    return db.session.registry.has() and db.session().in_transaction()


def _free_of(engine: sa.Engine) -> deque[Reader]:
    free = _free.get(engine)
    if free is None:
        free = _free.setdefault(engine, deque())
        sa.event.listen(engine, "engine_disposed", _close_all)
    return free


def _close_all(engine: sa.Engine) -> None:
    free = _free.get(engine)
    while free:
        free.pop().close()
