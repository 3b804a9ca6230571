"""What is kept how long, and what a purge leaves."""

import pytest
from sqlalchemy import func, select

from tests.domain import sample_files as made
from tests.factories import delegate_data, make_registration, make_trip, utc
from webapp import storage
from webapp.db import Words, db, transaction
from webapp.domain import (
    amendments,
    answers,
    audits,
    delegates,
    documents,
    feeds,
    registrations,
    retention,
    seats,
)
from webapp.domain.retention import DataKind
from webapp.models.amendment import AmendmentKind
from webapp.models.audit import AuditEntry
from webapp.models.criterion import Criterion, Score
from webapp.models.draft import Draft
from webapp.models.intake import Intake
from webapp.models.mail import Bounce, Hold, Mail, MailState
from webapp.models.question import AnswerKind, Asked, PrivateAnswer, Question, Sensitivity, Stage
from webapp.models.trip import Trip

ENDS = (2027, 10, 29)  # of the tour in the factories, in Paris


@pytest.fixture(autouse=True)
def _files(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)


@pytest.fixture
def trip(session) -> Trip:
    """A tour with something of every kind."""
    with transaction():
        found = make_trip()
        mine = make_registration(
            found,
            delegates=(delegate_data(1, given_name="Oriane"), delegate_data(2)),
            coordinator_phone="+33491000000",
        )
        me = mine.delegates[0]
        by = audits.by_delegate(me)
        delegates.edit(me, delegate_data(1, given_name="Oriane", phone="+33600000001"), by)
        for key, sensitivity in (
            ("hotel", Sensitivity.PLAIN),
            ("diet", Sensitivity.HEALTH),
            ("passport", Sensitivity.TRAVEL),
        ):
            ask(session, found, key, sensitivity)
        scan = ask(session, found, "scan", Sensitivity.TRAVEL, AnswerKind.DOCUMENT)
        answers.save(mine, me, {"hotel": "Villa", "diet": "vegan", "passport": "X1"}, by)
        documents.take(mine, me, scan, "p.pdf", made.PDF, by)
        documents.take(mine, None, None, "c.png", made.png(), by)
        found.freezes_at = utc(2020, 1, 1)
        amendments.do_or_ask(
            mine, AmendmentKind.EDIT, {"phone": "+33600000002"}, "", audits.by_company(mine), me
        )
        criterion = Criterion(trip_id=found.id, position=1, name=Words(en="Fit"))
        session.add(criterion)
        session.flush()
        score = Score(registration_id=mine.id, criterion_id=criterion.id, points=3, reason="Good")
        score.scored_at = utc(2027, 1, 1)
        session.add(score)
        mine.score = 3
    with transaction():
        for mail in session.scalars(select(Mail)):
            mail.state, mail.message = MailState.SENT, b"Dear Oriane"
    return found


def ask(session, trip, key, sensitivity, kind=AnswerKind.TEXT):
    question = Question(
        trip_id=trip.id, key=key, position=1, stage=Stage.APPLY, asked=Asked.DELEGATE, kind=kind,
        label=Words(en=key), sensitivity=sensitivity,
    )  # fmt: skip
    session.add(question)
    session.flush()
    return question


def purge() -> dict[str, int]:
    """Purge all that is over, a batch at a time, and say how much of each kind."""
    done: dict[str, int] = {}
    for duty in retention.due():
        while True:
            with transaction():
                number = retention.purge(duty, limit=2)
            if not number:
                break
            done[duty.kind.value] = done.get(duty.kind.value, 0) + number
    return done


def held(trip) -> dict[str, int]:
    return {line.kind.value: line.held for line in retention.plan(trip) if line.held}


ALL = {
    "health": 1,
    "travel": 2,  # the answer, and the scan
    "phones": 3,
    "documents": 2,
    "letters": 2,
    "contacts": 5,  # two delegates, the coordinator, and the addresses on two letters
    "scores": 1,
}


