"""Humans, apart from any trip."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Email, Name
from webapp.models.basis import Based


class Person(Based, Base):
    """A human. What somebody does in one trip is a Delegate, a signature is an AgreementPerson."""

    __tablename__ = "people"
    __table_args__ = (
        sa.Index(
            "uq_people_email",
            sa.text("lower(email)"),
            unique=True,
            postgresql_where=sa.text("email IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[Name]
    family_name: Mapped[Name]
    email: Mapped[Email | None]
    merged_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("people.id", ondelete="SET NULL"), index=True
    )  # the same human as that one: kept for its history, offered no more

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class PersonAlias(Base):
    """Another name and mail address that the same human went by, from a merge."""

    __tablename__ = "person_aliases"
    __table_args__ = (sa.Index("ix_person_aliases_email", sa.text("lower(email)")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    given_name: Mapped[Name]
    family_name: Mapped[Name]
    email: Mapped[Email | None]
    person: Mapped[Person] = relationship()
