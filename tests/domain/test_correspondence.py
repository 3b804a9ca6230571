"""Letters: put with the change without being written, written soon after, each on its own."""

import email
import logging
from datetime import timedelta
from email import policy

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import make_registration, make_trip, utc
from tests.mail import posting
from tests.mail.cases import CASES, make_company, make_tour
from tests.together import at_once
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import correspondence, feeds
from webapp.domain.correspondence import FactsWrong, Told
from webapp.domain.correspondence import writing as writing_module
from webapp.mail import outbox
from webapp.mail.message import write as render
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.draft import Draft
from webapp.models.feed import Feed
from webapp.models.mail import Mail, MailState
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import Registration, RegistrationState

NOON = utc(2027, 9, 1, 12, 0)
WAITING, SENDING = MailState.WAITING, MailState.SENDING
SENT, FAILED = MailState.SENT, MailState.FAILED


def text_of(mail: Mail) -> str:
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    return parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")


def told_of(registration: Registration) -> list[Told]:
    """What an application causes: a letter to the coordinator and one to each delegate."""
    return [
        correspondence.for_coordinator("registration_received", registration, 0),
        *(
            correspondence.for_delegate("delegate_welcome", delegate, 0)
            for delegate in registration.delegates
        ),
    ]


def letters() -> list[Mail]:
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def write_all() -> None:
    """As a worker does, a transaction a batch."""
    more = True
    while more:
        with transaction():
            more = bool(correspondence.write_due())
    db.session.expire_all()


def test_many_letters_are_put_in_one_statement_and_none_is_rendered(session, statements):
    registration = make_registration(make_trip(), 3)
    told = told_of(registration)

    with statements() as sent:
        put = correspondence.put(told)

    assert put == 4
    assert [statement.split(" ")[:3] for statement in sent] == [["INSERT", "INTO", "mails"]]
    assert [(m.letter, m.message, m.subject) for m in letters()] == [
        ("registration_received", None, ""),
        *[("delegate_welcome", None, "")] * 3,
    ]


def test_five_thousand_letters_take_one_statement(session, statements):
    registration = make_registration(make_trip(), 1)
    told = [correspondence.for_coordinator("place_confirmed", registration, n) for n in range(5000)]
    session.flush()

    with statements() as sent:
        put = correspondence.put(told)

    assert (put, len(sent)) == (5000, 1)


def test_of_letters_put_again_only_the_new_ones_count(session):
    registration = make_registration(make_trip(), 1)
    correspondence.to_coordinator("registration_received", registration, 0)

    assert correspondence.put(told_of(registration) * 2) == 1  # the welcome
    assert len(letters()) == 2
    assert correspondence.put([]) == 0


def test_a_letter_tells_what_was_true_when_it_was_put(session):
    registration = make_registration(make_trip(), 1)
    mail = posting.put(
        "registration_decided", registration, 1, state="declined", reason="No sensors."
    )
    registration.state, registration.reason = RegistrationState.ACCEPTED, None

    posting.written(mail)

    assert mail.subject.startswith("Not accepted: ")
    assert "Reason: No sensors." in text_of(mail)


def test_a_letter_s_links_are_those_of_the_moment_it_is_written(session):
    registration = make_registration(make_trip(), 1)
    mail = posting.put("delegate_welcome", registration.delegates[0])
    feed = feeds.of_delegate(registration.delegates[0])
    registration.delegates[0].token_sealed = b"a-newer-link"
    feed.token_sealed = b"a-newer-secret"
    session.flush()

    text = text_of(posting.written(mail))

    assert "/d/a-newer-link\n" in text
    assert "/calendars/a-newer-secret.ics\n" in text


@pytest.mark.parametrize(
    ("letter", "facts", "words"),
    [
        ("no_such_letter", {}, "no letter 'no_such_letter'"),
        ("delegate_welcome", {}, "no letter 'delegate_welcome' to coordinator"),
        ("place_lapsed", {}, "missing ['why']"),
        ("place_lapsed", {"why": "offer", "token": "x"}, "unknown ['token']"),
        ("registration_changed", {"changes": [object()]}, "cannot be told a object"),
    ],
)
def test_a_letter_that_is_told_the_wrong_facts_is_refused_as_it_is_put(
    session, letter, facts, words
):
    registration = make_registration(make_trip(), 1)

    with pytest.raises(FactsWrong) as refused:
        correspondence.to_coordinator(letter, registration, 0, **facts)

    assert words in str(refused.value)
    assert letters() == []


