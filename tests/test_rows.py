"""One row in one round trip, whatever has become of the connection."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.factories import make_trip
from tests.overheard import overheard
from tests.together import at_once
from webapp.db import db, transaction
from webapp.rows import read_one

ZONE = "SELECT zone FROM trips WHERE id = $1"


def pid(text: str = "x") -> int:
    row = read_one("SELECT pg_backend_pid(), $1::text", [text])
    assert row
    return row[0]


def kill(pid: int) -> None:
    db.session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    db.session.remove()


def test_values_come_and_go_as_they_are(committed):
    at = datetime(2027, 10, 31, 2, 30, tzinfo=UTC)
    statement = "SELECT $1::text, $2::bigint, $3::text[], $4::timestamptz, $5::bytea, $1 IS NULL"
    for values in (
        ["O'Brien é \\ \"", 2**60, ['a"b', "c,d", ""], at, b"\x00\xff"],
        [None, -1, [], None, b""],
    ):
        row = read_one(statement, values)

        assert row == (*values, values[0] is None)
        assert not db.session.registry.has()
        with transaction():
            db.session.connection()
            assert read_one(statement, values) == row  # by the session's own connection
        db.session.remove()


def test_the_database_hears_one_statement(committed):
    with overheard() as said:
        first = pid()
        said()

        assert [pid(), pid("y")] == [first, first]
        assert len(said()) == 2
        assert read_one(ZONE, [-1]) is None
        assert len(said()) == 1


def test_when_the_connection_has_died_the_row_comes_all_the_same(committed):
    first = pid()
    kill(first)

    second = pid()

    assert second != first
    assert "Current Checked out connections: 0" in db.engine.pool.status()


def test_a_statement_that_fails_raises_what_the_pages_of_failures_know(committed):
    first = pid()

    with pytest.raises(sa.exc.DataError):
        read_one("SELECT 1 / $1::int", [0])

    assert pid() != first  # what it happened on is not used again


def test_it_sees_what_an_open_transaction_wrote_and_else_what_was_committed(committed):
    with transaction():
        trip = make_trip()
        trip.zone = "Europe/Rome"
        trip_id = trip.id
        assert read_one(ZONE, [trip_id]) == ("Europe/Rome",)
    db.session.remove()

    assert read_one(ZONE, [trip_id]) == ("Europe/Rome",)


def test_each_who_reads_at_the_same_time_has_a_connection_of_their_own(committed):
    found = at_once(
        committed, *[lambda: read_one("SELECT pg_backend_pid(), pg_sleep(0.2)", [])] * 3
    )

    assert len({row[0] for row in found}) == 3
