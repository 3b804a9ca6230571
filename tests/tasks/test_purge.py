"""The scheduled purge: a batch a transaction, whatever fails, by two workers at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tasks import housekeeping
from tests.factories import make_registration, make_trip, utc
from webapp.db import db, transaction
from webapp.domain import audits, retention
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate


@pytest.fixture(autouse=True)
def _files(migrated, tmp_path, monkeypatch):
    monkeypatch.setitem(migrated.config, "DATA_DIR", tmp_path)


def purged() -> dict[tuple[int, str], int]:
    """What the audit says was purged, by tour and kind."""
    found: dict[tuple[int, str], int] = {}
    for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purge")):
        key = (entry.object_id, entry.after["kind"])
        found[key] = found.get(key, 0) + entry.after["count"]
    return found


def test_it_runs_often_enough(app):
    schedule = app.extensions["celery"].conf.beat_schedule

    assert schedule["housekeeping.purge"]["schedule"] <= 24 * 3600


def test_what_is_over_is_purged_in_batches_and_once(session, hold_clock, monkeypatch):
    monkeypatch.setattr(retention.purge, "__defaults__", (2,))
    with transaction():
        over, running = make_trip(), make_trip(ends_on=utc(2028, 12, 1).date())
        make_registration(over, 5)
        make_registration(running, 1)
    hold_clock(utc(2028, 2, 1))

    housekeeping.purge()
    housekeeping.purge()

    assert purged() == {(over.id, "phones"): 5}
    assert [d.phone is None for d in session.scalars(select(Delegate).order_by(Delegate.id))] == [
        *[True] * 5,
        False,
    ]
    assert [e.after["count"] for e in reversed(audits.of(over)) if e.action == "purge"] == [2, 2, 1]


def test_a_tour_that_fails_keeps_no_other_waiting(session, hold_clock, monkeypatch, caplog):
    with transaction():
        bad, good = make_trip(), make_trip()
        for trip in (bad, good):
            make_registration(trip, 1)
    hold_clock(utc(2028, 2, 1))
    real = retention.purge

    def broken(duty, *rest):
        if duty.trip_id == bad.id:
            raise RuntimeError("broken")
        return real(duty, *rest)

    monkeypatch.setattr(retention, "purge", broken)
    housekeeping.purge()

    assert purged() == {(good.id, "phones"): 1}
    assert f"phones of trip {bad.id} was not purged" in caplog.text


def test_two_workers_at_once_purge_each_row_once(committed, hold_clock):
    with transaction():
        trip = make_trip()
        for _ in range(4):
            make_registration(trip, 3)
        trip_id = trip.id
    hold_clock(utc(2031, 1, 1))

    def work(_number):
        with committed.app_context():
            try:
                housekeeping.purge()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))

    assert purged()[(trip_id, "phones")] == 12
    assert purged()[(trip_id, "contacts")] == 12 + 4
    erased = select(AuditEntry.object_id).where(
        AuditEntry.action == "erase", AuditEntry.object_kind == "delegates"
    )
    assert sorted(db.session.scalars(erased)) == sorted(db.session.scalars(select(Delegate.id)))
