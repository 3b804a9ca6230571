"""Processes killed in the middle of their work: nothing lost, nothing half."""

import mailbox
import re
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import application, make_trip
from tests.faults.processes import free_port, kill, wait_for, web, worker
from webapp.db import db, transaction, wake
from webapp.domain import registrations
from webapp.models.audit import AuditEntry
from webapp.models.mail import Mail, MailState
from webapp.models.registration import Registration

pytestmark = pytest.mark.faults


def states() -> set[MailState]:
    db.session.rollback()
    return set(db.session.scalars(select(Mail.state)))


def arrived(config, message_ids: set[str]) -> list[str]:
    inbox = mailbox.Maildir(config.data_dir / "inbox")
    return sorted(m["Message-ID"] for m in inbox if m["Message-ID"] in message_ids)


@pytest.fixture
def silent_server():
    """An SMTP server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"


def test_a_worker_killed_between_claim_and_send_loses_no_letter(
    committed, config, silent_server, tmp_path
):
    log = tmp_path / "worker.log"
    with transaction():
        registrations.submit(make_trip().id, application(2))
    message_ids = set(db.session.scalars(select(Mail.message_id)))
    assert len(message_ids) == 3

    with worker(config, log, MAIL_URL=silent_server) as first:
        wake({"outbox.send"})
        wait_for("the letters are claimed", lambda: states() == {MailState.SENDING}, log)
        kill(first)
    assert states() == {MailState.SENDING}
    assert arrived(config, message_ids) == []

    with transaction():  # five minutes go by
        db.session.execute(sa.text("UPDATE mails SET claimed_at = claimed_at - interval '6 min'"))
    with worker(config, log):
        wake({"outbox.rescue"})
        wait_for("the letters are sent", lambda: states() == {MailState.SENT}, log)

    assert arrived(config, message_ids) == sorted(message_ids)  # each once


def test_a_worker_killed_between_writing_and_claiming_loses_no_letter(committed, config, tmp_path):
    log = tmp_path / "worker.log"
    with transaction():
        registrations.submit(make_trip().id, application(2))
    message_ids = set(db.session.scalars(select(Mail.message_id)))

    with held_up("OLD.state = 'waiting' AND NEW.state = 'sending'") as holder:
        with worker(config, log) as first:
            wake({"outbox.send"})
            wait_for("the worker is held up", lambda: waiting_for_advice(holder), log)
            kill(first)
        holder.rollback()
        wait_for("the database has let go", lambda: not open_transactions())

    assert states() == {MailState.WAITING}
    written = db.session.scalars(select(Mail.message.is_not(None))).all()
    assert written == [True] * 3
    with worker(config, log):
        wake({"outbox.send"})
        wait_for("the letters are sent", lambda: states() == {MailState.SENT}, log)

    assert arrived(config, message_ids) == sorted(message_ids)  # each once


def test_letters_wait_in_the_row_while_no_worker_is_there(committed, config, tmp_path):
    log = tmp_path / "worker.log"
    with transaction():
        registrations.submit(make_trip().id, application(1))
    message_ids = set(db.session.scalars(select(Mail.message_id)))
    assert states() == {MailState.WAITING}

    with worker(config, log):
        wake({"outbox.send"})
        wait_for("the letters are sent", lambda: states() == {MailState.SENT}, log)

    assert arrived(config, message_ids) == sorted(message_ids)


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


@contextmanager
def held_up(moment: str) -> Iterator[sa.Connection]:
    """While the yielded connection's transaction is open, whoever comes to that moment of a letter
    waits."""
    with db.engine.begin() as making:
        making.exec_driver_sql(
            "CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(4); RETURN NEW; END $$"
        )
        making.exec_driver_sql(
            "CREATE TRIGGER hold_up BEFORE UPDATE ON mails FOR EACH ROW "
            f"WHEN ({moment}) EXECUTE FUNCTION hold_up()"
        )
    try:
        with db.engine.connect() as holder:
            holder.execute(sa.text("SELECT pg_advisory_xact_lock(4)"))
            yield holder
    finally:
        with db.engine.begin() as ending:
            ending.exec_driver_sql("DROP FUNCTION hold_up CASCADE")


def waiting_for_advice(connection: sa.Connection) -> bool:
    return bool(
        connection.scalar(
            sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        )
    )


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
