"""Where a trip goes: its stops, and the venues of its agenda."""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Name, Short, Words
from webapp.models.basis import Based
from webapp.models.organization import Organization


class Stop(Based, Base):
    """An ordered place of a trip, with its own zone and dates (local, both inclusive)."""

    __tablename__ = "stops"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        sa.UniqueConstraint("trip_id", "position", deferrable=True, initially="DEFERRED"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    uid: Mapped[uuid.UUID] = mapped_column(
        unique=True, default=uuid.uuid4, server_default=sa.func.gen_random_uuid()
    )  # of its all-day bar
    position: Mapped[int]
    city: Mapped[Name]
    country: Mapped[Short]
    zone: Mapped[Short]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[Words | None]
    local_host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organizations.id"))
    local_host: Mapped[Organization | None] = relationship()


class Venue(Based, Base):
    """A place where something happens. Latitude and longitude in decimal degrees."""

    __tablename__ = "venues"
    __table_args__ = (
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="both_coordinates"),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="on_earth"
        ),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Name]
    address: Mapped[Name | None]
    postal_code: Mapped[Short | None]
    city: Mapped[Name]
    country: Mapped[Short]
    zone: Mapped[Short]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    access: Mapped[Words | None]
    capacity: Mapped[int | None]
    contact: Mapped[Name | None]  # whom staff call there; never published
    rooms: Mapped[list["Room"]] = relationship(
        back_populates="venue", order_by="(Room.position, Room.name)"
    )

    @property
    def address_line(self) -> str:
        """Street, postal code and city in one line, as far as known."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (self.address, town) if part)


class Room(Base):
    """A room, hall or door of a venue: one thing at a time happens in it."""

    __tablename__ = "rooms"
    __table_args__ = (
        sa.UniqueConstraint("venue_id", "name"),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venues.id", ondelete="CASCADE"))
    name: Mapped[Name]
    capacity: Mapped[int | None]
    access: Mapped[Words | None]
    position: Mapped[int] = mapped_column(default=0)
    venue: Mapped[Venue] = relationship(back_populates="rooms")