def test_the_plan_says_what_is_held_and_when_it_goes(trip):
    lines = {line.kind: line for line in retention.plan(trip)}

    assert held(trip) == ALL
    told = [(line.kind.value, line.days, str(line.due_on)) for line in lines.values()]
    assert told == [
        ("health", 7, "2027-11-06"),
        ("travel", 30, "2027-11-29"),
        ("phones", 30, "2027-11-29"),
        ("documents", 30, "2027-11-29"),
        ("letters", 90, "2028-01-28"),
        ("contacts", 730, "2029-10-29"),
        ("scores", 730, "2029-10-29"),
        ("drafts", 30, "None"),
        ("imports", 1, "None"),
    ]  # fmt: skip
    assert {line.purged_at for line in lines.values()} == {None}


def test_nothing_goes_before_its_date_in_the_zone_of_the_tour(trip, hold_clock):
    hold_clock(utc(2027, 11, 5, 22, 59))  # 23:59 in Paris
    assert purge() == {}
    hold_clock(utc(2027, 11, 5, 23, 0))
    assert purge() == {"health": 1}

    assert held(trip) == {key: n for key, n in ALL.items() if key != "health"}
    [entry] = [e for e in audits.of(trip) if e.action == "purge"]
    assert (entry.after, entry.actor) == ({"kind": "health", "count": 1}, "system")


def test_after_a_month_phones_passports_and_documents_are_gone(session, trip, hold_clock, tmp_path):
    hold_clock(utc(2027, 11, 29))
    assert purge() == {"health": 1, "travel": 2, "phones": 3, "documents": 1}

    assert session.scalars(select(PrivateAnswer)).all() == []
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []
    me = registrations.of_trip(trip)[0].delegates[0]
    assert (me.name.split()[0], me.phone) == ("Oriane", None)
    told = session.scalars(select(AuditEntry)).all()
    assert "+336" not in str([(e.before, e.after) for e in told])
    assert "+336" not in str(
        [(a.before, a.wanted) for a in amendments.of(registrations.of_trip(trip)[0])]
    )


def test_a_purge_is_done_once(trip, hold_clock):
    hold_clock(utc(2030, 1, 1))
    first = purge()

    assert set(first) == {
        "health",
        "travel",
        "phones",
        "documents",
        "letters",
        "contacts",
        "scores",
    }
    assert retention.due() == []
    assert purge() == {}
    lines = {line.kind.value: line.purged for line in retention.plan(trip) if line.purged}
    assert lines == first


def test_in_the_end_nobody_is_left_and_everybody_is_counted(session, trip, hold_clock):
    registration = registrations.of_trip(trip)[0]
    names = [word for d in registration.delegates for word in (d.family_name, d.email)]
    names += [registration.coordinator_email, "Oriane", "Ana Coordinator", "Villa", "Dear"]
    before = seats.places(trip)
    feed = feeds.of_delegate(registration.delegates[0]).token
    hold_clock(utc(2030, 1, 1))
    purge()

    assert seats.places(trip) == before
    assert {d.name for d in registration.delegates} == {"N. N."}
    assert feeds.is_gone(feeds.by_token(feed))
    assert registration.score is None
    rows = [
        *session.scalars(select(AuditEntry)),
        *session.scalars(select(Mail)),
        *amendments.of(registration),
        *registration.delegates,
        registration,
    ]
    text = str([[str(value) for value in vars(row).values()] for row in rows])
    assert [word for word in names if word in text] == []
    assert {m.to_name for m in session.scalars(select(Mail))} == {"N. N."}


def test_letters_that_wait_are_left_to_be_sent(session, trip, hold_clock):
    waiting = session.scalars(select(Mail)).first()
    waiting.state = MailState.WAITING
    session.flush()
    hold_clock(utc(2030, 1, 1))

    assert purge()["letters"] == ALL["letters"] - 1
    session.refresh(waiting, ["message"])
    assert waiting.message == b"Dear Oriane"


