"""Setting reminders: the usual set, changing, turning, removing, and copies of tours."""

from datetime import date

import pytest

from tests.factories import make_reminder, make_trip
from webapp.db import Words, db
from webapp.domain import audits, copies, reminders
from webapp.domain.reminders import ReminderValues, ready, setting
from webapp.models.mailing import Anchor, ReminderKind

BY = audits.SYSTEM


@pytest.fixture
def trip(session):
    return make_trip()


def test_the_usual_set_is_set_once_and_turned_off(trip):
    first, second = reminders.add_usual(trip, BY), reminders.add_usual(trip, BY)

    assert (len(first), second) == (len(ready.USUAL), [])
    assert not any(each.is_on for each in reminders.of_trip(trip))
    assert reminders.lacking(trip) == []


def test_what_was_removed_of_the_usual_set_can_come_back(trip):
    first = reminders.add_usual(trip, BY)[0]
    values = reminders.values_of(first)

    reminders.remove(first, BY)

    assert reminders.lacking(trip) == [values]


@pytest.mark.parametrize(
    ("kind", "anchor", "days", "minute"),
    [
        (ReminderKind.DAY_SHEET, Anchor.START, -1, 0),
        (ReminderKind.PROGRAM, Anchor.EACH_DAY, -1, 0),
        (ReminderKind.DETAILS, Anchor.END, -1, 0),
        (ReminderKind.DAY_SHEET, Anchor.EACH_DAY, 1, 0),
        (ReminderKind.DAY_SHEET, Anchor.EACH_DAY, -31, 0),
        (ReminderKind.PROGRAM, Anchor.START, -366, 0),
        (ReminderKind.PROGRAM, Anchor.START, 731, 0),
        (ReminderKind.PROGRAM, Anchor.START, -1, 24 * 60),
        (ReminderKind.PROGRAM, Anchor.START, -1, -1),
    ],
)
def test_times_that_no_reminder_of_the_kind_has_are_refused(trip, kind, anchor, days, minute):
    with pytest.raises(reminders.TimeRefused):
        reminders.add(trip, ReminderValues(kind, anchor, days, minute), BY, is_on=True)


def test_a_tour_has_so_many_at_most(trip, monkeypatch):
    monkeypatch.setattr(setting, "MOST", 1)
    make_reminder(trip)

    with pytest.raises(reminders.TooManyReminders):
        make_reminder(trip)


def test_a_change_says_what_changed_and_the_same_again_says_nothing(trip):
    reminder = make_reminder(trip)
    values = ReminderValues(ReminderKind.PROGRAM, Anchor.START, -5, 9 * 60)

    reminders.change(reminder, values, BY)
    reminders.change(reminder, values, BY)
    reminders.turn(reminder, BY, on=False)
    reminders.turn(reminder, BY, on=False)

    assert [(e.action, e.before, e.after) for e in audits.of(reminder)][:-1] == [
        ("turn off", None, None),
        ("change", {"days": -3}, {"days": -5}),
    ]


def test_a_copy_takes_them_over_turned_off_and_nothing_that_names_the_old_tour(trip):
    make_reminder(trip)
    make_reminder(
        trip,
        ReminderKind.MESSAGE,
        subject=Words(en="Thanks"),
        body=Words(en="Thank you."),
        audience={"to_whom": "delegates", "states": ["accepted"]},
    ).audience = {"to_whom": "delegates", "states": ["accepted"], "track_id": 7}
    db.session.flush()

    made = copies.copy(
        trip, "next-year", date(2028, 10, 23), Words(en="Next"), frozenset({"reminders"}), BY
    )

    copied = reminders.of_trip(made)
    assert [(each.kind, each.is_on) for each in copied] == [
        ("program", False),
        ("message", False),
    ]
    assert copied[1].audience == {"to_whom": "delegates", "states": ["accepted"]}
    assert copied[1].subject == {"en": "Thanks"}
