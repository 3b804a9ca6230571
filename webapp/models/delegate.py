"""One person's participation in one trip."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.person import Person
from webapp.models.track import Track

if TYPE_CHECKING:
    from webapp.models.registration import Registration


class Delegate(Base):
    """One person's participation in one trip, as the company gave it: it owns the links, the feed
    and what travel needs. The Person behind it may be known from other trips."""

    __tablename__ = "delegates"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "position"),
        sa.Index(
            "uq_delegates_registration_id_email",
            "registration_id",
            sa.text("lower(email)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE")
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    position: Mapped[int]
    given_name: Mapped[Name]
    family_name: Mapped[Name]
    email: Mapped[Email]
    phone: Mapped[Short | None]
    job_title: Mapped[Name | None]
    language: Mapped[Short]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    registration: Mapped["Registration"] = relationship(back_populates="delegates")
    person: Mapped[Person] = relationship()
    tracks: Mapped[list[Track]] = relationship(secondary="track_members", order_by=Track.position)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def token(self) -> str:
        return self.token_sealed.decode()
