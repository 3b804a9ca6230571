"""What a delegate agreed to, purpose by purpose."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Short
from webapp.models.delegate import Delegate


class Purpose(StrEnum):
    """What the consent is for; one each, none given beforehand. (domain.md rule 30.)"""

    LIST = "list"  # name, title and company in the list that the participants see
    CONTACT = "contact"  # mail and telephone for the other participants and the hosts
    PHOTO = "photo"  # photographs and film
    NEWS = "news"  # letters about later tours


class Consent(Base):
    """One consent in force or taken back: rows are added and closed, never rewritten. `wording` is
    the very text that was agreed to."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.Index(
            "uq_consents_delegate_id_purpose_in_force",
            "delegate_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delegate_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[Purpose]
    wording: Mapped[str]
    language: Mapped[Short]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    delegate: Mapped[Delegate] = relationship()
