"""Database or broker away: what pages say, and that nothing is lost."""

import os
import signal
from contextvars import Context
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from tests.factories import application, make_trip
from tests.faults.processes import wait_for
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain import health, registrations
from webapp.embedded.services import services
from webapp.models.mail import Mail, MailState
from webapp.models.registration import Registration

pytestmark = pytest.mark.faults


@pytest.fixture
def alone():
    """A product with services of its own, which a test may kill by `alone.extensions["kill"]`."""
    others = children()
    with services() as config:
        app = create_app(config)
        # Told apart by who was there before: process ids start again from the bottom when the
        # machine has used them up, so the highest is not always the newest.
        started = {name: pid for pid, name in children().items() if pid not in others}
        app.extensions["kill"] = lambda name, sign: os.kill(started[name], sign)
        with app.app_context():
            upgrade()
            yield app
            db.session.remove()
            db.engine.dispose()


def children() -> dict[int, str]:
    """Our own child processes and the names of their programs."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                status = (folder / "stat").read_text()
            except OSError:
                continue
            program, rest = status[status.index("(") + 1 :].rsplit(") ", 1)
            if int(rest.split()[1]) == os.getpid():
                found[int(folder.name)] = program
    return found


def test_without_the_database_pages_ask_to_try_again_and_readyz_names_it(alone):
    client = alone.test_client()
    with transaction():
        slug = make_trip().slug
        health.beat("worker")
    assert client.get("/readyz").json["database"] == "ok"
    db.session.remove()
    alone.extensions["kill"]("postgres", signal.SIGQUIT)
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


def test_without_the_broker_a_registration_is_stored_whole_and_its_letters_wait(alone):
    client = alone.test_client()
    with transaction():
        trip = make_trip()
        health.beat("worker")
    assert client.get("/readyz").json == {
        "ready": True, "database": "ok", "broker": "ok", "worker": "ok", "mail": "ok"
    }  # fmt: skip
    alone.extensions["kill"]("valkey-server", signal.SIGKILL)
    wait_for("the broker is away", lambda: client.get("/readyz").json["broker"] == "away")

    with transaction():
        registrations.submit(trip.id, application(2))

    assert client.get("/readyz").status_code == 503
    assert client.get(f"/trips/{trip.slug}/").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1
    assert list(db.session.scalars(select(Mail.state))) == [MailState.WAITING] * 3
