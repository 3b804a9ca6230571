"""Whom each kind of reminder reaches, and what it tells."""

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from tests.factories import (
    delegate_data,
    make_item,
    make_question,
    make_registration,
    make_reminder,
    make_stop,
    make_track,
    make_trip,
    publish,
    utc,
)
from tests.mail import posting
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, correspondence, feeds, people, picks, reminders
from webapp.domain.reminders import instants, showing
from webapp.domain.reminders import letters as kinds
from webapp.domain.reminders.reach import Reach
from webapp.models.agenda import Attendance, Audience, ItemRole
from webapp.models.mail import Mail
from webapp.models.mailing import Anchor, ReminderKind
from webapp.models.person import Person
from webapp.models.question import Stage
from webapp.models.registration import RegistrationState

NOW = utc(2027, 10, 1, 8, 0)
DAY = date(2027, 10, 26)


@pytest.fixture
def tour(session, hold_clock):
    hold_clock(NOW)
    trip = make_trip()
    make_stop(trip)
    return trip


def told(trip, kind: ReminderKind, day: date | None = None, **values) -> list:
    anchor = Anchor.EACH_DAY if day else Anchor.START
    days = 0 if day else -3
    reminder = make_reminder(trip, kind, **{"anchor": anchor, "days": days} | values)
    moment = next(m for m in instants.of(reminder, trip) if m.day == day)
    return kinds.of(reminder, moment, Reach(trip))


def session_at(trip, hour: int, **values):
    return make_item(
        trip,
        starts_local=datetime(2027, 10, 26, hour, 0),
        ends_local=datetime(2027, 10, 26, hour + 1, 0),
        **values,
    )


def host(trip, name: str, email: str | None, role: ItemRole = ItemRole.HOST):
    found = people.named(trip, name, "Exemple")
    found.email = email
    db.session.flush()
    return (found.id, role)


def test_a_program_goes_to_those_who_come_and_have_sessions(tour):
    track = make_track(tour)
    comes = make_registration(tour, 1, RegistrationState.ACCEPTED)
    make_registration(tour, 1, RegistrationState.SUBMITTED)
    make_registration(tour, 1, RegistrationState.CANCELLED)
    make_item(tour, track_id=track.id)
    publish(tour)
    assert told(tour, ReminderKind.PROGRAM) == []

    session_at(tour, 14, audience=Audience.DELEGATES)
    publish(tour)
    letters = told(tour, ReminderKind.PROGRAM)

    assert [each.delegate_id for each in letters] == [comes.delegates[0].id]


def test_a_day_sheet_holds_only_the_reader_s_own_sessions_of_the_day(tour):
    track = make_track(tour)
    company = make_registration(tour, 2, RegistrationState.ACCEPTED)
    first, second = company.delegates
    second.tracks.append(track)
    session_at(tour, 9)
    optional = session_at(tour, 12, attendance=Attendance.OPTIONAL)
    of_track = session_at(tour, 15, track_id=track.id, title=Words(en="Of the track"))
    session_at(tour, 16, audience=Audience.STAFF, title=Words(en="Staff alone"))
    gone = session_at(tour, 18, title=Words(en="Called off"))
    publish(tour)
    agendas.call_off(gone, audits.SYSTEM)
    publish(tour)
    picks.choose(first, optional.uid, audits.SYSTEM)

    letters = told(tour, ReminderKind.DAY_SHEET, DAY)
    found = programs_of(tour)

    assert [each.delegate_id for each in letters] == [first.id, second.id]
    assert [len(found[each.id]) for each in (first, second)] == [2, 2]
    assert of_track.uid in found[second.id]
    assert told(tour, ReminderKind.DAY_SHEET, DAY + timedelta(days=1)) == []


def programs_of(trip) -> dict:
    reach = Reach(trip)
    return {reader.id: reach.sessions(reader) for reader in reach.readers}


def test_a_host_hears_how_many_come_of_which_companies_and_nothing_of_anybody(tour):
    wave = make_registration(tour, 2, RegistrationState.ACCEPTED, organization_name="Blue Wave")
    make_registration(tour, 1, RegistrationState.ACCEPTED, organization_name="Alpha & fils")
    make_registration(tour, 1, RegistrationState.SUBMITTED, organization_name="Not yet in")
    visit = session_at(tour, 9, people=(host(tour, "Claire", "claire@example.org"),))
    session_at(tour, 11, people=(host(tour, "Nobody", None),))
    publish(tour)
    session_at(tour, 13, people=(host(tour, "Draft", "draft@example.org"),))

    (letter,) = told(tour, ReminderKind.HOSTS)
    correspondence.put([letter])
    mail = posting.written(posting.latest())

    assert letter.to_email == "claire@example.org"
    assert letter.facts["guests"] == [
        {"item": str(visit.uid), "people": 3, "companies": ["Alpha & fils", "Blue Wave"],
         "more": 0}
    ]  # fmt: skip
    text = message_from_bytes(mail.message, policy=policy.default).as_string()
    for delegate in wave.delegates:
        assert delegate.token not in text
        assert delegate.family_name not in text


