"""The outbox: each row is one letter to one person."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Email, Facts, Name, Sealed, Short
from webapp.models.states import Stateful


class MailState(StrEnum):
    """Claimed rows are `sending`; one that stays so too long is rescued back to `waiting`."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Mail(Stateful, Base):
    """One letter to one person, written whole once, so that a retry sends the same bytes.

    `key` is letter, object, version and recipient: the database refuses the same letter twice.
    `message` is the whole RFC 5322 message; it holds links, hence sealed. (DESIGN rules 8, 9.)
    A row is put without it by the transaction that it tells of, and written by a worker soon after
    (domain/correspondence.py): `facts` keeps what was true then and the rows may not say later.
    """

    __tablename__ = "mails"
    __table_args__ = (
        sa.Index(
            "ix_mails_due",
            "due_at",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "ix_mails_unwritten",
            "id",
            postgresql_where=sa.text("message IS NULL AND state = 'waiting'"),
        ),
        sa.Index(
            "ix_mails_claimed",
            "claimed_at",
            postgresql_where=sa.text("state = 'sending'"),
        ),
    )
    MOVES: ClassVar = {
        MailState.WAITING: frozenset({MailState.SENDING, MailState.FAILED}),
        MailState.SENDING: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED}),
        MailState.SENT: frozenset(),
        MailState.FAILED: frozenset({MailState.WAITING}),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    letter: Mapped[Short]
    trip_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True
    )
    registration_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    facts: Mapped[Facts | None]
    to_email: Mapped[Email]
    to_name: Mapped[Name]
    language: Mapped[Short]
    subject: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    message: Mapped[bytes | None] = mapped_column(Sealed, deferred=True)  # None: to be written
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[Name | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]

    @property
    def is_written(self) -> bool:
        """Whether a worker has written it: until then it has no subject."""
        return bool(self.subject)
