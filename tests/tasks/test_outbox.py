"""Sending: from waiting rows to mails in a real inbox, past servers that refuse or go away."""

import asyncio
import email
import mailbox
import time
from datetime import timedelta
from email import policy

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tasks import outbox as sending
from tests.factories import application, make_registration, make_trip
from tests.mail import posting
from tests.mail.servers import Keeper, behaved, misbehaved
from webapp import clock
from webapp.db import db, transaction, wake
from webapp.domain import registrations
from webapp.mail import lanes, outbox, returns, smtp
from webapp.models.mail import Bounce, Mail, MailAttempt, MailState, Outcome, Urgency

WAITING, SENDING = MailState.WAITING, MailState.SENDING
SENT, FAILED, HELD = MailState.SENT, MailState.FAILED, MailState.HELD


class Slow(Keeper):
    """A server that takes its time for each letter."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    async def handle_DATA(self, *given):  # noqa: N802
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(*given)


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


def tries():
    """Every try that was written down."""
    found = db.session.scalars(select(MailAttempt).order_by(MailAttempt.mail_id, MailAttempt.id))
    return [(a.number, a.outcome, a.code, a.words) for a in found]


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


def test_one_refused_recipient_does_not_stop_the_others(session, server):
    mails = put(4)
    refused = {mails[0].to_email: "550 no such mailbox", mails[1].to_email: "450 busy"}
    keeper = Keeper(refused)
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert states() == [(FAILED, 1), (WAITING, 1), (SENT, 1), (SENT, 1)]
    assert [m.last_error for m in mails] == ["550 no such mailbox", "450 busy", None, None]
    assert tries() == [
        (1, Outcome.REFUSED, 550, "no such mailbox"),
        (1, Outcome.LATER, 450, "busy"),
        (1, Outcome.ACCEPTED, 250, "taken"),
        (1, Outcome.ACCEPTED, 250, "taken"),
    ]
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
        ({"EHLO": "close", "HELO": "close"}, "SMTPServerDisconnected", 0),
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
    assert ours >= {
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
    swept = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    # What a call of `calendars.prepare` leaves over; beat wakes that one itself.
    assert swept == ours - {"calendars.go_on"}
    assert outbox.SEND in ours


def test_rest_that_no_time_is_left_for_waits_again_and_goes_first(session, server, monkeypatch):
    """A slow server: a round takes half a second, however many letters were claimed for it."""
    monkeypatch.setattr(sending, "ROUND", 0.1)
    rounds, claim = [], outbox.claim

    def once(worker, limit):
        rounds.append(limit)
        return claim(worker, limit) if len(rounds) == 1 else []

    monkeypatch.setattr(outbox, "claim", once)
    mails = put(6)
    keeper = Slow(0.06)
    with behaved(keeper) as port:
        server(port)
        sending.send()

    sent = len(keeper.mails)
    assert 1 <= sent <= 3
    assert states() == [(SENT, 1)] * sent + [(WAITING, 0)] * (6 - sent)
    assert [m.last_error for m in mails] == [None] * 6
    assert tries() == [(1, Outcome.ACCEPTED, 250, "taken")] * sent


def test_a_round_is_as_long_as_the_server_lets_it_be(session, server, monkeypatch):
    asked = []
    claim = outbox.claim

    def noted(worker, limit):
        asked.append(limit)
        return claim(worker, limit)

    monkeypatch.setattr(outbox, "claim", noted)
    monkeypatch.setattr(sending, "ROUND", 0.2)
    put(16)
    with behaved(Slow(0.05)) as port:
        server(port)
        sending.send()

    assert asked[0] == 10
    assert all(1 <= limit <= 5 for limit in asked[1:-1])
    assert states() == [(SENT, 1)] * 16


def test_what_somebody_waits_for_goes_before_the_rest_of_the_many(session, server, monkeypatch):
    """It is put while a bulletin is under way, and waits for one short round at most."""
    monkeypatch.setattr(sending, "ROUND", 0.1)
    mails = put(12)
    for mail in mails:
        mail.urgency = Urgency.MANY
    session.commit()

    class Putting(Slow):
        async def handle_DATA(self, *given):  # noqa: N802
            if len(self.mails) == 1:
                mails[-1].urgency = Urgency.SOON
                session.commit()
            return await super().handle_DATA(*given)

    keeper = Putting(0.04)
    with behaved(keeper) as port:
        server(port)
        sending.send()

    order = [envelope.rcpt_tos[0] for envelope in keeper.mails]
    assert order.index(mails[-1].to_email) <= 4
    assert len(order) == 12


def test_letters_are_settled_in_groups_and_at_once_where_somebody_waits(
    session, server, monkeypatch
):
    groups = []
    settle = outbox.settle

    def noted(group):
        groups.append(len(group))
        return settle(group)

    monkeypatch.setattr(outbox, "settle", noted)
    mails = put(25)
    for mail in mails[1:]:
        mail.urgency = Urgency.MANY
    session.commit()
    monkeypatch.setattr(sending, "FIRST", 25)
    with misbehaved({}) as (port, _heard):
        server(port)
        sending.send()

    assert (groups[0], sum(groups)) == (1, 25)
    assert max(groups) <= sending.GROUP
    assert states() == [(SENT, 1)] * 25


def test_a_refused_address_is_marked_and_its_other_letters_are_held(session, server):
    mails = put(3)
    mails[2].to_email = mails[0].to_email.upper()
    mails[2].due_at = clock.now() + timedelta(minutes=1)
    session.commit()
    keeper = Keeper(
        {mails[0].to_email: "550 5.1.1 no such user", mails[1].to_email: "550 5.7.1 go away"}
    )
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert states() == [(FAILED, 1), (FAILED, 1), (HELD, 0)]
    [bounce] = session.scalars(select(Bounce))
    assert (bounce.email, bounce.code, bounce.mail_id) == (
        mails[0].to_email.lower(), "5.1.1", mails[0].id
    )  # fmt: skip
    assert bounce.words == "550 5.1.1 no such user"


def test_a_server_that_is_away_costs_no_try_and_is_asked_again_by_one_letter(
    session, server, hold_clock
):
    mails = put(3)
    server(1)
    now = clock.now()
    hold_clock(now)
    sending.send()
    sending.send()

    assert states() == [(WAITING, 0)] * 3
    assert tries() == []
    assert "ConnectionRefusedError" in mails[0].last_error
    [lane] = outbox.lanes()
    assert (lane.failures, lane.closed_until) == (3, now + lanes.PAUSE)
    keeper = Keeper()
    with behaved(keeper) as port:
        server(port)
        sending.send()
        assert keeper.mails == []  # not yet
        hold_clock(now + lanes.PAUSE)
        sending.send()

    assert states() == [(SENT, 1)] * 3
    [lane] = outbox.lanes()
    assert (lane.failures, lane.closed_until) == (0, None)


def test_three_letters_at_which_the_server_hangs_up_leave_the_others_alone(session, server):
    mails = put(5)
    with misbehaved({"RCPT": "close"}) as (port, heard):
        server(port)
        sending.send()

    assert states() == [(WAITING, 1)] * 3 + [(WAITING, 0)] * 2
    assert len([said for said in heard if said.lower().startswith("rcpt")]) == 3
    assert [lane.failures for lane in outbox.lanes()] == [3]
    assert [bool(m.last_error) for m in mails] == [True] * 5


def test_a_database_that_goes_away_after_the_server_took_it_is_told_later(
    session, server, monkeypatch
):
    put(2)
    settle, calls = outbox.settle, []

    def away_once(group):
        calls.append(len(group))
        if len(calls) == 1:
            raise OperationalError("settle", {}, Exception("terminating connection"))
        return settle(group)

    monkeypatch.setattr(outbox, "settle", away_once)
    monkeypatch.setattr(sending, "PAUSE", 0)
    with misbehaved({}) as (port, heard):
        server(port)
        sending.send()

    assert states() == [(SENT, 1)] * 2
    assert heard.count(".") == 2  # and each went once


def test_a_rate_lets_letters_out_one_by_one_while_the_call_lasts(session, app, server, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_RATE", 600)
    monkeypatch.setattr(sending, "CALL", 0.5)
    monkeypatch.setattr(sending, "PAUSE", 0.02)
    put(20)
    keeper = Keeper()
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert 10 <= len(keeper.mails) <= 16  # a second's worth at once, then ten a second
    assert states().count((WAITING, 0)) == 20 - len(keeper.mails)


def test_each_letter_leaves_with_its_own_envelope_where_reports_are_read(
    session, app, server, monkeypatch
):
    monkeypatch.setitem(app.config, "MAIL_BOUNCES", "bounces@tours.example")
    mails = put(2)
    keeper = Keeper()
    with behaved(keeper) as port:
        server(port)
        sending.send()

    assert [e.mail_from for e in keeper.mails] == [returns.envelope_sender(m.id) for m in mails]
    assert len({e.mail_from for e in keeper.mails}) == 2


def test_hints_expire_as_the_sweep_comes_round(app, monkeypatch):
    sent = []
    celery = app.extensions["celery"]
    monkeypatch.setattr(celery, "send_task", lambda task, **options: sent.append((task, options)))

    wake({outbox.SEND})

    assert [(task, options["expires"]) for task, options in sent] == [("outbox.send", 10.0)]
