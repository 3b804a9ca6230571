"""What organizers say about clashes of one trip: ways they know, and blocks they override."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Short
from webapp.models.place import Venue
from webapp.models.staff import Staff


class TravelTime(Base):
    """How long the way from one venue to another takes, as an organizer knows it: it overrides
    what distance and speed would say. The way back counts the same unless it has its own row."""

    __tablename__ = "travel_times"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "from_venue_id", "to_venue_id"),
        sa.CheckConstraint("minutes BETWEEN 0 AND 2880", name="minutes_within_days"),
        sa.CheckConstraint("from_venue_id <> to_venue_id", name="two_places"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    from_venue_id: Mapped[int] = mapped_column(
        sa.ForeignKey("venues.id", ondelete="CASCADE"), index=True
    )
    to_venue_id: Mapped[int] = mapped_column(
        sa.ForeignKey("venues.id", ondelete="CASCADE"), index=True
    )
    minutes: Mapped[int]
    from_venue: Mapped[Venue] = relationship(foreign_keys=[from_venue_id])
    to_venue: Mapped[Venue] = relationship(foreign_keys=[to_venue_id])


class ClashOverride(Base):
    """A clash that blocks publishing, let through for a reason. `key` holds what clashed as it
    stood: when one of the items moves, the override counts no more."""

    __tablename__ = "clash_overrides"
    __table_args__ = (sa.UniqueConstraint("trip_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    key: Mapped[Digest]
    rule: Mapped[Short]
    reason: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    staff: Mapped[Staff | None] = relationship()
