"""Changes that a company asks for once the trip is frozen."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.states import Stateful


class AmendmentKind(StrEnum):
    """What is asked for; `wanted` of the row holds the verb's own values."""

    ADD = "add"  # a delegate
    EDIT = "edit"  # a delegate's data
    REPLACE = "replace"  # one delegate by another
    WITHDRAW = "withdraw"  # one delegate
    COMPANY = "company"  # coordinator's data and hopes
    ANSWERS = "answers"  # to the trip's questions


class AmendmentState(StrEnum):
    """Open until an organizer decides or the company takes it back."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Amendment(Stateful, Base):
    """A change asked for after the freeze: what was, what is wanted, and what became of it.

    `before` and `wanted` have the same keys, so that the page can show one beside the other. No
    sensitive answer is ever in them. (domain.md rules 7, 19.)
    """

    __tablename__ = "amendments"
    __table_args__ = (sa.Index("ix_amendments_registration_id_state", "registration_id", "state"),)
    MOVES: ClassVar = {
        AmendmentState.OPEN: frozenset(
            {AmendmentState.ACCEPTED, AmendmentState.DECLINED, AmendmentState.WITHDRAWN}
        ),
        AmendmentState.ACCEPTED: frozenset(),
        AmendmentState.DECLINED: frozenset(),
        AmendmentState.WITHDRAWN: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE")
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE")
    )
    kind: Mapped[AmendmentKind]
    state: Mapped[AmendmentState] = mapped_column(default=AmendmentState.OPEN)
    before: Mapped[Facts]
    wanted: Mapped[Facts]
    note: Mapped[str | None]  # why, in the company's words
    asked_by: Mapped[Name]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    reason: Mapped[str | None]  # of the decision; the company reads it
    registration: Mapped[Registration] = relationship()
    delegate: Mapped[Delegate | None] = relationship()