def test_a_host_of_two_sessions_has_one_letter_and_of_a_day_only_that_day(tour):
    make_registration(tour, 1, RegistrationState.ACCEPTED)
    claire = host(tour, "Claire", "claire@example.org")
    session_at(tour, 9, people=(claire,))
    make_item(
        tour,
        starts_local=datetime(2027, 10, 27, 9, 0),
        ends_local=datetime(2027, 10, 27, 10, 0),
        people=(claire,),
    )
    publish(tour)

    assert [len(each.facts["item_uids"]) for each in told(tour, ReminderKind.HOSTS)] == [2]
    assert [len(each.facts["item_uids"]) for each in told(tour, ReminderKind.HOSTS, DAY)] == [1]
    assert told(tour, ReminderKind.HOSTS, DAY + timedelta(days=2)) == []


def test_two_hosts_who_are_one_human_get_one_letter(tour):
    make_registration(tour, 1, RegistrationState.ACCEPTED)
    claire = host(tour, "Claire", "claire@example.org")
    other = host(tour, "C.", None)
    session_at(tour, 9, people=(claire,))
    session_at(tour, 14, people=(other,))
    publish(tour)
    db.session.get(Person, other[0]).merged_into_id = claire[0]

    (letter,) = told(tour, ReminderKind.HOSTS)

    assert (letter.to_email, len(letter.facts["item_uids"])) == ("claire@example.org", 2)


@pytest.mark.parametrize(
    ("spoken", "language"), [((), "fr"), (("en",), "en"), (("en", "fr"), "fr"), (("de",), "fr")]
)
def test_a_host_is_written_to_in_what_is_spoken_or_in_the_language_of_the_place(
    tour, spoken, language
):
    make_registration(tour, 1, RegistrationState.ACCEPTED)
    session_at(tour, 9, people=(host(tour, "Claire", "c@example.org"),), languages=spoken)
    publish(tour)

    assert [each.language for each in told(tour, ReminderKind.HOSTS)] == [language]


def test_what_is_missing_is_told_to_whom_it_is_missing_of_and_not_twice_a_day(tour, hold_clock):
    tour.details_due_at = utc(2027, 10, 15, 20, 0)
    company = make_registration(tour, 1, RegistrationState.ACCEPTED)
    make_question(tour, "passport", stage=Stage.TRAVEL, required=True)
    reminder = make_reminder(tour, ReminderKind.DETAILS, anchor=Anchor.DETAILS_DUE, days=-3)
    other = make_reminder(tour, ReminderKind.DETAILS, anchor=Anchor.DETAILS_DUE, days=-2)
    hold_clock(utc(2027, 10, 12, 7, 0))

    first = [reminders.run(*each) for each in reminders.due()]
    hold_clock(utc(2027, 10, 13, 7, 0))
    second = [reminders.run(*each) for each in reminders.due()]
    again = kinds.of(other, instants.of(other, tour)[0], Reach(tour))

    assert (first, second, again) == ([1], [1], [])
    mails = db.session.scalars(select(Mail).where(Mail.letter == "details_wanted")).all()
    assert [mail.reminder_id for mail in mails] == [reminder.id, other.id]
    assert {mail.delegate_id for mail in mails} == {company.delegates[0].id}


def test_a_message_goes_to_those_who_were_chosen_in_a_language_that_it_has(tour):
    people_of = (delegate_data(language="fr"), delegate_data(2))
    company = make_registration(tour, 2, RegistrationState.ACCEPTED, delegates=people_of)
    make_registration(tour, 1, RegistrationState.SUBMITTED)

    letters = told(
        tour,
        ReminderKind.MESSAGE,
        subject=Words(en="Thank you, {name}"),
        body=Words(en="Of {company}."),
        audience={"to_whom": "delegates", "states": ["accepted"]},
    )
    correspondence.put(letters)
    mail = posting.written(posting.latest())

    assert [each.delegate_id for each in letters] == [one.id for one in company.delegates]
    assert [each.language for each in letters] == ["en", "en"]
    assert mail.subject == f"Thank you, {company.delegates[1].name}"


