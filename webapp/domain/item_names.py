"""What the numbers in the facts of an item stand for: venues, people, companies by name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from webapp.db import Facts, Words, db
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.place import Room, Stop, Venue
from webapp.models.track import Track

Names = dict[str, dict[int, str | Words]]
_ROWS: dict[str, type[Any]] = {
    "stop_id": Stop,
    "venue_id": Venue,
    "to_venue_id": Venue,
    "room_id": Room,
    "host_id": Organization,
    "local_host_id": Organization,
    "track_id": Track,
    "company_ids": Organization,
    "people": Person,
}


def names(said: Iterable[Facts | None]) -> Names:
    """For each field that holds ids, what those of `said` are called; one that is gone has no
    name. One statement a table that is named."""
    wanted: dict[type[Any], set[int]] = defaultdict(set)
    for facts in said:
        for field, model in _ROWS.items():
            wanted[model] |= ids(field, (facts or {}).get(field))
    found = {model: _found(model, keys) for model, keys in wanted.items() if keys}
    return {field: found.get(model, {}) for field, model in _ROWS.items()}


def ids(field: str, value: Any) -> set[int]:
    """The ids that a field of an item's facts holds."""
    if not value:
        return set()
    if field == "people":
        return {each[0] for each in value}
    return set(value) if field == "company_ids" else {value}


def _found(model: type[Any], keys: set[int]) -> dict[int, str | Words]:
    rows = db.session.scalars(select(model).where(model.id.in_(keys)))
    return {row.id: row.city if model is Stop else row.name for row in rows}
