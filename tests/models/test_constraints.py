"""What must hold even under SQL by hand: the database itself refuses it, by the rule's name."""

import pytest
import sqlalchemy as sa

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp import clock
from webapp.db import Base
from webapp.domain import agendas, audits, delegates, health
from webapp.mail import letters
from webapp.models.place import Venue
from webapp.models.staff import Role, Staff, TripRole

REFUSED = {
    "ck_agenda_items_ends_after_start": "UPDATE agenda_items SET ends_at = starts_at",
    "ck_agenda_items_itemstate": "UPDATE agenda_items SET state = 'maybe'",
    "ck_agenda_items_audience": "UPDATE agenda_items SET audience = 'Everybody'",
    "uq_agenda_items_uid": "UPDATE agenda_items SET uid = (SELECT uid FROM agenda_items LIMIT 1)",
    "uq_delegates_registration_id_email": (
        "UPDATE delegates SET email = upper(:first) WHERE registration_id = :registration"
    ),
    "uq_delegates_registration_id_position": "UPDATE delegates SET position = 1",
    "uq_delegates_token_digest": "UPDATE delegates SET token_digest = 'same'",
    "ck_feeds_secret_unless_trip": "UPDATE feeds SET token_digest = 'x' WHERE scope = 'trip'",
    "ck_feeds_company_has_registration": (
        "UPDATE feeds SET scope = 'delegate' WHERE scope = 'company'"
    ),
    "ck_feeds_delegate_has_delegate": (
        "UPDATE feeds SET delegate_id = (SELECT min(id) FROM delegates) WHERE scope = 'company'"
    ),
    "uq_feeds_trip_id_language": "UPDATE feeds SET language = 'en' WHERE scope = 'trip'",
    "uq_feeds_token_digest": "UPDATE feeds SET token_digest = 'same' WHERE scope <> 'trip'",
    "uq_feeds_registration_id_in_force": (
        "UPDATE feeds SET registration_id = :registration WHERE scope = 'company'"
    ),
    "uq_feeds_delegate_id_in_force": (
        "UPDATE feeds SET delegate_id = (SELECT min(id) FROM delegates) WHERE scope = 'delegate'"
    ),
    "pk_heartbeats": "INSERT INTO heartbeats SELECT * FROM heartbeats",
    "uq_mails_key": "UPDATE mails SET key = 'same'",
    "uq_mails_message_id": "UPDATE mails SET message_id = 'same'",
    "ck_mails_mailstate": "UPDATE mails SET state = 'lost'",
    "uq_people_email": "UPDATE people SET email = upper(:first)",
    "ck_registrations_registrationstate": "UPDATE registrations SET state = 'ACCEPTED'",
    "uq_registrations_trip_id_form_key": (
        "UPDATE registrations SET form_key = (SELECT form_key FROM registrations LIMIT 1)"
    ),
    "uq_registrations_reference": "UPDATE registrations SET reference = 'SAME-SAME'",
    "uq_registrations_token_digest": "UPDATE registrations SET token_digest = 'same'",
    "ck_release_items_ends_after_start": "UPDATE release_items SET starts_at = ends_at",
    "uq_release_items_release_id_uid": (
        "UPDATE release_items SET uid = (SELECT uid FROM release_items LIMIT 1)"
    ),
    "uq_releases_trip_id_number": "UPDATE releases SET number = 1",
    "uq_staff_email": (
        "UPDATE staff SET email = CASE id WHEN :staff THEN 'a@b.org' ELSE 'A@b.org' END"
    ),
    "ck_stops_dates_in_order": "UPDATE stops SET ends_on = starts_on - 1",
    "uq_stops_trip_id_position": "UPDATE stops SET position = 1",
    "pk_track_members": (
        "INSERT INTO track_members (track_id, delegate_id) SELECT track_id, delegate_id"
        " FROM track_members"
    ),
    "uq_tracks_trip_id_key": "UPDATE tracks SET key = 'vip'",
    "pk_trip_roles": (
        "INSERT INTO trip_roles (staff_id, trip_id, role) SELECT staff_id, trip_id, 'reader'"
        " FROM trip_roles"
    ),
    "ck_trips_dates_in_order": "UPDATE trips SET ends_on = starts_on - 1",
    "ck_trips_max_delegates_positive": "UPDATE trips SET max_delegates = 0",
    "ck_trips_max_organizations_positive": "UPDATE trips SET max_organizations = -1",
    "ck_trips_max_per_organization_positive": "UPDATE trips SET max_per_organization = 0",
    "ck_trips_tripstate": "UPDATE trips SET state = ''",
    "ck_trips_window_in_order": "UPDATE trips SET registration_closes_at = registration_opens_at",
    "uq_trips_slug": "UPDATE trips SET slug = 'same'",
    "uq_trips_uid": "UPDATE trips SET uid = (SELECT uid FROM trips LIMIT 1)",
    "ck_venues_both_coordinates": "UPDATE venues SET longitude = NULL",
    "ck_venues_on_earth": "UPDATE venues SET latitude = 'NaN'",
}


