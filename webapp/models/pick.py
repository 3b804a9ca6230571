"""Optional items that a delegate chose."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base
from webapp.models.agenda import AgendaItem
from webapp.models.delegate import Delegate
from webapp.models.states import Stateful


class PickState(StrEnum):
    """Chosen holds a place; waiting waits for one, in order of arrival."""

    CHOSEN = "chosen"
    WAITING = "waiting"
    LEFT = "left"


class Pick(Stateful, Base):
    """A delegate's choice of one optional item. `queued_at` is the place in its queue: first come
    by the server's time, then by id."""

    __tablename__ = "picks"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "delegate_id"),
        sa.Index("ix_picks_item_id_state", "item_id", "state"),
    )
    MOVES: ClassVar = {
        PickState.CHOSEN: frozenset({PickState.LEFT, PickState.WAITING}),
        PickState.WAITING: frozenset({PickState.CHOSEN, PickState.LEFT}),
        PickState.LEFT: frozenset({PickState.CHOSEN, PickState.WAITING}),
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_items.id", ondelete="CASCADE"))
    delegate_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delegates.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[PickState] = mapped_column()
    queued_at: Mapped[datetime]
    item: Mapped[AgendaItem] = relationship()
    delegate: Mapped[Delegate] = relationship()
