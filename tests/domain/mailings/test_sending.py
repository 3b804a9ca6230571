"""Sending a message: what was shown and nothing else, held, undone, stopped, scheduled; what each
reader gets, and never another's key."""

import email
import errno
from dataclasses import replace
from datetime import timedelta
from email import policy

import pytest
from sqlalchemy import select

from tests.factories import (
    delegate_data,
    make_mailing,
    make_registration,
    make_staff,
    make_trip,
    utc,
)
from webapp import addresses, storage
from webapp.db import Words, db, transaction
from webapp.domain import (
    audits,
    bounces,
    correspondence,
    delegates,
    media,
    purging,
    registrations,
)
from webapp.domain.mailings import (
    audience,
    checking,
    drafts,
    files,
    previews,
    ready,
    sending,
    templates,
)
from webapp.domain.mailings.audience import Audience, ToWhom
from webapp.domain.mailings.checking import Fault, What
from webapp.domain.mailings.locking import Busy
from webapp.mail import outbox
from webapp.models.delegate import Delegate
from webapp.models.mail import Hold, Mail, MailState, OptOut, Topic
from webapp.models.mailing import Mailing, MailingState
from webapp.models.registration import Registration, RegistrationState
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip

NOW = utc(2027, 9, 1, 12, 0)
PDF = b"%PDF-1.7\n%%EOF\n"
ME = audits.SYSTEM


@pytest.fixture
def trip(session, hold_clock) -> Trip:
    """Two companies, one French, three delegates."""
    hold_clock(NOW)
    trip = make_trip(details_due_at=utc(2027, 10, 1, 16, 0))
    for name, language, people in (("alpha", "en", ("al", "ada")), ("beta", "fr", ("bo",))):
        make_registration(
            trip,
            state=RegistrationState.ACCEPTED,
            organization_name=name,
            coordinator_name=f"Ana {name}",
            coordinator_email=f"ana@{name}.example",
            language=language,
            delegates=tuple(
                delegate_data(given_name=who, family_name="X", email=f"{who}@{name}.example",
                              language=language)
                for who in people
            ),
        )  # fmt: skip
    db.session.execute(db.delete(Mail))
    return trip


def letters(mailing: Mailing) -> list[Mail]:
    return list(
        db.session.scalars(
            select(Mail).where(Mail.mailing_id == mailing.id).order_by(Mail.to_email, Mail.id)
        )
    )


def states(mailing: Mailing) -> list[str]:
    return [each.state.value for each in letters(mailing)]


def send(trip: Trip, mailing: Mailing) -> None:
    checked = checking.check(trip, mailing)
    sending.send(trip, mailing, checked.number, checked.fingerprint, ME)


def texts(mailing: Mailing) -> dict[str, str]:
    """Everything that each reader gets, by address: subject and both twins."""
    while correspondence.write_due(100):
        pass
    found = {}
    for mail in letters(mailing):
        if mail.message is None:
            continue
        parsed = email.message_from_bytes(mail.message, policy=policy.default)
        parts = [parsed.get_body((kind,)).get_content() for kind in ("plain", "html")]
        found[mail.to_email] = "\n".join([parsed["subject"], *parts])
    return found


def test_a_message_is_held_then_goes_to_those_who_were_shown(trip, hold_clock):
    mailing = make_mailing(trip)

    send(trip, mailing)

    assert mailing.state == MailingState.HELD
    assert [(m.to_email, m.language, m.state, m.due_at) for m in letters(mailing)] == [
        ("ada@alpha.example", "en", "held", NOW + timedelta(minutes=10)),
        ("al@alpha.example", "en", "held", NOW + timedelta(minutes=10)),
        ("bo@beta.example", "fr", "held", NOW + timedelta(minutes=10)),
    ]
    assert sending.settle() == 0
    hold_clock(NOW + timedelta(minutes=10))
    outbox.release_held()
    assert sending.settle() == 1
    assert mailing.state == MailingState.SENT
    assert drafts.progress([mailing])[mailing.id].to_come == 3


