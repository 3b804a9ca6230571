"""Database or broker away: what pages say, and that nothing is lost."""

import signal
from contextvars import Context

import pytest
from sqlalchemy import func, select

from tests.factories import application, make_trip
from tests.faults.alone import crash
from tests.faults.processes import wait_for
from webapp.db import db, transaction
from webapp.domain import health, registrations
from webapp.models.mail import Mail, MailState
from webapp.models.registration import Registration

pytestmark = pytest.mark.faults


def test_without_the_database_pages_ask_to_try_again_and_readyz_names_it(breakable):
    client = breakable.app.test_client()
    with transaction():
        slug = make_trip().slug
        health.beat("worker")
    assert client.get("/readyz").json["database"] == "ok"
    db.session.remove()
    crash(breakable.database, signal.SIGQUIT)
    wait_for("the database is away", lambda: client.get("/readyz").json["database"] == "away")

    for path in ("/", f"/trips/{slug}/", f"/trips/{slug}/calendar.ics", f"/trips/{slug}/register"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "20"), path
    assert "try again" in client.get("/").get_data(as_text=True).lower()
    # A signed-in reader too, whose account cannot be looked up now.
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = "1.0", True
    for path in ("/", "/organizer/", f"/trips/{slug}/"):
        assert Context().run(client.get, path).status_code == 503, path
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_without_the_broker_a_registration_is_stored_whole_and_its_letters_wait(breakable):
    client = breakable.app.test_client()
    with transaction():
        trip = make_trip()
        health.beat("worker")
    assert client.get("/readyz").json == {
        "ready": True, "database": "ok", "broker": "ok", "worker": "ok", "mail": "ok",
        "letters": {"failed": 0, "oldest_waiting_seconds": 0},
    }  # fmt: skip
    crash(breakable.broker)
    wait_for("the broker is away", lambda: client.get("/readyz").json["broker"] == "away")

    with transaction():
        registrations.submit(trip.id, application(2))

    assert client.get("/readyz").status_code == 503
    assert client.get(f"/trips/{trip.slug}/").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1
    assert list(db.session.scalars(select(Mail.state))) == [MailState.WAITING] * 3
