"""What a trip asks of companies and delegates beyond names and addresses, and what they answer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Sealed, Short, Words
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration


class Stage(StrEnum):
    """When it is asked: with the application, or once the company is accepted."""

    APPLY = "apply"
    TRAVEL = "travel"


class Asked(StrEnum):
    """Who answers: the company once, or each delegate."""

    COMPANY = "company"
    DELEGATE = "delegate"


class AnswerKind(StrEnum):
    """What an answer is. Choices and many choices have options; a document is an upload."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    COUNTRY = "country"
    DOCUMENT = "document"


class Sensitivity(StrEnum):
    """How an answer is kept: plain; or sealed, shown to few and purged soon, as travel data
    (passport, birth date) or health data (diet, allergies, mobility). (DESIGN rule 11.)"""

    PLAIN = "plain"
    TRAVEL = "travel"
    HEALTH = "health"


class Question(Base):
    """One question of a trip's form, in order of `position`.

    `options` are {"value": ..., "label": {"en": ..., "fr": ...}}. It is asked only when the answer
    to `depends_on` is one of `depends_values` (of a yes-no: "yes" or "no"). A retired question is
    asked no more, and its answers stay.
    """

    __tablename__ = "questions"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "key"),
        sa.CheckConstraint(
            "sensitivity = 'plain' OR asked = 'delegate'", name="sensitive_is_of_delegate"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    key: Mapped[Short]  # of the column in sheets and of its field: letters, digits and "_"
    position: Mapped[int]
    stage: Mapped[Stage]
    asked: Mapped[Asked]
    kind: Mapped[AnswerKind]
    label: Mapped[Words]
    help: Mapped[Words | None]
    options: Mapped[list[Facts]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    sensitivity: Mapped[Sensitivity] = mapped_column(default=Sensitivity.PLAIN)
    depends_on_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("questions.id", ondelete="SET NULL")
    )
    depends_values: Mapped[list[str]] = mapped_column(default=list)
    retired_at: Mapped[datetime | None]
    depends_on: Mapped["Question | None"] = relationship(remote_side="Question.id")


class Answer(Base):
    """A plain answer: of a company when `delegate_id` is None. `value` is text, bool, number or a
    list of texts, by the question's kind; dates are ISO texts, documents the id of theirs."""

    __tablename__ = "answers"
    __table_args__ = (
        sa.Index(
            "uq_answers_question_id_registration_id",
            "question_id",
            "registration_id",
            unique=True,
            postgresql_where=sa.text("delegate_id IS NULL"),
        ),
        sa.UniqueConstraint("question_id", "delegate_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=False)
    answered_at: Mapped[datetime]
    question: Mapped[Question] = relationship()
    registration: Mapped[Registration] = relationship()
    delegate: Mapped[Delegate | None] = relationship()


class PrivateAnswer(Base):
    """An answer to a sensitive question: sealed, in no feed, mail or log, purged by date. `value`
    is the JSON of what an Answer would hold. (DESIGN rule 11.)"""

    __tablename__ = "private_answers"
    __table_args__ = (sa.UniqueConstraint("question_id", "delegate_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id", ondelete="CASCADE"))
    delegate_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    value: Mapped[bytes] = mapped_column(Sealed, deferred=True)
    answered_at: Mapped[datetime]
    question: Mapped[Question] = relationship()
    delegate: Mapped[Delegate] = relationship()
