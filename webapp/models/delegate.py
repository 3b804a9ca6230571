"""One person's participation in one trip."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.person import Person
from webapp.models.states import Stateful
from webapp.models.track import Track

if TYPE_CHECKING:
    from webapp.models.registration import Registration


class DelegateState(StrEnum):
    """Whether the person has one of the company's places. What that is worth, the state of the
    registration says: a company that waits holds none for anybody."""

    COMING = "coming"
    WAITING = "waiting"  # the company comes, but there is no place for this one yet
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


GONE = frozenset({DelegateState.WITHDRAWN, DelegateState.REPLACED})


class Delegate(Stateful, Base):
    """One person's participation in one trip, as the company gave it: it owns the links, the feed
    and what travel needs. The Person behind it may be known from other trips.

    One who was invited by mail fills in the data: until then `filled_at` is None and the names
    may be empty. `queued_at` is the turn of one who waits.
    """

    __tablename__ = "delegates"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "position"),
        sa.Index(
            "uq_delegates_registration_id_email",
            "registration_id",
            sa.text("lower(email)"),
            unique=True,
            postgresql_where=sa.text("state IN ('coming', 'waiting')"),
        ),
        sa.CheckConstraint("state <> 'waiting' OR queued_at IS NOT NULL", name="waiting_has_turn"),
    )
    MOVES: ClassVar = {
        DelegateState.COMING: frozenset(
            {DelegateState.WAITING, DelegateState.WITHDRAWN, DelegateState.REPLACED}
        ),
        DelegateState.WAITING: frozenset(
            {DelegateState.COMING, DelegateState.WITHDRAWN, DelegateState.REPLACED}
        ),
        DelegateState.WITHDRAWN: frozenset(),
        DelegateState.REPLACED: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE")
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    position: Mapped[int]
    state: Mapped[DelegateState] = mapped_column(default=DelegateState.COMING)
    queued_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]  # by mail, to fill in their own data
    filled_at: Mapped[datetime | None]  # when the data was given, by the company or the colleague
    left_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]  # somebody, or a mail scanner, opened the link first
    replaces_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="SET NULL")
    )
    given_name: Mapped[Name]
    family_name: Mapped[Name]
    email: Mapped[Email]
    phone: Mapped[Short | None]
    job_title: Mapped[Name | None]
    language: Mapped[Short]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    registration: Mapped["Registration"] = relationship(back_populates="everybody")
    person: Mapped[Person] = relationship()
    tracks: Mapped[list[Track]] = relationship(secondary="track_members", order_by=Track.position)

    @property
    def name(self) -> str:
        """Given and family name; the mail address of one who has not given any yet."""
        return f"{self.given_name} {self.family_name}".strip() or self.email

    @property
    def is_gone(self) -> bool:
        return self.state in GONE

    @property
    def awaits_data(self) -> bool:
        """Whether somebody was invited by mail and has not filled in their own data."""
        return self.invited_at is not None and self.filled_at is None

    @property
    def token(self) -> str:
        return self.token_sealed.decode()
