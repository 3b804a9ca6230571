"""Sending: from waiting rows to mails in a real inbox, past servers that refuse or go away."""

import email
import mailbox
import time
from datetime import timedelta
from email import policy

import pytest
from sqlalchemy import select

from tasks import outbox as sending
from tests.factories import application, make_registration, make_trip
from tests.mail import posting
from tests.mail.servers import Keeper, behaved, misbehaved
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import registrations
from webapp.mail import outbox, smtp
from webapp.models.mail import Mail, MailState

WAITING, SENDING, SENT, FAILED = MailState


@pytest.fixture
def inbox(config):
    """The mails that the built-in inbox has taken since the test began."""
    folder = mailbox.Maildir(config.data_dir / "inbox", create=False)
    folder.clear()
    return lambda: [
        email.message_from_bytes(folder.get_bytes(key), policy=policy.default)
        for key in sorted(folder.keys())
    ]


@pytest.fixture
def server(app, monkeypatch):
    """`server(port)` sends the letters of this test to a server of its own."""

    def use(port):
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")

    return use


def put(count):
    """So many letters to different people."""
    with transaction():
        trip = make_trip()
        for _ in range(count):
            posting.put("registration_received", make_registration(trip, 1))
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def states():
    db.session.expire_all()
    return [(m.state, m.attempts) for m in db.session.scalars(select(Mail).order_by(Mail.id))]


def test_a_registration_s_letters_arrive_in_the_inbox_as_they_were_written(session, inbox):
    sent = application(2)
    with transaction():
        registration = registrations.submit(make_trip().id, sent)

    sending.send()

    arrived = inbox()
    assert sorted(m["X-RcptTo"] for m in arrived) == sorted(
        [sent.coordinator_email, *(d.email for d in sent.delegates)]
    )
    assert {m["X-MailFrom"] for m in arrived} == {"tours@escale.example"}
    assert states() == [(SENT, 1)] * 3
    stored = {m.message_id: m.message for m in outbox.of_registration(registration.id)}
    for mail in arrived:
        body = mail.as_bytes(policy=policy.SMTP).split(b"\r\n\r\n", 1)[1]
        assert body == stored[mail["Message-ID"]].split(b"\r\n\r\n", 1)[1]


def test_nothing_due_sends_nothing(session, inbox):
    sending.send()

    assert inbox() == []


def test_sending_twice_sends_once(session, inbox):
    put(2)

    sending.send()
    sending.send()

    assert len(inbox()) == 2
    assert states() == [(SENT, 1)] * 2


def test_a_long_queue_goes_out_batch_by_batch_on_one_connection_each(session, server, monkeypatch):
    monkeypatch.setattr(sending, "BATCHES", 2)
    put(23)
    with misbehaved({}) as (port, heard):
        server(port)
        sending.send()

    assert states() == [(SENT, 1)] * 20 + [(WAITING, 0)] * 3  # the rest at the next call
    assert [line for line in heard if line.startswith("ehlo")] == [heard[0]] * 2


def test_one_refused_recipient_does_not_stop_the_others(session, server):
    mails = put(4)
    refused = {mails[0].to_email: "550 no such mailbox", mails[1].to_email: "450 busy"}
    keeper = Keeper(refused)
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert states() == [(FAILED, 1), (WAITING, 1), (SENT, 1), (SENT, 1)]
    assert [m.last_error for m in mails] == ["550 no such mailbox", "450 busy", None, None]
    assert [e.rcpt_tos for e in keeper.mails] == [[m.to_email] for m in mails[2:]]


@pytest.mark.parametrize("answer", ["421 not you", "close"])
def test_a_letter_at_which_the_server_hangs_up_does_not_stop_the_others(session, server, answer):
    """A connection of its own for those after it: else the same one would spoil each try of all."""
    mails = put(3)
    with misbehaved({f"rcpt TO:<{mails[0].to_email}>": answer}) as (port, heard):
        server(port)
        sending.send()

    assert states() == [(WAITING, 1), (SENT, 1), (SENT, 1)]
    assert heard.count(".") == 2


@pytest.mark.parametrize(
    ("script", "words", "tries"),
    [
        ({"HELLO": "554 not now"}, "554 not now", 0),
        ({"HELLO": "close"}, "Connection unexpectedly closed", 0),
        # There was a connection, so each letter has had its try.
        ({"EHLO": "close", "HELO": "close"}, "SMTPServerDisconnected", 1),
    ],
)
def test_a_server_that_takes_nobody_s_letters_is_tried_again_for_all(
    session, server, script, words, tries
):
    mails = put(3)
    with misbehaved(script) as (port, _heard):
        server(port)
        sending.send()

    assert states() == [(WAITING, tries)] * 3
    assert all(words in m.last_error for m in mails)


def test_without_a_server_the_letters_wait_and_go_out_once_it_is_back(session, server):
    put(2)
    server(1)
    sending.send()
    assert states() == [(WAITING, 0)] * 2

    with transaction():
        for mail in db.session.scalars(select(Mail)):
            mail.due_at = clock.now()
    keeper = Keeper()
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert states() == [(SENT, 1)] * 2
    assert len(keeper.mails) == 2


def test_a_server_that_falls_silent_after_the_message_is_given_up_and_tried_again(
    session, server, monkeypatch
):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    put(1)
    started = time.monotonic()
    with misbehaved({".": "hang"}) as (port, heard):
        server(port)
        sending.send()

    assert states() == [(WAITING, 1)]
    assert heard[-1] == "."
    assert time.monotonic() - started < 3


def test_a_letter_is_not_begun_when_its_row_could_be_rescued_before_it_is_through(
    session, server, hold_clock
):
    """The server takes a minute and a half for each letter: the third would be begun too late."""
    put(4)
    now = clock.now()
    times = iter(range(1, 5))

    class Slow(Keeper):
        async def handle_DATA(self, *given):  # noqa: N802
            hold_clock(now + timedelta(seconds=100) * next(times))
            return await super().handle_DATA(*given)

    hold_clock(now)
    keeper = Slow()
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert states() == [(SENT, 1)] * 2 + [(WAITING, 1)] * 2
    assert len(keeper.mails) == 2


def test_a_letter_whose_worker_died_is_rescued_and_sent_with_the_same_bytes(
    session, inbox, hold_clock
):
    [mail] = put(1)
    with transaction():
        posting.written(mail)
    with transaction():
        [claimed] = outbox.claim("a worker that dies")
    sending.rescue()
    assert states() == [(SENDING, 1)]  # not yet: it may still be at it
    hold_clock(clock.now() + outbox.STUCK_AFTER * 2)

    sending.rescue()

    assert states() == [(SENT, 2)]
    [arrived] = inbox()
    assert arrived["Message-ID"] == mail.message_id
    assert arrived["Message-ID"].encode() in claimed.content


def test_the_tasks_are_known_to_workers_by_name(app):
    celery = app.extensions["celery"]

    celery.loader.import_default_modules()

    ours = {name for name in celery.tasks if not name.startswith("celery.")}
    assert ours == {
        "outbox.send",
        "outbox.rescue",
        "calendars.prepare",
        "releases.publish_due",
        "places.pass_on",
        "intakes.run",
        "fees.remind",
        "housekeeping.beat",
        "housekeeping.purge",
    }
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} == ours
    assert outbox.SEND in ours
