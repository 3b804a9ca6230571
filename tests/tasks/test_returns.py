"""Reading the mailbox of reports."""

import pytest

from tasks.returns import poll
from tests.factories import make_registration, make_trip
from tests.mail import reports
from tests.mail.test_returns import said
from tests.tasks.imap import mailbox
from webapp.db import db, transaction
from webapp.domain import bounces, correspondence
from webapp.mail import returns
from webapp.models.mail import Mail, MailState
from webapp.models.trip import Trip


@pytest.fixture
def sent(app, monkeypatch) -> Mail:
    monkeypatch.setitem(app.config, "MAIL_BOUNCES", "bounces@escale.example")
    with transaction():
        correspondence.to_coordinator("place_confirmed", make_registration(make_trip(), 1), 1)
    mail = db.session.query(Mail).one()
    with transaction():
        mail.state, mail.attempts = MailState.SENT, 1
    return mail


def report_of(mail: Mail) -> bytes:
    return said(reports.POSTFIX, returns.envelope_sender(mail.id))


def read(app, monkeypatch, box) -> None:
    monkeypatch.setitem(app.config, "MAIL_INTAKE_URL", box.url)
    poll()
    db.session.expire_all()


def test_reports_are_taken_in_and_marked_and_others_are_left_alone(app, monkeypatch, sent):
    junk = b"From: somebody@example.org\r\n\r\nBuy now!\r\n"
    with mailbox([junk, report_of(sent), b""]) as box:
        read(app, monkeypatch, box)

        assert box.seen == {101, 102, 103}
        assert sent.state == MailState.BOUNCED
        assert bounces.active(sent.to_email).code == "5.1.1"


def test_a_report_that_overtakes_us_is_read_again(app, monkeypatch, sent):
    with transaction():
        sent.state = MailState.SENDING
    with mailbox([report_of(sent)]) as box:
        read(app, monkeypatch, box)
        assert (box.seen, sent.state) == (set(), MailState.SENDING)

        with transaction():
            sent.state = MailState.SENT
        read(app, monkeypatch, box)
        assert (box.seen, sent.state) == ({101}, MailState.BOUNCED)


@pytest.mark.parametrize("where", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
def test_a_mailbox_that_goes_away_loses_nothing(app, monkeypatch, sent, caplog, where):
    with mailbox([report_of(sent)]) as box:
        box.hangs_up_at = where
        read(app, monkeypatch, box)
        assert (box.seen, sent.state) == (set(), MailState.SENT)
        assert "cannot be read" in caplog.text
        assert "sesame" not in caplog.text

        box.hangs_up_at = ""
        read(app, monkeypatch, box)
        assert sent.state == MailState.BOUNCED


def test_a_crash_between_taking_in_and_marking_does_nothing_twice(app, monkeypatch, sent):
    with mailbox([report_of(sent)]) as box:
        box.hangs_up_at = "STORE"
        read(app, monkeypatch, box)
        assert (box.seen, sent.state) == (set(), MailState.BOUNCED)

        box.hangs_up_at = ""
        read(app, monkeypatch, box)
        assert box.seen == {101}
        assert len(bounces.of(sent_trip(sent))) == 1


def test_a_wrong_password_is_told_without_it(app, monkeypatch, caplog):
    with mailbox([]) as box:
        box.password = "another"
        read(app, monkeypatch, box)

    assert "AUTHENTICATIONFAILED" in caplog.text
    assert "sesame" not in caplog.text


def test_without_the_setting_nothing_is_asked(app, monkeypatch):
    monkeypatch.setattr("webapp.mail.mailbox.connect", None)  # calling it would fail

    assert poll() is None


def sent_trip(mail: Mail):
    return db.session.get(Trip, mail.trip_id)
