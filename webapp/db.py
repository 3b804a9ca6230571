"""The database: the typed base of all models, column types, and the only commit."""

import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import sqlalchemy as sa
from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import LockNotAvailable
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from webapp import tokens


class Words(dict[str, str]):
    """One text in several languages: {"en": ..., "fr": ...}. Replaced whole, never edited."""

    def pick(self, language: str) -> str:
        """The text in `language`, else in English, else in whatever there is, else empty."""
        return self.get(language) or self.get("en") or next(iter(self.values()), "")


class WordsType(TypeDecorator[Words]):
    """Stores Words as a JSON object."""

    impl = JSONB(none_as_null=True)  # so that NOT NULL and IS NULL mean what they say
    cache_ok = True

    def process_bind_param(self, value: Words | None, dialect: Any) -> Any:
        return None if value is None else {k: v for k, v in value.items() if v}

    def process_result_value(self, value: Any, dialect: Any) -> Words | None:
        return None if value is None else Words(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant. A naive value is a bug and raises ValueError; what is read is in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value!r}")
        return value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Sealed(TypeDecorator[bytes]):
    """Bytes that are encrypted at rest, under the key of `SECRET_KEY` (see webapp.tokens)."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        return None if value is None else tokens.seal(current_app.secret_key, value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        return None if value is None else tokens.unseal(current_app.secret_key, value)


class Packed(Sealed):
    """Sealed bytes that are compressed first: letters, of which there are many."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        packed = None if value is None else zlib.compress(value, level=1)
        return super().process_bind_param(packed, dialect)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        packed = super().process_result_value(value, dialect)
        return None if packed is None else unpacked(packed)


def unpacked(packed: bytes) -> bytes:
    """What was packed. Letters written before there was packing are as they were: no header line
    begins as compressed bytes do."""
    return zlib.decompress(packed) if packed.startswith(b"\x78") else packed


WallTime = Annotated[datetime, mapped_column(sa.DateTime(timezone=False))]
Name = Annotated[str, mapped_column(sa.String(200))]
Short = Annotated[str, mapped_column(sa.String(64))]
Email = Annotated[str, mapped_column(sa.String(254))]
Digest = Annotated[str, mapped_column(sa.String(64))]
# The number of the transaction that wrote the row: rows with the same one were written together.
ChangeNumber = Annotated[
    int,
    mapped_column(sa.BigInteger, server_default=sa.text("(pg_current_xact_id()::text)::bigint")),
]
Facts = dict[str, Any]


class Base(DeclarativeBase):
    """What every model inherits: names for constraints, and a column type for each Python type."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: Instant,
            Words: WordsType,
            Facts: JSONB(none_as_null=True),
            list[str]: JSONB,
            list[int]: JSONB,
            list[Words]: JSONB,
            list[Facts]: JSONB,
            int: sa.BigInteger,
            str: sa.Text,
            Enum: sa.Enum(
                Enum,
                native_enum=False,
                create_constraint=True,
                length=24,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


db = SQLAlchemy(model_class=Base)

PEEK_SECONDS = 0.05  # shorter than any reader could tell from a slower network
MOST_PEEKED = 1000
_peeked: dict[tuple[str, str], tuple[float, Sequence[Any] | None]] = {}


@contextmanager
def transaction() -> Iterator[None]:
    """Commit when the block ends, roll back when it raises: the only commit of the product.

    For routes, tasks and commands; domain functions take for granted that one is open. Not
    nestable: a transaction inside another would commit half of the outer one, so it raises
    RuntimeError. After the commit the tasks named by `hint` are woken, best effort.
    """
    info = db.session.info
    if info.get("in_transaction"):
        raise RuntimeError("transaction() does not nest")
    info["in_transaction"] = True
    info["hints"] = set()
    try:
        yield
        db.session.commit()
        _peeked.clear()
    except BaseException:
        db.session.rollback()
        info.pop("hints", None)
        raise
    finally:
        info.pop("in_transaction", None)
    wake(info.pop("hints"))


def is_busy(error: Exception) -> bool:
    """Whether somebody else held for too long what this waited for: nothing is wrong, and another
    time it will be free."""
    return isinstance(error, OperationalError) and isinstance(error.orig, LockNotAvailable)


def peek(statement: str, name: str) -> Sequence[Any] | None:
    """The one row that `statement` finds for `name`, or None: for what every request of a page
    asks. `statement` is in the driver's form, with "%(name)s".

    Read alone, outside of any transaction, so that it costs one round trip and no more; and what
    this process read less than PEEK_SECONDS ago is not read again, unless it committed something
    since. Inside an open transaction it sees the rows of that one.
    """
    engine = db.engines[None]
    if not isinstance(engine, sa.Engine) or db.session().in_transaction():
        return db.session.connection().exec_driver_sql(statement, {"name": name}).one_or_none()
    key, at = (statement, name), time.monotonic()
    known = _peeked.get(key)
    if known and at - known[0] < PEEK_SECONDS:
        return known[1]
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as alone:
        row = alone.exec_driver_sql(statement, {"name": name}).one_or_none()
    if len(_peeked) >= MOST_PEEKED:
        _peeked.clear()
    _peeked[key] = (at, row)
    return row


def hint(task: str) -> None:
    """Ask that the Celery task named `task` be woken once the open transaction has committed."""
    db.session.info.setdefault("hints", set()).add(task)


def wake(tasks: set[str]) -> None:
    """Send a hint for each task name. A broker that is away is no error: beat sweeps the rows.

    A hint expires as beat's own message does, so that busy workers do not pile them up.
    """
    celery = current_app.extensions.get("celery")
    for task in sorted(tasks):
        try:
            if celery is not None:
                options = celery.conf.beat_schedule.get(task, {}).get("options", {})
                celery.send_task(task, retry=False, ignore_result=True, **options)
        except Exception:  # noqa: BLE001  # whatever the broker does, the commit has happened
            current_app.logger.warning("no hint sent for %s: the broker is away", task)
            return
