"""Companies, agencies, clusters, chambers, academics, authorities."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Name, Short, Words
from webapp.models.basis import Based


class OrganizationKind(StrEnum):
    """What an organization is; the order is the order in which members of a tour are listed."""

    AUTHORITY = "authority"
    CHAMBER = "chamber"
    AGENCY = "agency"
    CLUSTER = "cluster"
    COMPANY = "company"
    ACADEMIC = "academic"
    ASSOCIATION = "association"
    CONSULATE = "consulate"
    NGO = "ngo"
    FAIR = "fair"


class Organization(Based, Base):
    """One organization, apart from any trip. `name_key` is what two spellings share."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(index=True)
    kind: Mapped[OrganizationKind]
    country: Mapped[Short | None]  # ISO 3166 alpha-2
    city: Mapped[Name | None]
    website: Mapped[Name | None]
    about: Mapped[Words | None]
    merged_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="SET NULL"), index=True
    )  # another spelling of that one: kept for its history, offered no more
    aliases: Mapped[list["OrganizationAlias"]] = relationship(
        back_populates="organization", order_by="OrganizationAlias.id"
    )


class OrganizationAlias(Base):
    """Another name that the same organization went by."""

    __tablename__ = "organization_aliases"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(index=True)
    note: Mapped[Words | None]
    organization: Mapped[Organization] = relationship(back_populates="aliases")
