import mailbox
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy as sa

from config import Config
from webapp.embedded import places
from webapp.embedded.inbox import SIZE_LIMIT
from webapp.embedded.processes import ServiceError
from webapp.embedded.services import prepare_sockets, remove_outside, services


class UnixSMTP(smtplib.SMTP):
    """smtplib, over a Unix socket whose path is given as the host."""

    def _get_socket(self, host, port, timeout):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(10)
        line.connect(host)
        return line


def open_inbox(config: Config) -> UnixSMTP:
    client = UnixSMTP()
    client.connect(config.mail_url.removeprefix("smtp+unix://"))
    return client


def in_kombu(config: Config, statement: str) -> None:
    """Do something with a queue as Celery reaches it; apart, since kombu leaves sockets open."""
    script = f"""
import kombu
with kombu.Connection({config.celery_broker_url!r}) as broker:
    queue = broker.SimpleQueue("kept")
    {statement}
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_three_services_answer_and_leave_nothing_behind():
    with services() as config:
        with psycopg.connect(config.database_url.replace("+psycopg", "")) as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(config.redis_url) as broker:
            assert broker.ping()
        with open_inbox(config) as inbox:
            assert inbox.noop()[0] == 250
        assert config.testing
        assert config.data_dir.exists()
    assert not config.data_dir.exists()


@pytest.mark.parametrize("name", ["a b, 'c' \"d\" %41 é", "d" * 90])
def test_any_data_dir_serves_and_keeps_its_queue(data_dir: Path, name: str):
    folder = data_dir / name
    with services(folder, durable=True) as config:
        with sa.create_engine(config.database_url, poolclass=sa.NullPool).connect() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
        in_kombu(config, "queue.put('yes')")
        with open_inbox(config) as inbox:
            assert inbox.noop()[0] == 250
    with services(folder, durable=True) as config:
        in_kombu(config, "assert queue.get(timeout=5).payload == 'yes'")
    sockets = places.socket_dir(folder)
    assert sockets.parent == Path("/tmp")  # noqa: S108 - the short one
    assert not [path for path in sockets.iterdir() if path.is_socket()]
    remove_outside(folder)
    assert not sockets.exists()


def test_the_inbox_keeps_a_mail_whole_and_says_who_gets_it(config: Config):
    mail = EmailMessage()
    mail["From"], mail["To"] = "tours@escale.example", "Zoé <zoé@hôtel.example>"
    mail["Subject"] = "À bientôt"
    mail.set_content("First line\n.\n.dots stay\n")
    with open_inbox(config) as inbox:
        inbox.send_message(mail, to_addrs=["zoé@hôtel.example", "blind@copy.example"])
    folder = mailbox.Maildir(config.data_dir / "inbox", create=False)
    kept = [each for each in folder if "blind@copy.example" in str(each["X-RcptTo"])]
    assert len(kept) == 1
    assert kept[0].get_payload(decode=True) == b"First line\n.\n.dots stay\n"


def test_the_inbox_refuses_what_is_too_big(config: Config):
    with open_inbox(config) as inbox:
        inbox.ehlo()
        assert inbox.esmtp_features["size"] == str(SIZE_LIMIT)
        answer = inbox.docmd("MAIL", f"FROM:<a@b.example> SIZE={SIZE_LIMIT + 1}")
    assert answer[0] == 552


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    places.socket_dir(deep).mkdir(mode=0o755)
    try:
        with pytest.raises(ServiceError, match="not a private folder"):
            prepare_sockets(deep)
    finally:
        places.socket_dir(deep).rmdir()