def test_letters_to_an_address_are_told_apart_by_what_they_are_about(session):
    trip = make_trip()

    def put(letter, version, **facts):
        given = (trip, "a@example.com", "", "en", version)
        return correspondence.for_address(letter, *given, **facts)

    assert [
        put("draft_saved", 2, draft_id=7).key,
        put("prospect_asked", 0, prospect_id=9).key,
        put("person_erased", 0).key,
        correspondence.for_address("person_erased", None, "a@example.com", "", "en", 3).key,
    ] == [
        "draft_saved:draft-7:2:a@example.com",
        "prospect_asked:prospect-9:0:a@example.com",
        f"person_erased:trip-{trip.id}:0:a@example.com",
        "person_erased:tours:3:a@example.com",
    ]


def test_the_message_id_is_that_of_the_row_whoever_writes_the_letter(session, app, monkeypatch):
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    given = mail.message_id
    monkeypatch.setitem(app.config, "MAIL_FROM", "Tours <other@example.net>")

    posting.written(mail)

    assert mail.message_id == given
    assert f"Message-ID: {given}\r\n".encode() in mail.message


def test_a_letter_is_dated_when_it_was_put_and_due_as_before(session, hold_clock):
    hold_clock(NOON)
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    hold_clock(NOON + timedelta(hours=3))

    posting.written(mail)

    assert b"\r\nDate: Wed, 01 Sep 2027 12:00:00 +0000\r\n" in mail.message
    assert (mail.state, mail.due_at, mail.created_at) == (WAITING, NOON, NOON)


def test_a_batch_takes_the_same_statements_however_many_companies_it_is_about(session, statements):
    trip = make_trip()

    def written(count: int) -> int:
        for _ in range(count):
            posting.put("registration_received", make_registration(trip, 2))
        session.commit()
        session.expire_all()
        with transaction(), statements() as sent:
            assert correspondence.write_due() == count
        return len(sent)

    assert written(2) == written(10)


def test_a_letter_that_cannot_be_written_waits_longer_each_time_and_keeps_no_other_waiting(
    session, hold_clock, monkeypatch, caplog
):
    hold_clock(NOON)
    trip = make_trip()
    bad = posting.put("place_lapsed", make_registration(trip, 1), why="offer")
    good = posting.put("registration_received", make_registration(trip, 1))

    def write(letter, at):
        if letter.name == "place_lapsed":
            db.session.execute(sa.text("SELECT no_such_column FROM mails"))
        return render(letter, at)

    monkeypatch.setattr(writing_module, "write", write)
    with caplog.at_level(logging.ERROR):
        write_all()
    assert good.is_written
    assert [record.getMessage() for record in caplog.records] == [
        f"letter {bad.id} (place_lapsed) cannot be written"
    ]

    waits = []
    for _try in range(outbox.MAX_ATTEMPTS):
        waits.append((bad.state, bad.attempts, (bad.due_at - clock.now()) / timedelta(minutes=1)))
        hold_clock(bad.due_at)
        write_all()
    assert waits == [
        (WAITING, 1, 1),
        (WAITING, 2, 5),
        (WAITING, 3, 15),
        (WAITING, 4, 60),
        (WAITING, 5, 240),
        (FAILED, 6, 0),
    ]
    assert bad.last_error == "it could not be written (ProgrammingError)"
    assert not bad.is_written


def test_a_letter_that_was_written_late_has_all_its_tries_to_be_sent(session, monkeypatch, caplog):
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL):
        patch.setattr(writing_module, "write", lambda *_given: 1 / 0)
        write_all()
    assert (mail.attempts, mail.last_error) == (1, "it could not be written (ZeroDivisionError)")
    mail.due_at = clock.now()

    write_all()

    assert (mail.is_written, mail.attempts, mail.last_error) == (True, 0, None)


def test_a_letter_that_failed_to_be_written_can_be_sent_again(session, caplog):
    mail = posting.put("registration_received", make_registration(make_trip(), 1))
    mail.state, mail.attempts = FAILED, 6
    session.flush()

    with transaction():
        outbox.send_again(mail)
    write_all()

    assert (mail.state, mail.attempts, mail.is_written) == (WAITING, 0, True)


