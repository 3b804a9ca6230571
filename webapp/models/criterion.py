"""By what a trip chooses companies."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Words
from webapp.models.registration import Registration


class Criterion(Base):
    """One of the criteria that were written before the call and are applied to all: so many points
    at most, counted `weight` times. (domain.md rule 3.)"""

    __tablename__ = "criteria"
    __table_args__ = (
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name="weight_within"),
        sa.CheckConstraint("most BETWEEN 1 AND 100", name="most_within"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[Words]
    weight: Mapped[int] = mapped_column(default=1)
    most: Mapped[int] = mapped_column(default=5)  # points


class Score(Base):
    """The points of one registration for one criterion, and why."""

    __tablename__ = "scores"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "criterion_id"),
        sa.CheckConstraint("points >= 0", name="points_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE")
    )
    criterion_id: Mapped[int] = mapped_column(
        sa.ForeignKey("criteria.id", ondelete="CASCADE"), index=True
    )
    points: Mapped[int]
    reason: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    scored_at: Mapped[datetime]
    registration: Mapped[Registration] = relationship()
    criterion: Mapped[Criterion] = relationship()
