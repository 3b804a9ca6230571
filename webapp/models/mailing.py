"""What organizers write themselves: to chosen people, now, later, or again and again."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name, Short, Words
from webapp.models.staff import Staff
from webapp.models.states import Stateful


class MailingState(StrEnum):
    """A scheduled one is put into the outbox at its instant, for whoever fits then; a held one is
    there and can be undone until `goes_at`; a sent one is on its way or delivered."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    HELD = "held"
    SENT = "sent"


class Mailing(Stateful, Base):
    """One message of the organizers to people of a tour, chosen by `audience`
    (domain/mailings/audience.py), in both languages, with placeholders."""

    __tablename__ = "mailings"
    __table_args__ = (
        sa.CheckConstraint("hold_minutes BETWEEN 0 AND 1440", name="hold_within_a_day"),
        sa.CheckConstraint(
            "(state = 'scheduled') = (planned_for IS NOT NULL)", name="scheduled_has_instant"
        ),
        sa.CheckConstraint(
            "state NOT IN ('held', 'sent') OR goes_at IS NOT NULL", name="put_has_instant"
        ),
    )
    MOVES: ClassVar = {
        MailingState.DRAFT: frozenset({MailingState.SCHEDULED, MailingState.HELD}),
        MailingState.SCHEDULED: frozenset({MailingState.DRAFT, MailingState.HELD}),
        MailingState.HELD: frozenset({MailingState.DRAFT, MailingState.SENT}),
        MailingState.SENT: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    state: Mapped[MailingState] = mapped_column(default=MailingState.DRAFT)
    subject: Mapped[Words]
    body: Mapped[Words]
    audience: Mapped[Facts] = mapped_column(default=dict)
    is_news: Mapped[bool] = mapped_column(default=False)  # readers may ask for no more of these
    hold_minutes: Mapped[int] = mapped_column(default=10)  # in which it can be undone
    planned_for: Mapped[datetime | None]
    put_at: Mapped[datetime | None]
    goes_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(
        default=1
    )  # of putting: one that was undone may be put anew
    problem: Mapped[str | None]  # why a scheduled one did not go
    created_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    created_by: Mapped[Staff | None] = relationship()
    files: Mapped[list["MailingFile"]] = relationship(
        order_by="MailingFile.id", cascade="all, delete-orphan", back_populates="mailing"
    )


class MailingFile(Base):
    """A file that goes with a mailing; its content lies in webapp/storage under `stored_as`."""

    __tablename__ = "mailing_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("mailings.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[Name]
    mime_type: Mapped[Name]
    size: Mapped[int]  # octets
    stored_as: Mapped[Short] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    mailing: Mapped[Mailing] = relationship(back_populates="files")


class MailingTemplate(Base):
    """A message kept to be written again: of one tour, or for all (trip_id None)."""

    __tablename__ = "mailing_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Name]
    subject: Mapped[Words]
    body: Mapped[Words]
    audience: Mapped[Facts] = mapped_column(default=dict)
    is_news: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Anchor(StrEnum):
    """What a reminder counts its days from; `each_day`: every day of the tour."""

    START = "start"
    END = "end"
    REGISTRATION_CLOSES = "registration_closes"
    FREEZE = "freeze"
    DETAILS_DUE = "details_due"
    EACH_DAY = "each_day"


class ReminderKind(StrEnum):
    """What a reminder sends: what somebody has not given yet, the program with its calendar file,
    the sheet of the next day, what a host has to know of a visit, or the organizers' own words."""

    DETAILS = "details"
    PROGRAM = "program"
    DAY_SHEET = "day_sheet"
    HOSTS = "hosts"
    MESSAGE = "message"


class Reminder(Base):
    """Letters that go out by themselves: `days` after its anchor (negative: before), at a wall time
    of the tour's own zone."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.CheckConstraint("days BETWEEN -365 AND 730", name="days_within_years"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_of_a_day"),
        sa.CheckConstraint(
            "(kind = 'message') = (subject IS NOT NULL AND body IS NOT NULL)",
            name="message_has_words",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ReminderKind]
    anchor: Mapped[Anchor]
    days: Mapped[int]
    minute: Mapped[int]  # of the local day
    is_on: Mapped[bool] = mapped_column(default=True)
    subject: Mapped[Words | None]
    body: Mapped[Words | None]
    audience: Mapped[Facts] = mapped_column(default=dict)
    is_news: Mapped[bool] = mapped_column(default=False)
    on_from: Mapped[datetime]  # instants before it are past: nothing is made up for
    problem: Mapped[str | None]  # why it did not go last time
    created_at: Mapped[datetime]
    runs: Mapped[list["ReminderRun"]] = relationship(
        order_by="ReminderRun.due_at.desc()", cascade="all, delete-orphan"
    )


class ReminderRun(Base):
    """That a reminder went out for one of its instants, and how many letters it put."""

    __tablename__ = "reminder_runs"
    __table_args__ = (sa.UniqueConstraint("reminder_id", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reminder_id: Mapped[int] = mapped_column(sa.ForeignKey("reminders.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    ran_at: Mapped[datetime]
    letters: Mapped[int]


class Wording(Base):
    """The organizers' own words for one text of one letter of a tour, in one language.

    `text_id` is the product's own text in English, as the templates have it (gettext's msgid);
    `forms` the words that stand instead, one a plural form; `was` the product's words when they
    were written, to be compared with when the product says something else one day.
    """

    __tablename__ = "wordings"
    __table_args__ = (sa.UniqueConstraint("trip_id", "letter", "language", "text_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    letter: Mapped[Short]
    language: Mapped[Short]
    text_id: Mapped[str]
    forms: Mapped[list[str]]
    was: Mapped[list[str]]
    edited_at: Mapped[datetime]
    edited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
