"""How a thing changes state: only along its own table. (DESIGN rule 7.)"""

from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped

from webapp.errors import DomainError


class MoveRefused(DomainError):
    """The transition table of the thing has no way from its state to the one asked for."""

    def __init__(self, thing: object, old: StrEnum, new: StrEnum) -> None:
        super().__init__(f"{type(thing).__name__}: no way from {old} to {new}")
        self.old = old
        self.new = new


class Stateful:
    """For models with a `state` column and a table MOVES of the states each may go to."""

    MOVES: ClassVar[dict[Any, frozenset[Any]]]
    state: Mapped[Any]

    def may_become(self, new: StrEnum) -> bool:
        """Whether the table lets this thing go to `new`: the same answer for rule and button."""
        return new in self.MOVES[self.state]

    def become(self, new: StrEnum) -> None:
        """Go to `new`. Raises MoveRefused when the table has no such move."""
        if not self.may_become(new):
            raise MoveRefused(self, self.state, new)
        self.state = new
