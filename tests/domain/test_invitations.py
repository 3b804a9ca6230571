"""Invitations by mail: who gets which REQUEST, update and CANCEL. (icalendar.md I1 to I10.)"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import (
    make_item,
    make_registration,
    make_track,
    make_trip,
    publish,
    utc,
)
from tests.invited import calendar, deliver, letters, parsed, reconcile, vevent
from webapp.db import Words, db
from webapp.domain import (
    agendas,
    audits,
    delegates,
    feeds,
    invitations,
    item_values,
    opt_outs,
    picks,
    registrations,
    releases,
    subscriptions,
    telling,
    tours,
)
from webapp.domain.invitations.batches import Batch
from webapp.domain.opt_outs import Reader
from webapp.mail import outbox, replies
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.feed import Feed
from webapp.models.invitation import Answer, Invitation, InvitationState
from webapp.models.mail import Mail, MailState, Topic
from webapp.models.registration import RegistrationState
from webapp.models.trip import Inviting

BY = audits.SYSTEM
NOW = utc(2027, 9, 1, 12, 0)


@pytest.fixture
def trip(session, hold_clock):
    """A tour with one published session, which mails every session."""
    hold_clock(NOW)
    trip = make_trip()
    make_item(trip, place="Villa Noailles")
    publish(trip)
    invitations.set_mode(trip, Inviting.ALL, BY, hold_minutes=0)
    return trip


@pytest.fixture
def zoe(trip):
    """Somebody who comes."""
    return coming(trip)


def coming(trip):
    return make_registration(trip, state=RegistrationState.ACCEPTED).delegates[0]


def item_of(trip) -> AgendaItem:
    return agendas.draft(trip)[0]


def change(item: AgendaItem, **values) -> None:
    agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


def later(item: AgendaItem, hours: int = 1) -> None:
    span = timedelta(hours=hours)
    change(item, starts_local=item.starts_local + span, ends_local=item.ends_local + span)


def told(trip) -> list[tuple[str, str, int]]:
    """What is put now and sent: (to, METHOD, SEQUENCE)."""
    reconcile(trip)
    return [(m.to_email, vevent(m)[0], int(vevent(m)[1]["SEQUENCE"])) for m in deliver()]


def test_everybody_who_comes_is_invited_once_to_what_is_in_their_calendar(trip, zoe):
    """(icalendar.md U3, I1, I3, I4, R2, P7)"""
    make_registration(trip, state=RegistrationState.WAITLISTED)
    item = item_of(trip)

    assert told(trip) == [(zoe.email, "REQUEST", 0)]
    _method, said = vevent(letters()[0])
    assert (str(said["UID"]), said["DTSTAMP"].dt) == (str(item.uid), NOW)
    assert said["ATTENDEE"] == f"mailto:{zoe.email}"
    assert told(trip) == []
    invitations.unsettle(trip)
    assert told(trip) == []


def test_a_move_is_told_with_the_same_uid_and_a_higher_sequence_and_words_are_not(trip, zoe):
    """(icalendar.md I9, R5, R7)"""
    told(trip)
    item = item_of(trip)
    change(item, title=Words(en="Visit of the yard"))
    publish(trip)
    assert told(trip) == []

    later(item)
    publish(trip)
    assert told(trip) == [(zoe.email, "REQUEST", 1)]
    assert str(vevent(letters()[-1])[1]["UID"]) == str(item.uid)


def test_what_is_off_is_taken_out_of_the_calendars_of_the_invited_alone(trip, zoe):
    """(icalendar.md I7, I8, I10)"""
    told(trip)
    tom = coming(trip)  # accepted, and the session is called off before anything was mailed
    agendas.call_off(item_of(trip), BY)
    publish(trip)

    assert told(trip) == [(zoe.email, "CANCEL", 1)]
    _method, said = vevent(letters()[-1])
    assert (said["STATUS"], said["DTSTART"].dt.hour) == ("CANCELLED", 9)
    assert letters(tom) == []


def test_who_leaves_is_uninvited_alone_and_the_session_goes_on(trip, zoe):
    """(icalendar.md I8)"""
    two = make_registration(trip, 2, RegistrationState.ACCEPTED)
    told(trip)
    gone = two.delegates[0]
    delegates.withdraw(gone, "", audits.by_company(two))

    assert told(trip) == [(gone.email, "CANCEL", 1)]
    assert "STATUS" not in vevent(letters()[-1])[1]


def test_whoever_is_in_it_again_is_invited_above_the_cancel(trip, zoe):
    """(icalendar.md I9)"""
    item = item_of(trip)
    change(item, attendance=Attendance.OPTIONAL, capacity=5)
    publish(trip)
    assert told(trip) == []
    picks.choose(zoe, item.uid, BY)
    assert told(trip) == [(zoe.email, "REQUEST", 0)]
    picks.leave(zoe, item.uid, BY)
    assert told(trip) == [(zoe.email, "CANCEL", 1)]
    picks.choose(zoe, item.uid, BY)
    assert told(trip) == [(zoe.email, "REQUEST", 2)]
    later(item)
    publish(trip)  # the item itself stands at 1 now
    assert told(trip) == [(zoe.email, "REQUEST", 3)]


def test_a_tour_that_is_called_off_takes_everything_out_and_brings_it_back(trip, zoe):
    told(trip)
    tours.call_off(trip, BY, "Strike")
    [(_to, method, sequence)] = told(trip)
    assert (method, sequence >= 1) == ("CANCEL", True)
    tours.bring_back(trip, BY)
    [(_to, method, again)] = told(trip)
    assert (method, again > sequence) == ("REQUEST", True)


def test_a_version_that_invites_people_who_want_no_bulletin_can_be_undone(trip, zoe):
    opt_outs.stop(Reader(trip.id, zoe.email.lower()), Topic.CHANGES)
    told(trip)
    later(item_of(trip))
    release = releases.publish(trip, BY, tells=True, hold_minutes=10)
    telling.tell(release.id)
    reconcile(trip)

    found = telling.standing(trip, release)
    assert (found.goes_at, found.people) == (NOW + timedelta(minutes=10), 0)
    assert telling.undo(release, BY) == 1
    assert told(trip) == []


def test_all_at_once_are_held_for_a_moment_and_another_setting_takes_them_back(
    trip, zoe, hold_clock
):
    tom, first = coming(trip), item_of(trip)
    told(trip)
    at = datetime(2027, 10, 27, 9)
    new = make_item(trip, starts_local=at, ends_local=at + timedelta(hours=1))
    invitations.set_mode(trip, Inviting.FEED, BY)
    publish(trip)
    assert told(trip) == []

    for mode in (Inviting.FEED, Inviting.CHANGES):
        invitations.set_mode(trip, Inviting.ALL, BY)
        assert told(trip) == []
        assert invitations.held(trip) == 2
        # Nobody reads of what may be taken back yet.
        assert new.uid not in invitations.of_delegate(zoe)
        assert invitations.of_trip(trip, uid=new.uid) == []
        assert [tally.uid for tally in subscriptions.tallies(trip)] == [first.uid]
        with pytest.raises(invitations.NotInvited):
            invitations.answer(zoe, new.uid, Answer.ACCEPTED, audits.by_delegate(zoe))
        assert {mail.due_at for mail in waiting(trip)} == {NOW + timedelta(minutes=10)}
        invitations.set_mode(trip, mode, BY)
        assert told(trip) == []
        assert (invitations.held(trip), len(waiting(trip))) == (0, 0)

    invitations.set_mode(trip, Inviting.ALL, BY)
    assert told(trip) == []
    hold_clock(NOW + timedelta(minutes=10))
    assert sorted(deliver_all(trip)) == sorted([(zoe.email, 0), (tom.email, 0)])
    hold_clock(NOW + timedelta(minutes=11))
    invitations.set_mode(trip, Inviting.FEED, BY)
    assert told(trip) == []  # what left is kept right, and is right


def test_those_that_are_held_can_be_let_go_at_once(trip, zoe):
    invitations.set_mode(trip, Inviting.FEED, BY)
    invitations.set_mode(trip, Inviting.ALL, BY)
    assert told(trip) == []

    assert invitations.let_go(trip, BY) == 1
    assert told(trip) == [(zoe.email, "REQUEST", 0)]
    assert invitations.let_go(trip, BY) == 0
    tom = coming(trip)
    assert told(trip) == [(tom.email, "REQUEST", 0)]  # the moment is over


def waiting(trip) -> list[Mail]:
    states = (MailState.WAITING, MailState.HELD)
    return list(
        db.session.scalars(select(Mail).where(Mail.state.in_(states), Mail.trip_id == trip.id))
    )


def deliver_all(trip) -> list[tuple[str, int]]:
    outbox.release_held()
    return [(to, sequence) for to, _method, sequence in told(trip)]


def test_feeds_alone_mail_nothing_and_keep_right_what_was_mailed(trip, zoe):
    told(trip)
    invitations.set_mode(trip, Inviting.FEED, BY)
    coming(trip)
    make_item(trip, starts_local=datetime(2027, 10, 27, 9), ends_local=datetime(2027, 10, 27, 10))
    later(item_of(trip))
    publish(trip)

    assert told(trip) == [(zoe.email, "REQUEST", 1)]
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    assert told(trip) == [(zoe.email, "CANCEL", 2)]
    agendas.bring_back(item_of(trip), BY)
    publish(trip)
    assert told(trip) == []  # no new ones


def test_changes_alone_invite_those_who_had_the_session_before_it_moved(trip, zoe, hold_clock):
    invitations.set_mode(trip, Inviting.FEED, BY)
    invitations.set_mode(trip, Inviting.CHANGES, BY)
    quiet = item_of(trip)
    assert told(trip) == []
    hold_clock(NOW + timedelta(minutes=5))
    added = make_item(
        trip, starts_local=datetime(2027, 10, 27, 9), ends_local=datetime(2027, 10, 27, 10)
    )
    publish(trip)
    assert told(trip) == []  # new is not changed
    hold_clock(NOW + timedelta(minutes=10))
    later(quiet)
    publish(trip)
    assert told(trip) == [(zoe.email, "REQUEST", 1)]
    hold_clock(NOW + timedelta(minutes=15))
    tom = coming(trip)  # who never saw it at the other time
    assert told(trip) == []
    hold_clock(NOW + timedelta(minutes=20))
    later(added)
    publish(trip)
    assert sorted(told(trip)) == sorted([(zoe.email, "REQUEST", 1), (tom.email, "REQUEST", 1)])


def test_a_session_can_ask_for_no_invitations(trip, zoe):
    change(item_of(trip), invites=False)
    publish(trip)

    assert told(trip) == []


def test_what_is_over_is_told_to_nobody(trip, zoe, hold_clock):
    """(icalendar.md I10)"""
    told(trip)
    tom = coming(trip)
    hold_clock(utc(2027, 10, 26, 9, 0))  # it ended at 8:30
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    registrations.cancel(zoe.registration, "", BY)
    assert told(trip) == []
    assert letters(tom) == []


def test_a_letter_that_waits_for_a_session_that_is_over_is_not_written(trip, zoe, hold_clock):
    reconcile(trip)
    hold_clock(utc(2027, 10, 26, 9, 0))

    deliver()

    assert [mail.state for mail in letters()] == [MailState.CANCELLED]


def test_what_has_not_left_is_stopped_and_never_was(trip, zoe):
    reconcile(trip)
    agendas.call_off(item_of(trip), BY)
    publish(trip)

    assert told(trip) == []
    assert [mail.state for mail in letters()] == [MailState.CANCELLED]
    assert db.session.query(Invitation).all() == []


def test_who_is_moved_and_moved_back_before_anything_left_reads_nothing(trip, zoe):
    told(trip)
    item = item_of(trip)
    later(item)
    publish(trip)
    reconcile(trip)
    later(item, -1)
    publish(trip)

    assert told(trip) == []
    later(item)
    publish(trip)
    assert told(trip) == [(zoe.email, "REQUEST", 3)]


def test_letters_of_a_version_are_held_with_it_and_stopped_with_it(trip, zoe, hold_clock):
    told(trip)
    later(item_of(trip))
    release = releases.publish(trip, BY, tells=True, hold_minutes=10)
    telling.tell(release.id)
    hold_clock(NOW + timedelta(minutes=1))
    tom = coming(trip)  # whom the version did not move
    assert told(trip) == [(tom.email, "REQUEST", 1)]
    held = [mail for mail in letters(zoe) if mail.state == MailState.HELD]
    assert [(m.letter, m.due_at) for m in held] == [
        ("session_invited", NOW + timedelta(minutes=10))
    ]

    telling.undo(release, BY)
    hold_clock(NOW + timedelta(minutes=11))
    outbox.release_held()
    assert deliver() == []
    later(item_of(trip))
    publish(trip)
    assert sorted(told(trip)) == sorted([(zoe.email, "REQUEST", 2), (tom.email, "REQUEST", 2)])


def test_another_address_is_invited_and_the_old_one_uninvited(trip, zoe):
    told(trip)
    old = zoe.email
    zoe.email = "zoe.new@example.org"
    db.session.flush()
    invitations.unsettle(trip)

    assert told(trip) == [(old, "CANCEL", 1), ("zoe.new@example.org", "REQUEST", 2)]
    assert "STATUS" not in vevent(letters()[-2])[1]
    invitations.unsettle(trip)
    assert told(trip) == []


def test_nobody_is_invited_by_themselves(trip, app, monkeypatch):
    """(icalendar.md I6)"""
    zoe = coming(trip)
    monkeypatch.setitem(app.config, "MAIL_FROM", f"Tours <{zoe.email}>")

    assert told(trip) == []


def test_what_was_put_is_what_is_sent_whatever_became_of_it_since(trip, zoe, hold_clock):
    """The same octets at each try (icalendar.md R7, P9, P10)."""
    reconcile(trip)
    hold_clock(NOW + timedelta(hours=1))
    change(item_of(trip), title=Words(en="Another title"))
    publish(trip)
    [mail] = deliver()
    first = mail.message
    _method, said = vevent(mail)

    assert (said["DTSTAMP"].dt, str(said["SUMMARY"])) == (NOW, "Visit of the shipyard")
    mail.message, mail.state = None, MailState.WAITING
    db.session.flush()
    [again] = deliver()
    assert again.message == first


def test_who_invites_stays_whatever_the_settings_say_later(trip, zoe, app, monkeypatch):
    """(icalendar.md I5, I7, P6)"""
    monkeypatch.setitem(app.config, "MAIL_REPLIES", "replies@escale.example")
    told(trip)
    _method, asked = vevent(letters()[0])
    address = str(asked["ORGANIZER"]).removeprefix("mailto:")
    assert replies.invitation_of(address) == db.session.query(Invitation).one().id
    assert asked["ATTENDEE"].params["RSVP"] == "TRUE"
    assert parsed(letters()[0])["From"].addresses[0].addr_spec == address

    monkeypatch.setitem(app.config, "MAIL_REPLIES", "")
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    told(trip)
    mail = letters()[-1]
    assert vevent(mail)[1]["ORGANIZER"] == asked["ORGANIZER"]
    assert parsed(mail)["From"].addresses[0].addr_spec == address


def test_where_nobody_reads_answers_programs_are_told_so(trip, zoe):
    """(icalendar.md I5)"""
    told(trip)

    _method, said = vevent(letters()[0])
    assert said["ATTENDEE"].params["RSVP"] == "FALSE"
    assert said["ORGANIZER"] == "mailto:tours@escale.example"
    plain = parsed(letters()[0]).get_body(("plain",)).get_content()
    assert f"/d/{zoe.token}/invitations/{item_of(trip).uid}" in plain
    assert zoe.token.encode() not in calendar(letters()[0])


def test_a_change_that_comes_meanwhile_is_looked_at_again(trip, zoe, monkeypatch):
    found = db.session.query(Feed).filter_by(delegate_id=zoe.id).one()
    real = Batch.write

    def write_and_change(batch):
        real(batch)
        feeds.outdate_registration(zoe.registration)

    monkeypatch.setattr(Batch, "write", write_and_change)
    reconcile(trip)
    db.session.refresh(found)
    assert not found.is_settled
    monkeypatch.undo()
    reconcile(trip)
    db.session.refresh(found)
    assert found.is_settled


def test_it_takes_as_many_statements_for_ten_people_as_for_two(trip, statements):
    def cost(number: int) -> int:
        make_registration(trip, number, RegistrationState.ACCEPTED)
        db.session.commit()
        with statements() as seen:
            reconcile(trip)
        return len(seen)

    assert cost(2) == cost(9)


def test_the_reader_of_a_track_is_uninvited_when_they_follow_it_no_more(trip, zoe):
    track = make_track(trip)
    delegates.follow(zoe, trip, [track.id], BY)
    change(item_of(trip), track_id=track.id)
    publish(trip)
    assert told(trip) == [(zoe.email, "REQUEST", 0)]
    delegates.follow(zoe, trip, [], BY)
    assert told(trip) == [(zoe.email, "CANCEL", 1)]


def test_the_list_says_who_was_invited_to_what_and_what_they_said(trip, zoe):
    told(trip)
    invitations.answer(zoe, item_of(trip).uid, Answer.DECLINED, audits.by_delegate(zoe))

    [row] = invitations.of_trip(trip)
    assert (row.delegate, row.state, row.answer) == (zoe, InvitationState.INVITED, Answer.DECLINED)
    assert (row.title["en"], row.zone) == ("Visit of the shipyard", "Europe/Paris")
    assert invitations.of_trip(trip, answer=Answer.ACCEPTED) == []
    assert list(invitations.of_delegate(zoe)) == [item_of(trip).uid]
