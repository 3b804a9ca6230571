"""What bringing in a table would do, as the dry run found it."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain import item_values
from webapp.domain.item_values import ItemValues
from webapp.domain.places import VenueValues
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.tables import Problem
from webapp.models.agenda import AgendaItem


class Deed(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a cell of the item says before and after, as a sheet would say it."""

    field: Field
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """What bringing in one row does. `item` is the one it is about, None for a new one."""

    row: int
    deed: Deed
    values: ItemValues
    item: AgendaItem | None = None
    uid: uuid.UUID | None = None
    key: str | None = None
    is_sample: bool = False
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What bringing in a table would do; nothing at all while there are problems."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    called_off: tuple[AgendaItem, ...]
    venues: Mapping[int, VenueValues]
    people: Mapping[int, tuple[str, str]]

    def count(self, deed: Deed) -> int:
        """How many rows end so."""
        return sum(step.deed == deed for step in self.steps)

    @property
    def changes_nothing(self) -> bool:
        return not self.called_off and all(step.deed == Deed.SAME for step in self.steps)

    def fingerprint(self) -> str:
        """Changes when anything does that bringing in the table would do."""
        facts = [
            [
                [step.row, step.deed, str(step.item and step.item.uid), str(step.uid), step.key,
                 step.item and item_values.facts(item_values.of(step.item)),
                 item_values.facts(step.values)]
                for step in self.steps
            ],
            sorted(str(item.uid) for item in self.called_off),
            sorted(venue.name for venue in self.venues.values()),
            sorted(self.people.values()),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
