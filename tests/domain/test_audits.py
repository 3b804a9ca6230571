"""The audit: who did what, before and after, and why; written with the change or not at all."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.factories import make_item, make_registration, make_staff, make_trip, publish, utc
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, registrations
from webapp.domain.audits import By
from webapp.models.audit import Actor, AuditEntry
from webapp.models.registration import RegistrationState


def test_each_kind_of_actor_is_named(session):
    staff = make_staff()
    registration = make_registration(make_trip(), 1, coordinator_name="Ana Coordinator")
    delegate = registration.delegates[0]

    assert audits.by_staff(staff) == By(Actor.STAFF, staff.name, staff.id)
    assert audits.by_company(registration) == By(Actor.COMPANY, "Ana Coordinator", None)
    assert audits.by_delegate(delegate) == By(Actor.DELEGATE, delegate.name, None)
    system = audits.SYSTEM
    assert (system.actor, system.name, system.staff_id) == (Actor.SYSTEM, "Escale", None)


def test_facts_are_stored_as_plain_values(session, hold_clock):
    trip, staff = make_trip(), make_staff()
    hold_clock(utc(2027, 9, 1, 12, 0))

    audits.write(
        audits.by_staff(staff),
        trip,
        "try",
        trip_id=trip.id,
        before={"state": RegistrationState.ACCEPTED, "on": date(2027, 10, 25)},
        after={
            "at": utc(2027, 10, 25, 9, 0),
            "uid": UUID(int=7),
            "title": Words(en="Ça va"),
            "none": None,
            "number": 3,
        },
        reason="  ",
    )
    session.flush()
    session.expire_all()

    [entry] = audits.of(trip)
    assert (entry.at, entry.actor, entry.staff_id) == (
        utc(2027, 9, 1, 12, 0),
        Actor.STAFF,
        staff.id,
    )
    assert (entry.object_kind, entry.object_id, entry.action) == ("trips", trip.id, "try")
    assert entry.before == {"state": "accepted", "on": "2027-10-25"}
    assert entry.after == {
        "at": "2027-10-25T09:00:00+00:00",
        "uid": "00000000-0000-0000-0000-000000000007",
        "title": {"en": "Ça va"},
        "none": None,
        "number": 3,
    }


def test_an_empty_reason_is_none(session):
    trip = make_trip()

    assert audits.write(audits.SYSTEM, trip, "try", trip_id=None, reason="").reason is None


def test_whoever_has_the_longest_name_can_act(session):
    trip = make_trip()
    by = By(Actor.DELEGATE, f"{'Ana ' * 50} {'Núñez ' * 34}")

    audits.write(by, trip, "try", trip_id=trip.id)
    session.flush()

    assert audits.of(trip)[0].actor_name == by.name[:200]


def test_the_history_of_a_thing_is_its_own_the_latest_first(session):
    trip = make_trip()
    item, other = make_item(trip), make_item(trip)
    publish(trip)
    agendas.call_off(item, audits.SYSTEM)
    agendas.bring_back(item, audits.SYSTEM)

    assert [e.action for e in audits.of(item)] == ["restore", "cancel", "add"]
    assert [e.action for e in audits.of(other)] == ["add"]
    assert [e.action for e in audits.of(trip.release)] == ["publish"]


def test_the_latest_entries_of_a_trip_are_its_own_and_bounded(session):
    trip = make_trip()
    for _ in range(4):
        make_item(trip)
    make_item(make_trip())
    publish(trip)

    assert [e.action for e in audits.latest(trip.id, limit=3)] == ["publish", "add", "add"]
    assert len(audits.latest(trip.id)) == 5


def test_a_change_that_is_undone_leaves_no_entry(session):
    with transaction():
        registration = make_registration(make_trip(), 1)
    count = session.scalar(select(func.count()).select_from(AuditEntry))

    with pytest.raises(RuntimeError), transaction():  # noqa: PT012
        registrations.cancel(registration, "", audits.SYSTEM)
        raise RuntimeError

    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == count
