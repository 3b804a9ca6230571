"""Groups that are settled at once, clocks that were set back, letters that are held, stopped, sent
again."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from tests.factories import make_registration, make_trip, utc
from tests.mail import posting
from tests.together import at_once
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import bounces, correspondence
from webapp.mail import outbox
from webapp.mail.letters import UNWANTED
from webapp.mail.outbox import Settled
from webapp.models.mail import Hold, Mail, MailAttempt, MailState, OptOut, Outcome, Topic
from webapp.models.states import MoveRefused

NOON = utc(2027, 9, 1, 12, 0)
MINUTE = timedelta(minutes=1)
WAITING, HELD, SENDING = MailState.WAITING, MailState.HELD, MailState.SENDING
SENT, BOUNCED, FAILED, CANCELLED = (
    MailState.SENT, MailState.BOUNCED, MailState.FAILED, MailState.CANCELLED
)  # fmt: skip


def put(count: int = 1) -> list[Mail]:
    trip = make_trip()
    mails = [posting.put("registration_received", make_registration(trip, 1)) for _ in range(count)]
    correspondence.write_due(count)
    db.session.flush()
    return mails


def hold(mail: Mail, due_at, why: Hold = Hold.WINDOW) -> None:
    mail.state, mail.hold, mail.due_at = HELD, why, due_at
    db.session.flush()


def claim(limit: int = 10) -> list[outbox.Claimed]:
    with transaction():
        return outbox.claim("host:7", limit)


def took(claims) -> list[Settled]:
    return [Settled(c, Outcome.ACCEPTED, 250, "ok", clock.now()) for c in claims]


def settle(tries: list[Settled]) -> set[int]:
    with transaction():
        return outbox.settle(tries)


def look(mails: list[Mail]) -> list[tuple]:
    db.session.expire_all()
    return [(mail.state, mail.attempts) for mail in mails]


def test_a_group_is_settled_in_one_statement_each_as_it_went(session, hold_clock, statements):
    hold_clock(NOON)
    mails = put(4)
    first, second, third, fourth = claim()
    hold_clock(NOON + MINUTE)
    at = clock.now()
    group = [
        Settled(first, Outcome.ACCEPTED, 250, "2.0.0 queued", at),
        Settled(second, Outcome.LATER, 451, "4.7.1 greylisted", at),
        Settled(third, Outcome.REFUSED, 550, "5.1.1 no such mailbox", at),
        Settled(fourth, Outcome.LATER, None, "SMTPServerDisconnected: timed out", at),
    ]

    with statements() as sent:
        settled = outbox.settle(group)
    session.commit()

    assert (len(sent), settled) == (1, {mail.id for mail in mails})
    assert [(m.state, m.attempts, m.last_error, m.sent_at) for m in mails] == [
        (SENT, 1, None, at),
        (WAITING, 1, "451 4.7.1 greylisted", None),
        (FAILED, 1, "550 5.1.1 no such mailbox", None),
        (WAITING, 1, "SMTPServerDisconnected: timed out", None),
    ]
    assert [m.due_at for m in mails] == [NOON, at + MINUTE, NOON, at + MINUTE]
    written = session.scalars(select(MailAttempt).order_by(MailAttempt.mail_id)).all()
    assert [(a.mail_id, a.number, a.at, a.worker, a.outcome, a.code, a.words) for a in written] == [
        (mails[0].id, 1, at, "host:7", Outcome.ACCEPTED, 250, "2.0.0 queued"),
        (mails[1].id, 1, at, "host:7", Outcome.LATER, 451, "4.7.1 greylisted"),
        (mails[2].id, 1, at, "host:7", Outcome.REFUSED, 550, "5.1.1 no such mailbox"),
        (mails[3].id, 1, at, "host:7", Outcome.LATER, None, "SMTPServerDisconnected: timed out"),
    ]


def test_of_a_group_only_what_is_still_ours_is_settled(session, hold_clock):
    hold_clock(NOON)
    ours, taken = put(2)
    claims = claim()
    session.execute(
        update(Mail).where(Mail.id == taken.id).values(claimed_at=NOON + timedelta(minutes=6))
    )

    assert settle(took(claims)) == {ours.id}
    assert settle(took(claims)) == set()  # nor twice

    assert look([ours, taken]) == [(SENT, 1), (SENDING, 1)]
    assert session.scalars(select(MailAttempt.mail_id)).all() == [ours.id]
    assert outbox.settle([]) == set()
    assert outbox.give_back([]) == 0


def test_settled_by_two_at_once_counts_once(committed):
    with transaction():
        put(3)
    claims = claim()
    db.session.remove()

    done = at_once(committed, *[lambda: settle(took(claims))] * 3)

    assert sorted(map(len, done)) == [0, 0, 3]
    assert len(db.session.scalars(select(MailAttempt.id)).all()) == 3


def test_what_was_given_back_keeps_its_turn_and_its_tries(session, hold_clock):
    hold_clock(NOON)
    mails = put(3)
    mails[0].last_error = "450 busy"
    session.flush()
    claims = claim()
    hold_clock(NOON + MINUTE)

    with transaction():
        assert outbox.give_back(claims[:2]) == 2

    assert look(mails) == [(WAITING, 0), (WAITING, 0), (SENDING, 1)]
    assert [m.due_at for m in mails] == [NOON] * 3
    assert [m.last_error for m in mails] == ["450 busy", None, None]
    assert [c.id for c in claim()] == [mails[0].id, mails[1].id]


def test_what_was_claimed_before_the_clock_was_set_back_is_rescued(session, hold_clock):
    hold_clock(NOON + timedelta(days=1))
    mails = put(2)
    claim(1)
    hold_clock(NOON + timedelta(days=1) - outbox.STUCK_AFTER)
    with transaction():
        assert outbox.rescue() == 0
    hold_clock(NOON)

    with transaction():
        assert outbox.rescue() == 1

    assert look(mails) == [(WAITING, 1), (WAITING, 0)]
    assert [m.due_at for m in mails] == [NOON, NOON]


def test_what_waits_longer_than_any_rule_lets_it_wait_is_due(session, hold_clock):
    """It was put off while the clock was ahead, or put to be sent at once."""
    hold_clock(NOON)
    put_off, longest, planned, at_once_ = put(4)
    put_off.attempts = longest.attempts = 5
    put_off.due_at = NOON + outbox.BACKOFF[-1] + timedelta(seconds=1)
    longest.due_at = NOON + outbox.BACKOFF[-1]
    planned.due_at = NOON + timedelta(days=9)
    at_once_.created_at = at_once_.due_at = NOON + timedelta(days=9)
    session.flush()

    with transaction():
        outbox.rescue()

    found = {c.id for c in claim()}
    assert found == {put_off.id, at_once_.id}
    assert (longest.due_at, planned.due_at) == (NOON + outbox.BACKOFF[-1], NOON + timedelta(days=9))


def test_letters_held_for_a_moment_wait_once_it_has_come(session, hold_clock):
    hold_clock(NOON)
    due, later, by_address, stopped, marked = put(5)
    for mail in (due, stopped, marked):
        hold(mail, NOON + MINUTE)
    hold(later, NOON + 2 * MINUTE)
    hold(by_address, NOON, Hold.ADDRESS)
    with transaction():
        outbox.stop(stopped)
        bounces.mark(marked.to_email.upper(), "5.1.1", "gone", None)
    released = []
    for seconds in (59, 60, 61):
        hold_clock(NOON + timedelta(seconds=seconds))
        with transaction():
            released.append(outbox.release_held())
    session.expire_all()

    assert released == [0, 1, 0]
    mails = (due, later, by_address, stopped, marked)
    assert [(m.state, m.hold) for m in mails] == [
        (WAITING, None),
        (HELD, Hold.WINDOW),
        (HELD, Hold.ADDRESS),
        (CANCELLED, None),
        (HELD, Hold.ADDRESS),
    ]


def test_letters_held_are_released_in_one_statement(session, hold_clock, statements):
    hold_clock(NOON)
    for mail in put(12):
        hold(mail, NOON)

    with statements() as sent:
        assert outbox.release_held() == 12

    assert len(sent) == 1


@pytest.mark.parametrize("state", [WAITING, HELD])
def test_a_letter_that_waits_or_is_held_can_be_stopped(session, state):
    [mail] = put()
    if state == HELD:
        hold(mail, NOON)

    with transaction():
        outbox.stop(mail)

    assert (mail.state, mail.hold) == (CANCELLED, None)
    assert claim() == []


@pytest.mark.parametrize("state", [SENDING, SENT, BOUNCED, FAILED, CANCELLED])
def test_a_letter_that_may_have_left_is_not_stopped(session, state):
    [mail] = put()
    mail.state = state
    session.flush()

    with pytest.raises(MoveRefused):
        outbox.stop(mail)

    assert mail.state == state


def test_stopping_and_sending_at_once_do_one_of_both(committed):
    with transaction():
        ids = [mail.id for mail in put(4)]
    db.session.remove()

    def stop(mail_id):
        with transaction():
            outbox.stop(db.session.get_one(Mail, mail_id))
        return "stopped"

    results = at_once(committed, claim, *[lambda i=i: stop(i) for i in ids])

    claimed = {c.id for c in results[0]}
    assert [r == "stopped" for r in results[1:]] == [i not in claimed for i in ids]


def test_all_of_a_kind_that_were_not_sent_are_stopped_in_one_statement(session, statements):
    mails = put(5)
    waiting, held, sending, sent, other = mails
    hold(held, NOON)
    sending.state, sent.state, other.letter = SENDING, SENT, "place_confirmed"
    session.flush()

    with statements() as run:
        number = outbox.stop_all(Mail.letter == "registration_received", why="told with version 3")

    assert (number, len(run)) == (2, 1)
    assert [m.state for m in mails] == [CANCELLED, CANCELLED, SENDING, SENT, WAITING]
    assert (waiting.last_error, held.last_error) == ("told with version 3",) * 2
    assert (held.hold, other.last_error) == (None, None)


def test_what_a_sender_settles_over_its_own_connection_is_written_at_once(committed, statements):
    """Whatever becomes of the session; and where the connection is lost it is made anew."""
    with transaction():
        put(3)
    first, second, third = took(claim())
    with outbox.keep_connection():
        with statements() as run:
            assert outbox.settle([first]) == {first.claimed.id}
        db.session.rollback()
        with db.engine.connect() as other:
            other.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ))  # fmt: skip
        with pytest.raises(OperationalError):
            outbox.settle([second])
        db.session.remove()
        assert outbox.settle([second]) == {second.claimed.id}
        assert outbox.give_back([third.claimed]) == 1

    assert len(run) == 1
    states = db.session.scalars(select(Mail.state).order_by(Mail.id)).all()
    assert list(states) == [SENT, SENT, WAITING]


def test_a_letter_that_came_back_can_be_sent_again(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    mail.state, mail.attempts = BOUNCED, 3
    session.flush()

    with transaction():
        outbox.send_again(mail)

    assert (mail.state, mail.attempts) == (WAITING, 0)
    assert [c.id for c in claim()] == [mail.id]


def test_a_failed_letter_whose_reader_wants_no_more_of_its_kind_is_not_sent_again(session):
    mails = put(3)
    for mail, topic in zip(mails, (Topic.NEWS, Topic.DAYS, None), strict=True):
        mail.state, mail.topic = FAILED, topic
        email = mail.to_email.lower()
        session.add(OptOut(trip_id=mail.trip_id, email=email, topic=Topic.NEWS, at=NOON))
    session.flush()

    with transaction():
        waits = [outbox.send_again(mail) for mail in mails]

    assert waits == [False, True, True]
    assert [mail.state for mail in mails] == [CANCELLED, WAITING, WAITING]
    assert mails[0].last_error == UNWANTED
    assert {each.id for each in claim()} == {mail.id for mail in mails[1:]}


def test_a_letter_that_is_to_wait_long_is_left_alone_by_the_search_for_lost_ones(
    session, hold_clock
):
    """Its writing may have been tried already; or it was put for a day far ahead, or is held for
    its address."""
    hold_clock(NOON)
    held, planned, bad = put(3)
    far = NOON + timedelta(days=30)
    hold(held, far)
    hold(bad, far, Hold.ADDRESS)
    held.attempts = bad.attempts = 2
    planned.due_at = far
    session.flush()

    hold_clock(NOON + outbox.STUCK_AFTER * 2)
    with transaction():
        assert outbox.rescue() == 0

    session.expire_all()
    assert [(m.state, m.hold, m.due_at) for m in (held, planned, bad)] == [
        (HELD, Hold.WINDOW, far), (WAITING, None, far), (HELD, Hold.ADDRESS, far)
    ]  # fmt: skip
    assert claim() == []


def test_what_is_urgent_is_written_first_and_what_is_held_ahead_of_its_moment(session, hold_clock):
    hold_clock(NOON)
    trip = make_trip()
    held, many, soon, planned = [
        posting.put("registration_received", make_registration(trip, 1)) for _ in range(4)
    ]
    hold(held, NOON + 9 * MINUTE)
    many.urgency, planned.due_at = 2, NOON + MINUTE
    session.flush()

    order = []
    for _round in range(4):
        before = {m.id for m in (held, many, soon, planned) if m.is_written}
        correspondence.write_due(1)
        order += [m for m in (held, many, soon, planned) if m.is_written and m.id not in before]

    assert order == [soon, many, held]
    assert (held.state, held.due_at) == (HELD, NOON + 9 * MINUTE)


def test_a_held_letter_that_cannot_be_written_ahead_has_its_tries_when_its_moment_comes(
    session, hold_clock, monkeypatch, caplog
):
    hold_clock(NOON)
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    hold(mail, NOON + MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr("webapp.domain.correspondence.writing.write", lambda *_given: 1 / 0)
        assert [correspondence.write_due() for _try in range(2)] == [1, 0]
    assert (mail.state, mail.due_at, mail.attempts) == (HELD, NOON + MINUTE, 1)

    hold_clock(NOON + MINUTE)
    with transaction():
        outbox.release_held()
    session.expire_all()
    posting.written(mail)

    assert (mail.state, mail.is_written, mail.attempts) == (WAITING, True, 0)


def test_a_held_letter_that_has_no_reader_any_more_is_stopped(session, hold_clock):
    hold_clock(NOON)
    registration = make_registration(make_trip(), 1)
    mail = posting.put("registration_received", registration)
    hold(mail, NOON + MINUTE)
    registration.coordinator_email = "kim@example.com"

    assert correspondence.write_due() == 1

    assert (mail.state, mail.hold, mail.message) == (MailState.CANCELLED, None, None)
