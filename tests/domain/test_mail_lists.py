"""The letters of a tour as organizers look for them, and the change that caused each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import make_mail, make_registration, make_staff, make_trip, publish, utc
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import audits, correspondence, mail_lists, registrations
from webapp.domain.mail_lists import Filters, Row
from webapp.models.mail import Mail, MailState
from webapp.models.mailing import Anchor, Mailing, Reminder, ReminderKind
from webapp.models.registration import RegistrationState


@pytest.fixture
def trip(session):
    return make_trip()


@pytest.fixture
def company(trip):
    found = make_registration(trip, 1, organization_name="Ateliers Zéphyr")
    session_empty(trip)
    return found


def session_empty(trip):
    """Forget the letters that registering put."""
    db.session.query(Mail).filter(Mail.trip_id == trip.id).delete()


def ids(trip, number=1, **filters) -> list[int]:
    return [row.id for row in mail_lists.page(trip, Filters(**filters), number).rows]


def test_the_newest_stand_first_fifty_a_page_and_another_tours_nowhere(trip, company):
    made = [make_mail(company).id for _ in range(52)]
    make_mail(make_registration(make_trip(), 1))

    first = mail_lists.page(trip, Filters())

    assert [row.id for row in first.rows] == made[:1:-1]
    assert (first.total, first.number, first.last) == (52, 1, 2)
    assert ids(trip, 2) == made[1::-1]
    assert ids(trip, 3) == []
    assert ids(trip, -7) == made[:1:-1]
    assert ids(trip, 10**12) == []


def test_a_row_says_whom_it_goes_to_and_where_it_stands(trip, company):
    at = utc(2027, 9, 1, 12, 0)
    mail = make_mail(
        company, state=MailState.FAILED, last_error="550 no", created_at=at, sent_at=None, due_at=at
    )

    assert mail_lists.page(trip, Filters()).rows == [
        Row(
            id=mail.id,
            letter="registration_received",
            subject=mail.subject,
            to_name="Zoé Núñez",
            to_email=mail.to_email,
            registration_id=company.id,
            organization="Ateliers Zéphyr",
            state=MailState.FAILED,
            hold=None,
            attempts=1,
            last_error="550 no",
            created_at=at,
            due_at=at,
            sent_at=None,
        )
    ]


def test_each_state_is_counted_within_the_other_filters(trip, company):
    failed = make_mail(company, state=MailState.FAILED)
    make_mail(company)
    make_mail(company, letter="bulletin")

    page = mail_lists.page(trip, Filters(MailState.FAILED, letter="registration_received"))

    assert [row.id for row in page.rows] == [failed.id]
    assert page.total == 1
    assert page.counts == dict.fromkeys(MailState, 0) | {MailState.SENT: 1, MailState.FAILED: 1}


def belonging(trip, company) -> dict[str, Mail]:
    at = clock.now()
    mailing = Mailing(trip_id=trip.id, subject={}, body={}, created_at=at, changed_at=at)
    reminder = Reminder(
        trip_id=trip.id, kind=ReminderKind.PROGRAM, anchor=Anchor.START, days=-3, minute=540,
        on_from=at, created_at=at,
    )  # fmt: skip
    db.session.add_all([mailing, reminder])
    db.session.flush()
    return {
        "mailing_id": make_mail(company, mailing_id=mailing.id),
        "reminder_id": make_mail(company, reminder_id=reminder.id),
        "release_id": make_mail(company, release_id=publish(trip).id),
    }


def test_the_letters_of_a_message_a_reminder_or_a_version_are_found(trip, company):
    made = belonging(trip, company)
    make_mail(company)

    for name, mail in made.items():
        assert ids(trip, **{name: getattr(mail, name)}) == [mail.id]
        assert ids(trip, **{name: 10**17}) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nunez", True),
        ("NÚÑEZ zoé", True),
        ("zephyr", True),
        ("zephyr nunez", True),
        ("reader", True),
        ("@EXAMPLE.com", True),
        ("lettre", False),
        ("version 3", True),
        ("100%", False),
        ("version_3", False),
        ("nunez nobody", False),
        ("\0", True),
    ],
)
def test_words_are_looked_for_in_name_address_company_and_subject(trip, company, text, found):
    mail = make_mail(company, subject="Changes of version 3")
    before = mail_lists.page(trip, Filters()).counts

    page = mail_lists.page(trip, Filters(text=text))

    assert [row.id for row in page.rows] == ([mail.id] if found else [])
    assert page.counts == (before if found else dict.fromkeys(MailState, 0))


def test_the_list_takes_two_statements_however_long_it_is(trip, company, statements):
    for filters in (Filters(), Filters(text="zoé núñez"), Filters(MailState.SENT)):
        counts = []
        for _round in range(2):
            for _letter in range(20):
                make_mail(company)
            with statements() as sent:
                mail_lists.page(trip, filters)
            counts.append(len(sent))
        assert counts == [2, 2]


def test_a_page_without_a_search_is_found_by_its_index(trip, company, statements):
    make_mail(company)
    with statements() as sent:
        mail_lists.page(trip, Filters(MailState.FAILED))
    assert "concat_ws" not in sent[0]
    assert "OFFSET" in sent[0]


@pytest.mark.parametrize(
    ("values", "moves"),
    [
        ({"state": MailState.SENDING}, True),
        ({"state": MailState.WAITING, "attempts": 0}, True),
        ({"state": MailState.WAITING, "attempts": 1}, False),
        ({"state": MailState.SENT}, False),
        ({"state": MailState.HELD, "hold": "window"}, False),
    ],
)
def test_only_what_is_about_to_change_is_looked_at_again(trip, company, values, moves):
    make_mail(company, **values)

    assert mail_lists.page(trip, Filters()).moves == moves


def test_the_change_that_caused_a_letter_is_the_transaction_that_put_it(committed):
    with transaction():
        trip = make_trip()
        staff, found = make_staff(trip=trip), make_registration(trip, 1)
        session_empty(trip)
    with transaction():
        by = audits.by_staff(staff)
        registrations.decide(found, RegistrationState.ACCEPTED, "", by, found.decisions)
    with transaction():
        audits.write(audits.SYSTEM, trip, "change", trip_id=trip.id)
    told = db.session.query(Mail).filter(Mail.letter == "registration_decided").one()

    caused = mail_lists.cause(told)

    assert (caused[0].object_kind, caused[0].action) == ("registrations", "decide")
    assert caused[0].actor_name == staff.name
    assert not {"change", "register"} & {entry.action for entry in caused}
    assert {entry.change_number for entry in caused} == {told.change_number}


def test_of_what_a_change_did_its_own_company_comes_first_and_not_all_is_told(trip, company):
    others = [make_registration(trip, 1) for _ in range(20)]
    for each in (*others, company):
        audits.write(audits.SYSTEM, each, "decide", trip_id=trip.id)
    mail = make_mail(company)
    audits.write(audits.SYSTEM, mail, "stop", trip_id=trip.id)
    db.session.flush()
    db.session.refresh(mail)

    caused = mail_lists.cause(mail)

    assert len(caused) == 12
    own = [entry.action for entry in caused if entry.object_id == company.id]
    assert caused[0].object_id == company.id
    assert own[-1] == "decide"
    assert "mails" not in {entry.object_kind for entry in caused}


def test_a_number_that_came_again_after_a_restore_from_a_copy_is_not_believed(trip, company):
    mail = make_mail(company)
    entry = audits.write(audits.SYSTEM, company, "decide", trip_id=trip.id)
    old = audits.write(audits.SYSTEM, company, "cancel", trip_id=trip.id)
    old.at -= timedelta(hours=1)
    later = audits.write(audits.SYSTEM, company, "restore", trip_id=trip.id)
    later.at += timedelta(hours=1)
    db.session.flush()
    db.session.refresh(mail)

    actions = [each.action for each in mail_lists.cause(mail)]

    assert entry.action in actions
    assert not {"cancel", "restore"} & set(actions)


def test_a_letter_of_a_version_names_its_publishing_though_it_was_put_later(trip, company):
    mail = belonging(trip, company)["release_id"]
    mail.change_number = 1
    db.session.flush()

    assert [(e.object_kind, e.action) for e in mail_lists.cause(mail)] == [("releases", "publish")]
    assert mail_lists.origin(mail).release.id == mail.release_id


def test_a_letter_from_before_changes_had_numbers_has_no_cause(trip, company):
    mail = make_mail(company)
    mail.change_number = None
    db.session.flush()

    assert mail_lists.cause(mail) == []


def test_a_letter_that_was_put_remembers_its_transaction(trip, company):
    told = correspondence.for_coordinator("place_confirmed", company, "one")
    correspondence.put([told, replace(told, version="two")])

    first, second = db.session.query(Mail).filter(Mail.letter == "place_confirmed")
    assert first.change_number == second.change_number is not None
