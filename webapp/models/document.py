"""Files that companies and delegates send."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Digest, Name, Short
from webapp.models.delegate import Delegate
from webapp.models.question import Question
from webapp.models.registration import Registration


class Document(Base):
    """An upload: the row; its bytes are sealed in a file outside of the web root, named by
    `storage_key` (domain/documents.py). `media_type` was found from the content, not believed.
    The answer to a question when `question_id` is set; sensitive as that question is."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    delegate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    question_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("questions.id", ondelete="SET NULL")
    )
    filename: Mapped[Name]
    media_type: Mapped[Name]
    size: Mapped[int]  # octets
    sha256: Mapped[Digest]
    storage_key: Mapped[Short] = mapped_column(unique=True)
    uploaded_at: Mapped[datetime]
    registration: Mapped[Registration] = relationship()
    delegate: Mapped[Delegate | None] = relationship()
    question: Mapped[Question | None] = relationship()
