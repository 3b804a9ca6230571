"""Imports of many: a sheet of companies with their delegates, looked at first, then brought in by a
worker.

options   what is asked of an import
groups    the rows by company
planning  what each row does, seen from the tour as it is now
alike     companies that are known by almost the same name: offered, never joined silently
batches   a batch of companies on its way
placing   their rows and their places; following: calendars, history, fees, letters beside them
working   the worker's side: batch by batch, each in one transaction

An import is not all or nothing: each batch of companies is, so that the tour is never locked for
long, and its progress is committed with it. Whoever is there already is found by mail address, so
the same sheet can be brought in twice, and a worker that died is followed by another that goes on
where the last whole batch ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp import clock, storage
from webapp.db import db, hint
from webapp.domain import audits, rosters
from webapp.domain.audits import By
from webapp.domain.intakes import groups as grouping
from webapp.domain.intakes import planning
from webapp.domain.intakes.groups import Group
from webapp.domain.intakes.options import STATES, Options
from webapp.domain.intakes.planning import Deed, Planned, Step, Why
from webapp.domain.intakes.working import RUN, advance, due, load, stumble
from webapp.domain.rosters import Column, Fault, Problem, Roster
from webapp.domain.rosters.rows import Home
from webapp.errors import DomainError
from webapp.models.intake import Intake
from webapp.models.trip import Trip

FOLDER = "intakes"  # of storage

__all__ = [
    "STATES",
    "Deed",
    "DryRun",
    "Fault",
    "Group",
    "NothingToDo",
    "Options",
    "Planned",
    "Roster",
    "Step",
    "Why",
    "advance",
    "due",
    "find",
    "load",
    "of_trip",
    "plan",
    "read",
    "start",
    "stumble",
]


class NothingToDo(DomainError):
    """No row of the sheet can be brought in, or none would change anything."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would do: company by company, and what is wrong with the sheet."""

    planned: tuple[Planned, ...]
    faults: tuple[Problem, ...]

    def count(self, deed: Deed) -> int:
        """How many rows end so."""
        return sum(each.count(deed) for each in self.planned)

    @property
    def changes_nothing(self) -> bool:
        return not self.count(Deed.ADD) and not self.count(Deed.CHANGE)


def read(data: bytes, options: Options | None, questions: Mapping[str, Sequence[str]]) -> Roster:
    """The sheet as a roster; `options` None: its columns are guessed. Raises FileRefused."""
    return rosters.read(
        data,
        home=Home(options.language, options.country) if options else None,
        questions=questions,
        places=options.places if options else None,
    )


def plan(trip: Trip, roster: Roster, options: Options) -> DryRun:
    """What bringing in the roster would do now. Writes nothing."""
    groups = grouping.of_rows(roster.rows, options.joins)
    found = planning.look(trip, *planning.together(groups, planning.resolve(groups)))
    return DryRun(tuple(found), (*_lacking(roster), *roster.faults))


def _lacking(roster: Roster) -> list[Problem]:
    """Rows without a company, or that there is no column for companies."""
    place = roster.places.get(Column.COMPANY)
    if place is None:
        return [Problem(None, None, Fault.NO_COLUMN, {"column": Column.COMPANY})]
    return [
        Problem(row.number, place, Fault.MISSING)
        for row in roster.rows
        if row.company is None and not any(each.column == place for each in row.faults)
    ]


def start(
    trip: Trip, filename: str, data: bytes, roster: Roster, options: Options, by: By
) -> Intake:
    """Leave a sheet to the worker. Raises NothingToDo."""
    if plan(trip, roster, options).changes_nothing:
        raise NothingToDo
    at = clock.now()
    intake = Intake(
        trip_id=trip.id,
        staff_id=by.staff_id,
        filename=filename[:200],
        storage_key=storage.put(FOLDER, data),
        options=options.facts(),
        total=len(roster.rows),
        created_at=at,
        heard_at=at,
    )
    db.session.add(intake)
    db.session.flush()
    audits.write(by, intake, "import", trip_id=trip.id, after={"rows": intake.total})
    hint(RUN)
    return intake


def find(trip: Trip, intake_id: int) -> Intake | None:
    """The import of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Intake).where(Intake.id == intake_id, Intake.trip_id == trip.id)
    ).one_or_none()


def of_trip(trip: Trip, limit: int = 20) -> Sequence[Intake]:
    """The latest imports of a trip, newest first."""
    return db.session.scalars(
        select(Intake).where(Intake.trip_id == trip.id).order_by(Intake.id.desc()).limit(limit)
    ).all()
