"""Clashes: what in an agenda cannot be as it stands, each with a level that the trip decides.

`check(trip)` looks through the draft; what it finds at the level `block` keeps the draft from
being published until somebody overrides it with a reason. The engine is pure: `find(plan)`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.domain import seats
from webapp.domain.audits import By
from webapp.domain.clashes import loading, overrides, own, settings
from webapp.domain.clashes.engine import find
from webapp.domain.clashes.overrides import NoSuchClash, ReasonMissing, withdraw_override
from webapp.domain.clashes.plans import Found, Plan
from webapp.domain.clashes.rules import DEFAULTS, Level, Rule
from webapp.domain.clashes.settings import set_levels, set_travel, set_travel_time
from webapp.models.clash import ClashOverride
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

__all__ = [
    "DEFAULTS",
    "Clash",
    "Found",
    "Level",
    "NoSuchClash",
    "Plan",
    "ReasonMissing",
    "Rule",
    "blocking",
    "check",
    "find",
    "override",
    "own_clashes",
    "set_levels",
    "set_travel",
    "set_travel_time",
    "withdraw_override",
]


@dataclass(frozen=True, slots=True)
class Clash:
    """What clashes: the items by uid in order of start (none for a clock change), the instant,
    what a sentence about it says, and the override that lets it through. `key` is 64 hex digits
    that change when one of the items moves, or other people are concerned."""

    key: str
    rule: Rule
    level: Level
    uids: tuple[UUID, ...]
    at: datetime
    facts: dict[str, Any]
    override: ClashOverride | None = None

    @property
    def blocks(self) -> bool:
        """Whether it keeps the draft from being published."""
        return self.level == Level.BLOCK and self.override is None


def check(trip: Trip, held: Mapping[UUID, ReleaseItem | None] | None = None) -> list[Clash]:
    """Every clash of the draft as it stands, in order of time; rules that the trip ignores are left
    out. As many statements for any size. (domain.md rules 14 to 16 and 20.)

    `held`: what publishing would leave as it is published, or out (None), is looked at as that."""
    said = settings.of(trip)
    found = find(loading.plan(trip, said, held))
    reasons = overrides.of_trip(trip)
    return [_clash(each, said, reasons.get(each.key)) for each in found]


def blocking(found: Iterable[Clash]) -> list[Clash]:
    """Those that keep the draft from being published."""
    return [clash for clash in found if clash.blocks]


def override(
    trip: Trip,
    key: str,
    reason: str,
    by: By,
    held: Callable[[Trip], Mapping[UUID, ReleaseItem | None]] | None = None,
) -> ClashOverride:
    """Let a clash that blocks publishing through, for a reason. Audited. It counts until one of the
    items moves. `held` says, once the trip is locked, what `check` is to look at as published.
    Raises ReasonMissing, or NoSuchClash when nothing blocks under that key."""
    reason = overrides.reason_of(reason)
    trip = seats.hold(trip.id)
    now = check(trip, held(trip) if held else None)
    found = next((c for c in now if c.key == key and c.level == Level.BLOCK), None)
    if found is None:
        raise NoSuchClash
    return overrides.write(trip, key, found.rule.value, reason, by)


def own_clashes(items: Sequence[ReleaseItem], trip: Trip) -> list[Clash]:
    """Clashes between the published items that one person is in: two at the same time, or not
    enough time to get there. Nothing of other people is looked at."""
    said = settings.of(trip)
    rules = frozenset(rule for rule in own.RULES if said.levels[rule] != Level.IGNORE)
    if len(items) < 2 or not rules:
        return []
    found = find(own.plan(items, settings.travel(trip, said), rules))
    return [_clash(each, said, None) for each in found]


def _clash(found: Found, said: settings.Settings, reason: ClashOverride | None) -> Clash:
    level = said.levels[found.rule]
    return Clash(found.key, found.rule, level, found.uids, found.at, found.facts, reason)
