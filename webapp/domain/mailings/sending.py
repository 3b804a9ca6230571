"""Sending a message: held for a while in which it can be undone, then sent; or at a time.

The message is locked, never its tour: thousands of letters are put while companies register.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence
from webapp.domain.audits import By
from webapp.domain.correspondence import Told
from webapp.domain.mailings import checking, previews
from webapp.domain.mailings.audience import Recipient
from webapp.domain.mailings.checking import Checked
from webapp.domain.mailings.locking import lock
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.models.mail import Mail, MailState, Topic
from webapp.models.mailing import Mailing, MailingState
from webapp.models.staff import Staff
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip

LETTER, TEST = "message", "message_test"
MOST_TESTS, TESTS_WITHIN = 30, timedelta(hours=1)
LONGEST_PROBLEM = 500  # characters
TRIED_AGAIN = timedelta(minutes=5)  # a scheduled one that could not go
TOO_LATE = timedelta(hours=12)  # after its time: what it says may be wrong by now


class NotReady(DomainError):
    """Something keeps the message from going out; `checked.faults` says what."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(", ".join(fault.what for fault in checked.faults))
        self.checked = checked


class ListChanged(DomainError):
    """The people or the text are not those that were shown any more; `checked` has the new ones."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(str(checked.number))
        self.checked = checked


class PlannedInThePast(DomainError):
    """The instant to send at is over already."""


class WindowOver(DomainError):
    """The letters are on their way: it is too late to undo, but the rest can be stopped."""


class NoSample(DomainError):
    """Nobody fits, so there are no real data to show."""


class TestedEnough(DomainError):
    """One person of staff gets MOST_TESTS test letters within TESTS_WITHIN, and no more."""


def send(trip: Trip, mailing: Mailing, number: int, fingerprint: str, by: By) -> Checked:
    """Put the letters of a draft, for the people that were shown and no others: held for its
    minutes, or on their way at once.

    Raises MoveRefused for a message that is no draft (any more), ListChanged, NotReady.
    """
    lock(mailing)
    _refuse_but(mailing, MailingState.DRAFT)
    checked = checking.check(trip, mailing)
    if (checked.number, checked.fingerprint) != (number, fingerprint):
        raise ListChanged(checked)
    if checked.faults:
        raise NotReady(checked)
    _put(trip, mailing, checked, clock.now() + timedelta(minutes=mailing.hold_minutes), by)
    return checked


def plan(trip: Trip, mailing: Mailing, at: datetime, by: By) -> None:
    """Let a draft go out at the aware instant `at`, to whoever fits then. Raises MoveRefused,
    PlannedInThePast, NotReady."""
    lock(mailing)
    _refuse_but(mailing, MailingState.DRAFT)
    if at <= clock.now():
        raise PlannedInThePast
    checked = checking.check(trip, mailing)
    # People may yet come; all else has to be in order now, while somebody looks.
    if any(fault.what != checking.What.NOBODY for fault in checked.faults):
        raise NotReady(checked)
    mailing.planned_for, mailing.problem = at, None
    mailing.become(MailingState.SCHEDULED)
    mailing.changed_at = clock.now()
    db.session.flush()
    audits.write(by, mailing, "plan", trip_id=trip.id, after={"planned_for": at})


def unplan(mailing: Mailing, by: By) -> None:
    """Make a scheduled message a draft again. Raises MoveRefused."""
    lock(mailing)
    _refuse_but(mailing, MailingState.SCHEDULED)
    before = mailing.planned_for
    mailing.planned_for = mailing.problem = None
    mailing.become(MailingState.DRAFT)
    db.session.flush()
    audits.write(by, mailing, "drop", trip_id=mailing.trip_id, before={"planned_for": before})


def undo(mailing: Mailing, by: By) -> int:
    """Take back a message that is held: none of its letters goes out, and it is a draft again; how
    many letters they were. Raises MoveRefused, and WindowOver once the first has left."""
    lock(mailing)
    _refuse_but(mailing, MailingState.HELD)
    of_this = (Mail.mailing_id == mailing.id, Mail.created_at >= mailing.put_at)
    number = outbox.stop_all(*of_this)
    left = select(Mail.id).where(*of_this, Mail.state != MailState.CANCELLED).limit(1)
    if db.session.scalar(left) is not None:
        raise WindowOver
    mailing.become(MailingState.DRAFT)
    mailing.version += 1  # put anew, its letters have other keys
    mailing.put_at = mailing.goes_at = None
    mailing.changed_at = clock.now()
    db.session.flush()
    audits.write(by, mailing, "take back", trip_id=mailing.trip_id, before={"letters": number})
    return number


def go(mailing: Mailing, by: By) -> None:
    """Send a message that is held now. Raises MoveRefused."""
    lock(mailing)
    _refuse_but(mailing, MailingState.HELD)
    mailing.goes_at = clock.now()
    correspondence.let_go(Mail.mailing_id == mailing.id)
    _sent(mailing, by)


def stop(mailing: Mailing, by: By) -> int:
    """Let the letters of a message that goes out, and that are not sent yet, not be sent any more;
    how many they are. Raises MoveRefused."""
    lock(mailing)
    _refuse_but(mailing, MailingState.SENT)
    number = outbox.stop_all(Mail.mailing_id == mailing.id)
    if number:
        audits.write(by, mailing, "stop", trip_id=mailing.trip_id, after={"letters": number})
    return number


def due() -> Sequence[int]:
    """The ids of the scheduled messages whose instant has come, the first planned first; one that
    could not go waits TRIED_AGAIN before it is tried once more."""
    at = clock.now()
    rested = or_(Mailing.problem.is_(None), Mailing.changed_at <= at - TRIED_AGAIN)
    return db.session.scalars(
        select(Mailing.id)
        .where(Mailing.state == MailingState.SCHEDULED, Mailing.planned_for <= at, rested)
        .order_by(Mailing.planned_for, Mailing.id)
    ).all()


def put_planned(mailing_id: int) -> int | None:
    """Put the letters of a scheduled message that is due, for whoever fits now; how many, or None
    when another worker did, or it was taken back. Raises NotReady, WindowOver when it is TOO_LATE.
    """
    mailing = _free(mailing_id)
    if mailing is None or mailing.state != MailingState.SCHEDULED or mailing.planned_for is None:
        return None
    at = clock.now()
    if mailing.planned_for > at:
        return None
    if mailing.planned_for < at - TOO_LATE:
        raise WindowOver
    trip = db.session.get_one(Trip, mailing.trip_id)
    checked = checking.check(trip, mailing)
    if checked.faults:
        raise NotReady(checked)
    _put(trip, mailing, checked, at, _author(mailing))
    return checked.number


def tell_problem(mailing_id: int, problem: str) -> bool:
    """Write beside a scheduled message why it did not go; whether that is news."""
    mailing = _free(mailing_id)
    if mailing is None or mailing.state != MailingState.SCHEDULED:
        return False
    is_news = mailing.problem != problem[:LONGEST_PROBLEM]
    mailing.problem = problem[:LONGEST_PROBLEM]
    mailing.changed_at = clock.now()
    db.session.flush()
    return is_news


def settle() -> int:
    """Say of held messages whose moment has come that they are on their way; how many."""
    rows = db.session.scalars(
        select(Mailing)
        .where(Mailing.state == MailingState.HELD, Mailing.goes_at <= clock.now())
        .order_by(Mailing.id)
        .with_for_update(skip_locked=True)
    ).all()
    for mailing in rows:
        _sent(mailing, audits.SYSTEM)
    return len(rows)


def test(trip: Trip, people: Sequence[Recipient], staff: Staff, **words: int) -> int:
    """Send a message to the member of staff, as one of each language among these people would read
    it, their links replaced; how many letters. `words` says whose they are: `mailing_id` or
    `reminder_id`. Raises NoSample, TestedEnough."""
    people = previews.one_a_language(people)
    if not people:
        raise NoSample
    left = MOST_TESTS - len(people) + 1
    if left < 1 or outbox.written_lately([staff.email], [TEST], TESTS_WITHIN, left):
        raise TestedEnough
    version = f"{staff.id}.{clock.now():%Y%m%dT%H%M%S%f}"
    told = [
        correspondence.for_address(
            TEST, trip, staff.email, staff.name, each.language, f"{version}.{number}",
            sample_registration_id=each.registration_id,
            sample_delegate_id=each.delegate_id,
            **words,
        )
        for number, each in enumerate(people)
    ]  # fmt: skip
    return correspondence.put(told)


def told(trip: Trip, mailing: Mailing, who: Recipient, at: datetime | None) -> Told:
    """The letter to one reader, held until `at`."""
    of_delegate = who.delegate_id is not None
    return Told(
        letter=LETTER,
        about=f"delegate-{who.delegate_id}"
        if of_delegate
        else f"registration-{who.registration_id}",
        version=f"mailing-{mailing.id}.{mailing.version}",
        to_email=who.email,
        to_name=who.name,
        language=who.language,
        trip_id=trip.id,
        registration_id=who.registration_id,
        delegate_id=who.delegate_id,
        facts={
            "state": who.state,
            "delegate_state": who.delegate_state,
            "mailing_id": mailing.id,
        },
        topic=Topic.NEWS if mailing.is_news else None,
        due_at=at,
        held=at is not None,
        mailing_id=mailing.id,
    )


def _put(trip: Trip, mailing: Mailing, checked: Checked, goes_at: datetime, by: By) -> None:
    at = clock.now()
    is_held = goes_at > at
    mailing.put_at, mailing.goes_at, mailing.changed_at = at, goes_at, at
    mailing.planned_for = mailing.problem = None
    mailing.become(MailingState.HELD)
    db.session.flush()
    until = goes_at if is_held else None
    correspondence.put([told(trip, mailing, who, until) for who in checked.chosen.people])
    audits.write(by, mailing, "send", trip_id=trip.id, after={"letters": checked.number})
    if not is_held:
        _sent(mailing, by)


def _sent(mailing: Mailing, by: By) -> None:
    mailing.become(MailingState.SENT)
    mailing.changed_at = clock.now()
    db.session.flush()
    audits.write(by, mailing, "let go", trip_id=mailing.trip_id)


def _refuse_but(mailing: Mailing, state: MailingState) -> None:
    if mailing.state != state:
        raise MoveRefused(mailing, mailing.state, state)


def _free(mailing_id: int) -> Mailing | None:
    """The message, held for this transaction; None when somebody else has it, or it is gone."""
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.id == mailing_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _author(mailing: Mailing) -> By:
    return audits.by_staff(mailing.created_by) if mailing.created_by else audits.SYSTEM
