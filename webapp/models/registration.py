"""One organization's application to one trip."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.basis import Based
from webapp.models.delegate import Delegate
from webapp.models.organization import Organization
from webapp.models.states import Stateful
from webapp.models.trip import Trip


class RegistrationState(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


HOLDS_SEATS = frozenset({RegistrationState.SUBMITTED, RegistrationState.ACCEPTED})
IS_OUT = frozenset({RegistrationState.DECLINED, RegistrationState.CANCELLED})


class Registration(Stateful, Based, Base):
    """An application, made by a coordinator who may not travel.

    `form_key` comes from the form that made it: the same form sent twice to a trip
    finds the same row.
    `queued_at` is the place in the queue: first come by the server's time, then by id.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "form_key"),
        sa.Index("ix_registrations_trip_id_state", "trip_id", "state"),
    )
    MOVES: ClassVar = {
        RegistrationState.SUBMITTED: frozenset(
            {
                RegistrationState.ACCEPTED,
                RegistrationState.WAITLISTED,
                RegistrationState.DECLINED,
                RegistrationState.CANCELLED,
            }
        ),
        RegistrationState.ACCEPTED: frozenset(
            {
                RegistrationState.WAITLISTED,
                RegistrationState.DECLINED,
                RegistrationState.CANCELLED,
            }
        ),
        RegistrationState.WAITLISTED: frozenset(
            {
                RegistrationState.ACCEPTED,
                RegistrationState.DECLINED,
                RegistrationState.CANCELLED,
            }
        ),
        RegistrationState.DECLINED: frozenset(
            {RegistrationState.ACCEPTED, RegistrationState.WAITLISTED}
        ),
        RegistrationState.CANCELLED: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[Short] = mapped_column(unique=True)  # said on the telephone: no secret
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id"))
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organizations.id"), index=True)
    state: Mapped[RegistrationState] = mapped_column(default=RegistrationState.SUBMITTED)
    coordinator_name: Mapped[Name]
    coordinator_email: Mapped[Email]
    coordinator_phone: Mapped[Short | None]
    language: Mapped[Short]
    objectives: Mapped[str | None]
    authority_declared_at: Mapped[datetime | None]  # may register others, and they know of it
    submitted_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    reason: Mapped[str | None]  # of the last decision; the company reads it
    decisions: Mapped[int] = mapped_column(default=0)  # version of the decision, for its mail
    form_key: Mapped[uuid.UUID]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    trip: Mapped[Trip] = relationship()
    organization: Mapped[Organization] = relationship()
    delegates: Mapped[list[Delegate]] = relationship(
        back_populates="registration", order_by=Delegate.position
    )

    @property
    def token(self) -> str:
        return self.token_sealed.decode()

    @property
    def is_out(self) -> bool:
        """Whether its people have no part in the trip any more."""
        return self.state in IS_OUT