def handed_over(registration: Registration) -> str:
    registration.coordinator_email = "kim@example.com"
    return "somebody else speaks for the company by now"


def left(registration: Registration) -> str:
    registration.delegates[0].state = DelegateState.WITHDRAWN
    return "the delegate is not part of the company's party any more"


def moved(registration: Registration) -> str:
    registration.delegates[0].email = "another@example.com"
    return "the delegate has another mail address by now"


def was_erased(registration: Registration) -> str:
    registration.delegates[0].erased_at = NOON
    return "the delegate's data were erased"


def draft_sent(registration: Registration) -> str:
    db.session.execute(sa.delete(Draft))
    return "the form was sent, or the draft is gone"


def prospect_answered(registration: Registration) -> str:
    db.session.execute(sa.update(Prospect).values(state=ProspectState.REFUSED))
    return "the company has answered, or the invitation was taken back"


def facts_erased(registration: Registration) -> str:
    db.session.execute(sa.update(Mail).values(facts=None))
    return "what it told of was erased"


def prospect_gone(registration: Registration) -> str:
    db.session.execute(sa.delete(Prospect))
    return "the invitation to apply is gone"


@pytest.mark.parametrize(
    ("case", "happens"),
    [
        ("registration_received-submitted", handed_over),
        ("delegate_welcome-submitted", left),
        ("delegate_welcome-submitted", moved),
        ("delegate_welcome-submitted", was_erased),
        ("delegate_left", was_erased),
        ("links_sent", handed_over),
        ("draft_saved", draft_sent),
        ("prospect_asked", prospect_answered),
        ("prospect_asked", prospect_gone),
        ("place_offered-all", facts_erased),
    ],
)
def test_a_letter_whose_reader_is_gone_is_not_written_and_holds_no_key(
    session, monkeypatch, case, happens
):
    """Nobody gets a key that belongs to somebody else by now."""
    registration = make_company(make_tour())
    monkeypatch.setattr(posting, "written", lambda mail: mail)
    mail = CASES[case](registration)
    why = happens(registration)
    if case == "links_sent":
        registration.delegates[0].email = "another@example.com"
        why = "no link belongs to this address any more"
    session.flush()

    write_all()

    assert (mail.state, mail.message, mail.subject) == (MailState.CANCELLED, None, "")
    assert mail.last_error == f"not written: {why}"


@pytest.mark.parametrize("case", ["delegate_left", "delegate_replaced", "coordination_ended"])
def test_whoever_left_is_told_so_and_gets_no_key(session, case):
    registration = make_company(make_tour())
    delegate = registration.delegates[0]
    delegate.state = DelegateState.REPLACED
    registration.coordinator_email = "kim@example.com"
    session.execute(sa.delete(Feed).where(Feed.delegate_id == delegate.id))
    session.flush()

    text = text_of(CASES[case](registration))

    assert "the-link" not in text
    assert "/d/" not in text
    assert "/r/" not in text


def test_a_letter_about_a_registration_that_is_deleted_goes_with_it(session):
    registration = make_registration(make_trip(), 1)
    correspondence.put(told_of(registration))
    session.execute(sa.delete(Feed))
    session.execute(sa.delete(Delegate))
    session.execute(sa.delete(Registration))

    write_all()

    assert letters() == []


def test_workers_at_once_write_every_letter_once(committed):
    with transaction():
        trip = make_trip()
        for _ in range(12):
            correspondence.to_coordinator("registration_received", make_registration(trip, 1), 0)
    db.session.remove()

    def write_there():
        with transaction():
            return correspondence.write_due(limit=3)

    counts = at_once(committed, *[write_there] * 4)

    unwritten = db.session.scalar(select(func.count()).where(Mail.message.is_(None)))
    assert (sum(counts), unwritten) == (12, 0)


def test_letters_that_a_worker_was_writing_as_it_died_are_written_by_the_next(committed):
    with transaction():
        correspondence.to_coordinator("registration_received", make_registration(make_trip(), 1), 0)
    with pytest.raises(KeyboardInterrupt), transaction():  # noqa: PT012
        assert correspondence.write_due() == 1
        raise KeyboardInterrupt

    assert [m.is_written for m in letters()] == [False]
    write_all()
    assert [m.is_written for m in letters()] == [True]
