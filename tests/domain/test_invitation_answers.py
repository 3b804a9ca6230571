"""What the invited answer: on a page, by their calendar program; and what anybody else sends."""

import random
from datetime import timedelta

import pytest

from tests.domain.test_invitations import BY, NOW, coming, item_of, later, told
from tests.factories import delegate_data, make_item, make_trip, publish, utc
from tests.invited import letters, vevent
from webapp.db import db
from webapp.domain import agendas, audits, delegates, invitations, privacy
from webapp.mail import replies, returns
from webapp.models.audit import AuditEntry
from webapp.models.invitation import Answer, AnsweredBy, Invitation
from webapp.models.trip import Inviting

STAMP = NOW + timedelta(hours=1)


@pytest.fixture
def trip(session, app, monkeypatch, hold_clock):
    """A tour that mails every session, and reads answers."""
    monkeypatch.setitem(app.config, "MAIL_REPLIES", "replies@escale.example")
    hold_clock(NOW)
    trip = make_trip()
    make_item(trip)
    publish(trip)
    invitations.set_mode(trip, Inviting.ALL, BY, hold_minutes=0)
    return trip


@pytest.fixture
def zoe(trip, hold_clock):
    """Somebody who was invited two hours ago."""
    zoe = coming(trip)
    told(trip)
    hold_clock(NOW + timedelta(hours=2))
    return zoe


def row(delegate) -> Invitation:
    found = db.session.query(Invitation).filter_by(delegate_id=delegate.id).one()
    db.session.refresh(found)
    return found


