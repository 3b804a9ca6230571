"""Invitations where something was stopped, failed, or begins anew. (icalendar.md I7 to I10.)"""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.domain.test_invitations import (
    BY,
    NOW,
    coming,
    item_of,
    later,
    told,
    trip,  # noqa: F401  # a fixture
    zoe,  # noqa: F401  # a fixture
)
from tests.factories import make_item, make_registration, publish
from tests.invited import Reader, deliver, letters, reconcile, vevent
from webapp.db import db
from webapp.domain import (
    agendas,
    delegates,
    invitations,
    mail_retries,
    picks,
    registrations,
    releases,
    telling,
)
from webapp.mail.letters import OVERTAKEN
from webapp.models.agenda import Attendance
from webapp.models.invitation import Invitation
from webapp.models.mail import MailState
from webapp.models.registration import RegistrationState


def refuse(*mails) -> None:
    """Another server takes none of these, for good."""
    for mail in mails:
        mail.state, mail.last_error = MailState.FAILED, "550 not now"
    db.session.flush()


def add(trip, **values) -> None:  # noqa: F811
    """Another session, a day after the one there is."""
    day, first = timedelta(days=1), item_of(trip)
    starts, ends = first.starts_local + day, first.ends_local + day
    make_item(trip, starts_local=starts, ends_local=ends, **values)


def undone(trip, hold_clock) -> None:  # noqa: F811
    """A version that tells, whose letters are stopped a minute later."""
    release = releases.publish(trip, BY, tells=True, hold_minutes=10)
    telling.tell(release.id)
    hold_clock(NOW + timedelta(minutes=1))
    telling.undo(release, BY)


@pytest.mark.parametrize("is_between", [True, False])
def test_who_is_taken_out_and_put_in_again_reads_a_higher_sequence(trip, is_between):  # noqa: F811
    """Their program remembers the CANCEL, and we have another delegate (icalendar.md I9)."""
    party = make_registration(trip, 2, RegistrationState.ACCEPTED)
    zoe = party.delegates[0]  # noqa: F811
    data, reader = delegates.data_of(zoe), Reader(zoe.email)
    told(trip)
    delegates.withdraw(zoe, "", BY)
    if is_between:
        told(trip)
    delegates.add(party, data, BY)
    told(trip)

    for mail in letters():
        if mail.to_email == data.email:
            reader.take(mail)
    assert str(item_of(trip).uid) in reader.shows


def test_a_letter_that_failed_is_not_sent_again_once_it_says_what_is_not_so(trip, zoe):  # noqa: F811
    reconcile(trip)
    refuse(*deliver())
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    assert told(trip) == []
    assert db.session.query(Invitation).all() == []

    assert mail_retries.send_again([letters()[0].id], BY) == 0
    assert told(trip) == []
    assert [(m.state, m.last_error) for m in letters()] == [(MailState.CANCELLED, OVERTAKEN)]


def test_a_letter_that_failed_and_is_still_so_is_sent_again(trip, zoe):  # noqa: F811
    reconcile(trip)
    refuse(*deliver())

    assert mail_retries.send_again([letters()[0].id], BY) == 1
    assert told(trip) == [(zoe.email, "REQUEST", 0)]


def test_an_invitation_to_what_is_over_is_not_sent_again(trip, zoe, hold_clock):  # noqa: F811
    """(icalendar.md I10)"""
    reconcile(trip)
    refuse(*deliver())
    hold_clock(NOW + timedelta(days=365))

    assert mail_retries.send_again([letters()[0].id], BY) == 0


def test_what_takes_back_is_not_sent_again_once_they_are_invited_again(trip, zoe):  # noqa: F811
    told(trip)
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    reconcile(trip)
    refuse(*deliver())
    [_asked, taken_back] = letters()
    assert mail_retries.send_again([taken_back.id], BY) == 1
    refuse(*deliver())
    agendas.bring_back(item_of(trip), BY)
    later(item_of(trip))
    publish(trip)
    told(trip)

    assert mail_retries.send_again([taken_back.id], BY) == 0
    assert vevent(letters()[-1])[0] == "REQUEST"


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_what_was_undone_waits_for_the_next_version(trip, zoe, hold_clock, is_looked_at):  # noqa: F811
    """Whether a worker had come to them before it was undone or not, and whatever they do."""
    told(trip)
    later(item_of(trip))
    add(trip)
    release = releases.publish(trip, BY, tells=True, hold_minutes=10)
    telling.tell(release.id)
    hold_clock(NOW + timedelta(minutes=1))
    if is_looked_at:
        reconcile(trip)
    telling.undo(release, BY)
    invitations.unsettle(trip)
    assert told(trip) == []
    tom = coming(trip)  # who comes later has nothing yet
    assert {to for to, _method, _number in told(trip)} == {tom.email}

    add(trip, invites=False)
    publish(trip)
    assert [(to, method) for to, method, _n in told(trip)] == [(zoe.email, "REQUEST")] * 2


def test_what_was_called_off_and_undone_is_not_taken_out_before_the_next_version(
    trip,  # noqa: F811
    zoe,  # noqa: F811
    hold_clock,
):
    told(trip)
    agendas.call_off(item_of(trip), BY)
    undone(trip, hold_clock)
    assert told(trip) == []
    add(trip, invites=False)
    publish(trip)

    assert [method for _to, method, _n in told(trip)] == ["CANCEL"]


def test_what_delegates_do_after_a_version_was_undone_is_told(trip, zoe, hold_clock):  # noqa: F811
    add(trip, attendance=Attendance.OPTIONAL)
    publish(trip)
    told(trip)
    later(item_of(trip), -1)
    undone(trip, hold_clock)
    chosen = agendas.draft(trip)[-1]
    picks.choose(zoe, chosen.uid, BY)
    assert [method for _to, method, _n in told(trip)] == ["REQUEST"]

    registrations.cancel(zoe.registration, "", BY)
    assert [method for _to, method, _n in told(trip)] == ["CANCEL"] * 2


def test_nothing_is_put_while_letters_about_a_version_are_stopped(trip, zoe):  # noqa: F811
    """Whoever stops them would not see it, and it would leave all the same."""
    key = {"kind": telling.TURN, "trip": trip.id}
    with db.engine.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:kind, :trip)"), key)
        db.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError):
            reconcile(trip)
        other.execute(text("SELECT pg_advisory_unlock(:kind, :trip)"), key)
