"""The rules of clashes, and how serious a breach of each is unless a trip says otherwise."""

from collections.abc import Mapping
from enum import StrEnum


class Level(StrEnum):
    """Blocks publishing until overridden with a reason, is only told, or is not looked for."""

    BLOCK = "block"
    WARN = "warn"
    IGNORE = "ignore"


class Rule(StrEnum):
    """What may clash, in the order in which pages list it. (domain.md rules 14 to 16 and 20.)"""

    PERSON = "person"  # somebody is expected in two sessions at the same time
    TRAVEL = "travel"  # not enough time to get there
    ROOM = "room"
    VEHICLE = "vehicle"
    HOST = "host"  # an organization receives at two venues at the same time
    CAPACITY = "capacity"
    DATES = "dates"  # outside of the stop, or far outside of the trip, or absurdly long
    ZONE = "zone"  # the clocks of the place show something else
    WALL_TIME = "wall_time"  # a time that does not exist, occurs twice, or has moved
    CLOCK_CHANGE = "clock_change"  # told once for each change inside the trip


DEFAULTS: Mapping[Rule, Level] = {
    Rule.PERSON: Level.BLOCK,
    Rule.TRAVEL: Level.BLOCK,
    Rule.ROOM: Level.BLOCK,
    Rule.VEHICLE: Level.BLOCK,
    Rule.HOST: Level.WARN,
    Rule.CAPACITY: Level.WARN,
    Rule.DATES: Level.WARN,
    Rule.ZONE: Level.WARN,
    Rule.WALL_TIME: Level.BLOCK,
    Rule.CLOCK_CHANGE: Level.WARN,
}