def test_without_minutes_it_leaves_at_once(trip):
    mailing = make_mailing(trip, hold_minutes=0)

    send(trip, mailing)

    assert mailing.state == MailingState.SENT
    assert states(mailing) == ["waiting"] * 3


def test_sending_twice_sends_once(trip):
    mailing = make_mailing(trip)
    checked = checking.check(trip, mailing)
    sending.send(trip, mailing, checked.number, checked.fingerprint, ME)

    with pytest.raises(MoveRefused):
        sending.send(trip, mailing, checked.number, checked.fingerprint, ME)
    assert len(letters(mailing)) == 3


@pytest.mark.parametrize("what", ["people", "text", "language"])
def test_what_changed_since_it_was_shown_is_not_sent(trip, what):
    mailing = make_mailing(trip)
    checked = checking.check(trip, mailing)
    if what == "people":
        make_registration(trip, 1)
    elif what == "text":
        content = drafts.Content(Words(en="Other", fr="Autre"), mailing.body)
        drafts.change(mailing, content, ME)
    else:
        delegate = db.session.scalars(select(Registration)).first().delegates[0]
        delegate.language = "fr"
        db.session.flush()

    with pytest.raises(sending.ListChanged) as changed:
        sending.send(trip, mailing, checked.number, checked.fingerprint, ME)
    assert changed.value.checked.fingerprint != checked.fingerprint
    assert letters(mailing) == []


def test_undone_nobody_gets_it_and_it_can_be_sent_anew(trip):
    mailing = make_mailing(trip)
    send(trip, mailing)

    assert sending.undo(mailing, ME) == 3
    assert (mailing.state, states(mailing)) == (MailingState.DRAFT, ["cancelled"] * 3)
    assert drafts.progress([mailing])[mailing.id].total == 0

    send(trip, mailing)
    assert sorted(states(mailing)) == ["cancelled"] * 3 + ["held"] * 3


def test_once_the_first_has_left_it_can_be_stopped_and_not_undone(trip, hold_clock):
    with transaction():
        mailing = make_mailing(trip)
        send(trip, mailing)
    first = letters(mailing)[0]
    hold_clock(NOW + timedelta(minutes=11))
    with transaction():
        outbox.release_held()
        db.session.refresh(first)
        first.become(MailState.SENDING)
        first.become(MailState.SENT)

    with pytest.raises(sending.WindowOver), transaction():
        sending.undo(mailing, ME)
    assert sorted(states(mailing)) == ["sent", "waiting", "waiting"]
    sending.settle()
    assert sending.stop(mailing, ME) == 2
    assert sorted(states(mailing)) == ["cancelled", "cancelled", "sent"]


def test_send_now(trip):
    mailing = make_mailing(trip)
    send(trip, mailing)

    sending.go(mailing, ME)

    assert mailing.state == MailingState.SENT
    assert {(m.state, m.hold, m.due_at) for m in letters(mailing)} == {("waiting", None, NOW)}
    with pytest.raises(MoveRefused):
        sending.undo(mailing, ME)


def test_a_scheduled_one_goes_to_whoever_fits_then(trip, hold_clock):
    mailing = make_mailing(trip)
    sending.plan(trip, mailing, NOW + timedelta(hours=1), ME)
    assert sending.due() == []
    make_registration(trip, 1)
    hold_clock(NOW + timedelta(hours=1, minutes=1))

    assert sending.due() == [mailing.id]
    assert sending.put_planned(mailing.id) == 4
    assert mailing.state == MailingState.SENT
    assert sending.put_planned(mailing.id) is None
    assert states(mailing) == ["waiting"] * 4


