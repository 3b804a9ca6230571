"""A published version of an agenda."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name, Short, Words
from webapp.models.agenda import ItemContent
from webapp.models.staff import Staff
from webapp.models.states import Stateful


class Change(StrEnum):
    """What a release did to an item, against the release before."""

    SAME = "same"
    ADDED = "added"
    MOVED = "moved"  # time, zone or place: SEQUENCE grows
    CHANGED = "changed"  # words only: LAST-MODIFIED moves, SEQUENCE stays
    CANCELLED = "cancelled"
    RESTORED = "restored"


class ReleaseState(StrEnum):
    """A planned one waits for its instant; a dropped one never came out."""

    PLANNED = "planned"
    PUBLISHED = "published"
    DROPPED = "dropped"


class Release(Stateful, Base):
    """A version of the agenda of one trip: published and numbered from 1, or planned."""

    __tablename__ = "releases"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "number"),
        sa.CheckConstraint(
            "(state = 'published') = (number IS NOT NULL AND published_at IS NOT NULL)",
            name="published_is_numbered",
        ),
        sa.CheckConstraint("state <> 'planned' OR planned_for IS NOT NULL", name="planned_has_day"),
        sa.Index(
            "uq_releases_trip_id_planned",
            "trip_id",
            unique=True,
            postgresql_where=sa.text("state = 'planned'"),
        ),
    )
    MOVES: ClassVar = {
        ReleaseState.PLANNED: frozenset({ReleaseState.PUBLISHED, ReleaseState.DROPPED}),
        ReleaseState.PUBLISHED: frozenset(),
        ReleaseState.DROPPED: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    state: Mapped[ReleaseState] = mapped_column(default=ReleaseState.PUBLISHED)
    number: Mapped[int | None]
    name: Mapped[Name | None]
    planned_for: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # why a planned one did not come out
    published_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    note: Mapped[str | None]
    # Whether those whom it concerns are written to, how long that can be undone, and since when the
    # letters are in the outbox.
    tells: Mapped[bool] = mapped_column(default=False)
    hold_minutes: Mapped[int] = mapped_column(default=10)
    told_at: Mapped[datetime | None]
    published_by: Mapped[Staff | None] = relationship()
    items: Mapped[list["ReleaseItem"]] = relationship(
        order_by="(ReleaseItem.starts_at, ReleaseItem.uid)", back_populates="release"
    )


class ReleaseItem(ItemContent, Base):
    """An item as published, whole: a later edit of venue, track or item does not reach it.

    `sequence` and `changed_at` are the item's SEQUENCE and LAST-MODIFIED for every calendar and
    invitation; they move in the transaction that publishes. (DESIGN rule 3, icalendar.md R1-R7.)
    """

    __tablename__ = "release_items"
    __table_args__ = (
        sa.UniqueConstraint("release_id", "uid"),
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        sa.Index("ix_release_items_release_id_starts_at", "release_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(sa.ForeignKey("releases.id", ondelete="CASCADE"))
    uid: Mapped[uuid.UUID]
    change: Mapped[Change]
    sequence: Mapped[int]
    first_published_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    place_name: Mapped[Name | None]
    place_address: Mapped[str | None]  # street, code and city in one line: longer than a name
    city: Mapped[Name | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    track_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tracks.id", ondelete="SET NULL"))
    track_name: Mapped[Words | None]
    track_color: Mapped[Short | None]
    room_name: Mapped[Name | None]
    place_access: Mapped[Words | None]
    to_place_name: Mapped[Name | None]
    to_place_address: Mapped[str | None]
    to_city: Mapped[Name | None]
    to_latitude: Mapped[float | None]
    to_longitude: Mapped[float | None]
    host_name: Mapped[Name | None]
    people_named: Mapped[list[Facts]] = mapped_column(default=list)
    organization_ids: Mapped[list[int]] = mapped_column(default=list)
    # Whose feed it stands in, besides: no more than numbers, so that a later deletion goes through.
    venue_id: Mapped[int | None]
    to_venue_id: Mapped[int | None]
    host_id: Mapped[int | None]
    values: Mapped[Facts | None]  # of the draft then, to restore from; staff alone read it
    release: Mapped[Release] = relationship(back_populates="items")
