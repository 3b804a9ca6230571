"""One organization's application to one trip."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Email, Name, Sealed, Short
from webapp.models.basis import Based
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.states import Stateful
from webapp.models.trip import Trip


class RegistrationState(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"  # a place has come up for a company that waited; it answers by a deadline
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # the offer was not taken, or the place not paid for, in time


HOLDS_SEATS = frozenset(
    {RegistrationState.SUBMITTED, RegistrationState.OFFERED, RegistrationState.ACCEPTED}
)
IS_OUT = frozenset(
    {RegistrationState.DECLINED, RegistrationState.CANCELLED, RegistrationState.LAPSED}
)


class Party(StrEnum):
    """How a company waits for several places: for all at once, or for as many as there are."""

    ALL = "all"
    ANY = "any"


class Registration(Stateful, Based, Base):
    """An application, made by a coordinator who may not travel.

    `form_key` comes from the form that made it: the same form sent twice to a trip
    finds the same row.
    `queued_at` is the place in the queue: first come by the server's time, then by id; where the
    tour chooses by score, the score comes before both (domain/queues).
    `delegates` are those who come or wait; `everybody` also those who withdrew or were replaced.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "form_key"),
        sa.CheckConstraint("extra_places >= 0", name="extra_places_not_negative"),
        sa.CheckConstraint(
            "state <> 'offered' OR offer_ends_at IS NOT NULL", name="offer_has_deadline"
        ),
        sa.Index("ix_registrations_trip_id_state", "trip_id", "state", "queued_at", "id"),
        sa.Index(
            "ix_registrations_offers",
            "offer_ends_at",
            postgresql_where=sa.text("state = 'offered'"),
        ),
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
                RegistrationState.LAPSED,
            }
        ),
        RegistrationState.WAITLISTED: frozenset(
            {
                RegistrationState.SUBMITTED,
                RegistrationState.OFFERED,
                RegistrationState.ACCEPTED,
                RegistrationState.DECLINED,
                RegistrationState.CANCELLED,
            }
        ),
        RegistrationState.OFFERED: frozenset(
            {
                RegistrationState.ACCEPTED,
                RegistrationState.WAITLISTED,
                RegistrationState.DECLINED,
                RegistrationState.CANCELLED,
                RegistrationState.LAPSED,
            }
        ),
        RegistrationState.DECLINED: frozenset(
            {RegistrationState.ACCEPTED, RegistrationState.WAITLISTED}
        ),
        RegistrationState.LAPSED: frozenset(
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
    party: Mapped[Party] = mapped_column(default=Party.ALL)
    # On the waiting list by an organizer's decision: comes up by another one, not by its turn.
    in_reserve: Mapped[bool] = mapped_column(default=False)
    score: Mapped[int | None]  # weighted points of all criteria; None: not scored yet
    offer_ends_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]  # accepted, and paid or waived (domain/fees.py)
    extra_places: Mapped[int] = mapped_column(default=0)  # over the limit of one organization
    held_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("held_places.id", ondelete="SET NULL"), index=True
    )  # the block of places that it draws on first
    prospect_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("prospects.id", ondelete="SET NULL")
    )
    says_to_be_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="SET NULL")
    )  # what the applicant chose among similar names; an organizer confirms it by merging
    submitted_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    reason: Mapped[str | None]  # of the last decision; the company reads it
    decisions: Mapped[int] = mapped_column(default=0)  # version of the decision, for its mail
    opened_at: Mapped[datetime | None]  # somebody, or a mail scanner, opened the link first
    form_key: Mapped[uuid.UUID]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_sealed: Mapped[bytes] = mapped_column(Sealed)
    trip: Mapped[Trip] = relationship()
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])
    says_to_be: Mapped[Organization | None] = relationship(foreign_keys=[says_to_be_id])
    everybody: Mapped[list[Delegate]] = relationship(
        back_populates="registration", order_by=Delegate.position
    )
    delegates: Mapped[list[Delegate]] = relationship(
        primaryjoin=lambda: sa.and_(
            Registration.id == Delegate.registration_id, Delegate.state.not_in(GONE)
        ),
        order_by=Delegate.position,
        viewonly=True,
    )

    @property
    def token(self) -> str:
        return self.token_sealed.decode()

    @property
    def is_out(self) -> bool:
        """Whether its people have no part in the trip any more."""
        return self.state in IS_OUT

    @property
    def coming(self) -> list[Delegate]:
        """The delegates who hold a place, if the registration holds any."""
        return [delegate for delegate in self.delegates if delegate.state == DelegateState.COMING]
