"""A batch of companies on its way in, and what became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.domain.audits import By
from webapp.domain.intakes.options import Options
from webapp.domain.seats import Standing
from webapp.models.delegate import Delegate
from webapp.models.held import HeldPlaces
from webapp.models.person import Person
from webapp.models.registration import Registration
from webapp.models.trip import Trip


@dataclass(slots=True)
class Outcome:
    """What became of rows: how many by deed, companies by what they became, and the rows that were
    left out: (row, why)."""

    deeds: Counter[str] = field(default_factory=Counter)
    companies: Counter[str] = field(default_factory=Counter)
    waiting: int = 0  # delegates of companies that are in, who wait for a place
    left_out: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """A batch on its way in."""

    trip: Trip
    options: Options
    by: By
    at: datetime
    standing: Standing
    kept: bool  # free places wait for those before
    blocks: Sequence[HeldPlaces]
    people: dict[str, Person]
    outcome: Outcome
    made: list[Registration] = field(default_factory=list)
    added: list[Delegate] = field(default_factory=list)  # also those of `made`
    grown: list[Registration] = field(default_factory=list)  # were there and have more people now
    changed: list[tuple[Delegate, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
