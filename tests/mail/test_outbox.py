"""The outbox: put with the change, claimed by one worker, settled by the one who claimed it."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.factories import make_registration, make_trip, utc
from tests.mail import posting
from tests.together import at_once
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import correspondence
from webapp.mail import outbox
from webapp.mail.outbox import Settled
from webapp.models.mail import Mail, MailAttempt, MailState, Outcome, Urgency
from webapp.models.registration import Registration
from webapp.models.states import MoveRefused

NOON = utc(2027, 9, 1, 12, 0)
ROUNDS = 20  # so that the few microseconds between two indexes are met
WAITING, SENDING = MailState.WAITING, MailState.SENDING
SENT, FAILED = MailState.SENT, MailState.FAILED


def put(count: int = 1) -> list[Mail]:
    """So many letters, of one registration each, written."""
    trip = make_trip()
    mails = [posting.put("registration_received", make_registration(trip, 1)) for _ in range(count)]
    correspondence.write_due(count)
    return mails


def tell(registration: Registration) -> bool:
    """Whether it is a new letter."""
    return correspondence.to_coordinator("registration_received", registration, 0)


def claim_one(worker: str = "worker"):
    """The one letter that is due."""
    with transaction():
        [claimed] = outbox.claim(worker)
    return claimed


def ended(claimed, outcome, code, words) -> bool:
    """Whether it was still ours to say how it ended."""
    with transaction():
        return bool(outbox.settle([Settled(claimed, outcome, code, words, clock.now())]))


def take(claimed) -> bool:
    return ended(claimed, Outcome.ACCEPTED, 250, "2.0.0 queued as 4711")


def refuse(claimed, words="try later", *, for_good=False) -> bool:
    return ended(
        claimed, Outcome.REFUSED if for_good else Outcome.LATER, 550 if for_good else 450, words
    )


def tries(mail) -> list[tuple]:
    """Every try of a letter, as it was written down."""
    found = db.session.scalars(select(MailAttempt).order_by(MailAttempt.id))
    return [(a.number, a.worker, a.outcome, a.code, a.words) for a in found if a.mail_id == mail.id]


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Mail)) or 0


def test_a_letter_waits_from_the_moment_it_is_put(session, hold_clock):
    hold_clock(NOON)
    registration = make_registration(make_trip(), 1, language="fr")

    mail = posting.put("registration_received", registration)

    assert (mail.state, mail.attempts, mail.due_at, mail.created_at) == (WAITING, 0, NOON, NOON)
    assert mail.key == (
        f"registration_received:registration-{registration.id}:0:{registration.coordinator_email}"
    )
    assert (mail.letter, mail.language) == ("registration_received", "fr")
    assert (mail.to_email, mail.to_name) == (
        registration.coordinator_email,
        registration.coordinator_name,
    )
    assert (mail.trip_id, mail.registration_id) == (registration.trip_id, registration.id)
    assert (mail.message, mail.is_written) == (None, False)
    assert (mail.claimed_at, mail.claimed_by, mail.sent_at, mail.last_error) == (None,) * 4


def test_the_same_letter_put_twice_is_one(session):
    registration = make_registration(make_trip(), 1)

    assert tell(registration)
    assert not tell(registration)
    assert count() == 1


def test_the_same_letter_put_by_two_at_once_is_one(committed):
    with transaction():
        registration_id = make_registration(make_trip(), 1).id

    def tell_there(version):
        with transaction():
            registration = db.session.get_one(Registration, registration_id)
            return correspondence.to_coordinator("registration_received", registration, version)

    for version in range(ROUNDS):
        told = at_once(committed, *[partial(tell_there, version)] * 4)
        assert sorted(told, key=repr) == [False, False, False, True]
    assert count() == ROUNDS


def test_a_letter_is_undone_with_the_change_that_it_tells_of(session):
    with transaction():
        registration = make_registration(make_trip(), 1)

    with pytest.raises(RuntimeError), transaction():  # noqa: PT012
        tell(registration)
        raise RuntimeError

    assert count() == 0


def test_claiming_marks_who_and_when_and_counts_the_try(session, hold_clock):
    [mail] = put()
    hold_clock(mail.due_at)

    with transaction():
        [claimed] = outbox.claim("host:42")

    assert (claimed.id, claimed.attempt) == (mail.id, 1)
    assert (claimed.to_email, claimed.content) == (mail.to_email, mail.message)
    assert (mail.state, mail.attempts) == (SENDING, 1)
    assert (mail.claimed_by, mail.claimed_at) == ("host:42", mail.due_at)


def test_what_is_claimed_what_is_not_due_and_what_is_done_is_not_claimed(session, hold_clock):
    hold_clock(NOON)
    due, later, sent, failed, sending = put(5)
    later.due_at = NOON + timedelta(seconds=1)
    for mail, state in ((sent, SENT), (failed, FAILED), (sending, SENDING)):
        mail.state = state
    session.flush()

    with transaction():
        assert [c.id for c in outbox.claim("worker")] == [due.id]
    with transaction():
        assert outbox.claim("worker") == []
    hold_clock(NOON + timedelta(seconds=1))
    with transaction():
        assert [c.id for c in outbox.claim("worker")] == [later.id]


def test_what_is_not_written_yet_is_not_claimed_and_counts_as_waiting(session, hold_clock):
    hold_clock(NOON)
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    hold_clock(NOON + timedelta(minutes=1))

    with transaction():
        assert outbox.claim("worker") == []

    assert (mail.state, mail.attempts) == (WAITING, 0)
    assert outbox.counts()[WAITING] == 1
    assert outbox.oldest_due() == NOON


def test_what_somebody_waits_for_is_claimed_first_then_the_longest_waiting(session, hold_clock):
    hold_clock(NOON)
    mails = put(6)
    mails[3].due_at = NOON - timedelta(hours=1)
    mails[5].urgency = Urgency.MANY
    mails[4].urgency = Urgency.USUAL
    mails[5].due_at = mails[4].due_at = NOON - timedelta(hours=9)
    session.flush()

    with transaction():
        first = [c.id for c in outbox.claim("worker", limit=3)]
    with transaction():
        rest = [c.id for c in outbox.claim("worker", limit=3)]

    assert first == [mails[3].id, mails[0].id, mails[1].id]
    assert rest == [mails[2].id, mails[4].id, mails[5].id]


def test_what_another_connection_holds_is_passed_over(committed):
    with transaction():
        ids = [mail.id for mail in put(3)]

    def claim_there():
        with transaction():
            return [c.id for c in outbox.claim("there")]

    with transaction():
        here = [c.id for c in outbox.claim("here", limit=1)]
        there = at_once(committed, claim_there)

    assert here == ids[:1]
    assert there == [ids[1:]]


def test_workers_at_once_claim_every_letter_once(committed):
    with transaction():
        ids = [mail.id for mail in put(12)]
    db.session.remove()

    def claim_there():
        with transaction():
            return [c.id for c in outbox.claim("there", limit=3)]

    batches = at_once(committed, *[claim_there] * 6)

    claimed = [mail_id for batch in batches for mail_id in batch]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= set(ids)


def test_what_the_server_took_is_sent(session, hold_clock):
    [mail] = put()
    refuse(claim_one())
    hold_clock(mail.due_at)
    claimed = claim_one()

    assert take(claimed)

    assert (mail.state, mail.sent_at, mail.last_error) == (SENT, mail.claimed_at, None)
    assert mail.message == claimed.content  # what it said can be read as long as it is kept
    assert tries(mail) == [
        (1, "worker", Outcome.LATER, 450, "try later"),
        (2, "worker", Outcome.ACCEPTED, 250, "2.0.0 queued as 4711"),
    ]


def test_a_refusal_waits_longer_each_time_and_fails_at_the_sixth(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    waits = []
    for _try in range(outbox.MAX_ATTEMPTS):
        at = mail.due_at
        hold_clock(at)
        assert refuse(claim_one(), f"no {_try}")
        waits.append((mail.state, (mail.due_at - at) / timedelta(minutes=1)))

    assert waits == [
        (WAITING, 1),
        (WAITING, 5),
        (WAITING, 15),
        (WAITING, 60),
        (WAITING, 240),
        (FAILED, 0),
    ]
    assert (mail.attempts, mail.last_error) == (6, "450 no 5")


def test_a_refusal_for_good_fails_at_once(session):
    [mail] = put()

    refuse(claim_one(), "no such mailbox", for_good=True)

    assert (mail.state, mail.attempts, mail.last_error) == (FAILED, 1, "550 no such mailbox")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("x" * 1000, "450 " + "x" * 496),
        ("first\nsecond\r\n third", "450 first second third"),
        ("a\x00b", "450 a b"),
        ("", "450"),
    ],
)
def test_whatever_a_server_says_can_be_stored(session, words, kept):
    [mail] = put()

    assert refuse(claim_one(), words)

    assert mail.last_error == kept


def test_a_retry_sends_the_same_bytes_under_the_same_message_id(session, hold_clock):
    [mail] = put()
    first = claim_one()
    refuse(first)
    hold_clock(mail.due_at)

    second = claim_one()

    assert second.content == first.content
    assert second.attempt == 2


def test_a_row_whose_worker_died_is_rescued_after_a_while_and_not_before(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    claimed = claim_one()
    rescued = []
    for seconds in (0, 1, 2):
        hold_clock(NOON + outbox.STUCK_AFTER + timedelta(seconds=seconds))
        with transaction():
            rescued.append(outbox.rescue())
    session.expire_all()

    assert rescued == [0, 1, 0]
    assert (mail.state, mail.attempts) == (WAITING, 1)
    assert mail.last_error.startswith("the worker stopped")
    assert tries(mail) == [(1, "worker", Outcome.LOST, None, mail.last_error)]
    assert claim_one().content == claimed.content


def test_a_letter_that_no_worker_survives_fails_after_six_tries(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    at = NOON
    for _try in range(outbox.MAX_ATTEMPTS):
        hold_clock(at)
        claim_one()
        at += outbox.STUCK_AFTER + timedelta(seconds=1)
        hold_clock(at)
        with transaction():
            assert outbox.rescue() == 1
    session.expire_all()

    assert (mail.state, mail.attempts) == (FAILED, outbox.MAX_ATTEMPTS)
    with transaction():
        assert outbox.claim("worker") == []


def test_a_letter_that_found_no_server_waits_again_without_having_been_tried(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    claimed = claim_one()

    due_at = mail.due_at
    hold_clock(NOON + timedelta(seconds=3))

    with transaction():
        assert outbox.give_back([claimed], "ConnectionRefusedError:\nnobody there") == 1
    with transaction():
        assert outbox.give_back([claimed], "again") == 0

    assert (mail.state, mail.attempts, mail.due_at) == (WAITING, 0, due_at)
    assert tries(mail) == []
    assert mail.last_error == "ConnectionRefusedError: nobody there"


def test_a_letter_that_was_sealed_under_another_key_fails_and_does_not_stop_the_others(
    session, app, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(app, "secret_key", "the key of before")
        [old] = put()
        session.expire_all()
    [new] = put()

    assert claim_one().id == new.id
    assert (old.state, new.state) == (FAILED, SENDING)
    assert "SECRET_KEY" in old.last_error


def test_an_address_that_had_many_letters_lately_is_told_by_its_mailbox(session, hold_clock):
    hold_clock(NOON)
    trip = make_trip()
    for number in range(3):
        address = f"Ana+{number}@example.com"
        tell(make_registration(trip, 1, coordinator_email=address))
    asked = ("ANA@example.com", "ana+x@example.com", "ben@example.com")
    day = timedelta(days=1)

    def lately(letter="registration_received", most=3):
        return outbox.written_lately(asked, [letter], day, most)

    assert lately() == {"ana@example.com", "ana+x@example.com"}
    assert lately(most=4) == lately("delegate_welcome") == set()
    hold_clock(NOON + day)
    assert lately() == set()


def test_only_whoever_claimed_last_settles(session, hold_clock):
    """The first worker was so slow that its row was rescued and claimed by another."""
    hold_clock(NOON)
    [mail] = put()
    slow = claim_one("slow")
    hold_clock(NOON + outbox.STUCK_AFTER + timedelta(seconds=1))
    with transaction():
        outbox.rescue()

    assert not take(slow)  # it waits again, and nobody has it
    second = claim_one("second")
    assert not take(slow)
    assert not refuse(slow, "no", for_good=True)
    assert (mail.state, mail.last_error is not None) == (SENDING, True)
    assert take(second)

    assert (mail.state, mail.claimed_by) == (SENT, "second")
    assert not refuse(slow)
    assert mail.state == SENT
    assert [number for number, *_rest in tries(mail)] == [1, 2]


def test_a_worker_of_before_a_fresh_start_does_not_settle_for_the_one_after_it(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    slow = claim_one("slow")
    hold_clock(NOON + outbox.STUCK_AFTER + timedelta(seconds=1))
    with transaction():
        outbox.rescue()
    refuse(claim_one("second"), "no", for_good=True)
    with transaction():
        outbox.send_again(mail)
    third = claim_one("third")

    assert not refuse(slow)
    assert take(third)

    assert mail.state == SENT


def test_a_failed_letter_can_be_sent_again_with_all_its_tries(session, hold_clock):
    hold_clock(NOON)
    [mail] = put()
    refuse(claim_one(), "no", for_good=True)
    later = NOON + timedelta(days=1)
    hold_clock(later)

    with transaction():
        outbox.send_again(mail)

    assert (mail.state, mail.attempts, mail.due_at) == (WAITING, 0, later)
    assert claim_one().attempt == 1


@pytest.mark.parametrize("state", [WAITING, SENDING, SENT, MailState.CANCELLED])
def test_only_a_letter_that_failed_or_came_back_is_sent_again(session, state):
    [mail] = put()
    mail.state = state
    session.flush()

    with pytest.raises(MoveRefused):
        outbox.send_again(mail)

    assert (mail.state, mail.attempts) == (state, 0)


def test_two_clicks_at_once_on_send_again_send_once(committed):
    with transaction():
        [mail] = put()
        mail.state = FAILED
        mail_id = mail.id
    db.session.remove()

    def again():
        with transaction():
            return outbox.send_again(db.session.get_one(Mail, mail_id))

    results = at_once(committed, *[again] * 4)

    assert results.count(True) == 1
    assert {type(r) for r in results if r is not True} == {MoveRefused}


def test_letters_are_counted_by_state_and_found_in_their_trip_only(session):
    first, second, third = put(3)
    [other] = put()
    second.state, third.state = SENT, FAILED
    session.flush()
    trip_id = first.trip_id

    none = dict.fromkeys(MailState, 0)
    assert outbox.counts() == none | {WAITING: 2, SENT: 1, FAILED: 1}
    assert outbox.counts(trip_id) == none | {WAITING: 1, SENT: 1, FAILED: 1}
    assert list(outbox.latest(trip_id)) == [third, second, first]
    assert list(outbox.latest(trip_id, limit=1)) == [third]
    assert list(outbox.latest(trip_id, state=SENT)) == [second]
    assert list(outbox.of_registration(first.registration_id)) == [first]
    assert outbox.find(trip_id, first.id) is first
    assert outbox.find(trip_id, other.id) is None


def test_the_oldest_that_is_due_is_told(session, hold_clock):
    hold_clock(NOON)
    assert outbox.oldest_due() is None
    first, second = put(2)
    first.due_at, second.due_at = NOON + timedelta(hours=1), NOON - timedelta(minutes=3)
    session.flush()

    assert outbox.oldest_due() == NOON - timedelta(minutes=3)
    second.state = SENDING
    session.flush()
    assert outbox.oldest_due() is None
