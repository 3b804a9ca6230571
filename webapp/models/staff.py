"""Who signs in."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Email, Name, Short


class Role(StrEnum):
    """What a member of staff may do with one trip: change it, or only see it."""

    ORGANIZER = "organizer"
    READER = "reader"


class Staff(Base):
    """Somebody who signs in. `runs_everything` stands for the organizer role on every trip."""

    __tablename__ = "staff"
    __table_args__ = (sa.Index("uq_staff_email", sa.text("lower(email)"), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[Email]
    name: Mapped[Name]
    password_hash: Mapped[str]
    language: Mapped[Short] = mapped_column(default="en")
    runs_everything: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)  # sessions of an earlier one have ended
    created_at: Mapped[datetime]
    roles: Mapped[list["TripRole"]] = relationship(back_populates="staff")

    # What flask-login asks of whoever signs in.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.epoch}"

    def role_on(self, trip_id: int) -> Role | None:
        """The role on that trip, or None."""
        if self.runs_everything:
            return Role.ORGANIZER
        return next((role.role for role in self.roles if role.trip_id == trip_id), None)

    def sees_private_on(self, trip_id: int) -> bool:
        """Whether passports, birth dates, diets and the like of that trip may be read."""
        return self.runs_everything or any(
            role.sees_private for role in self.roles if role.trip_id == trip_id
        )


class TripRole(Base):
    """The role of one member of staff on one trip."""

    __tablename__ = "trip_roles"

    staff_id: Mapped[int] = mapped_column(
        sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    trip_id: Mapped[int] = mapped_column(
        sa.ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role]
    sees_private: Mapped[bool] = mapped_column(default=False)  # passports, diets (DESIGN rule 11)
    staff: Mapped[Staff] = relationship(back_populates="roles")