def answer(delegate, partstat: str = "ACCEPTED", at=STAMP, **values) -> bytes:
    """A mail with the answer of a calendar program, to the address that invited."""
    mine = row(delegate)
    given = {"sequence": mine.sequence, "uid": mine.uid, "method": "REPLY"} | values
    to = given.get("to") or replies.organizer(mine.id)
    lines = [
        "From: Somebody <whoever@elsewhere.example>", f"To: {to}", "Subject: Accepted",
        "MIME-Version: 1.0",
        f'Content-Type: text/calendar; charset="utf-8"; method={given["method"]}', "",
        "BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{given['method']}", "BEGIN:VEVENT",
        f"UID:{given['uid']}", f"SEQUENCE:{given['sequence']}", f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:alias@elsewhere.example", "END:VEVENT",
        "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def take(message: bytes) -> Invitation | None:
    found = replies.read(message)
    return invitations.take(*found) if found else None


def test_the_address_alone_says_whose_answer_it_is(trip, zoe):
    tom = coming(trip)
    told(trip)

    assert take(answer(zoe, "DECLINED")).delegate_id == zoe.id
    assert (row(zoe).answer, row(zoe).answered_by, row(zoe).answered_at) == (
        Answer.DECLINED, AnsweredBy.CALENDAR, STAMP,
    )  # fmt: skip
    assert row(tom).answer == Answer.NONE
    forged = replies.organizer(row(zoe).id).replace(f"+i{row(zoe).id}-", f"+i{row(tom).id}-")
    assert take(answer(tom, to=forged)) is None
    entry = db.session.query(AuditEntry).filter_by(action="answer").one()
    assert (entry.before, entry.after) == ({"answer": "none"}, {"answer": "declined"})


def test_the_newest_answer_counts_wherever_it_was_given(trip, zoe, hold_clock):
    by = audits.by_delegate(zoe)
    uid = item_of(trip).uid
    take(answer(zoe, "ACCEPTED", STAMP))
    take(answer(zoe, "DECLINED", STAMP - timedelta(minutes=1)))  # it was overtaken
    assert row(zoe).answer == Answer.ACCEPTED
    invitations.answer(zoe, uid, Answer.DECLINED, by)
    assert (row(zoe).answer, row(zoe).answered_by) == (Answer.DECLINED, AnsweredBy.PAGE)
    take(answer(zoe, "ACCEPTED", STAMP + timedelta(minutes=1)))  # before what the page was told
    assert row(zoe).answer == Answer.DECLINED
    hold_clock(NOW + timedelta(hours=4))
    assert take(answer(zoe, "TENTATIVE", utc(2099, 1, 1, 0, 0))) is not None
    assert (row(zoe).answer, row(zoe).answered_at) == (Answer.TENTATIVE, NOW + timedelta(hours=4))
    assert take(answer(zoe, "TENTATIVE", utc(2099, 1, 1, 0, 0))) is None  # read twice


def test_whoever_is_put_in_again_is_invited_by_the_same_address_and_their_answer_counts(trip, zoe):
    """A calendar knows a session by its UID and by who invites (icalendar.md I7)."""
    company = zoe.registration
    delegates.add(company, delegate_data(), audits.by_company(company))
    delegates.withdraw(zoe, "", audits.by_company(company))
    told(trip)
    again = delegates.add(company, delegate_data(email=zoe.email), audits.by_company(company))
    told(trip)

    inviters = {str(vevent(mail)[1]["ORGANIZER"]) for mail in [*letters(zoe), *letters(again)]}
    assert inviters == {f"mailto:{replies.organizer(row(zoe).id)}"}
    said = answer(again, to=replies.organizer(row(zoe).id), at=NOW + timedelta(hours=2))
    assert take(said).delegate_id == again.id
    assert (row(again).answer, row(zoe).answer) == (Answer.ACCEPTED, Answer.NONE)


def test_a_move_asks_anew_and_an_answer_to_the_old_time_is_none(trip, zoe, hold_clock):
    take(answer(zoe, "ACCEPTED"))
    old = answer(zoe, "DECLINED", STAMP + timedelta(hours=3))
    later(item_of(trip))
    publish(trip)
    told(trip)

    assert (row(zoe).answer, row(zoe).answered_at) == (Answer.NONE, None)
    hold_clock(NOW + timedelta(hours=5))
    assert take(old) is None
    assert take(answer(zoe, "ACCEPTED", NOW + timedelta(hours=4))) is not None


@pytest.mark.parametrize(
    "values",
    [
        {"uid": "another"},
        {"method": "COUNTER"},
        {"method": "REQUEST"},
        {"partstat": "DELEGATED"},
        {"partstat": "NEEDS-ACTION"},
        {"to": "replies@escale.example"},
        {"to": "replies+i999999999999-0123456789abcdef@escale.example"},
    ],
)
def test_what_answers_nothing_is_ignored(trip, zoe, values):
    assert take(answer(zoe, **values)) is None
    assert row(zoe).answer == Answer.NONE


def test_garbage_to_the_right_address_changes_nothing(trip, zoe):
    whole, chance = answer(zoe, "ACCEPTED"), random.Random(7)
    head = whole.index(b"BEGIN:VEVENT")
    for _round in range(300):
        spoiled = bytearray(whole)
        for _byte in range(chance.randint(1, 30)):
            spoiled[chance.randrange(head, len(spoiled))] = chance.randrange(256)
        replies.read(bytes(spoiled[: chance.randrange(len(spoiled))]))
        found = replies.read(bytes(spoiled))
        assert found is None or found[0] == row(zoe).id
    assert row(zoe).answer == Answer.NONE


def test_whoever_is_not_invited_any_more_answers_nothing(trip, zoe):
    message = answer(zoe)
    agendas.call_off(item_of(trip), BY)
    publish(trip)
    told(trip)

    assert take(message) is None
    with pytest.raises(invitations.NotInvited):
        invitations.answer(zoe, item_of(trip).uid, Answer.ACCEPTED, BY)


def test_once_it_is_over_nobody_answers_on_the_page(trip, zoe, hold_clock):
    hold_clock(utc(2027, 10, 26, 9, 0))

    with pytest.raises(invitations.NotInvited):
        invitations.answer(zoe, item_of(trip).uid, Answer.ACCEPTED, BY)


def test_somebody_s_file_tells_of_their_invitations_and_erasing_ends_them(trip, zoe):
    take(answer(zoe, "DECLINED"))
    page = privacy.export(privacy.of_delegate(zoe), "en").decode()
    assert '"answer": "declined"' in page

    privacy.erase(zoe, BY, "They asked for it")

    assert db.session.query(Invitation).all() == []
    assert [mail.message for mail in letters()] == [None]


def test_who_was_in_a_tour_twice_stays_invited_once(trip, zoe):
    twin = coming(trip)
    twin.email = zoe.email
    db.session.flush()
    told(trip)
    assert db.session.query(Invitation).count() == 2

    invitations.hand_over(twin, zoe)

    assert [each.delegate_id for each in db.session.query(Invitation)] == [zoe.id]
    assert told(trip) == []


def test_a_program_whose_clock_was_never_set_answers_now(trip, zoe):
    """The year 1 is no instant in zones behind UTC: the list could not be shown any more."""
    wrong = answer(zoe).replace(f"{STAMP:%Y%m%d}".encode(), b"00010101")

    assert take(wrong) is not None
    assert row(zoe).answered_at == NOW + timedelta(hours=2)
    assert len(invitations.of_trip(trip)) == 1


def test_a_report_that_comes_to_who_invites_is_still_a_report(trip, zoe):
    """Some servers send it there, with the letter that came back, whose calendar is no answer."""
    [mail] = letters(zoe)
    to = replies.organizer(row(zoe).id)
    head = (
        f"From: MAILER-DAEMON@elsewhere.example\r\nTo: {to}\r\n"
        "Message-ID: <1@elsewhere.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Final-Recipient: rfc822; {zoe.email}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    report = head.encode() + mail.message + b"\r\n--b--\r\n"

    assert replies.read(report) is None
    found = returns.read(report)
    assert found is not None
    assert (found.message_id, found.is_final) == (mail.message_id, True)
