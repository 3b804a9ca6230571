"""Writing a message: drafts, copies, and finding them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.mailings import files
from webapp.domain.mailings.locking import lock_draft
from webapp.domain.mailings.terms import Audience, from_plain
from webapp.errors import DomainError
from webapp.models.mail import Mail, MailState
from webapp.models.mailing import Mailing
from webapp.models.trip import Trip

LONGEST_SUBJECT = 180  # characters
LONGEST_BODY = 20_000
LONGEST_HOLD = 1440  # minutes
MOST = 1_000  # messages of one tour


class TooLong(DomainError):
    """A subject or a body is longer than LONGEST_SUBJECT or LONGEST_BODY."""


class TooManyMessages(DomainError):
    """The tour has MOST messages already."""


class HoldRefused(DomainError):
    """A message is held from 0 to LONGEST_HOLD minutes."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, in each language, to whom, and how long it can be undone."""

    subject: Words = field(default_factory=Words)
    body: Words = field(default_factory=Words)
    audience: Audience = field(default_factory=Audience)
    is_news: bool = False
    hold_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How many letters of a message stand in each state; every state is a key."""

    states: dict[MailState, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def gone(self) -> int:
        """How many have left, whatever became of them."""
        stays = (MailState.CANCELLED, MailState.WAITING, MailState.HELD)
        return self.total - sum(self.states[state] for state in stays)

    @property
    def to_come(self) -> int:
        """How many are not sent yet, and will be."""
        return sum(
            self.states[state] for state in (MailState.WAITING, MailState.HELD, MailState.SENDING)
        )


def add(trip: Trip, content: Content, by: By, like: Mailing | None = None) -> Mailing:
    """A new draft, with the files of the message `like`. Raises TooLong, HoldRefused,
    TooManyMessages, files.NoRoom, storage.FileGone."""
    _check(content)
    trip = seats.hold(trip.id)
    count = select(func.count()).where(Mailing.trip_id == trip.id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise TooManyMessages
    at = clock.now()
    mailing = Mailing(
        trip_id=trip.id, created_by_id=by.staff_id, created_at=at, changed_at=at,
        **_columns(content),
    )  # fmt: skip
    db.session.add(mailing)
    db.session.flush()
    if like is not None:
        files.copy(like, mailing)
    audits.write(by, mailing, "create", trip_id=trip.id)
    return mailing


def change(mailing: Mailing, content: Content, by: By) -> None:
    """Keep what was typed into a draft, however unfinished. Raises TooLong, HoldRefused, and
    MoveRefused for a message that is no draft."""
    _check(content)
    lock_draft(mailing)
    said = _columns(content)
    if all(getattr(mailing, name) == value for name, value in said.items()):
        return
    for name, value in said.items():
        setattr(mailing, name, value)
    mailing.changed_at = clock.now()
    db.session.flush()
    audits.write(by, mailing, "change", trip_id=mailing.trip_id)


def remove(mailing: Mailing, by: By) -> None:
    """Delete a draft for good, with its files. Raises MoveRefused for any other."""
    lock_draft(mailing)
    audits.write(by, mailing, "delete", trip_id=mailing.trip_id)
    files.drop(list(mailing.files))
    db.session.expire(mailing, ["files"])
    db.session.delete(mailing)
    db.session.flush()


def content_of(mailing: Mailing) -> Content:
    """What a message says, as `change` takes it. Raises AudienceRefused."""
    return Content(
        mailing.subject,
        mailing.body,
        from_plain(mailing.audience),
        mailing.is_news,
        mailing.hold_minutes,
    )


def of_trip(trip: Trip) -> Sequence[Mailing]:
    """The messages of a tour, the latest first."""
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.trip_id == trip.id)
        .options(joinedload(Mailing.created_by))
        .order_by(Mailing.changed_at.desc(), Mailing.id.desc())
    ).all()


def find(trip: Trip, mailing_id: int) -> Mailing | None:
    """The message of this tour with that id, with its files, or None: never another's."""
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.id == mailing_id, Mailing.trip_id == trip.id)
        .options(selectinload(Mailing.files), joinedload(Mailing.created_by))
    ).one_or_none()


def progress(mailings: Sequence[Mailing]) -> dict[int, Progress]:
    """How far each of these messages is, by its id, each a key: letters of an earlier try that was
    undone are not counted. One statement."""
    found = {each.id: Progress(dict.fromkeys(MailState, 0)) for each in mailings}
    rows = db.session.execute(
        select(Mailing.id, Mail.state, func.count())
        .join(Mailing, Mail.mailing_id == Mailing.id)
        .where(Mailing.id.in_(found), Mail.created_at >= Mailing.put_at)
        .group_by(Mailing.id, Mail.state)
    )
    for mailing_id, state, number in rows:
        found[mailing_id].states[state] = number
    return found


def _columns(content: Content) -> dict[str, object]:
    return {
        "subject": Words({k: v for k, v in content.subject.items() if v}),
        "body": Words({k: v for k, v in content.body.items() if v}),
        "audience": content.audience.plain(),
        "is_news": content.is_news,
        "hold_minutes": content.hold_minutes,
    }


def _check(content: Content) -> None:
    if any(len(text) > LONGEST_SUBJECT for text in content.subject.values()):
        raise TooLong
    if any(len(text) > LONGEST_BODY for text in content.body.values()):
        raise TooLong
    if not 0 <= content.hold_minutes <= LONGEST_HOLD:
        raise HoldRefused