def test_a_message_with_a_mistake_is_refused(tour):
    with pytest.raises(reminders.MessageRefused):
        make_reminder(
            tour, ReminderKind.MESSAGE, subject=Words(en="Hello {nmae}"), body=Words(en="x")
        )


def test_the_letters_of_a_batch_cost_as_many_statements_for_any_number(tour, statements):
    session_at(tour, 9)
    session_at(tour, 12, attendance=Attendance.OPTIONAL)
    publish(tour)
    counts = []
    for size in (1, 2, 8):  # the first finds nothing of the release in memory
        make_registration(tour, size, RegistrationState.ACCEPTED)
        correspondence.put(told(tour, ReminderKind.PROGRAM))
        db.session.expire_all()
        with statements() as sent:
            assert correspondence.write_due(50) > 0
        counts.append(len([s for s in sent if s.startswith("SELECT")]))

    assert counts[1] == counts[2]


def test_colleagues_in_one_batch_read_each_their_own_language(tour):
    colleagues = (delegate_data(), delegate_data(2, language="fr"))
    make_registration(tour, 2, RegistrationState.ACCEPTED, delegates=colleagues)
    session_at(tour, 9)
    publish(tour)
    correspondence.put(told(tour, ReminderKind.PROGRAM))
    correspondence.write_due(50)

    texts = [
        message_from_bytes(mail.message, policy=policy.default).get_body(("plain",)).get_content()
        for mail in db.session.scalars(
            select(Mail).where(Mail.letter == "program").order_by(Mail.id)
        )
    ]

    assert ["9:00\N{NO-BREAK SPACE}AM – 10:00" in text for text in texts] == [True, False]
    assert ["9\N{NO-BREAK SPACE}h – 10\N{NO-BREAK SPACE}h" in text for text in texts] == [
        False,
        True,
    ]


def test_a_program_brings_the_prepared_calendar_and_makes_none_anew(tour, monkeypatch):
    company = make_registration(tour, 1, RegistrationState.ACCEPTED)
    session_at(tour, 9)
    publish(tour)
    feeds.prepare()
    prepared = feeds.answer(feeds.of_delegate(company.delegates[0])).body
    monkeypatch.setattr(feeds, "program_file", None)

    mail = posting.write("program", company.delegates[0])

    parsed = message_from_bytes(mail.message, policy=policy.default)
    (file,) = parsed.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("program.ics", "text/calendar")
    assert file.get_payload(decode=True) == prepared


def test_a_program_whose_calendar_is_out_of_date_brings_a_new_one(tour):
    company = make_registration(tour, 1, RegistrationState.ACCEPTED)
    session_at(tour, 9)
    publish(tour)

    mail = posting.write("program", company.delegates[0])

    parsed = message_from_bytes(mail.message, policy=policy.default)
    (file,) = parsed.iter_attachments()
    assert b"SUMMARY:Visit of the shipyard" in file.get_payload(decode=True)


@pytest.mark.parametrize("change", ["withdrawn", "cancelled tour", "no session"])
def test_what_came_between_putting_and_writing_is_told_no_more(tour, change):
    company = make_registration(tour, 1, RegistrationState.ACCEPTED)
    item = session_at(tour, 9)
    publish(tour)
    correspondence.put(told(tour, ReminderKind.DAY_SHEET, DAY))
    mail = posting.latest()
    if change == "withdrawn":
        company.state = RegistrationState.WAITLISTED
    elif change == "cancelled tour":
        tour.state = "cancelled"
    else:
        agendas.call_off(item, audits.SYSTEM)
        publish(tour)
    db.session.flush()

    correspondence.write_due()

    assert mail.state == "cancelled"
    assert mail.last_error.startswith("not written: ")


def test_previews_are_real_letters_without_keys_and_keep_nothing(tour):
    company = make_registration(
        tour, 2, RegistrationState.ACCEPTED,
        delegates=(delegate_data(), delegate_data(2, language="fr")),
    )  # fmt: skip
    session_at(tour, 9)
    publish(tour)
    with transaction():
        reminder = make_reminder(tour)

    shown = showing.previews(reminder, Reach(tour))

    assert [each.language for each in shown] == ["en", "fr"]
    assert "Visit of the shipyard" in shown[0].text
    assert not any(d.token in each.text for each in shown for d in company.delegates)
    assert db.session.scalars(select(Mail).where(Mail.letter == "program")).all() == []
