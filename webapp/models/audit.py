"""Who did what, when, and why."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, ChangeNumber, Facts, Name, Short


class Actor(StrEnum):
    """Who acts: staff by name, a company or a delegate by link, the product itself."""

    STAFF = "staff"
    COMPANY = "company"
    DELEGATE = "delegate"
    SYSTEM = "system"


class AuditEntry(Base):
    """One change of a state, a time, a place or a decision; written with the change, then only
    read. (DESIGN rule 7.)"""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_object_kind_object_id", "object_kind", "object_id"),
        sa.Index("ix_audit_entries_change_number", "change_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[Actor]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    actor_name: Mapped[Name]
    trip_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("trips.id", ondelete="SET NULL"), index=True
    )
    object_kind: Mapped[Short]
    object_id: Mapped[int]
    action: Mapped[Short]
    before: Mapped[Facts | None]
    after: Mapped[Facts | None]
    reason: Mapped[str | None]
    change_number: Mapped[ChangeNumber | None]  # None: written before there were numbers
