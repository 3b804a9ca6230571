"""Addresses that mail came back from."""

from datetime import timedelta

import pytest

from tests.factories import make_registration, make_staff, make_trip, utc
from webapp.db import db
from webapp.domain import audits, bounces, correspondence, mail_lists
from webapp.models.mail import Hold, Mail, MailAttempt, MailState, Outcome
from webapp.models.registration import Registration

GONE = "550 5.1.1 no such user"


@pytest.fixture
def registration(session) -> Registration:
    return make_registration(make_trip(), 1)


def put(registration: Registration, version: int) -> Mail:
    correspondence.to_coordinator("place_confirmed", registration, version)
    db.session.expire_all()
    return db.session.query(Mail).order_by(Mail.id.desc()).limit(1).one()


def sent(registration: Registration) -> Mail:
    mail = put(registration, 0)
    mail.become(MailState.SENDING)
    mail.attempts = 1
    mail.become(MailState.SENT)
    db.session.flush()
    return mail


def test_a_letter_that_came_back_marks_its_address_and_holds_what_waits(registration):
    mail, waiting = sent(registration), put(registration, 1)

    bounces.came_back(mail, "5.1.1", GONE)

    assert (mail.state, mail.last_error) == (MailState.BOUNCED, GONE)
    marked = bounces.active(registration.coordinator_email.upper())
    assert (marked.code, marked.words, marked.mail_id) == ("5.1.1", GONE, mail.id)
    db.session.expire_all()
    assert (waiting.state, waiting.hold) == (MailState.HELD, Hold.ADDRESS)
    [attempt] = db.session.query(MailAttempt).filter_by(mail_id=mail.id)
    assert (attempt.outcome, attempt.words, attempt.number) == (Outcome.BOUNCED, GONE, 1)


def test_letters_put_later_are_held_and_others_are_not(registration):
    other = make_registration(registration.trip, 1)
    bounces.mark(registration.coordinator_email, "5.1.1", GONE, None)

    assert put(registration, 1).state == MailState.HELD
    assert put(other, 1).state == MailState.WAITING


def test_the_same_report_twice_says_nothing_new(registration):
    mail = sent(registration)
    bounces.came_back(mail, "5.1.1", GONE)
    bounces.came_back(mail, "5.1.1", "again")

    assert [each.words for each in bounces.of(registration.trip)] == [GONE]
    assert db.session.query(MailAttempt).count() == 1


def test_an_address_that_is_good_again_gets_what_was_held(registration):
    put(registration, 0)
    bounces.mark(registration.coordinator_email, "5.1.1", GONE, None)
    by = audits.by_staff(make_staff())
    [marked] = bounces.of(registration.trip)

    bounces.clear(marked, by)
    bounces.clear(marked, by)

    db.session.expire_all()
    assert [(mail.state, mail.hold) for mail in db.session.query(Mail)] == [
        (MailState.WAITING, None)
    ]
    assert bounces.active(registration.coordinator_email) is None
    assert [entry.action for entry in audits.of(marked)] == ["clear"]


def test_a_report_that_it_is_late_stops_nothing(registration):
    mail = sent(registration)

    bounces.delayed(mail, "4.4.1 no answer, trying on")

    assert (mail.state, bounces.active(mail.to_email)) == (MailState.SENT, None)
    assert [each.outcome for each in db.session.query(MailAttempt)] == [Outcome.DELAYED]


def test_reports_that_repeat_are_kept_once_a_day(registration, hold_clock):
    mail, other = sent(registration), sent(make_registration(registration.trip, 1))
    noon = utc(2027, 9, 1, 12, 0)
    for hour in (0, 4, 8, 23, 24, 28, 47, 49):
        hold_clock(noon + timedelta(hours=hour))
        bounces.delayed(mail, "4.4.1 no answer, trying on")
    bounces.delayed(other, "4.4.1 no answer, trying on")

    days = [(a.at - noon) // timedelta(hours=1) for a in mail_lists.attempts(mail)]
    assert sorted(days) == [0, 24, 49]
    assert len(mail_lists.attempts(other)) == 1


def test_marks_are_shown_on_the_tours_of_their_people_only(registration):
    other = make_registration(make_trip(), 1)
    bounces.mark(registration.coordinator_email, "5.1.1", GONE, None)
    bounces.mark(registration.delegates[0].email, "5.1.1", GONE, None)

    assert {each.email for each in bounces.of(registration.trip)} == {
        registration.coordinator_email.lower(),
        registration.delegates[0].email.lower(),
    }
    assert list(bounces.of(other.trip)) == []
    [one, _two] = bounces.of(registration.trip)
    assert bounces.find(other.trip, one.id) is None


def test_what_was_put_while_its_address_was_marked_or_cleared_is_put_right(registration):
    other = make_registration(registration.trip, 1)
    late, stuck = put(registration, 1), put(other, 1)
    bounces.mark(registration.coordinator_email, "5.1.1", GONE, None)
    # Seen by neither: both were in transactions of their own.
    late.state, late.hold = MailState.WAITING, None
    stuck.state, stuck.hold = MailState.HELD, Hold.ADDRESS
    db.session.flush()

    assert bounces.mend() == 2
    assert (late.state, late.hold) == (MailState.HELD, Hold.ADDRESS)
    assert (stuck.state, stuck.hold) == (MailState.WAITING, None)
    assert bounces.mend() == 0
