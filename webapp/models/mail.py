"""The outbox: each row is one letter to one person; and every try to send it."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, ChangeNumber, Email, Facts, Name, Packed, Short
from webapp.models.states import Stateful


class MailState(StrEnum):
    """Claimed rows are `sending`; one that stays so too long is rescued back to `waiting`. A held
    one waits for a moment or for an address; one that came back from the reader's server bounced;
    a cancelled one is not sent any more."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Hold(StrEnum):
    """Why a letter is held: it goes out at `due_at` unless somebody stops it before, or mail to its
    address came back and nobody has said that the address is good again."""

    WINDOW = "window"
    ADDRESS = "address"


class Urgency(IntEnum):
    """Which letters go first: those that somebody waits for, then single ones, then the many."""

    SOON = 0
    USUAL = 1
    MANY = 2


class Topic(StrEnum):
    """What a reader may ask not to get any more: changes of the agenda, day sheets and programs,
    news from the organizers. Letters without a topic are part of taking part."""

    CHANGES = "changes"
    DAYS = "days"
    NEWS = "news"


class Outcome(StrEnum):
    """How a try ended. `lost`: whoever tried stopped before it could say."""

    ACCEPTED = "accepted"
    LATER = "later"  # put off, 4xx or a broken connection
    REFUSED = "refused"  # for good, 5xx
    LOST = "lost"
    DELAYED = "delayed"  # told by a report that came afterwards
    BOUNCED = "bounced"


class Mail(Stateful, Base):
    """One letter to one person, written whole once, so that a retry sends the same bytes.

    `key` is letter, object, version and recipient: the database refuses the same letter twice.
    `message` is the whole RFC 5322 message; it holds links, hence sealed. (DESIGN rules 8, 9.)
    A row is put without it by the transaction that it tells of, and written by a worker soon after
    (domain/correspondence): `facts` keeps what was true then and the rows may not say later.
    `change_number` is that transaction's: the audit rows of the same one say what caused it.
    """

    __tablename__ = "mails"
    __table_args__ = (
        sa.CheckConstraint("(state = 'held') = (hold IS NOT NULL)", name="held_says_why"),
        sa.Index(
            "ix_mails_due",
            "urgency",
            "due_at",
            "id",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "ix_mails_unwritten",
            "urgency",
            "due_at",
            "id",
            postgresql_where=sa.text("message IS NULL AND state IN ('waiting', 'held')"),
        ),
        sa.Index(
            "ix_mails_claimed",
            "claimed_at",
            postgresql_where=sa.text("state = 'sending'"),
        ),
        sa.Index(
            "ix_mails_held",
            "due_at",
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.Index(
            "ix_mails_failed",
            "trip_id",
            "id",
            postgresql_where=sa.text("state = 'failed'"),
        ),
        sa.Index("ix_mails_trip_id", "trip_id", "id"),
        sa.Index("ix_mails_letter", "letter", "created_at"),
        sa.Index("ix_mails_address", sa.text("lower(to_email)")),
    )
    MOVES: ClassVar = {
        MailState.WAITING: frozenset(
            {MailState.SENDING, MailState.FAILED, MailState.HELD, MailState.CANCELLED}
        ),
        MailState.HELD: frozenset({MailState.WAITING, MailState.FAILED, MailState.CANCELLED}),
        MailState.SENDING: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED}),
        MailState.SENT: frozenset({MailState.BOUNCED}),
        MailState.BOUNCED: frozenset({MailState.WAITING}),
        MailState.FAILED: frozenset({MailState.WAITING}),
        MailState.CANCELLED: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    letter: Mapped[Short]
    urgency: Mapped[int] = mapped_column(default=Urgency.USUAL)
    topic: Mapped[Topic | None]
    trip_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    release_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("releases.id", ondelete="SET NULL"), index=True
    )
    mailing_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("mailings.id", ondelete="SET NULL"), index=True
    )
    reminder_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("reminders.id", ondelete="SET NULL"), index=True
    )
    facts: Mapped[Facts | None]
    to_email: Mapped[Email]
    to_name: Mapped[Name]
    language: Mapped[Short]
    subject: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    message: Mapped[bytes | None] = mapped_column(Packed, deferred=True)  # None: to be written
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    hold: Mapped[Hold | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[Name | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    change_number: Mapped[ChangeNumber | None]  # None: put before there were numbers
    created_at: Mapped[datetime]

    @property
    def is_written(self) -> bool:
        """Whether a worker has written it: until then it has no subject."""
        return bool(self.subject)


class MailAttempt(Base):
    """One try to send a letter, or what a report said of it later: when, by which worker, and the
    server's own words with their code (RFC 5321 or 3463)."""

    __tablename__ = "mail_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]  # which try of the letter it was
    at: Mapped[datetime]
    worker: Mapped[Name | None]
    outcome: Mapped[Outcome]
    code: Mapped[int | None]  # of SMTP: 250, 421, 550
    words: Mapped[str | None]


class MailLane(Base):
    """How the way to the mail server ("server") or to the servers of one domain stands: closed
    after failures in a row until an instant, and from when on its rate lets the next letter go."""

    __tablename__ = "mail_lanes"

    name: Mapped[Name] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    closed_until: Mapped[datetime | None]
    free_at: Mapped[datetime | None]  # by the rate: the next letter may go then
    words: Mapped[str | None]  # of the last failure
    changed_at: Mapped[datetime]


class Bounce(Base):
    """Mail to this address came back, or was refused for good because of the address. While nobody
    has cleared it, letters to the address are held. `email` is in lower case."""

    __tablename__ = "bounces"
    __table_args__ = (
        sa.Index(
            "uq_bounces_email",
            "email",
            unique=True,
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[Email]
    at: Mapped[datetime]
    code: Mapped[Short | None]  # RFC 3463: 5.1.1
    words: Mapped[str]
    mail_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("mails.id", ondelete="SET NULL"), index=True
    )
    cleared_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )


class OptOut(Base):
    """Whoever has this address (lower case) asked for no more letters of a topic about a tour."""

    __tablename__ = "opt_outs"
    __table_args__ = (sa.UniqueConstraint("trip_id", "email", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    email: Mapped[Email] = mapped_column(index=True)
    topic: Mapped[Topic]
    at: Mapped[datetime]
