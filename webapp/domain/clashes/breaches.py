"""How a breach is written down: whom it concerns, and a key that holds what clashed as it stood."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from webapp.domain.clashes.plans import End, Found, Party, Visit, Who
from webapp.domain.clashes.rules import Rule

NAMES = 3  # so many people are named; the others are counted
ORDER = {who: position for position, who in enumerate(Who)}
Said = tuple[object, ...]


def breach(
    rule: Rule,
    visits: Sequence[Visit],
    facts: dict[str, Any],
    *said: object,
    at: datetime | None = None,
) -> Found:
    """A breach by these items, in order of start. `said` is what else it stands on: with it, the
    key changes too. `at` is when, where no item says so."""
    told = [rule.value, *(_stands(visit) for visit in visits), list(said)]
    key = sha256(json.dumps(told).encode()).hexdigest()
    return Found(rule, tuple(v.uid for v in visits), at or visits[-1].starts.at, facts, key)


def concerned(parties: Iterable[Party]) -> tuple[dict[str, Any], Said]:
    """Whom it concerns, as facts and for the key.

    Only the widest kind is named: where everybody is expected twice, one more registration neither
    changes the sentence nor makes an override lapse. `count` is the number of people known.
    """
    every = {(party.who, party.number): party for party in parties}
    widest = min((who for who, _ in every), key=ORDER.__getitem__)
    named = [party for party in every.values() if party.who == widest]
    named.sort(key=lambda party: (str(party.label), party.number))
    facts = {
        "who": widest.value,
        "names": [party.label for party in named[:NAMES] if party.label],
        "others": max(0, len(named) - NAMES),
        "count": sum(who == Who.PERSON for who, _ in every),
    }
    return facts, (widest.value, *sorted(party.number for party in named))


def minutes(span: timedelta) -> int:
    """Whole minutes of a span, rounded down."""
    return span // timedelta(minutes=1)


def _stands(visit: Visit) -> list[object]:
    """What moves when the item moves."""
    return [
        str(visit.uid),
        _end(visit.starts),
        _end(visit.ends),
        visit.room.number if visit.room else None,
        visit.vehicle,
        visit.host[0] if visit.host else None,
        visit.call_minutes,
    ]


def _end(end: End) -> list[object]:
    where = end.place
    place = [where.key, where.latitude, where.longitude] if where else None
    return [end.at.isoformat(), end.zone, place]
