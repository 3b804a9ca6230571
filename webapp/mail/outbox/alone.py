"""Statements of a sender that are a transaction each: one round trip, over a connection that is
kept while letters go out. A transaction of the session takes four for the same: whether the
connection still lives, BEGIN, the statement, COMMIT."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Executable

from webapp.db import db


@dataclass(slots=True)
class _Kept:
    engine: Engine  # whose connections commit each statement
    connection: Connection | None = None

    def ids(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[int]:
        if self.connection is None:
            self.connection = self.engine.connect()
        try:
            found = self.connection.execute(statement, values).scalars().all()
            self.connection.rollback()  # of what is committed: nothing is sent
        except BaseException:
            # Made anew by SQLAlchemy after a loss, the same one would not commit by itself.
            self.close()
            raise
        return found

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


_kept: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keep_connection() -> Iterator[None]:
    """Let `settle` and `give_back` have a connection of their own until the block ends: what they
    write is committed when they return, whatever the session does."""
    engine = db.engines[None]
    if not isinstance(engine, Engine):  # a test works in one transaction, on one connection
        yield
        return
    kept = _Kept(engine.execution_options(isolation_level="AUTOCOMMIT"))
    before = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(before)
        kept.close()


def ids(statement: Executable, values: Mapping[str, Any]) -> Sequence[int]:
    """The first column of what a statement returns: over the kept connection, else in the open
    transaction. Where the connection was lost the next call makes one anew."""
    kept = _kept.get()
    if kept is None:
        return db.session.scalars(statement, values).all()
    return kept.ids(statement, values)
