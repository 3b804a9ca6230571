"""The agenda of a trip, as organizers work on it. What others see is a Release."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import clock
from webapp.db import Base, Facts, Name, Short, WallTime, Words
from webapp.models.basis import Based
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.place import Room, Stop, Venue
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
    """Who may know of an item: everybody, accepted delegates, those of named companies, or staff.

    A track narrows it further: an item of a track stands only in its members' own agendas.
    """

    EVERYBODY = "everybody"
    DELEGATES = "delegates"
    COMPANIES = "companies"
    STAFF = "staff"


class Attendance(StrEnum):
    """Whether those who see an item are in it by that (mandatory), or by choosing it."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"


class Mode(StrEnum):
    """How people get from the place of departure to the place of arrival."""

    FLIGHT = "flight"
    TRAIN = "train"
    COACH = "coach"
    CAR = "car"
    BOAT = "boat"
    WALK = "walk"


class ItemRole(StrEnum):
    """What a person does in an item, other than attending."""

    HOST = "host"
    SPEAKER = "speaker"
    INTERPRETER = "interpreter"
    GUIDE = "guide"


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
    attendance: Mapped[Attendance] = mapped_column(default=Attendance.MANDATORY)
    capacity: Mapped[int | None]  # places for delegates; None: as many as come
    languages: Mapped[list[str]] = mapped_column(default=list)  # spoken there: ISO 639-1
    meeting_point: Mapped[Words | None]
    call_minutes: Mapped[int | None]  # be there so many minutes before the start
    mode: Mapped[Mode | None]  # of a leg
    service: Mapped[Name | None]  # carrier and number of a leg: "AF 69"
    vehicle: Mapped[Short | None]  # which of the tour's own: "Coach 1"
    # Whether those who are in it are invited by mail, where the trip does that at all.
    invites: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    @property
    def is_leg(self) -> bool:
        """Whether it takes people elsewhere, so that pages draw both its ends."""
        return self.mode is not None or self.starts_zone != self.ends_zone

    @property
    def days_later(self) -> int:
        """By how many local dates it ends later than it starts: 1 is the next day, -1 the day
        before, across the date line."""
        return (self.ends_local.date() - self.starts_local.date()).days

    @property
    def call_at(self) -> datetime | None:
        """The instant to be at the meeting point, aware UTC; None where none was set."""
        if self.call_minutes is None:
            return None
        return self.starts_at - timedelta(minutes=self.call_minutes)

    @property
    def call_local(self) -> datetime | None:
        """What the clocks of the start's zone show at `call_at`."""
        at = self.call_at
        return None if at is None else clock.wall(at, self.starts_zone)

    @property
    def is_cancelled(self) -> bool:
        return self.state == ItemState.CANCELLED


class AgendaItem(Stateful, ItemContent, Base):
    """One thing at one time, "session" on screen; the working copy, which leaks nowhere."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
        sa.CheckConstraint("call_minutes BETWEEN 1 AND 1440", name="call_within_a_day"),
        sa.CheckConstraint("room_id IS NULL OR venue_id IS NOT NULL", name="room_in_venue"),
        sa.Index("ix_agenda_items_trip_id_starts_at", "trip_id", "starts_at"),
        sa.UniqueConstraint("trip_id", "import_key"),
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
    venue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("venues.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"), index=True)
    host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organizations.id"))
    track_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tracks.id", ondelete="SET NULL"))
    place: Mapped[Name | None]  # where no venue is known: "To be announced", a door, a quay
    to_venue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("venues.id"), index=True)
    to_place: Mapped[Name | None]  # where a leg ends, where no venue is known
    held_back: Mapped[bool] = mapped_column(default=False)  # the next release leaves it as it was
    import_key: Mapped[Name | None]  # what a sheet or calendar file calls it
    internal_note: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    stop: Mapped[Stop | None] = relationship()
    venue: Mapped[Venue | None] = relationship(foreign_keys=[venue_id])
    room: Mapped[Room | None] = relationship()
    to_venue: Mapped[Venue | None] = relationship(foreign_keys=[to_venue_id])
    track: Mapped[Track | None] = relationship()
    host: Mapped[Organization | None] = relationship()
    people: Mapped[list["ItemPerson"]] = relationship(
        order_by="ItemPerson.position", cascade="all, delete-orphan", back_populates="item"
    )
    companies: Mapped[list["ItemCompany"]] = relationship(
        order_by="ItemCompany.organization_id", cascade="all, delete-orphan"
    )

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
    def room_name(self) -> str | None:
        return self.room.name if self.room else None

    @property
    def place_access(self) -> Words | None:
        """How one gets in: the room's words, else the venue's."""
        return (self.room and self.room.access) or (self.venue and self.venue.access) or None

    @property
    def to_place_name(self) -> str | None:
        """Where a leg ends, in a word: the venue, else what was typed."""
        return self.to_venue.name if self.to_venue else self.to_place

    @property
    def to_place_address(self) -> str | None:
        return (self.to_venue.address_line or None) if self.to_venue else None

    @property
    def to_city(self) -> str | None:
        return self.to_venue.city if self.to_venue else None

    @property
    def to_latitude(self) -> float | None:
        return self.to_venue.latitude if self.to_venue else None

    @property
    def to_longitude(self) -> float | None:
        return self.to_venue.longitude if self.to_venue else None

    @property
    def host_name(self) -> str | None:
        return self.host.name if self.host else None

    @property
    def people_named(self) -> list[Facts]:
        """Who does something in it, as a release keeps it: [{"name": ..., "role": ...}]."""
        return [{"name": each.person.name, "role": each.role.value} for each in self.people]

    @property
    def organization_ids(self) -> list[int]:
        """The named companies, for the audience `companies`."""
        return [each.organization_id for each in self.companies]

    @property
    def track_name(self) -> Words | None:
        return self.track.name if self.track else None

    @property
    def track_color(self) -> str | None:
        return self.track.color if self.track else None

    __mapper_args__ = {"version_id_col": version}


class ItemPerson(Base):
    """Somebody who does something in an item: speaks, receives, interprets, guides."""

    __tablename__ = "item_people"

    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agenda_items.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[ItemRole] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    item: Mapped[AgendaItem] = relationship(back_populates="people")
    person: Mapped[Person] = relationship()


class ItemCompany(Base):
    """A company that an item of the audience `companies` is for."""

    __tablename__ = "item_companies"

    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agenda_items.id", ondelete="CASCADE"), primary_key=True
    )
    organization_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    organization: Mapped[Organization] = relationship()


class AgendaEdit(Base):
    """One edit of the draft, kept so that who made it can undo and redo it.

    `before` and `after` are what the item said (agendas.ItemValues as plain values); None before
    it was there and after it was deleted.
    """

    __tablename__ = "agenda_edits"
    __table_args__ = (sa.Index("ix_agenda_edits_trip_id_staff_id", "trip_id", "staff_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    item_uid: Mapped[uuid.UUID]
    at: Mapped[datetime]
    before: Mapped[Facts | None]
    after: Mapped[Facts | None]
    undone: Mapped[bool] = mapped_column(default=False)