@pytest.fixture
def world(session):
    """Two of everything that has a rule."""
    trip, _other = make_trip(), make_trip()
    for _ in range(2):
        make_stop(trip)
    vip, press = make_track(trip, "vip"), make_track(trip, "press")
    session.add(
        Venue(
            name="Shipyard", city="Marseille", country="FR", zone="Europe/Paris",
            latitude=43.3, longitude=5.4,
        )
    )  # fmt: skip
    items = [make_item(trip), make_item(trip)]
    publish(trip)
    agendas.change(items[0], item_values(place="Gate 2"), audits.SYSTEM, items[0].version)
    publish(trip)
    registrations = [make_registration(trip, 2), make_registration(trip, 2)]
    for registration in registrations:
        letters.registration_received(registration)
    delegates.follow(registrations[0].delegates[0], trip, [vip.id, press.id], audits.SYSTEM)
    staff = [
        Staff(email=f"{n}@example.org", name=n, password_hash="", created_at=clock.now())
        for n in ("Ana", "Ben")
    ]
    session.add_all(staff)
    session.flush()
    session.add(TripRole(staff_id=staff[0].id, trip_id=trip.id, role=Role.READER))
    health.beat("worker")
    session.flush()
    return {
        "registration": registrations[0].id,
        "first": registrations[0].delegates[0].email,
        "staff": staff[0].id,
    }


def refusal(session, statement: str, values: dict[str, object]) -> str | None:
    """The name of the rule by which the database refuses a statement."""
    try:
        with session.begin_nested():
            session.execute(
                sa.text(statement), {k: v for k, v in values.items() if f":{k}" in statement}
            )
            session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    except sa.exc.IntegrityError as error:
        return error.orig.diag.constraint_name
    return None


def test_the_database_refuses_by_name_what_breaks_a_rule(session, world):
    refused = {rule: refusal(session, sql, world) for rule, sql in REFUSED.items()}

    assert refused == {rule: rule for rule in REFUSED}


def test_every_rule_of_the_tables_is_tried_here_but_for_closed_lists_of_words():
    rules = {
        str(thing.name)
        for table in Base.metadata.sorted_tables
        for thing in (*table.constraints, *table.indexes)
        if isinstance(thing, sa.CheckConstraint | sa.UniqueConstraint)
        or (isinstance(thing, sa.Index) and thing.unique)
    }
    words = {
        f"ck_{column.table.name}_{column.type.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    }

    assert rules - words - set(REFUSED) == {"uq_partnerships_slug"}


def test_an_agenda_item_whose_trip_goes_goes_with_it_but_the_audit_stays(session, world):
    entries = session.scalar(sa.text("SELECT count(*) FROM audit_entries"))

    session.execute(sa.text("DELETE FROM registrations"))
    session.execute(sa.text("DELETE FROM trips"))

    for table in ("agenda_items", "releases", "release_items", "feeds", "delegates", "mails"):
        assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, table
    assert session.scalar(sa.text("SELECT count(*) FROM audit_entries")) == entries


def test_times_of_the_database_are_said_in_utc(session):
    assert session.scalar(sa.text("SHOW timezone")) == "UTC"
    assert str(session.scalar(sa.text("SELECT now()")).tzinfo) == "UTC"
