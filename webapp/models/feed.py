"""Calendar addresses."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Sealed, Short
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip


class Scope(StrEnum):
    """Whose calendar a feed is. A trip's is public and has no token."""

    TRIP = "trip"
    COMPANY = "company"
    DELEGATE = "delegate"


class Feed(Base):
    """A calendar address with its prepared bytes.

    `changed_at` is the HTTP Last-Modified: it grows with every change that may touch the body,
    removals included, and never goes back (icalendar.md H7). `body` None means out of date: the
    next answer makes it inline, a worker before that (DESIGN rule 5). Rotating a secret revokes
    the row and makes a new one, so that the old address can say 410.
    """

    __tablename__ = "feeds"
    __table_args__ = (
        sa.CheckConstraint("(scope = 'trip') = (token_digest IS NULL)", name="secret_unless_trip"),
        sa.CheckConstraint(
            "(scope = 'company') = (registration_id IS NOT NULL)", name="company_has_registration"
        ),
        sa.CheckConstraint(
            "(scope = 'delegate') = (delegate_id IS NOT NULL)", name="delegate_has_delegate"
        ),
        sa.Index(
            "uq_feeds_trip_id_language",
            "trip_id",
            "language",
            unique=True,
            postgresql_where=sa.text("scope = 'trip'"),
        ),
        sa.Index(
            "uq_feeds_registration_id_in_force",
            "registration_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(
            "uq_feeds_delegate_id_in_force",
            "delegate_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(
            "ix_feeds_out_of_date",
            "id",
            postgresql_where=sa.text("body IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[Scope]
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[Short]
    token_digest: Mapped[Digest | None] = mapped_column(unique=True)
    token_sealed: Mapped[bytes | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    body: Mapped[bytes | None] = mapped_column(deferred=True)
    etag: Mapped[Digest | None]
    trip: Mapped[Trip] = relationship()
    registration: Mapped[Registration | None] = relationship()
    delegate: Mapped[Delegate | None] = relationship()

    @property
    def token(self) -> str:
        return (self.token_sealed or b"").decode()
