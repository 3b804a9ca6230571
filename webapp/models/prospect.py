"""Organizations that are asked to apply."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.states import Stateful
from webapp.models.trip import Trip


class ProspectState(StrEnum):
    """Asked until it applies, says no, or the organizers take it back."""

    ASKED = "asked"
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Prospect(Stateful, Base):
    """A company that the organizers ask to apply, by mail with a link of its own: the form opens
    filled in. (Not an Invitation, which is a calendar's.)"""

    __tablename__ = "prospects"
    __table_args__ = (
        sa.Index(
            "uq_prospects_trip_id_email",
            "trip_id",
            sa.text("lower(email)"),
            unique=True,
        ),
    )
    MOVES: ClassVar = {
        ProspectState.ASKED: frozenset(
            {ProspectState.APPLIED, ProspectState.REFUSED, ProspectState.WITHDRAWN}
        ),
        ProspectState.APPLIED: frozenset(),
        ProspectState.REFUSED: frozenset({ProspectState.APPLIED, ProspectState.ASKED}),
        ProspectState.WITHDRAWN: frozenset({ProspectState.ASKED}),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    organization_name: Mapped[Name]
    name: Mapped[Name]  # of the human who is written to; may be empty
    email: Mapped[Email]
    language: Mapped[Short]
    state: Mapped[ProspectState] = mapped_column(default=ProspectState.ASKED)
    note: Mapped[str | None]  # to the company, in the letter
    asked_at: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]  # when the form was sent in or saved from the link
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    trip: Mapped[Trip] = relationship()

    @property
    def token(self) -> str:
        return self.token_sealed.decode()
