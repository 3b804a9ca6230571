"""Signs of life of the workers."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Name


class Heartbeat(Base):
    """When a worker last finished a beat; `/readyz` asks for a fresh one."""

    __tablename__ = "heartbeats"

    worker: Mapped[Name] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    started_at: Mapped[datetime | None]
