"""Whether mail works: what an organizer is told, and no false alarm."""

from datetime import timedelta

import pytest

from tests.factories import make_mail, make_registration, make_trip
from webapp import clock
from webapp.db import db
from webapp.domain import health, mail_health
from webapp.models.mail import Hold, Mail, MailAttempt, MailLane, MailState, Outcome

NOW = clock.now().replace(microsecond=0)
LONG_AGO = NOW - timedelta(hours=5)


@pytest.fixture
def company(session, hold_clock):
    found = make_registration(make_trip(), 1)
    db.session.query(Mail).delete()
    hold_clock(NOW)
    return found


def alive():
    health.beat("here:1")


def accepted(mail, at):
    db.session.add(MailAttempt(mail_id=mail.id, number=1, at=at, outcome=Outcome.ACCEPTED))
    db.session.flush()


def test_an_idle_system_with_a_worker_works(company):
    alive()

    found = mail_health.look()

    assert found.works
    assert found.workers == ("here:1",)
    assert (found.due, found.failed, found.held, found.last_sent) == (0, 0, 0, None)


def test_without_a_worker_it_does_not_and_the_last_sign_is_told(company, hold_clock):
    assert not mail_health.look().works
    assert mail_health.look().last_sign is None
    alive()
    hold_clock(NOW + health.FRESH + timedelta(seconds=1))

    found = mail_health.look()

    assert not found.works
    assert (found.workers, found.last_sign) == ((), NOW)


def test_letters_that_are_held_or_wait_for_another_try_are_no_alarm(company):
    alive()
    make_mail(company, state=MailState.HELD, hold=Hold.WINDOW, due_at=LONG_AGO, sent_at=None)
    make_mail(company, state=MailState.HELD, hold=Hold.ADDRESS, due_at=LONG_AGO, sent_at=None)
    later = NOW + timedelta(hours=1)
    make_mail(company, state=MailState.WAITING, due_at=later, created_at=LONG_AGO, sent_at=None)

    found = mail_health.look([company.trip_id])

    assert found.works
    assert (found.due, found.held) == (0, 1)


def test_a_letter_that_should_have_left_long_ago_is(company):
    alive()
    first = NOW - health.LATE_MAIL
    make_mail(company, state=MailState.WAITING, due_at=first, sent_at=None)
    make_mail(company, state=MailState.WAITING, due_at=NOW, sent_at=None)
    accepted(make_mail(company), LONG_AGO)

    found = mail_health.look([company.trip_id])

    assert not found.works
    assert (found.due, found.due_since, found.last_sent) == (2, first, LONG_AGO)


def test_a_long_queue_that_moves_is_not(company):
    alive()
    make_mail(company, state=MailState.WAITING, due_at=LONG_AGO, sent_at=None)
    accepted(make_mail(company), NOW - timedelta(seconds=30))

    assert mail_health.look([company.trip_id]).works


def test_a_server_that_is_away_is_told_with_its_words(company):
    alive()
    until = NOW + timedelta(minutes=1)
    lane = MailLane(name="server", failures=3, closed_until=until, words="refused", changed_at=NOW)
    db.session.add(lane)
    db.session.flush()

    found = mail_health.look([company.trip_id])

    assert not found.works
    assert (found.closed_until, found.words) == (until, "refused")


@pytest.mark.parametrize("waits", [True, False])
def test_once_its_pause_is_over_only_letters_that_wait_make_it_an_alarm(company, waits):
    alive()
    past = NOW - timedelta(minutes=1)
    db.session.add(MailLane(name="server", failures=3, closed_until=past, changed_at=NOW))
    if waits:
        make_mail(company, state=MailState.WAITING, due_at=NOW, sent_at=None)
    db.session.flush()

    assert mail_health.look().works != waits


def test_failures_are_those_of_the_last_day_of_the_tours_asked_for(company):
    alive()
    failed = {"state": MailState.FAILED, "sent_at": None}
    make_mail(company, **failed, claimed_at=NOW - timedelta(hours=23), due_at=LONG_AGO)
    make_mail(company, **failed, claimed_at=NOW - timedelta(hours=25), due_at=LONG_AGO)
    make_mail(company, **failed, due_at=LONG_AGO)  # never written, so never claimed
    other = make_mail(make_registration(make_trip(), 1), **failed, claimed_at=NOW)

    assert mail_health.look([company.trip_id]).failed == 2
    assert mail_health.look([other.trip_id]).failed == 1
    assert mail_health.look([]).failed == 0
    assert mail_health.look().failed == 3


def test_it_takes_three_statements(company, statements):
    with statements() as sent:
        mail_health.look([company.trip_id])

    assert len(sent) == 3
