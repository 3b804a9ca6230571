"""Letting reminders go out: once, late, never for what is past, and not twice after a move."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from tests.factories import (
    make_item,
    make_registration,
    make_reminder,
    make_staff,
    make_stop,
    make_trip,
    publish,
    utc,
)
from webapp.db import db
from webapp.domain import audits, correspondence, reminders
from webapp.domain.reminders.instants import Moment
from webapp.models.agenda import Audience
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, MailState, Topic, Urgency
from webapp.models.mailing import Anchor, ReminderKind, ReminderRun
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Role, TripRole
from webapp.models.trip import TripState

LONG_BEFORE = utc(2017, 9, 1, 12, 0)
BEFORE_START = utc(2017, 10, 27, 7, 0)  # three days, at nine in Provence


@pytest.fixture
def tour(session, hold_clock):
    """Provence in 2017, with one session a day, one accepted company of two and one that waits."""
    hold_clock(LONG_BEFORE)
    trip = make_trip(starts_on=date(2017, 10, 30), ends_on=date(2017, 11, 3))
    make_stop(trip)
    for day in (30, 31):
        make_item(
            trip,
            starts_local=datetime(2017, 10, day, 10, 0),
            ends_local=datetime(2017, 10, day, 11, 0),
        )
    publish(trip)
    make_registration(trip, 2, RegistrationState.ACCEPTED)
    make_registration(trip, 1, RegistrationState.WAITLISTED)
    return trip


def letters(letter: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.letter == letter).order_by(Mail.id)))


def run_due(at: datetime, hold_clock) -> list[int]:
    """Let all that is due at an instant go out; how many letters each put."""
    hold_clock(at)
    return [reminders.run(*each) for each in reminders.due()]


def test_it_goes_out_once_at_its_instant(tour, hold_clock):
    reminder = make_reminder(tour)

    sent = [
        run_due(BEFORE_START + timedelta(minutes=minutes), hold_clock)
        for minutes in (-1, 0, 1, 60, 60 * 24 * 365)
    ]

    assert sent == [[], [2], [], [], []]
    mails = letters("program")
    assert {mail.reminder_id for mail in mails} == {reminder.id}
    assert {(mail.topic, mail.urgency) for mail in mails} == {(Topic.DAYS, Urgency.MANY)}
    (run,) = db.session.scalars(select(ReminderRun))
    assert (run.due_at, run.ran_at, run.letters) == (BEFORE_START, BEFORE_START, 2)
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "send")).one()
    assert (told.object_kind, told.object_id, told.after["letters"]) == (
        "reminders", reminder.id, 2,
    )  # fmt: skip
    assert {mail.change_number for mail in mails} == {told.change_number}


def test_a_second_worker_that_found_it_due_too_puts_nothing(tour, hold_clock):
    make_reminder(tour)
    hold_clock(BEFORE_START)
    (found,) = reminders.due()

    assert [reminders.run(*found), reminders.run(*found)] == [2, 0]
    assert len(letters("program")) == 2


@pytest.mark.parametrize(("hours", "late"), [(23, [2]), (25, [])])
def test_one_that_no_worker_saw_goes_out_late_for_a_day(tour, hold_clock, hours, late):
    make_reminder(tour)

    assert run_due(BEFORE_START + timedelta(hours=hours), hold_clock) == late


def test_a_day_sheet_goes_out_late_until_its_day_is_over(tour, hold_clock):
    make_reminder(
        tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=-1, minute=18 * 60
    )  # fmt: skip

    # The evening before October 30 nobody worked; its day ends at midnight in Marseille.
    assert run_due(utc(2017, 10, 30, 15, 0), hold_clock) == [2]
    assert run_due(utc(2017, 10, 31, 23, 1), hold_clock) == [0]  # of November 1: no session
    assert [mail.facts["day_on"] for mail in letters("day_sheet")] == ["2017-10-30"] * 2


def test_the_team_reads_of_all_sessions_of_the_day_and_how_many_come(tour, hold_clock):
    make_item(
        tour, audience=Audience.STAFF,
        starts_local=datetime(2017, 10, 30, 8, 0), ends_local=datetime(2017, 10, 30, 8, 30),
    )  # fmt: skip
    publish(tour)
    organizer, reader = make_staff(trip=tour), make_staff(trip=tour, role=Role.READER)
    make_staff(trip=tour).active = False
    make_staff(trip=make_trip())
    make_staff()  # runs everything, and has no part in this tour
    company = db.session.scalars(
        select(Registration).where(Registration.state == RegistrationState.ACCEPTED)
    ).one()
    make_reminder(tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=0, minute=6 * 60)

    assert run_due(utc(2017, 10, 30, 5, 0), hold_clock) == [4]
    sheets = letters("team_day_sheet")
    assert [mail.to_email for mail in sheets] == [organizer.email, reader.email]
    facts = sheets[0].facts
    assert [(guests["people"], guests["companies"]) for guests in facts["guests"]] == [
        (0, []), (2, [company.organization.name]),
    ]  # fmt: skip
    while correspondence.write_due():
        pass
    assert {mail.message is not None for mail in sheets} == {True}


def test_who_left_the_team_gets_no_sheet_and_who_runs_everything_where_nobody_has_a_part(
    tour, hold_clock
):
    owner, other = make_staff(), make_staff()
    make_reminder(tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=0, minute=6 * 60)
    assert run_due(utc(2017, 10, 30, 5, 0), hold_clock) == [4]
    other.active = False
    db.session.flush()
    while correspondence.write_due():
        pass

    states = {mail.to_email: mail.state for mail in letters("team_day_sheet")}
    assert states == {owner.email: MailState.WAITING, other.email: MailState.CANCELLED}


def test_who_has_no_part_any_more_when_it_is_written_gets_no_sheet(tour, hold_clock):
    gone, stays = make_staff(trip=tour), make_staff(trip=tour)
    make_reminder(tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=0, minute=6 * 60)
    assert run_due(utc(2017, 10, 30, 5, 0), hold_clock) == [4]
    db.session.execute(delete(TripRole).where(TripRole.staff_id == gone.id))
    db.session.expire_all()
    while correspondence.write_due():
        pass

    states = {mail.to_email: mail.state for mail in letters("team_day_sheet")}
    assert states == {gone.email: MailState.CANCELLED, stays.email: MailState.WAITING}


def test_what_is_missing_goes_out_however_late(tour, hold_clock):
    tour.details_due_at = utc(2017, 10, 2, 22, 0)
    make_reminder(tour, ReminderKind.DETAILS, anchor=Anchor.DETAILS_DUE, days=-7)

    assert run_due(utc(2017, 10, 20, 0, 0), hold_clock) == [0]  # nobody lacks anything
    assert db.session.scalars(select(ReminderRun.letters)).all() == [0]


def test_nothing_is_made_up_for_what_passed_before_it_was_turned_on(tour, hold_clock):
    reminder = make_reminder(tour, is_on=False)
    hold_clock(BEFORE_START + timedelta(minutes=5))

    reminders.turn(reminder, audits.SYSTEM, on=True)

    assert run_due(BEFORE_START + timedelta(minutes=6), hold_clock) == []


def test_given_another_time_it_looks_ahead(tour, hold_clock):
    reminder = make_reminder(tour)
    hold_clock(BEFORE_START - timedelta(hours=1))
    values = reminders.values_of(reminder)

    reminders.change(
        reminder, reminders.ReminderValues(values.kind, values.anchor, -3, 7 * 60), audits.SYSTEM
    )

    assert run_due(BEFORE_START, hold_clock) == []


@pytest.mark.parametrize(
    "state", [TripState.DRAFT, TripState.CANCELLED, TripState.WITHDRAWN], ids=str
)
def test_a_tour_that_is_not_announced_tells_nothing(tour, hold_clock, state):
    make_reminder(tour)
    tour.state = state

    assert run_due(BEFORE_START, hold_clock) == []


def test_a_template_tells_nothing(tour, hold_clock):
    make_reminder(tour)
    tour.state, tour.is_template = TripState.DRAFT, True

    assert run_due(BEFORE_START, hold_clock) == []


def test_after_a_move_it_goes_out_anew_only_at_an_instant_to_come(tour, hold_clock):
    make_reminder(tour)
    assert run_due(BEFORE_START, hold_clock) == [2]

    # On the day after, the tour is put off by a day: that instant has just passed.
    moved_at = BEFORE_START + timedelta(hours=30)
    tour.starts_on, tour.changed_at = date(2017, 10, 31), moved_at
    assert run_due(moved_at, hold_clock) == []
    # By two days more it has not.
    tour.starts_on = date(2017, 11, 2)
    assert run_due(moved_at + timedelta(days=2), hold_clock) == [2]
    # And back: that was told already.
    tour.starts_on = date(2017, 11, 1)
    assert run_due(moved_at + timedelta(days=2, minutes=1), hold_clock) == []


def test_a_day_in_another_zone_is_not_told_twice(tour, hold_clock):
    make_reminder(tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=0, minute=7 * 60)
    assert run_due(utc(2017, 10, 30, 6, 0), hold_clock) == [2]

    tour.stops[0].zone = "Europe/Helsinki"  # an hour ahead: that instant has passed

    assert run_due(utc(2017, 10, 30, 6, 5), hold_clock) == []
    assert run_due(utc(2017, 10, 31, 5, 0), hold_clock) == [2]


def test_with_nothing_published_it_waits_and_says_so(tour, hold_clock):
    tour.release_id = None
    reminder = make_reminder(tour)
    hold_clock(BEFORE_START)

    with pytest.raises(reminders.NothingPublished):
        reminders.run(reminder.id, BEFORE_START)

    assert reminders.tell_problem(reminder.id, "NothingPublished") is True
    assert reminders.tell_problem(reminder.id, "NothingPublished") is False
    assert reminders.due() == [(reminder.id, BEFORE_START)]


def test_what_is_due_is_found_in_as_many_statements_for_any_number(tour, hold_clock, statements):
    counts = []
    hold_clock(BEFORE_START)
    for more in (1, 5):
        for _number in range(more):
            other = make_trip(starts_on=date(2017, 10, 30), ends_on=date(2017, 11, 3))
            reminder = make_reminder(other)
            reminder.on_from = LONG_BEFORE
        db.session.flush()
        db.session.expire_all()
        with statements() as sent:
            found = reminders.due()
        counts.append((len(found), len(sent)))

    assert [number for number, _sent in counts] == [1, 6]
    assert counts[0][1] == counts[1][1]


def test_an_instant_that_is_none_of_its_own_is_not_run(tour, hold_clock):
    reminder = make_reminder(tour)
    hold_clock(BEFORE_START)

    assert reminders.run(reminder.id, BEFORE_START - timedelta(minutes=1)) == 0
    assert reminders.run(reminder.id + 1000, BEFORE_START) == 0
    assert Moment(BEFORE_START, "Europe/Paris").day is None


def test_what_nobody_could_write_until_the_sessions_were_over_is_not_sent(tour, hold_clock):
    make_reminder(
        tour, ReminderKind.DAY_SHEET, anchor=Anchor.EACH_DAY, days=-1, minute=18 * 60
    )  # fmt: skip
    assert run_due(utc(2017, 10, 29, 17, 0), hold_clock) == [2]
    hold_clock(utc(2017, 10, 31, 17, 0))  # the address was marked, or no worker was there

    while correspondence.write_due(50):
        pass

    assert {(mail.state, mail.last_error) for mail in letters("day_sheet")} == {
        (MailState.CANCELLED, "not written: these sessions are over")
    }


def test_a_day_sheet_that_was_written_is_not_sent_once_its_day_is_over_everywhere(tour, hold_clock):
    hold_clock(utc(2017, 10, 29, 12, 0))
    for delegate in db.session.scalars(select(Delegate)):
        correspondence.to_delegate("day_sheet", delegate, "x", day_on=date(2017, 10, 30))
    sheets = len(letters("day_sheet"))

    hold_clock(utc(2017, 10, 31, 23, 0))  # the thirtieth is over, but ask nobody for the time
    assert reminders.expire() == 0
    hold_clock(utc(2017, 11, 1, 0, 1))
    assert reminders.expire() == sheets == 3

    assert {mail.state for mail in letters("day_sheet")} == {MailState.CANCELLED}
