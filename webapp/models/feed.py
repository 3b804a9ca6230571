"""Calendar addresses."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Sealed, Short
from webapp.models.delegate import Delegate
from webapp.models.organization import Organization
from webapp.models.place import Venue
from webapp.models.registration import Registration
from webapp.models.staff import Staff
from webapp.models.track import Track
from webapp.models.trip import Trip


class Scope(StrEnum):
    """Whose calendar a feed is, of one trip. The trip's own is public and has no token; those of a
    track, a venue and a host hold what happens there, that of a member of staff everything."""

    TRIP = "trip"
    TRACK = "track"
    COMPANY = "company"
    DELEGATE = "delegate"
    VENUE = "venue"
    HOST = "host"
    STAFF = "staff"


class Client(StrEnum):
    """Which kind of program fetches a feed, as far as it says."""

    GOOGLE = "google"
    APPLE = "apple"
    OUTLOOK = "outlook"
    THUNDERBIRD = "thunderbird"
    NEXTCLOUD = "nextcloud"
    HOME_ASSISTANT = "home_assistant"
    ANDROID = "android"  # ICSx5, DAVx5 and their like
    BROWSER = "browser"
    OTHER = "other"


class Feed(Base):
    """A calendar address with its prepared bytes.

    `changed_at` is the HTTP Last-Modified: it grows with every change that may touch the body,
    removals included, and never goes back (icalendar.md H7). `body` None means out of date: the
    next answer makes it inline, a worker before that (DESIGN rule 5). Rotating a secret revokes
    the row and makes a new one, so that the old address can say 410.

    `is_settled`, of a delegate's: nothing has changed since somebody looked whether invitations
    are to be mailed; a change that marks the bytes out of date marks this too.
    """

    __tablename__ = "feeds"
    __table_args__ = (
        sa.CheckConstraint("(scope = 'trip') = (token_digest IS NULL)", name="secret_unless_trip"),
        sa.CheckConstraint(
            "(scope = 'company') = (registration_id IS NOT NULL)", name="company_has_registration"
        ),
        sa.CheckConstraint(
            "(scope = 'delegate') = (delegate_id IS NOT NULL)", name="delegate_has_delegate"
        ),
        # Tracks and venues are deleted; the address goes on to say 410, so the row stays.
        *(
            sa.CheckConstraint(
                f"CASE WHEN scope = '{whose}' THEN {whose}_id IS NOT NULL"
                f" OR revoked_at IS NOT NULL ELSE {whose}_id IS NULL END",
                name=f"{whose}_has_{whose}",
            )
            for whose in ("track", "venue")
        ),
        sa.CheckConstraint("(scope = 'host') = (host_id IS NOT NULL)", name="host_has_host"),
        sa.CheckConstraint("(scope = 'staff') = (staff_id IS NOT NULL)", name="staff_has_staff"),
        sa.Index(
            "uq_feeds_trip_id_language",
            "trip_id",
            "language",
            unique=True,
            postgresql_where=sa.text("scope = 'trip'"),
        ),
        sa.Index(
            "uq_feeds_registration_id_in_force",
            "registration_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(
            "uq_feeds_delegate_id_in_force",
            "delegate_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        *(
            sa.Index(
                f"uq_feeds_{whose}_in_force",
                "trip_id",
                whose,
                "language",
                unique=True,
                postgresql_where=sa.text(f"revoked_at IS NULL AND {whose} IS NOT NULL"),
            )
            for whose in ("track_id", "venue_id", "host_id", "staff_id")
        ),
        sa.Index(
            "ix_feeds_unsettled",
            "trip_id",
            "id",
            postgresql_where=sa.text("scope = 'delegate' AND NOT is_settled"),
        ),
        sa.Index(
            "ix_feeds_out_of_date",
            "id",
            postgresql_where=sa.text("body IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[Scope]
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    track_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("tracks.id", ondelete="SET NULL"), index=True
    )
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("venues.id", ondelete="SET NULL"), index=True
    )
    host_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True
    )
    # Of a delegate's: what they may choose besides is in it too, marked as not certain.
    with_options: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    language: Mapped[Short]
    token_digest: Mapped[Digest | None] = mapped_column(unique=True)
    token_sealed: Mapped[bytes | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    body: Mapped[bytes | None] = mapped_column(deferred=True)
    etag: Mapped[Digest | None]
    is_settled: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    trip: Mapped[Trip] = relationship()
    registration: Mapped[Registration | None] = relationship()
    delegate: Mapped[Delegate | None] = relationship()
    track: Mapped[Track | None] = relationship()
    venue: Mapped[Venue | None] = relationship()
    host: Mapped[Organization | None] = relationship()
    staff: Mapped[Staff | None] = relationship()

    @property
    def token(self) -> str:
        return (self.token_sealed or b"").decode()


class FeedFetch(Base):
    """When a kind of program last fetched a feed. Written after the answer, in groups."""

    __tablename__ = "feed_fetches"

    feed_id: Mapped[int] = mapped_column(
        sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True
    )
    client: Mapped[Client] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
