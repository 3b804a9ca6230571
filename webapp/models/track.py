"""Sub-programmes of a trip."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Short, Words


class Track(Base):
    """A sub-programme (companies, VIP, press): its items stand only in its members' calendars."""

    __tablename__ = "tracks"
    __table_args__ = (sa.UniqueConstraint("trip_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"))
    key: Mapped[Short]
    name: Mapped[Words]
    color: Mapped[Short]  # one of the eight names of the design system's palette
    position: Mapped[int] = mapped_column(default=0)


class TrackMember(Base):
    """A delegate who follows a track."""

    __tablename__ = "track_members"

    track_id: Mapped[int] = mapped_column(
        sa.ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True
    )
    delegate_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
