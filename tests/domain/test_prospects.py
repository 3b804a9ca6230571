"""Invitations to apply: read from lists, written to once, reminded rarely, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import application, make_registration, make_trip
from webapp import clock
from webapp.domain import audits, correspondence, prospect_lists, prospects, registrations
from webapp.domain.prospect_lists import Asked, Fault, Row
from webapp.domain.prospects import AskedTooLately, Deed, NoteTooLong
from webapp.domain.registrations import RegistrationClosed
from webapp.domain.sheets.tables import FileRefused
from webapp.models.audit import AuditEntry
from webapp.models.mail import Mail
from webapp.models.prospect import ProspectState
from webapp.models.registration import RegistrationState
from webapp.models.states import MoveRefused

ROWS = """Company;Contact;Email;Language
Blue Wave Sensors;Ana Martin;ana@blue.example.com;fr
Green Wave Labs;;bob@green.example.com;
"""


def ask(trip, text=ROWS, note=""):
    return prospects.ask(trip, prospect_lists.read(text, "en"), note, audits.SYSTEM)


def letters(session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Mail).order_by(Mail.id))
    return [(row.letter, row.to_email) for row in rows if row.letter.startswith("prospect")]


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        (
            "Société\tCourriel\tContact\tLangue\n"
            "Blue Wave Sensors\tana@blue.example.com\tAna Martin\tFrançais\n"
            "Green Wave Labs\tbob@green.example.com\t\t\n"
        ),
        (
            "Blue Wave Sensors,Ana Martin,ana@blue.example.com,fr\n"
            "\n"
            "Green Wave Labs,,bob@green.example.com\n"
        ),
        (
            "ana@blue.example.com;Blue Wave Sensors;Ana Martin;FR\n"
            "Green Wave Labs;Bob's <bob@green.example.com>\n"
        ),
    ],
)
def test_a_list_is_read_with_or_without_headers_in_either_language(text):
    asked = [row.asked for row in prospect_lists.read(text, "en")]

    assert asked == [
        Asked("Blue Wave Sensors", "Ana Martin", "ana@blue.example.com", "fr"),
        Asked("Green Wave Labs", "", "bob@green.example.com", "en"),
    ]


def test_what_a_dry_run_read_is_read_again_as_the_same():
    rows = prospect_lists.read(ROWS, "en")

    again = prospect_lists.read(prospect_lists.written(rows), "fr")

    assert [row.asked for row in again] == [row.asked for row in rows]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Blue Wave;Ana;not an address@;fr", Fault.BAD_MAIL),
        ("Blue Wave;Ana;;fr", Fault.NO_MAIL),
        (";;ana@blue.example.com;fr", Fault.NO_COMPANY),
        ("Win at www.evil.example;;ana@blue.example.com;fr", Fault.WEB_ADDRESS),
        ("x" * 201 + ";;ana@blue.example.com;fr", Fault.TOO_LONG),
        ("Blue Wave;Ana;ana@blue.example.com;Klingon", Fault.BAD_LANGUAGE),
    ],
)
def test_a_broken_row_is_named_with_its_fault(row, fault):
    rows = prospect_lists.read("Company;Name;Email;Language\n" + row, "en")

    assert [(each.number, each.asked, each.fault) for each in rows] == [(2, None, fault)]


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "Company;Email\n", "%PDF-1.7", "a@b.example;C\n" * 1001]
)
def test_what_is_no_list_is_refused(text):
    with pytest.raises(FileRefused):
        prospect_lists.read(text, "en")


def test_a_dry_run_names_doubles_those_asked_and_those_registered(session):
    trip = make_trip()
    ask(trip, "Old Friend;;old@example.com")
    make_registration(trip, organization_name="Blue Wave Sensors, Inc.")
    make_registration(trip, coordinator_email="carla@red.example.com")
    out = make_registration(trip, organization_name="Gone Company")
    out.state = RegistrationState.CANCELLED
    session.flush()
    text = (
        "BLUE WAVE SENSORS;;new@blue.example.com\nAnother;;Carla@red.example.com\n"
        "Old Friend;;OLD@example.com\nGone Company;;gone@example.com\n"
        "Green;;bob@green.example.com\nGreen Too;;Bob@Green.example.com\nBad;;x@\n"
    )

    steps = prospects.check(trip, prospect_lists.read(text, "en"))

    assert [(step.deed, step.other) for step in steps] == [
        (Deed.REGISTERED, None),
        (Deed.REGISTERED, None),
        (Deed.ASKED, None),
        (Deed.ASK, None),
        (Deed.ASK, None),
        (Deed.DOUBLE, 5),
        (Deed.FAULTY, None),
    ]


def test_asking_writes_one_letter_each_however_often_it_is_done(session):
    trip = make_trip()

    made = ask(trip, note="  Please come.  ")
    again = ask(trip)

    assert [prospect.state for prospect in made] == [ProspectState.ASKED] * 2
    assert [prospect.note for prospect in made] == ["Please come."] * 2
    assert again == []
    assert letters(session) == [
        ("prospect_asked", "ana@blue.example.com"),
        ("prospect_asked", "bob@green.example.com"),
    ]
    assert session.scalars(select(AuditEntry.action)).all() == ["invite", "invite"]


def test_the_letter_holds_the_link_and_the_words(session):
    trip = make_trip()
    prospect, _other = ask(trip, note="We met at the fair.")
    correspondence.write_due(10)

    letter = session.scalars(select(Mail).order_by(Mail.id)).first()

    assert f"/trips/{trip.slug}/register/invited/{prospect.token}".encode() in letter.message
    assert b"We met at the fair." in letter.message


def test_asking_many_takes_no_more_statements_than_asking_few(session, statements):
    counts = []
    for size in (2, 60):
        trip = make_trip()
        text = "".join(f"Company {n};;c{n}@t{trip.id}.example.com\n" for n in range(size))
        with statements() as sent:
            ask(trip, text)
        counts.append(len(sent))

    assert counts[0] == counts[1]


def test_a_note_that_is_too_long_is_refused(session):
    with pytest.raises(NoteTooLong):
        ask(make_trip(), note="x" * (prospects.LONGEST_NOTE + 1))


def test_reminders_go_to_those_who_have_not_answered_once_a_day_at_most(session, hold_clock):
    now, trip = clock.now(), make_trip()
    hold_clock(now)
    _one, other = ask(trip)
    prospects.refuse(other)

    at_once = prospects.remind(trip, audits.SYSTEM)
    hold_clock(now + timedelta(days=1))
    later = prospects.remind(trip, audits.SYSTEM)
    twice = prospects.remind(trip, audits.SYSTEM)

    assert (at_once, later, twice) == (0, 1, 0)
    assert letters(session)[2:] == [("prospect_reminded", "ana@blue.example.com")]


def test_one_is_not_reminded_too_soon_nor_asked_again_too_soon(session, hold_clock):
    now, trip = clock.now(), make_trip()
    hold_clock(now)
    one, other = ask(trip)
    prospects.take_back(other, audits.SYSTEM)

    with pytest.raises(AskedTooLately):
        prospects.remind(trip, audits.SYSTEM, one)
    with pytest.raises(AskedTooLately):
        prospects.ask_again(other, audits.SYSTEM)
    with pytest.raises(MoveRefused):
        prospects.ask_again(one, audits.SYSTEM)
    hold_clock(now + timedelta(days=1))
    prospects.ask_again(other, audits.SYSTEM)

    assert other.state == ProspectState.ASKED
    assert letters(session)[2:] == [("prospect_reminded", "bob@green.example.com")]


def test_applying_from_an_invitation_works_before_the_window_and_marks_it(session):
    now = clock.now()
    trip = make_trip(registration_opens_at=now + timedelta(days=2))
    prospect, other = ask(trip)
    prospects.take_back(other, audits.SYSTEM)

    made = registrations.submit(trip.id, application(prospect_id=prospect.id))

    assert made.prospect_id == prospect.id
    assert prospect.state == ProspectState.APPLIED
    for nobody in (None, other.id, prospect.id, 10**12):
        with pytest.raises(RegistrationClosed):
            registrations.submit(trip.id, application(prospect_id=nobody))


def test_counts_say_where_they_stand(session, hold_clock):
    now, trip = clock.now(), make_trip()
    hold_clock(now - timedelta(days=2))
    one, _other = ask(trip)
    prospects.opened(one)
    hold_clock(now)

    counts = prospects.counts(trip)
    prospects.refuse(one)

    assert (counts.states[ProspectState.ASKED], counts.opened, counts.due) == (2, 1, 2)
    assert prospects.counts(trip).states == {
        ProspectState.ASKED: 1,
        ProspectState.APPLIED: 0,
        ProspectState.REFUSED: 1,
        ProspectState.WITHDRAWN: 0,
    }


def test_no_other_tours_invitation_is_found(session):
    mine, other = make_trip(), make_trip()
    prospect, _ = ask(mine)

    assert prospects.find(mine, prospect.id) is prospect
    assert prospects.find(other, prospect.id) is None
    assert prospects.by_token(prospect.token) is prospect
    assert prospects.by_token("x") is None
    assert Row(1, None).fault is None
