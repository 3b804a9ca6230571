"""A published version of an agenda."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Name, Short, Words
from webapp.models.agenda import ItemContent
from webapp.models.staff import Staff


class Change(StrEnum):
    """What a release did to an item, against the release before."""

    SAME = "same"
    ADDED = "added"
    MOVED = "moved"  # time, zone or place: SEQUENCE grows
    CHANGED = "changed"  # words only: LAST-MODIFIED moves, SEQUENCE stays
    CANCELLED = "cancelled"
    RESTORED = "restored"


class Release(Base):
    """A published version of the agenda of one trip, numbered from 1."""

    __tablename__ = "releases"
    __table_args__ = (sa.UniqueConstraint("trip_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="SET NULL")
    )
    note: Mapped[str | None]
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
    release: Mapped[Release] = relationship(back_populates="items")
