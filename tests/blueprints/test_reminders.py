"""The pages of reminders: setting the usual ones, changing, turning, removing, looking."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.blueprints.forms import hidden, sign_in
from tests.factories import (
    make_item,
    make_registration,
    make_reminder,
    make_staff,
    make_trip,
    publish,
    utc,
)
from webapp.db import Words, db, transaction
from webapp.domain import correspondence, reminders
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.mailing import Reminder, ReminderKind, ReminderRun
from webapp.models.registration import RegistrationState
from webapp.models.trip import TripState

NOW = utc(2027, 10, 1, 8, 0)


@pytest.fixture
def tour(app, client, hold_clock):
    """A published tour whose organizer is signed in, with one company of two."""
    hold_clock(NOW)
    with transaction():
        trip = make_trip(starts_on=date(2027, 10, 25), ends_on=date(2027, 10, 29))
        make_item(trip)
        publish(trip)
        make_registration(trip, 2, RegistrationState.ACCEPTED)
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return trip


def address(trip, rest: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/mails/reminders{rest}"


def post(client, trip, rest: str, **data):
    form = hidden(client, address(trip, "/new/program"))
    answer = client.post(address(trip, rest), data=form | data)
    return client.get(answer.location) if answer.status_code == 303 else answer


def only(trip) -> Reminder:
    (found,) = reminders.of_trip(trip)
    return found


def test_the_usual_set_is_added_and_turned_on_with_a_click_each(tour, client):
    added = post(client, tour, "/usual").text
    on = post(client, tour, "/turn", on="1").text

    assert "16 reminders are set, turned off." in added
    assert "Nov 6, 2027, 9:00\N{NO-BREAK SPACE}AM (Paris time, UTC+1)" in added  # after the tour
    assert "The date that it counts from is not set." in added  # no freeze, no deadline
    assert "All are on." in on
    assert all(each.is_on for each in reminders.of_trip(tour))


def test_own_words_are_tried_by_a_letter_to_whoever_is_signed_in(tour, client):
    with transaction():
        words = {"subject": Words(en="See you", fr="À bientôt"), "body": Words(en="{name}", fr="x")}
        reminder = make_reminder(tour, ReminderKind.MESSAGE, **words)
        program = make_reminder(tour)
    assert "Send a test to me" in client.get(address(tour, f"/{reminder.id}")).text
    assert "Send a test to me" not in client.get(address(tour, f"/{program.id}")).text

    page = post(client, tour, f"/{reminder.id}/test").text

    assert "1 test letter is on its way to staff" in page
    (mail,) = db.session.scalars(select(Mail))
    while correspondence.write_due():
        pass
    assert (mail.letter, mail.reminder_id, mail.subject) == ("message_test", None, "Test: See you")
    assert mail.to_email.startswith("staff")
    assert post(client, tour, f"/{program.id}/test").status_code == 404


def test_one_is_set_turned_off_then_changed_turned_on_and_removed(tour, client):
    when = {"number": "2", "side": "before", "anchor": "start", "time": "07:15"}
    made = post(client, tour, "/new/program", **when)
    reminder = only(tour)
    assert "2 days before the first day of the tour, at 7:15\N{NO-BREAK SPACE}AM" in made.text
    assert (reminder.days, reminder.minute, reminder.is_on) == (-2, 435, False)
    assert "If you turn it on." in made.text

    post(client, tour, f"/{reminder.id}", **when | {"number": "0", "time": "06:00"})
    assert (reminder.days, reminder.minute) == (0, 360)
    turned = post(client, tour, f"/{reminder.id}/turn", on="1", back="one")
    assert reminder.is_on
    assert "Oct 25, 2027, 6:00\N{NO-BREAK SPACE}AM (Paris time, UTC+2)" in turned.text
    post(client, tour, f"/{reminder.id}/remove")
    assert reminders.of_trip(tour) == []


def test_the_page_shows_to_how_many_it_goes_and_how_it_reads(tour, client):
    with transaction():
        reminder = make_reminder(tour)
        run = ReminderRun(reminder_id=reminder.id, due_at=NOW, ran_at=NOW, letters=31)
        db.session.add(run)

    listed = client.get(address(tour)).text
    page = client.get(address(tour, f"/{reminder.id}")).text

    assert '<td data-label="People now" class="table__number">2</td>' in listed
    assert "31 letters" in listed
    assert page.count('<pre class="plain"') == 2
    assert "Visit of the shipyard" in page
    for delegate in db.session.scalars(select(Delegate)):
        assert delegate.token not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"number": "731"}, "Please give a number from 0 to 730."),
        ({"number": "366"}, "Please give at most 365 days before or 730 after."),
        ({"number": "x" * 10_000}, "Please give a whole number."),
        ({"number": "-1"}, "Please give a whole number."),
        ({"number": ""}, "Please fill in this field."),
        ({"time": "25:00"}, "Please write the time like 18:30."),
        ({"time": "\U0001f600\x00"}, "Please write the time like 18:30."),
        ({"time": ""}, "Please give a time of day."),
        ({"anchor": "each_day"}, "Not a valid choice"),
        ({"anchor": "moon"}, "Not a valid choice"),
        ({"side": ""}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(tour, client, wrong, words):
    given = {"number": "2", "side": "before", "anchor": "start", "time": "07:15"} | wrong

    answer = post(client, tour, "/new/program", **given)

    assert answer.status_code == 422
    assert words in answer.text
    assert reminders.of_trip(tour) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"subject_en": ""}, "Please give a subject."),
        ({"body_en": ""}, "Please write a text."),
        ({"subject_en": "", "body_en": ""}, "Please write a subject and a text in at least one"),
        ({"body_en": "Dear {nmae}"}, "There is no placeholder {nmae}. Did you mean {name}?"),
        ({"body_en": "See {company_link}"}, "These readers, or this tour, have no {company_link}."),
        ({"body_fr": "x" * 20_001, "subject_fr": "x"}, "This is too long"),
    ],
)
def test_a_message_is_checked_before_it_is_set(tour, client, wrong, words):
    given = {
        "number": "1", "side": "after", "anchor": "end", "time": "09:00", "to_whom": "delegates",
        "standing": "coming", "subject_en": "Thanks, {name}", "body_en": "Thank you.",
    }  # fmt: skip

    answer = post(client, tour, "/new/message", **given | wrong)

    assert answer.status_code == 422
    assert words in answer.text
    assert post(client, tour, "/new/message", **given).status_code == 200
    assert only(tour).audience == {
        "to_whom": "delegates", "states": ["accepted"], "delegate_states": ["coming"],
    }  # fmt: skip


def test_each_kind_has_its_page_and_there_are_no_others(tour, client):
    for kind in ReminderKind:
        assert client.get(address(tour, f"/new/{kind.value}")).status_code == 200
    assert client.get(address(tour, "/new/spam")).status_code == 404
    assert client.get(address(tour, "/99999999999999999999")).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TripState.DRAFT, "nothing goes out before it is announced"),
        (TripState.CANCELLED, "only messages in your own words still go out"),
        (TripState.WITHDRAWN, "This tour was withdrawn: nothing goes out."),
    ],
)
def test_what_the_state_of_the_tour_means_is_said(tour, client, state, words):
    with transaction():
        make_reminder(tour)
        tour.state = state

    page = client.get(address(tour)).text

    assert words in page
    assert "Not while the tour is like this." in page


def test_why_one_did_not_go_and_what_was_missed_is_said(tour, client, hold_clock):
    with transaction():
        missed = make_reminder(tour, days=-20)
        tour.release_id = None
        reminders.tell_problem(missed.id, "ValueError")
    hold_clock(utc(2027, 10, 7, 8, 0))  # on from October 1; due on October 5

    page = client.get(address(tour)).text

    assert "Nothing is published yet, so there is nothing to tell." in page
    assert "Missed 1 time, because no worker ran: Oct 5, 2027, 9:00" in page


def test_a_reader_looks_without_buttons(tour, client):
    with transaction():
        reminder = make_reminder(tour)
        staff = make_staff(trip=tour, role="reader")
    client.post("/organizer/sign-out", data=hidden(client, address(tour)))
    sign_in(client, staff)

    page = client.get(address(tour)).text + client.get(address(tour, f"/{reminder.id}")).text

    assert "Turn off" not in page
    assert "Change it" not in page
    assert client.get(address(tour, "/new/program")).status_code == 404


def test_the_page_costs_as_many_statements_for_any_number_of_people(tour, client, statements):
    with transaction():
        for kind, anchor in (("program", "start"), ("day_sheet", "each_day"), ("hosts", "start"),
                             ("details", "start")):  # fmt: skip
            make_reminder(tour, ReminderKind(kind), anchor=anchor, days=-1)
    counts = []
    for size in (1, 5):
        with transaction():
            for _number in range(size):
                make_registration(tour, 2, RegistrationState.ACCEPTED)
        with statements() as sent:
            client.get(address(tour))
        counts.append(len(sent))

    assert counts[0] == counts[1]


def test_what_a_text_leaves_to_be_said_is_told_beside_it(tour, client):
    page = post(
        client, tour, "/new/message",
        number="1", side="after", anchor="end", time="09:00", to_whom="delegates",
        standing="coming", subject_en="Thanks", body_en="Meet at [[where]]",
    )  # fmt: skip

    assert page.status_code == 422
    assert "This is left for you to say: [[where]]" in page.text
    assert reminders.of_trip(tour) == []
