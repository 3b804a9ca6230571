"""A secret calendar on the page of whoever it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.blueprints.calendar_ways import Program, Ways, programs, secret_ways
from webapp.domain import fetches
from webapp.domain.fetches import Fetch
from webapp.models.feed import Feed


@dataclass(frozen=True, slots=True)
class Own:
    """A calendar in force: its addresses, how programs take it, and which ones fetched it."""

    feed: Feed
    ways: Ways
    programs: Sequence[Program]
    fetches: Sequence[Fetch]


def own_calendar(feed: Feed | None) -> Own | None:
    """What the page of its owner shows of a secret calendar; None of one that was stopped."""
    if feed is None:
        return None
    ways = secret_ways(feed)
    return Own(feed, ways, programs(ways), fetches.of(feed))
