"""Migrations on a database that holds rows: what was written under the older schema stays what it
was, the older code still writes, and the way back leaves what the older code can read."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade
from sqlalchemy.engine import Connection, make_url

from webapp import create_app
from webapp.db import db

AT = "2027-10-01T08:00:00+00:00"
CONTENT = {
    "kind": "visit",
    "audience": "delegates",
    "state": "confirmed",
    "title": '{"en": "Shipyard"}',
    "starts_local": "2027-10-26T09:00:00",
    "starts_zone": "Europe/Paris",
    "starts_fold": 0,
    "ends_local": "2027-10-26T10:30:00",
    "ends_zone": "Europe/Paris",
    "ends_fold": 0,
    "starts_at": "2027-10-26T07:00:00+00:00",
    "ends_at": "2027-10-26T08:30:00+00:00",
    "basis": "real",
    "sources": "[]",
}
UID = "0b5c3c8e-5f57-4d6b-8d0e-3a4f6f1f8a11"


@pytest.fixture
def empty(migrated, config) -> Iterator[Connection]:
    """A connection to a database of its own, without a table; `upgrade` and `downgrade` work on
    it. Each statement is committed."""
    name = "migrating"
    address = make_url(config.database_url).set(database=name)
    server = sa.create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    app = create_app(replace(config, database_url=address.render_as_string(hide_password=False)))
    own = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with app.app_context(), own.connect() as connection:
            yield connection
    finally:
        with app.app_context():
            db.engine.dispose()
        own.dispose()
        with server.connect() as connection:
            # Not by force: that is refused while autovacuum is at it; this way it is asked to go.
            connection.execute(sa.text(f"DROP DATABASE {name}"))
        server.dispose()
        migrated.extensions["celery"].set_default()
        migrated.extensions["celery"].set_current()


def insert(connection: Connection, table: str, values: dict[str, object]) -> int:
    """Write one row as older code does, and return its id."""
    names = ", ".join(values)
    given = ", ".join(f":{name}" for name in values)
    statement = sa.text(f"INSERT INTO {table} ({names}) VALUES ({given}) RETURNING id")
    return connection.execute(statement, values).scalar_one()


def write_as_of_0001(connection: Connection, number: int) -> None:
    """A published tour with one session, in the columns of revision 0001."""
    uid = UID[:-1] + str(number)
    trip = insert(
        connection,
        "trips",
        {
            "slug": f"tour-{number}",
            "uid": uid,
            "sequence": 0,
            "changed_at": AT,
            "title": '{"en": "Tour"}',
            "summary": '{"en": "Five days."}',
            "state": "announced",
            "starts_on": "2027-10-25",
            "ends_on": "2027-10-29",
            "zone": "Europe/Paris",
            "max_per_organization": 10,
            "created_at": AT,
            "basis": "real",
            "sources": "[]",
        },
    )
    venue = {"name": "Yard", "city": "Toulon", "country": "FR", "zone": "Europe/Paris"}
    place = insert(connection, "venues", {**venue, "basis": "real", "sources": "[]"})
    insert(
        connection,
        "agenda_items",
        {
            **CONTENT,
            "uid": uid,
            "trip_id": trip,
            "venue_id": place,
            "version": 1,
            "created_at": AT,
        },
    )
    release = insert(connection, "releases", {"trip_id": trip, "number": 1, "published_at": AT})
    insert(
        connection,
        "release_items",
        {
            **CONTENT,
            "uid": uid,
            "release_id": release,
            "change": "added",
            "sequence": 0,
            "first_published_at": AT,
            "changed_at": AT,
        },
    )


def rows(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """Every row of the tables that the older code writes, by column."""
    return {
        table: [
            dict(row)
            for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id")).mappings()
        ]
        for table in ("trips", "venues", "agenda_items", "releases", "release_items")
    }


def narrowed(
    found: dict[str, list[dict[str, object]]], like: dict[str, list[dict[str, object]]]
) -> dict[str, list[dict[str, object]]]:
    """Those columns of the rows that `like` has too."""
    return {
        table: [{name: row[name] for name in like[table][0]} for row in each]
        for table, each in found.items()
    }


def test_0002_keeps_what_was_there_and_lets_the_older_code_go_on(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    before = rows(empty)

    upgrade(revision="0002")
    write_as_of_0001(empty, 2)  # by a process that has not been restarted yet

    after = rows(empty)
    first = {table: each[:1] for table, each in after.items()}
    assert narrowed(first, before) == before
    new = {
        table: {(name, str(row[name])) for row in each for name in set(row) - set(before[table][0])}
        for table, each in after.items()
    }
    assert new["trips"] == {
        ("is_template", "False"),
        ("clash_levels", "{}"),
        ("travel_speeds", "{}"),
        ("margin_minutes", "10"),
        ("arrival_minutes", "45"),
    }
    kept = {("attendance", "mandatory"), ("languages", "[]")}
    assert {each for each in new["agenda_items"] if each[1] != "None"} == kept | {
        ("held_back", "False")
    }
    assert {each for each in new["release_items"] if each[1] != "None"} == kept | {
        ("people_named", "[]"),
        ("organization_ids", "[]"),
    }
    assert {each for each in new["releases"] if each[1] != "None"} == {("state", "published")}
    assert {each[1] for each in new["venues"]} == {"None"}


def test_the_way_back_from_0002_leaves_what_the_older_code_can_read(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    before = rows(empty)
    upgrade(revision="0002")
    empty.execute(sa.text("UPDATE agenda_items SET audience = 'companies', capacity = 12"))
    empty.execute(
        sa.text(
            "INSERT INTO releases (trip_id, state, planned_for)"
            " SELECT id, 'planned', changed_at FROM trips"
        )
    )

    downgrade(revision="0001")

    (item,) = before["agenda_items"]
    assert rows(empty) == before | {"agenda_items": [item | {"audience": "staff"}]}
    upgrade(revision="0002")
    assert empty.scalar(sa.text("SELECT capacity FROM agenda_items")) is None


def test_all_migrations_lead_back_to_an_empty_database(empty):
    upgrade()
    downgrade(revision="base")

    left = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert empty.scalars(sa.text(left)).all() == ["alembic_version"]


def write_as_of_0002(connection: Connection) -> int:
    """An accepted company with a delegate and a letter, as the code before 0003 wrote them. The id
    of the registration."""
    trip_id = connection.scalar(sa.text("SELECT min(id) FROM trips"))
    organization_id = insert(
        connection,
        "organizations",
        {"name": "Blue", "name_key": "blue", "kind": "company", "basis": "real", "sources": "[]"},
    )
    person_id = insert(
        connection,
        "people",
        {"given_name": "Zoe", "family_name": "N", "email": f"z{organization_id}@example.com",
         "basis": "real", "sources": "[]"},
    )  # fmt: skip
    registration_id = insert(
        connection,
        "registrations",
        {
            "reference": f"R-{organization_id}",
            "trip_id": trip_id,
            "organization_id": organization_id,
            "state": "accepted",
            "coordinator_name": "Ana",
            "coordinator_email": "ana@example.com",
            "language": "en",
            "submitted_at": AT,
            "queued_at": AT,
            "decided_at": AT,
            "decisions": 1,
            "form_key": str(uuid4()),
            "token_digest": f"r{organization_id}",
            "token_sealed": b"sealed",
            "basis": "real",
            "sources": "[]",
        },
    )
    insert(
        connection,
        "delegates",
        {
            "registration_id": registration_id,
            "person_id": person_id,
            "position": 1,
            "given_name": "Zoe",
            "family_name": "N",
            "email": "zoe@example.com",
            "language": "en",
            "token_digest": f"d{organization_id}",
            "token_sealed": b"sealed",
        },
    )
    insert(
        connection,
        "mails",
        {
            "key": f"k{organization_id}",
            "letter": "registration_received",
            "trip_id": trip_id,
            "registration_id": registration_id,
            "to_email": "ana@example.com",
            "to_name": "Ana",
            "language": "en",
            "subject": "Received",
            "message_id": f"<{organization_id}@example.com>",
            "message": b"sealed",
            "state": "waiting",
            "attempts": 0,
            "due_at": AT,
            "created_at": AT,
        },
    )
    return registration_id


def test_0003_takes_accepted_companies_for_confirmed_and_lets_the_older_code_go_on(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    upgrade(revision="0002")
    first = write_as_of_0002(empty)

    upgrade(revision="0003")
    second = write_as_of_0002(empty)  # by a process that has not been restarted yet

    found = {
        row["id"]: row for row in empty.execute(sa.text("SELECT * FROM registrations")).mappings()
    }
    assert found[first]["confirmed_at"] == found[first]["decided_at"]
    assert found[second]["confirmed_at"] is None
    assert {(row["party"], row["extra_places"], row["in_reserve"]) for row in found.values()} == {
        ("all", 0, False)
    }
    states = empty.scalars(sa.text("SELECT state FROM delegates")).all()
    assert states == ["coming", "coming"]
    rules = "SELECT promotion, offer_hours, skips_parties, accepts_at_once, currency FROM trips"
    assert tuple(empty.execute(sa.text(rules)).one()) == ("offer", 72, True, False, "EUR")


def test_the_way_back_from_0003_leaves_what_the_older_code_can_read(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    upgrade(revision="0003")
    offered, lapsed, left = (write_as_of_0002(empty) for _each in range(3))
    for number, change in (
        (offered, "state = 'offered', offer_ends_at = now()"),
        (lapsed, "state = 'lapsed'"),
    ):
        empty.execute(sa.text(f"UPDATE registrations SET {change} WHERE id = {number}"))
    empty.execute(
        sa.text(f"UPDATE delegates SET state = 'replaced' WHERE registration_id = {left}")
    )
    empty.execute(sa.text(f"UPDATE mails SET message = NULL WHERE registration_id = {left}"))

    downgrade(revision="0002")

    states = dict(
        tuple(row) for row in empty.execute(sa.text("SELECT id, state FROM registrations"))
    )
    assert states == {offered: "waitlisted", lapsed: "declined", left: "accepted"}
    delegates = empty.scalars(sa.text("SELECT registration_id FROM delegates ORDER BY id")).all()
    letters = empty.scalars(sa.text("SELECT registration_id FROM mails ORDER BY id")).all()
    assert (delegates, letters) == ([offered, lapsed], [offered, lapsed])


def test_0004_lets_the_older_code_put_letters_and_leaves_those_that_are_there(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    upgrade(revision="0003")
    write_as_of_0002(empty)

    upgrade(revision="0004")
    write_as_of_0002(empty)  # by a process that has not been restarted yet

    rows = empty.execute(sa.text("SELECT * FROM mails ORDER BY id")).mappings().all()
    assert [(row["state"], row["urgency"], row["hold"], row["topic"]) for row in rows] == [
        ("waiting", 1, None, None)
    ] * 2
    assert [row["change_number"] is None for row in rows] == [True, False]
    tells = "SELECT DISTINCT tells, hold_minutes, told_at FROM releases"
    assert {tuple(row) for row in empty.execute(sa.text(tells))} <= {(False, 10, None)}


def test_the_way_back_from_0004_sends_nothing_that_was_stopped_and_nothing_packed(empty):
    upgrade(revision="0001")
    write_as_of_0001(empty, 1)
    upgrade(revision="0004")
    states = ("waiting", "held", "sending", "sent", "bounced", "failed", "cancelled")
    for state in states:
        number = write_as_of_0002(empty)
        hold = "'window'" if state == "held" else "NULL"
        empty.execute(
            sa.text(
                f"UPDATE mails SET state = '{state}', hold = {hold}, facts = '{{}}' "
                f"WHERE registration_id = {number}"
            )
        )

    downgrade(revision="0003")

    rows = empty.execute(sa.text("SELECT state, message FROM mails ORDER BY id")).all()
    assert [(state, message and bytes(message)) for state, message in rows] == [
        ("waiting", None),
        ("failed", None),
        ("sending", None),
        ("sent", b"sealed"),
        ("failed", None),
        ("failed", None),
        ("failed", None),
    ]
    upgrade(revision="0004")
