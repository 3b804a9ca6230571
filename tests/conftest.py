"""Fixtures: the real services, the schema by the real migrations, a transaction for each test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy.orm import Session
from xdist.scheduler import LoadFileScheduling

from config import Config
from webapp import clock, create_app
from webapp.db import Base, db
from webapp.domain import fetches, staffs
from webapp.embedded.services import services

BROWSER = "tests/browser/"


class ByFile(LoadFileScheduling):
    """A file to a process, but all of the browser tests to one: they share a running product, which
    takes its time to start."""

    def _split_scope(self, nodeid: str) -> str:
        scope = str(super()._split_scope(nodeid))
        return BROWSER if scope.startswith(BROWSER) else scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that start whole copies of the product come first: they wait a lot, and would be waited
    for at the end."""
    first = [BROWSER, "tests/embedded/", "tests/faults/"]

    def turn(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(first) if item.nodeid.startswith(start)), 9)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def config() -> Iterator[Config]:
    """PostgreSQL, Valkey and an inbox of our own, for the whole run."""
    with services() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_noted() -> None:
    """What a test before noted of fetches is written by nobody else: ids begin again."""
    fetches._noted.clear()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords quickly: that argon2 takes its time is its authors' business to test, and
    every test that signs somebody in would pay for it twice."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(staffs, "_hasher", cheap)
        patch.setattr(staffs, "_nobody", cheap.hash("nobody"))
        yield


@pytest.fixture(scope="session")
def migrated(config: Config) -> Iterator[Flask]:
    """The application on a database that the real migrations made."""
    app = create_app(config)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(migrated: Flask) -> Iterator[Flask]:
    """The application inside one outer transaction, which is rolled back after the test.

    Commits of the product become savepoints in it, so each test starts from empty tables.
    """
    _work_for(migrated)
    with migrated.app_context():
        engine = db.engines[None]
        with engine.connect() as connection:
            outer = connection.begin()
            db.engines[None] = connection  # type: ignore[assignment]
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield migrated
            finally:
                db.session.remove()
                db.engines[None] = engine
                db.session.configure(join_transaction_mode="conditional_savepoint")
                outer.rollback()


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the test itself."""
    return db.session()


def _work_for(app: Flask) -> None:
    """Let tasks that are called here work for this application: the newest one made in the
    process would be the default, and some tests make others."""
    app.extensions["celery"].set_current()
    app.extensions["celery"].set_default()


class Browser(FlaskClient):
    """A browser without JavaScript. Each request gets an app context, and so a session, of its
    own, as it does in a web process; the test's session reads everything anew afterwards."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        answer = Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return answer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return Browser(app, app.response_class)


@pytest.fixture
def committed(migrated: Flask) -> Iterator[Flask]:
    """The application with real commits, for tests with several connections or processes; every
    table is emptied afterwards."""
    _work_for(migrated)
    with migrated.app_context():
        try:
            yield migrated
        finally:
            db.session.remove()
            tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
            with db.engine.begin() as connection:
                connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def hold_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let `clock.now()` say what the test says."""

    def hold(at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    return hold


@contextmanager
def counted(statements: list[str]) -> Iterator[list[str]]:
    """Every SQL statement inside the block, savepoints apart."""

    def note(connection, cursor, statement, *rest):  # type: ignore[no-untyped-def]
        if "SAVEPOINT" not in statement:
            statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.fixture
def statements() -> Callable[[], object]:
    """`with statements() as sent:` collects the SQL of the block."""
    return lambda: counted([])
