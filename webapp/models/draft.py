"""Application forms that were begun and saved."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.trip import Trip


class Draft(Base):
    """What was typed into a form so far, sealed, for whoever holds its link; no place is held and
    nobody else reads it. It ends when the form is sent, or by date (domain/retention.py)."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    prospect_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("prospects.id", ondelete="SET NULL")
    )
    email: Mapped[Email]  # where its link was sent
    name: Mapped[Name]
    language: Mapped[Short]
    values: Mapped[bytes] = mapped_column(Sealed, deferred=True)  # JSON: [[field, value], ...]
    saves: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(index=True)
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    trip: Mapped[Trip] = relationship()

    @property
    def token(self) -> str:
        return self.token_sealed.decode()
