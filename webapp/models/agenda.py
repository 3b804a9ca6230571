"""The agenda of a trip, as organizers work on it. What others see is a Release."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Name, Short, WallTime, Words
from webapp.models.basis import Based
from webapp.models.place import Stop, Venue
from webapp.models.states import Stateful
from webapp.models.track import Track


class ItemKind(StrEnum):
    """What an item of the agenda is."""

    BRIEFING = "briefing"
    VISIT = "visit"
    MEETINGS = "meetings"
    PANEL = "panel"
    FAIR = "fair"
    RECEPTION = "reception"
    CEREMONY = "ceremony"
    MEAL = "meal"
    TRANSFER = "transfer"
    TRAVEL = "travel"
    CALL = "call"
    FREE = "free"


class Audience(StrEnum):
    """Who may know of an item: everybody, accepted delegates, or staff."""

    EVERYBODY = "everybody"
    DELEGATES = "delegates"
    STAFF = "staff"


class ItemState(StrEnum):
    """A cancelled item stays until the trip is over, so that calendars can say so."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class ItemContent(Based):
    """What an item says, in the draft and in a release alike.

    Agreed: wall time, zone and pass of a repeated hour (fold), at each end; a travel leg has a
    zone at each end. Derived from those: `starts_at`, `ends_at`, aware UTC. (DESIGN rule 1.)
    """

    kind: Mapped[ItemKind]
    audience: Mapped[Audience] = mapped_column(default=Audience.EVERYBODY)
    state: Mapped[ItemState] = mapped_column(default=ItemState.CONFIRMED)
    title: Mapped[Words]
    description: Mapped[Words | None]
    starts_local: Mapped[WallTime]
    starts_zone: Mapped[Short]
    starts_fold: Mapped[int] = mapped_column(default=0)
    ends_local: Mapped[WallTime]
    ends_zone: Mapped[Short]
    ends_fold: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    @property
    def is_leg(self) -> bool:
        """Whether it starts and ends in two zones, so that pages draw it as a leg."""
        return self.starts_zone != self.ends_zone

    @property
    def is_cancelled(self) -> bool:
        return self.state == ItemState.CANCELLED


class AgendaItem(Stateful, ItemContent, Base):
    """One thing at one time, "session" on screen; the working copy, which leaks nowhere."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        sa.Index("ix_agenda_items_trip_id_starts_at", "trip_id", "starts_at"),
    )
    MOVES: ClassVar = {
        ItemState.CONFIRMED: frozenset({ItemState.TENTATIVE, ItemState.CANCELLED}),
        ItemState.TENTATIVE: frozenset({ItemState.CONFIRMED, ItemState.CANCELLED}),
        ItemState.CANCELLED: frozenset({ItemState.CONFIRMED, ItemState.TENTATIVE}),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    stop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stops.id", ondelete="SET NULL"))
    venue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("venues.id"))
    track_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tracks.id", ondelete="SET NULL"))
    place: Mapped[Name | None]  # where no venue is known: "To be announced", a door, a quay
    internal_note: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    stop: Mapped[Stop | None] = relationship()
    venue: Mapped[Venue | None] = relationship()
    track: Mapped[Track | None] = relationship()

    @property
    def place_name(self) -> str | None:
        """Where it is, in a word: the venue, else what was typed."""
        return self.venue.name if self.venue else self.place

    @property
    def place_address(self) -> str | None:
        return (self.venue.address_line or None) if self.venue else None

    @property
    def city(self) -> str | None:
        if self.venue:
            return self.venue.city
        return self.stop.city if self.stop else None

    @property
    def latitude(self) -> float | None:
        return self.venue.latitude if self.venue else None

    @property
    def longitude(self) -> float | None:
        return self.venue.longitude if self.venue else None

    @property
    def track_name(self) -> Words | None:
        return self.track.name if self.track else None

    @property
    def track_color(self) -> str | None:
        return self.track.color if self.track else None

    __mapper_args__ = {"version_id_col": version}