def test_a_scheduled_one_that_cannot_go_says_why_and_is_tried_later(trip, hold_clock):
    mailing = make_mailing(trip)
    sending.plan(trip, mailing, NOW + timedelta(hours=1), ME)
    mailing.body = Words(en="{nmae}", fr="x")
    db.session.flush()
    hold_clock(NOW + timedelta(hours=2))

    with pytest.raises(sending.NotReady):
        sending.put_planned(mailing.id)
    assert sending.tell_problem(mailing.id, "NotReady")
    assert not sending.tell_problem(mailing.id, "NotReady")
    assert sending.due() == []
    hold_clock(NOW + timedelta(hours=2, minutes=6))
    assert sending.due() == [mailing.id]


def test_one_that_was_due_long_ago_does_not_go_by_itself(trip, hold_clock):
    mailing = make_mailing(trip)
    sending.plan(trip, mailing, NOW + timedelta(hours=1), ME)
    hold_clock(NOW + timedelta(hours=14))

    with pytest.raises(sending.WindowOver):
        sending.put_planned(mailing.id)
    sending.unplan(mailing, ME)
    assert (mailing.state, mailing.planned_for) == (MailingState.DRAFT, None)


def test_it_cannot_be_planned_for_the_past_or_with_faults(trip):
    mailing = make_mailing(trip)
    with pytest.raises(sending.PlannedInThePast):
        sending.plan(trip, mailing, NOW, ME)
    broken = make_mailing(trip, body=Words(en="{nope}", fr="x"))
    with pytest.raises(sending.NotReady):
        sending.plan(trip, broken, NOW + timedelta(hours=1), ME)


def test_each_reader_has_the_own_link_and_nobody_else_s(trip):
    link = "{delegate_link} {name} {company}"
    to_delegates = make_mailing(trip, body=Words(en=link, fr=link), hold_minutes=0)
    link = "{company_link} {name} {company}"
    to_companies = make_mailing(
        trip, body=Words(en=link, fr=link), hold_minutes=0,
        audience=Audience(ToWhom.COORDINATORS),
    )  # fmt: skip
    send(trip, to_delegates)
    send(trip, to_companies)
    registrations = db.session.scalars(select(Registration)).all()
    keys = {each.coordinator_email: each.token for each in registrations}
    keys |= {d.email: d.token for each in registrations for d in each.delegates}

    found = texts(to_delegates) | texts(to_companies)

    assert len(found) == 5
    for address, text in found.items():
        assert [who for who, key in keys.items() if key in text] == [address]
    for mail in (*letters(to_delegates), *letters(to_companies)):
        assert not any(key in f"{mail.facts} {mail.key} {mail.subject}" for key in keys.values())


def test_a_test_and_a_preview_show_real_data_and_nobody_s_key(trip):
    mailing = make_mailing(trip, body=Words(en="{name}: {delegate_link}", fr="{delegate_link}"))
    people = previews.samples(audience.people(trip, Audience()))
    staff = make_staff(trip=trip)
    sending.test(trip, people, staff, mailing_id=mailing.id)
    while correspondence.write_due(100):
        pass
    tests = list(db.session.scalars(select(Mail).where(Mail.letter == "message_test")))
    shown = previews.of(trip, mailing, people)
    registrations = db.session.scalars(select(Registration)).all()
    keys = [d.token for each in registrations for d in each.delegates]
    keys += [each.token for each in registrations]

    assert [each.who.email for each in shown] == ["al@alpha.example", "bo@beta.example",
                                                  "ada@alpha.example"]  # fmt: skip
    assert {(mail.to_email, mail.mailing_id) for mail in tests} == {(staff.email, None)}
    assert "al X" in shown[0].text
    for text in (*(mail.message.decode() for mail in tests), *(f"{p.text}{p.page}" for p in shown)):
        assert not any(key in text.replace("=\n", "") for key in keys)


