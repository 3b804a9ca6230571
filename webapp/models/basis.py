"""Where a stated fact comes from. (DESIGN rule 14.)"""

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Name, Short, Words


class Basis(StrEnum):
    """Real: an organizer's own data. The others label demonstration data."""

    REAL = "real"
    SOURCED = "sourced"
    DERIVED = "derived"
    ILLUSTRATIVE = "illustrative"


class Based:
    """For models that say where they come from; `sources` holds keys of the sources table."""

    basis: Mapped[Basis] = mapped_column(default=Basis.REAL)
    basis_note: Mapped[Words | None]
    sources: Mapped[list[str]] = mapped_column(default=list)

    @property
    def is_sample(self) -> bool:
        """Whether pages, mails and exports print "illustrative sample" beside it."""
        return self.basis == Basis.ILLUSTRATIVE


class Source(Base):
    """A text that facts were taken from."""

    __tablename__ = "sources"

    key: Mapped[Short] = mapped_column(primary_key=True)
    title: Mapped[Name]
    publisher: Mapped[Name]
    published: Mapped[Short | None]  # as precise as known: "2017-02-28", "2018-03", None