def test_a_tour_keeps_for_other_times_what_its_organizers_say(trip, hold_clock):
    by = audits.SYSTEM
    retention.set_days(trip, {DataKind.HEALTH: 0, DataKind.CONTACTS: 365}, by)

    assert trip.retention == {"health": 0, "contacts": 365}
    assert retention.days(trip, DataKind.SCORES) == 365  # as long as contacts
    [entry] = [e for e in audits.of(trip) if e.action == "retention"]
    assert entry.before == {"health": 7, "contacts": 730, "scores": 730}
    hold_clock(utc(2027, 10, 30))
    assert purge() == {"health": 1}
    retention.set_days(trip, {DataKind.CONTACTS: None}, by)
    assert trip.retention == {"health": 0}


@pytest.mark.parametrize("number", [-1, retention.LONGEST + 1, 2**40])
def test_days_have_bounds(trip, number):
    with pytest.raises(retention.DaysRefused) as refused:
        retention.set_days(trip, {DataKind.PHONES: number}, audits.SYSTEM)

    assert refused.value.kind == DataKind.PHONES


def test_begun_forms_go_by_age_and_import_files_after_a_day(session, trip, hold_clock):
    def draft(day):
        return Draft(
            trip_id=trip.id, email="a@example.com", name="A", language="en", values=b"[]",
            saved_at=utc(2027, 3, day), token_digest=f"d{day}", token_sealed=b"x",
        )  # fmt: skip

    with transaction():
        session.add_all([draft(1), draft(20)])
        intake = Intake(
            trip_id=trip.id, filename="people.csv", storage_key=storage.put("intakes", b"Oriane"),
            created_at=utc(2027, 3, 20), heard_at=utc(2027, 3, 20),
        )  # fmt: skip
        session.add(intake)
    hold_clock(utc(2027, 4, 5))

    assert purge() == {"drafts": 1, "imports": 1}
    assert list(storage.keys("intakes")) == []
    assert [each.saved_at.day for each in session.scalars(select(Draft))] == [20]


def test_the_letter_of_an_erasure_goes_once_it_is_sent(session, trip, hold_clock):
    def letter(name, state, trip_id=None):
        return Mail(
            key=f"{name}{state}", letter=name, to_email="x@example.com", to_name="X",
            language="en", subject="s", message_id=f"{name}{state}", message=b"Dear X",
            state=state, due_at=utc(2027, 1, 1), created_at=utc(2027, 1, 1), trip_id=trip_id,
        )  # fmt: skip

    with transaction():
        sent = letter("person_erased", MailState.SENT, trip.id)
        waits = letter("person_erased", MailState.WAITING, trip.id)
        lost = letter("links_sent", MailState.SENT)
        session.add_all([sent, waits, lost])
    hold_clock(utc(2027, 6, 1))
    with transaction():
        assert retention.purge_loose() == 2
    with transaction():
        assert retention.purge_loose() == 0

    left = session.scalars(select(Mail).where(Mail.trip_id.is_(None))).one()
    assert (left.to_name, left.message) == ("N. N.", None)
    count = select(func.count()).where(Mail.letter == "person_erased")
    assert db.session.scalar(count) == 1


def test_letters_held_for_an_address_go_with_the_others_and_then_their_mark(
    session, trip, hold_clock
):
    email = "nobody@example.com"
    with transaction():
        held_one = Mail(
            key="held", letter="host_visit", to_email=email, to_name="X", language="en",
            subject="s", message_id="held", message=b"Dear X", facts={"person_id": 1},
            state=MailState.HELD, hold=Hold.ADDRESS, due_at=utc(2027, 10, 1),
            created_at=utc(2027, 10, 1), trip_id=trip.id,
        )  # fmt: skip
        session.add_all([held_one, Bounce(email=email, at=utc(2027, 10, 1), words="gone")])
    hold_clock(utc(2028, 1, 27))
    with transaction():
        retention.purge_loose()
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 1
    hold_clock(utc(2028, 2, 1))
    purge()
    with transaction():
        retention.purge_loose()

    session.refresh(held_one)
    assert (held_one.state, held_one.hold) == (MailState.CANCELLED, None)
    assert (held_one.message, held_one.facts) == (None, None)
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 0