def test_a_name_that_looks_like_a_placeholder_or_a_header_stays_a_name(trip):
    delegate = db.session.scalars(select(Registration)).first().delegates[0]
    delegate.given_name = "{delegate_link}\r\nBcc: x@evil.example"
    db.session.flush()
    mailing = make_mailing(trip, subject=Words(en="Hi {name}", fr="Hi {name}"), hold_minutes=0)
    send(trip, mailing)
    texts(mailing)

    mail = next(each for each in letters(mailing) if each.delegate_id == delegate.id)
    parsed = email.message_from_bytes(mail.message, policy=policy.default)
    assert parsed["bcc"] is None
    assert parsed["subject"] == "Hi {delegate_link} Bcc: x@evil.example X"


def test_a_language_that_is_missing_is_told_and_falls_back_only_when_asked_to(trip):
    english = {"subject": Words(en="S"), "body": Words(en="B")}
    strict = make_mailing(trip, **english)
    lenient = make_mailing(trip, **english, audience=Audience(any_language=True))
    readers = make_mailing(trip, **english, audience=Audience(language="en"))

    assert checking.check(trip, strict).faults == [Fault(What.LANGUAGE_MISSING, "fr", number=1)]
    assert checking.check(trip, readers).faults == []
    send(trip, lenient)
    assert {mail.language for mail in letters(lenient)} == {"en"}


def test_faults_of_the_text_and_the_audience_are_told(trip):
    mailing = make_mailing(
        trip,
        subject=Words(fr="{delegate_link}"),
        body=Words(en="{nmae}"),
        audience=Audience(ToWhom.BOTH, track_id=999),
    )

    found = checking.check(trip, mailing).faults

    assert [(f.what.value, f.language, f.part) for f in found] == [
        ("stale", None, "track_id"),
        ("no_subject", "en", "subject"),
        ("text", "en", "body"),
        ("no_body", "fr", "body"),
        ("text", "fr", "subject"),
    ]


def test_nobody_no_text_and_an_old_audience(trip):
    empty = make_mailing(trip, subject=Words(), body=Words(), audience=Audience(unpaid=True))
    broken = make_mailing(trip)
    broken.audience = {"to_whom": "nobody"}
    db.session.flush()

    assert [f.what for f in checking.check(trip, empty).faults] == [What.NO_TEXT, What.NOBODY]
    assert [(f.what, f.part) for f in checking.check(trip, broken).faults] == [
        (What.STALE, "to_whom")
    ]


def test_a_deadline_that_the_tour_does_not_have(trip):
    trip.details_due_at = trip.freezes_at = None
    db.session.flush()
    mailing = make_mailing(trip, body=Words(en="{deadline}", fr="x"))

    (fault,) = checking.check(trip, mailing).faults
    assert (fault.what, fault.problem.said) == (What.TEXT, "deadline")


def test_news_go_to_those_who_want_them_and_say_how_to_stop(trip):
    mailing = make_mailing(trip, is_news=True, hold_minutes=0)
    db.session.add(OptOut(trip_id=trip.id, email="al@alpha.example", topic=Topic.NEWS, at=NOW))
    db.session.flush()

    send(trip, mailing)

    found = texts(mailing)
    assert sorted(found) == ["ada@alpha.example", "bo@beta.example"]
    assert all("/mail/stop/" in text for text in found.values())
    assert {mail.topic for mail in letters(mailing)} == {Topic.NEWS}


def test_files_go_with_each_letter(trip):
    mailing = make_mailing(trip, hold_minutes=0)
    files.attach(mailing, "../The map.exe", PDF, ME)
    send(trip, mailing)
    texts(mailing)

    for mail in letters(mailing):
        if mail.message is None:
            continue
        parsed = email.message_from_bytes(mail.message, policy=policy.default)
        (part,) = parsed.iter_attachments()
        assert part.get_filename() == "The map.exe.pdf"
        assert part.get_content_type() == "application/pdf"
        assert part.get_payload(decode=True) == PDF


