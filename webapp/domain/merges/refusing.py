"""Why two things are not made one."""

from enum import StrEnum
from typing import Any

from webapp.errors import DomainError


class Why(StrEnum):
    """What keeps two organizations, or two people, apart."""

    REASON_MISSING = "reason missing"
    SAME = "same"  # nothing to make one
    MERGED = "merged"  # one of them was merged before
    MEANWHILE = "meanwhile"  # somebody registered just now
    STATES = "states"  # both are registered for a tour, in different states
    OFFERED = "offered"  # a place is offered to one of them: it answers first
    TOO_MANY = "too many"  # together they are more than one company may send
    REQUESTS = "requests"  # open requests of the later registration
    MONEY = "money"  # payments are recorded for the later registration
    BLOCKS = "blocks"  # they draw on different blocks of held places
    SAME_REGISTRATION = "same registration"  # two delegates of one registration


class MergeRefused(DomainError):
    """Two things stay apart; `facts` go into the sentence about it: of registrations the references
    `older` and `younger`, numbers, names."""

    def __init__(self, why: Why, **facts: Any) -> None:
        super().__init__(why.value)
        self.why = why
        self.facts = facts
