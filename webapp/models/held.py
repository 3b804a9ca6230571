"""Places that a trip holds for a company or a mail domain until a date."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Name
from webapp.models.organization import Organization
from webapp.models.trip import Trip


class HeldPlaces(Base):
    """A block of a trip's places that only one organization, or the coordinators with addresses of
    one mail domain, may take. From `until_at`, or once `released_at` is set, what is left of it is
    everybody's."""

    __tablename__ = "held_places"
    __table_args__ = (
        sa.CheckConstraint("places > 0", name="places_positive"),
        sa.CheckConstraint(
            "(organization_id IS NULL) <> (mail_domain IS NULL)", name="for_one_of_both"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    mail_domain: Mapped[Name | None]  # lower case, without the @
    places: Mapped[int]
    until_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    note: Mapped[str | None]  # for the organizers
    created_at: Mapped[datetime]
    trip: Mapped[Trip] = relationship()
    organization: Mapped[Organization | None] = relationship()
