"""Addresses that mail came back from: marked once, and letters to them are held until somebody says
that the address is good again."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp import clock
from webapp.db import db, hint
from webapp.domain import audits
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.mail import outbox
from webapp.mail.message import one_line
from webapp.mail.returns import Report
from webapp.models.delegate import Delegate
from webapp.models.mail import Bounce, Hold, Mail, MailAttempt, MailState, Outcome
from webapp.models.registration import Registration
from webapp.models.trip import Trip

LONGEST = 500  # characters of a server's words
MAILBOX_FULL = ".2.2"  # RFC 3463: it may be emptied tomorrow
FULL, WHILE = 3, timedelta(days=7)
DELAYED_AGAIN = timedelta(days=1)


def mark(email: str, code: str | None, words: str, mail_id: int | None) -> bool:
    """Remember that mail to this address comes back, and hold what waits for it; False when that is
    known already. `code` is of RFC 3463 (5.1.1), `words` the server's own, `mail_id` the letter
    that it was said of."""
    at, address = clock.now(), email.strip().lower()
    made = db.session.scalar(
        insert(Bounce)
        .values(email=address, at=at, code=code, words=one_line(words)[:LONGEST], mail_id=mail_id)
        .on_conflict_do_nothing(
            index_elements=[Bounce.email], index_where=Bounce.cleared_at.is_(None)
        )
        .returning(Bounce.id)
    )
    _hold(func.lower(Mail.to_email) == address)
    return made is not None


class NotSentYet(DomainError):
    """The report came before it was written down that the letter was sent: take it in later."""


def take(report: Report) -> Mail | None:
    """Do what a report of another server says; the letter that it was about, or None when there is
    none. Taken twice it does nothing more. Raises NotSentYet."""
    which = Mail.id == report.mail_id if report.mail_id else Mail.message_id == report.message_id
    mail = db.session.scalars(select(Mail).where(which)).one_or_none()
    if mail is None:
        return None
    if report.is_final:
        came_back(mail, report.code, report.words)
    else:
        delayed(mail, report.words)
    return mail


def came_back(mail: Mail, code: str | None, words: str) -> None:
    """A report says that a letter could not be delivered for good: it bounced, and its address is
    marked; that of a full mailbox only once FULL letters came back from it within WHILE. A letter
    that has bounced already stays as it is. Raises NotSentYet."""
    db.session.refresh(mail, with_for_update=True)
    if mail.state == MailState.SENDING:
        raise NotSentYet
    if mail.state != MailState.SENT:
        return
    mail.become(MailState.BOUNCED)
    mail.last_error = one_line(words)[:LONGEST]
    _attempt(mail, Outcome.BOUNCED, words)
    db.session.flush()
    if not (code or "").endswith(MAILBOX_FULL) or _came_back_lately(mail.to_email) >= FULL:
        mark(mail.to_email, code, words, mail.id)
    audits.write(audits.SYSTEM, mail, "bounce", trip_id=mail.trip_id, after={"code": code})
    db.session.flush()


def delayed(mail: Mail, words: str) -> None:
    """A report says that a letter is late: its history says so, and nothing else changes. Servers
    repeat themselves every few hours, for days: of a letter one report in DELAYED_AGAIN is kept."""
    db.session.refresh(mail, with_for_update=True)
    known = select(MailAttempt.id).where(
        MailAttempt.mail_id == mail.id,
        MailAttempt.outcome == Outcome.DELAYED,
        MailAttempt.at > clock.now() - DELAYED_AGAIN,
    )
    if not db.session.scalar(select(known.exists())):
        _attempt(mail, Outcome.DELAYED, words)
        db.session.flush()


def clear(bounce: Bounce, by: By) -> None:
    """Somebody says that the address is good again: what was held for it waits to be sent. Does
    nothing when that was said already."""
    db.session.refresh(bounce, with_for_update=True)
    if bounce.cleared_at is not None:
        return
    bounce.cleared_at, bounce.cleared_by_id = clock.now(), by.staff_id
    _let_wait(func.lower(Mail.to_email) == bounce.email)
    audits.write(by, bounce, "clear", trip_id=None)
    hint(outbox.SEND)


def mend() -> int:
    """Hold what was put while its address was being marked, and let wait what is held for one that
    is not marked: it was put while that was cleared, or the address was forgotten. How many."""
    marked = select(Bounce.email).where(Bounce.cleared_at.is_(None))
    is_marked = func.lower(Mail.to_email).in_(marked)
    freed = _let_wait(~is_marked)
    if freed:
        hint(outbox.SEND)
    return freed + _hold(is_marked)


def active(email: str) -> Bounce | None:
    """What is known against an address now."""
    return db.session.scalars(
        select(Bounce).where(Bounce.email == email.strip().lower(), Bounce.cleared_at.is_(None))
    ).one_or_none()


def of(trip: Trip) -> Sequence[Bounce]:
    """The addresses of a tour's people and letters that mail comes back from, the latest first."""
    coordinators = select(func.lower(Registration.coordinator_email)).where(
        Registration.trip_id == trip.id
    )
    delegates = (
        select(func.lower(Delegate.email))
        .join(Delegate.registration)
        .where(Registration.trip_id == trip.id)
    )
    letters = select(func.lower(Mail.to_email)).where(Mail.trip_id == trip.id)
    return db.session.scalars(
        select(Bounce)
        .where(
            Bounce.cleared_at.is_(None),
            or_(*(Bounce.email.in_(each) for each in (coordinators, delegates, letters))),
        )
        .order_by(Bounce.at.desc(), Bounce.id.desc())
    ).all()


def find(trip: Trip, bounce_id: int) -> Bounce | None:
    """A marked address of this tour, or None: never another tour's."""
    return next((each for each in of(trip) if each.id == bounce_id), None)


def _hold(*which: ColumnElement[bool]) -> int:
    """Hold for their address the letters that wait."""
    return _change((Mail.state == MailState.WAITING, *which), MailState.HELD, Hold.ADDRESS)


def _let_wait(*which: ColumnElement[bool]) -> int:
    """Let letters wait that are held for their address."""
    held = (Mail.state == MailState.HELD, Mail.hold == Hold.ADDRESS, *which)
    return _change(held, MailState.WAITING, None)


def _change(which: tuple[ColumnElement[bool], ...], state: MailState, hold: Hold | None) -> int:
    ids = (
        select(Mail.id)
        .where(*which)
        .order_by(Mail.id)  # in one order for everybody who changes many
        .with_for_update()
    )
    changed = update(Mail).where(Mail.id.in_(ids)).values(state=state, hold=hold).returning(Mail.id)
    return len(db.session.scalars(changed.execution_options(synchronize_session="fetch")).all())


def _came_back_lately(email: str) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                func.lower(Mail.to_email) == email.lower(),
                Mail.state == MailState.BOUNCED,
                Mail.created_at > clock.now() - WHILE,
            )
        )
        or 0
    )


def _attempt(mail: Mail, outcome: Outcome, words: str) -> None:
    db.session.add(
        MailAttempt(
            mail_id=mail.id,
            number=mail.attempts,
            at=clock.now(),
            outcome=outcome,
            words=one_line(words)[:LONGEST],
        )
    )
