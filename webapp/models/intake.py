"""Imports of many delegates, done by a worker."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Facts, Name, Short
from webapp.models.states import Stateful
from webapp.models.trip import Trip


class IntakeState(StrEnum):
    """Waiting for a worker, under way, done; or failed: what came in before stays, and the same
    sheet can be sent again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Intake(Stateful, Base):
    """One sheet of delegates on its way in: what it is to do (`options`), how far it is, and what
    became of its rows (`report`: counts, and faults by row)."""

    __tablename__ = "intakes"
    MOVES: ClassVar = {
        IntakeState.WAITING: frozenset({IntakeState.RUNNING, IntakeState.FAILED}),
        IntakeState.RUNNING: frozenset({IntakeState.WAITING, IntakeState.DONE, IntakeState.FAILED}),
        IntakeState.DONE: frozenset(),
        IntakeState.FAILED: frozenset(),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="SET NULL"))
    filename: Mapped[Name]
    storage_key: Mapped[Short]
    options: Mapped[Facts] = mapped_column(default=dict)
    state: Mapped[IntakeState] = mapped_column(default=IntakeState.WAITING)
    total: Mapped[int] = mapped_column(default=0)  # rows
    done: Mapped[int] = mapped_column(default=0)
    report: Mapped[Facts] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime]  # of the worker: one that is silent for long has died
    finished_at: Mapped[datetime | None]
    trip: Mapped[Trip] = relationship()
