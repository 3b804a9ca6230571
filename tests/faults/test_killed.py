"""A web process killed in the middle of its work: nothing half. Workers: test_mail_killed.py."""

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import make_trip
from tests.faults.processes import free_port, kill, wait_for, web
from webapp.db import db, transaction
from webapp.models.audit import AuditEntry
from webapp.models.mail import Mail
from webapp.models.registration import Registration

pytestmark = pytest.mark.faults


def test_a_web_process_killed_while_it_registers_leaves_nothing_half(committed, config, tmp_path):
    log, port = tmp_path / "web.log", free_port()
    with transaction():
        slug = make_trip().slug
    address = f"http://127.0.0.1:{port}/trips/{slug}/register"
    with web(config, port, log) as server, db.engine.connect() as other:
        wait_for("the web process answers", lambda: answers(port), log)
        # The request writes the registration, then waits for us before its first letter.
        other.execute(sa.text("LOCK TABLE mails IN EXCLUSIVE MODE"))
        sending = threading.Thread(target=submit, args=(address,))
        sending.start()
        wait_for("the request is in the middle", lambda: blocked(other), log)
        kill(server)
        other.rollback()
        sending.join()
        wait_for("the database has let go", lambda: not open_transactions())

    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Registration, Mail, AuditEntry)
    ]
    assert counts == [0, 0, 0]


def answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").status == 200
    except OSError:
        return False


def blocked(connection: sa.Connection) -> bool:
    return bool(
        connection.scalar(
            sa.text(
                "SELECT count(*) FROM pg_locks WHERE relation = 'mails'::regclass AND NOT granted"
            )
        )
    )


def open_transactions() -> int:
    db.session.rollback()
    return db.session.scalar(
        sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database() AND state LIKE '%in transaction%'"
        )
    )


def submit(address: str) -> None:
    """Fill in and send the form as a browser would; the answer never comes."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(address).read().decode()

    def hidden(name: str) -> str:
        tag = next(t for t in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in t)
        return re.search(r'value="([^"]*)"', tag)[1]

    sent = {
        "csrf_token": hidden("csrf_token"),
        "form_key": hidden("form_key"),
        "organization_name": "Half Way Systems",
        "organization_kind": "company",
        "country": "US",
        "coordinator_name": "Ana Half",
        "coordinator_email": "ana.half@example.com",
        "language": "en",
        "delegates-0-given_name": "Ben",
        "delegates-0-family_name": "Half",
        "delegates-0-email": "ben.half@example.com",
        "delegates-0-language": "en",
        "authority": "y",
    }
    try:
        opener.open(address, urllib.parse.urlencode(sent).encode(), timeout=60)
    except (urllib.error.URLError, OSError):
        return
