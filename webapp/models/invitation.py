"""Invitations: sessions that were mailed to delegates' calendars (iTIP), and what they answered."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Email, Facts, Name
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.states import Stateful


class InvitationState(StrEnum):
    """Whether the calendar that it was mailed to holds it."""

    INVITED = "invited"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What the delegate said: PARTSTAT, in our words."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class AnsweredBy(StrEnum):
    """How the answer came: from a calendar program, or on the delegate's page."""

    CALENDAR = "calendar"
    PAGE = "page"


class Invitation(Stateful, Base):
    """One item that was mailed to one delegate, as it was said last.

    Without a row there was no REQUEST, and there is no CANCEL (icalendar.md I10). `sequence` and
    `stamped_at` are SEQUENCE and DTSTAMP of the last message; `said` is the item as that message
    had it, so that a CANCEL says what is off when the item itself is gone (I7). `mail_id` is its
    letter: one that has not left yet can be stopped instead of taken back.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        sa.UniqueConstraint("delegate_id", "uid"),
        sa.Index("ix_invitations_trip_id_email", "trip_id", sa.text("lower(email)")),
    )
    MOVES: ClassVar = {
        InvitationState.INVITED: frozenset({InvitationState.CANCELLED}),
        InvitationState.CANCELLED: frozenset({InvitationState.INVITED}),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    delegate_id: Mapped[int] = mapped_column(sa.ForeignKey("delegates.id", ondelete="CASCADE"))
    uid: Mapped[uuid.UUID]
    email: Mapped[Email]
    name: Mapped[Name]
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.INVITED)
    sequence: Mapped[int]
    stamped_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    said: Mapped[Facts]
    mail_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("mails.id", ondelete="SET NULL"), index=True
    )
    answer: Mapped[Answer] = mapped_column(default=Answer.NONE)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[AnsweredBy | None]
    created_at: Mapped[datetime]
    delegate: Mapped[Delegate] = relationship()
    mail: Mapped[Mail | None] = relationship()
