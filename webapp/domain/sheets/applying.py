"""Bringing a table in: what the dry run said, in one transaction, or nothing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from webapp.db import db
from webapp.domain import agendas, audits, people, places, seats
from webapp.domain.audits import By
from webapp.domain.item_values import ItemValues
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.planning import plan
from webapp.domain.sheets.rows import Options
from webapp.domain.sheets.steps import Deed, Plan, Step
from webapp.domain.sheets.tables import Table
from webapp.errors import DomainError
from webapp.models.basis import Basis
from webapp.models.trip import Trip


class NotAsSeen(DomainError):
    """The draft has changed since the dry run, and bringing the table in would do something else;
    `plan` is what."""

    def __init__(self, new: Plan) -> None:
        super().__init__("the draft changed since the dry run")
        self.plan = new


class HasProblems(DomainError):
    """Something is wrong with the table; `plan` tells all of it."""

    def __init__(self, found: Plan) -> None:
        super().__init__(f"{len(found.problems)} problems")
        self.plan = found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: how many rows were added, changed the draft, or changed nothing; how many
    items were called off; how many venues and people were added."""

    added: int
    changed: int
    same: int
    called_off: int
    venues: int
    people: int


def apply(
    trip: Trip,
    table: Table,
    columns: Mapping[Field, int],
    options: Options,
    by: By,
    seen: str,
) -> Outcome:
    """Do what the dry run with the fingerprint `seen` said, all of it.

    The trip is held first and the table checked anew: raises HasProblems or NotAsSeen, and then
    nothing was written.
    """
    trip = seats.hold(trip.id)
    found = plan(trip, table, columns, options)
    if found.problems:
        raise HasProblems(found)
    if found.fingerprint() != seen:
        raise NotAsSeen(found)
    ids = _add_venues(trip, found, by) | _add_people(trip, found)
    for step in found.steps:
        if step.deed != Deed.SAME:
            _do(trip, step, ids, by)
    for item in found.called_off:
        agendas.call_off(item, by)
    outcome = Outcome(
        found.count(Deed.ADD), found.count(Deed.CHANGE), found.count(Deed.SAME),
        len(found.called_off), len(found.venues), len(found.people),
    )  # fmt: skip
    if not found.changes_nothing:
        audits.write(
            by,
            trip,
            "import",
            trip_id=trip.id,
            after={
                "format": table.format.value,
                "added": outcome.added,
                "changed": outcome.changed,
                "called_off": outcome.called_off,
            },
        )
    return outcome


def _add_venues(trip: Trip, found: Plan, by: By) -> dict[int, int]:
    return {number: places.add(trip, values, by).id for number, values in found.venues.items()}


def _add_people(trip: Trip, found: Plan) -> dict[int, int]:
    return {number: people.named(trip, *name).id for number, name in found.people.items()}


def _do(trip: Trip, step: Step, ids: Mapping[int, int], by: By) -> None:
    values = _there(step.values, ids)
    if step.item is None:
        item = agendas.add(trip, values, by, step.uid or uuid.uuid4())
        if step.is_sample:
            item.basis = Basis.ILLUSTRATIVE
    else:
        item = step.item
        agendas.rewrite(item, values, by)  # the trip is held since before the plan was made
    item.import_key = step.key
    db.session.flush()


def _there(values: ItemValues, ids: Mapping[int, int]) -> ItemValues:
    """The values with what was just added in place of what stood for it."""

    def known(number: int | None) -> int | None:
        return number if number is None else ids.get(number, number)

    return replace(
        values,
        venue_id=known(values.venue_id),
        to_venue_id=known(values.to_venue_id),
        people=tuple((ids.get(person, person), role) for person, role in values.people),
    )