def test_a_file_that_is_gone_spoils_no_other_letter(trip):
    with_file, without = make_mailing(trip, hold_minutes=0), make_mailing(trip, hold_minutes=0)
    file = files.attach(with_file, "map.pdf", PDF, ME)
    send(trip, with_file)
    send(trip, without)
    (storage._root() / file.stored_as).unlink()

    while correspondence.write_due(100):
        pass

    assert {(mail.message is None, mail.attempts) for mail in letters(with_file)} == {(True, 1)}
    assert all(mail.message for mail in letters(without))


def test_files_are_what_documents_are_and_no_more_than_eight_megabytes(trip, monkeypatch):
    mailing = make_mailing(trip)
    with pytest.raises(media.KindRefused):
        files.attach(mailing, "a.pdf", b"no pdf", ME)
    with pytest.raises(files.FileTooLarge):
        files.attach(mailing, "a.pdf", PDF + b"x" * files.LARGEST, ME)
    monkeypatch.setattr(files, "MOST_TOGETHER", 2 * len(PDF))
    files.attach(mailing, "a.pdf", PDF, ME)
    files.attach(mailing, "b.pdf", PDF, ME)
    with pytest.raises(files.TooMuch):
        files.attach(mailing, "c.pdf", PDF, ME)
    files.remove(mailing, mailing.files[0].id, ME)
    assert [file.filename for file in mailing.files] == ["b.pdf"]


def test_a_full_disk_is_told_and_the_draft_stays(trip, monkeypatch):
    mailing = make_mailing(trip)

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("webapp.storage.os.fsync", full)
    with pytest.raises(files.NoRoom):
        files.attach(mailing, "a.pdf", PDF, ME)
    assert mailing.files == []


def test_letters_that_would_be_too_heavy_together_are_not_put(trip, monkeypatch):
    mailing = make_mailing(trip)
    files.attach(mailing, "a.pdf", PDF, ME)
    monkeypatch.setattr(checking, "MOST_OCTETS", 2 * len(PDF))

    assert [f.what for f in checking.check(trip, mailing).faults] == [What.TOO_HEAVY]


def test_a_copy_has_the_files_and_a_template_has_not(trip):
    mailing = make_mailing(trip, audience=Audience(organization_ids=frozenset({5}), missing=True))
    files.attach(mailing, "a.pdf", PDF, ME)

    copy = drafts.add(trip, templates.copied(mailing), ME, mailing)
    own = templates.keep(trip, mailing, "Mine", ME, for_all=False)
    every = templates.keep(trip, mailing, "All", ME, for_all=True)
    drafts.remove(mailing, ME)

    assert (copy.subject, copy.audience) == (mailing.subject, mailing.audience)
    assert files.attachments(copy)[0].content == PDF
    assert templates.content_of(own).audience.organization_ids == {5}
    assert templates.content_of(every).audience == Audience(missing=True)
    assert [each.name for each in templates.of_trip(make_trip())] == ["All"]


def test_the_ready_made_ones_lack_only_what_the_organizers_know(trip):
    left = {}
    for each in ready.MESSAGES:
        mailing = drafts.add(trip, each.content, ME)
        faults = checking.check(trip, mailing).faults
        assert {fault.problem.trouble for fault in faults} <= {"left"}, each.key
        left[each.key] = len(faults)

    assert left == {"welcome": 0, "practical": 4, "thanks": 2}


def test_retention_takes_the_files_and_leaves_the_text(trip):
    mailing = make_mailing(trip)
    files.attach(mailing, "a.pdf", PDF, ME)

    assert purging.count(trip, "documents") == 1
    assert purging.purge(trip, "documents", NOW, 10) == 1
    db.session.expire(mailing)
    assert (mailing.files, mailing.subject["en"]) == ([], "News of {tour}")


