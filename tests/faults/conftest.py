"""Services that a test may break: one set for all tests of a run."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.faults.alone import Alone, alone
from webapp.db import Base, db


@pytest.fixture(scope="session")
def breakable_services() -> Iterator[Alone]:
    """The product with services of its own, running."""
    with alone() as found:
        yield found


@pytest.fixture
def breakable(breakable_services: Alone) -> Iterator[Alone]:
    """The same for one test: whatever it stops is started again, and every table is emptied."""
    found = breakable_services
    with found.app.app_context():
        found.app.extensions["celery"].set_current()
        found.app.extensions["celery"].set_default()
        try:
            yield found
        finally:
            db.session.remove()
            if found.database.ended():
                found.start_database()
            if found.broker.ended():
                found.start_broker()
            db.engine.dispose()
            _empty()
            db.engine.dispose()


def _empty() -> None:
    """Empty every table. Workers that are still there read some in another order than we lock
    them: the one that the database stops for it, them or us, tries again."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    for _try in range(20):
        try:
            with db.engine.begin() as connection:
                connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        except sa.exc.OperationalError:
            continue
        return
    raise AssertionError("the tables could not be emptied")
