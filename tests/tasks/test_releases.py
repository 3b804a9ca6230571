"""Versions that are told of by a worker: a broken one is shown and keeps no other waiting."""

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tasks import releases as tasks
from tests.factories import make_item, make_registration, make_trip
from webapp.db import db, transaction
from webapp.domain import audits, releases, telling
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState
from webapp.models.release import Release


def told_version() -> int:
    """A tour whose second version is told of; that one's id."""
    with transaction():
        trip = make_trip()
        make_registration(trip, 1, RegistrationState.ACCEPTED)
        make_item(trip)
        releases.publish(trip, audits.SYSTEM)
        make_item(trip)
        return releases.publish(trip, audits.SYSTEM, tells=True).id


def letters(release_id: int) -> int:
    query = select(func.count()).where(Mail.release_id == release_id)
    return db.session.scalars(query).one()


def test_one_that_another_worker_is_at_is_left_to_it(session, monkeypatch, caplog):
    version = told_version()

    def waits(_release_id: int) -> int:
        raise OperationalError("SELECT", {}, LockNotAvailable())

    with monkeypatch.context() as patch:
        patch.setattr(telling, "tell", waits)
        tasks.tell_due()

    assert db.session.get_one(Release, version).problem is None
    assert caplog.text == ""


def test_one_that_fails_is_shown_and_keeps_no_other_waiting(session, monkeypatch, caplog):
    broken, whole = told_version(), told_version()
    tell = telling.tell

    def fails(release_id: int) -> int:
        if release_id == broken:
            raise ZeroDivisionError
        return tell(release_id)

    with monkeypatch.context() as patch:
        patch.setattr(telling, "tell", fails)
        tasks.tell_due()
        tasks.tell_due()

    assert (letters(broken), letters(whole)) == (0, 1)
    assert db.session.get_one(Release, broken).problem == "ZeroDivisionError"
    assert caplog.text.count(f"nobody is told of release {broken}") == 1  # not at each try

    tasks.tell_due()
    assert letters(broken) == 1
    assert db.session.get_one(Release, broken).problem is None
    assert telling.due() == []


@pytest.mark.parametrize("again", [1, 2])
def test_a_worker_that_comes_twice_tells_once(session, again):
    release_id = told_version()
    for _ in range(again):
        tasks.tell_due()

    assert letters(release_id) == 1