def test_put_is_one_statement_whatever_the_number(trip, statements):
    mailing = make_mailing(trip, hold_minutes=0)
    checked = checking.check(trip, mailing)

    with statements() as sent:
        sending.send(trip, mailing, checked.number, checked.fingerprint, ME)

    assert len([s for s in sent if s.startswith("INSERT INTO mails")]) == 1
    assert not any("FROM trips" in s and "FOR " in s for s in sent)


def test_while_somebody_sends_it_nobody_waits(committed):
    with transaction():
        trip = make_trip()
        make_registration(trip, 1)
        mailing_id = make_mailing(trip).id
    with db.engine.connect() as other:
        other.execute(select(Mailing.id).where(Mailing.id == mailing_id).with_for_update())

        with pytest.raises(Busy), transaction():
            send(trip, db.session.get(Mailing, mailing_id))
        assert sending.due() == []
    assert db.session.get(Mailing, mailing_id).state == MailingState.DRAFT


def test_one_that_lost_its_reader_in_the_window_keeps_nobody_from_undoing(trip):
    mailing = make_mailing(trip)
    send(trip, mailing)
    gone = db.session.scalar(select(Delegate).where(Delegate.email == "ada@alpha.example"))
    delegates.withdraw(gone, "", ME)
    while correspondence.write_due(100):
        pass
    assert sorted(states(mailing)) == ["cancelled", "held", "held"]

    assert sending.undo(mailing, ME) == 2
    assert sorted(states(mailing)) == ["cancelled"] * 3
    assert mailing.state == MailingState.DRAFT


def test_sent_now_or_later_an_address_that_came_back_meanwhile_gets_nothing(trip):
    mailing = make_mailing(trip)
    send(trip, mailing)
    bounces.mark("ada@alpha.example", "5.1.1", "no such user", None)

    sending.go(mailing, ME)

    db.session.expire_all()
    assert [(each.to_email, each.state, each.hold) for each in letters(mailing)] == [
        ("ada@alpha.example", MailState.HELD, Hold.ADDRESS),
        ("al@alpha.example", MailState.WAITING, None),
        ("bo@beta.example", MailState.WAITING, None),
    ]


def test_who_leaves_or_has_another_link_or_mailbox_gets_no_letter_that_was_written_before(trip):
    mailing = make_mailing(trip)
    mailing.body = Words(en="Yours: {delegate_link}", fr="Le vôtre : {delegate_link}")
    send(trip, mailing)
    correspondence.write_due(100)
    ada, al, bo = (
        db.session.scalar(select(Delegate).where(Delegate.email.startswith(f"{name}@")))
        for name in ("ada", "al", "bo")
    )
    delegates.withdraw(ada, "", ME)
    delegates.edit(al, replace(delegates.data_of(al), email="al@new.example"), ME)
    delegates.new_link(bo, ME)
    while correspondence.write_due(100):
        pass

    db.session.expire_all()
    assert [(each.to_email, each.state) for each in letters(mailing)] == [
        ("ada@alpha.example", MailState.CANCELLED),
        ("al@alpha.example", MailState.CANCELLED),
        ("bo@beta.example", MailState.HELD),
    ]
    assert addresses.delegate(bo.token) in texts(mailing)["bo@beta.example"]


def test_a_coordinator_who_handed_over_gets_no_letter_that_was_written_before(trip):
    mailing = make_mailing(trip)
    mailing.audience = Audience(to_whom=ToWhom.COORDINATORS).plain()
    send(trip, mailing)
    correspondence.write_due(100)
    alpha = db.session.scalar(
        select(Registration).where(Registration.coordinator_email == "ana@alpha.example")
    )
    registrations.hand_over(alpha, "Eve", "eve@alpha.example", "en", ME)
    while correspondence.write_due(100):
        pass

    db.session.expire_all()
    assert [(each.to_email, each.state) for each in letters(mailing)] == [
        ("ana@alpha.example", MailState.CANCELLED),
        ("ana@beta.example", MailState.HELD),
    ]
