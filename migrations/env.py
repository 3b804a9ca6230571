"""How Alembic reaches the database and renders our column types."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy import pool
from sqlalchemy.dialects.postgresql import JSONB

from webapp.db import Base, Instant, Sealed, WordsType


def render_item(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our own types as what the database sees, so that a migration never imports the
    product and still runs when a type is gone."""
    if kind != "type":
        return False
    match thing:
        case Instant():
            return "sa.DateTime(timezone=True)"
        case WordsType() | JSONB():
            return "postgresql.JSONB()"
        case Sealed():
            return "sa.LargeBinary()"
        case sa.Enum():
            values = ", ".join(repr(value) for value in thing.enums)
            return (
                f"sa.Enum({values}, name={thing.name!r}, native_enum=False, "
                f"create_constraint=True, length={thing.length})"
            )
    return False


def run() -> None:
    """Migrate in one transaction, and give up rather than block the product for long."""
    # A pool of one short connection: the application's own pool may serve requests meanwhile.
    engine = sa.create_engine(
        current_app.config["SQLALCHEMY_DATABASE_URI"],
        poolclass=pool.NullPool,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=10s"},
    )
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
