"""The public face: who works together, since when, what was signed, what is new."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name, Short, Words
from webapp.models.basis import Based
from webapp.models.organization import Organization
from webapp.models.person import Person


class Partnership(Based, Base):
    """Two regions that work together, and who represents the partnership on the spot."""

    __tablename__ = "partnerships"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Words]
    summary: Mapped[Words]
    aim: Mapped[Words]
    objectives: Mapped[list[Facts]] = mapped_column(default=list)  # Words, in order
    sectors: Mapped[list[Facts]] = mapped_column(default=list)  # Words, in order
    since: Mapped[Words | None]  # with what the sources say apart
    representative_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organizations.id"))
    representative: Mapped[Organization | None] = relationship()
    regions: Mapped[list["Region"]] = relationship(order_by="Region.position")
    agreements: Mapped[list["Agreement"]] = relationship(order_by="Agreement.position")
    articles: Mapped[list["Article"]] = relationship(order_by="Article.position")


class Region(Based, Base):
    """One side of a partnership."""

    __tablename__ = "regions"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    name: Mapped[Words]
    other_names: Mapped[Words | None]
    about: Mapped[Words | None]
    sectors: Mapped[list[Facts]] = mapped_column(default=list)
    zone: Mapped[Short]
    facts: Mapped[list["RegionFact"]] = relationship(order_by="RegionFact.position")


class RegionFact(Based, Base):
    """A figure as a source gives it. `value` is text: "26,000" is not ours to compute with."""

    __tablename__ = "region_facts"

    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = mapped_column(
        sa.ForeignKey("regions.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    label: Mapped[Words]
    value: Mapped[Words]
    year: Mapped[Short | None]


class Capacity(StrEnum):
    """As what somebody stood at a signing."""

    SIGNATORY = "signatory"
    WITNESS = "witness"


class Agreement(Based, Base):
    """A text that partners signed, with each name that the sources give it."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    title: Mapped[Words]
    names_in_sources: Mapped[list[Facts]] = mapped_column(default=list)  # {"name", "sources"}
    signed_on: Mapped[date | None]
    signed_when: Mapped[Words | None]  # where no day is known: "September 2025"
    place: Mapped[Words | None]
    parties: Mapped[Words | None]
    note: Mapped[Words | None]
    people: Mapped[list["AgreementPerson"]] = relationship(order_by="AgreementPerson.position")


class AgreementPerson(Base):
    """Somebody named at a signing, in a public role of that day."""

    __tablename__ = "agreement_people"

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(
        sa.ForeignKey("agreements.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    position: Mapped[int]
    capacity: Mapped[Capacity]
    role: Mapped[Words]
    person: Mapped[Person] = relationship()


class Article(Based, Base):
    """Something new, told elsewhere; the summary is in our own words."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    title: Mapped[Words]
    summary: Mapped[Words | None]
    published: Mapped[Name | None]
    media: Mapped[Short | None]
    trip_slug: Mapped[Short | None]
