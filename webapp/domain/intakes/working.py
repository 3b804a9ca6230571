"""The worker's side of an import: batch by batch, each whole, with its progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from webapp import clock, storage
from webapp.db import db
from webapp.domain import audits, rosters, seats
from webapp.domain.audits import By
from webapp.domain.intakes import groups as grouping
from webapp.domain.intakes import options as asking
from webapp.domain.intakes import placing
from webapp.domain.intakes.batches import Outcome
from webapp.domain.intakes.groups import Group
from webapp.domain.intakes.options import Options
from webapp.domain.intakes.planning import Deed, Why
from webapp.domain.rosters.rows import Home
from webapp.models.intake import Intake, IntakeState
from webapp.models.staff import Staff

RUN = "intakes.run"  # the task
BATCH = 250  # rows, and the rest of the last company's: the tour is locked for about a second
SILENT = timedelta(minutes=1)  # a worker that was not heard of for so long has died
MOST_TRIES = 3
MOST_TOLD = 2_000  # rows left out that a report lists


@dataclass(frozen=True, slots=True)
class Work:
    """An import on its way in: its companies, and after how many rows each batch ends."""

    intake_id: int
    trip_id: int
    options: Options
    groups: Sequence[Group]
    alone: Sequence[tuple[int, str]]  # rows without a company
    rows: int


def due() -> list[int]:
    """The imports that wait for a worker, or lost theirs, oldest first."""
    silent = Intake.heard_at < clock.now() - SILENT
    return list(
        db.session.scalars(
            select(Intake.id)
            .where(
                (Intake.state == IntakeState.WAITING)
                | ((Intake.state == IntakeState.RUNNING) & silent)
            )
            .order_by(Intake.id)
        )
    )


def load(intake_id: int) -> Work | None:
    """The sheet of an import as companies; None where it is over. What cannot be read any more
    ends the import: raises storage.FileGone or FileRefused."""
    intake = db.session.get(Intake, intake_id)
    if intake is None or not _is_open(intake):
        return None
    options = asking.of_facts(intake.options)
    roster = rosters.read(
        storage.get(intake.storage_key),
        home=Home(options.language, options.country),
        places=options.places,
    )
    return Work(
        intake_id=intake.id,
        trip_id=intake.trip_id,
        options=options,
        groups=grouping.of_rows(roster.rows, options.joins),
        alone=[
            (row.number, Why.NO_COMPANY.value if row.data else Why.FAULT.value)
            for row in roster.rows
            if row.company is None
        ],
        rows=len(roster.rows),
    )


def advance(work: Work) -> bool:
    """Bring in the next batch, in the open transaction, and say whether there is more to do.

    Under the trip's lock and by what the row says is done: two workers at one import take turns.
    """
    trip = seats.hold(work.trip_id)
    intake = db.session.get(Intake, work.intake_id)
    if intake is None or not _is_open(intake):
        return False
    if intake.state == IntakeState.WAITING:
        intake.become(IntakeState.RUNNING)
    batch, rows = _next(work, intake.done - len(work.alone) if intake.done else 0)
    if batch:
        outcome = placing.bring_in(trip, batch, work.options, _by(intake))
        intake.report = _told(intake.report, outcome)
    if not intake.done:
        intake.report = _told(intake.report, Outcome(left_out=list(work.alone)))
        rows += len(work.alone)
    intake.done += rows
    intake.heard_at = clock.now()
    if intake.done >= work.rows:
        _finish(intake)
    db.session.flush()
    return intake.state == IntakeState.RUNNING


def stumble(intake_id: int, problem: str) -> bool:
    """A batch failed: another try later, or the end after MOST_TRIES; True at the end. What was
    brought in before stays; the same sheet can be brought in again."""
    intake = db.session.get(Intake, intake_id, with_for_update=True)
    if intake is None or not _is_open(intake):
        return False
    tries = intake.report.get("tries", 0) + 1
    intake.report = intake.report | {"tries": tries, "problem": problem}
    intake.heard_at = clock.now()
    if tries < MOST_TRIES:
        if intake.state == IntakeState.RUNNING:
            intake.become(IntakeState.WAITING)
        return False
    intake.become(IntakeState.FAILED)
    _close(intake)
    return True


def _is_open(intake: Intake) -> bool:
    return intake.state in (IntakeState.WAITING, IntakeState.RUNNING)


def _next(work: Work, done: int) -> tuple[list[Group], int]:
    """The companies after `done` rows, until the batch is full; and how many rows they have."""
    batch: list[Group] = []
    passed = rows = 0
    for group in work.groups:
        if passed >= done:
            batch.append(group)
            rows += len(group.rows)
            if rows >= BATCH:
                break
        passed += len(group.rows)
    return batch, rows


def _told(report: dict[str, object], outcome: Outcome) -> dict[str, object]:
    """The report of an import with one batch more."""
    counts = dict(report.get("counts") or {})  # type: ignore[call-overload]
    new = {
        "added": outcome.deeds[Deed.ADD],
        "changed": outcome.deeds[Deed.CHANGE],
        "same": outcome.deeds[Deed.SAME],
        "left_out": len(outcome.left_out),
        "waiting": outcome.waiting,
        **{f"company {state}": number for state, number in outcome.companies.items()},
    }
    for name, number in new.items():
        counts[name] = counts.get(name, 0) + number
    left_out = [*(report.get("left_out") or []), *outcome.left_out]  # type: ignore[misc]
    return report | {"counts": counts, "left_out": [list(each) for each in left_out[:MOST_TOLD]]}


def _finish(intake: Intake) -> None:
    intake.become(IntakeState.DONE)
    audits.write(
        _by(intake),
        intake,
        "import",
        trip_id=intake.trip_id,
        after=intake.report.get("counts"),
    )
    _close(intake)


def _close(intake: Intake) -> None:
    """The sheet is full of people: it is not kept for longer than it is needed."""
    intake.finished_at = clock.now()
    storage.drop(intake.storage_key)


def _by(intake: Intake) -> By:
    staff = db.session.get(Staff, intake.staff_id) if intake.staff_id else None
    return audits.by_staff(staff) if staff else audits.SYSTEM
