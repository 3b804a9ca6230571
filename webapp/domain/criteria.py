"""By what a tour chooses companies: criteria written before the call, scores with reasons, and
the ranking that comes of them. (domain.md rule 3.)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, queues, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.criterion import Criterion, Score
from webapp.models.delegate import GONE, Delegate
from webapp.models.registration import Registration, RegistrationState
from webapp.models.staff import Staff
from webapp.models.trip import Trip

FACTS = ("name", "weight", "most")
MOST_CRITERIA = 30


class CriteriaFixed(DomainError):
    """An application has arrived: criteria are written before the call and stay as they are."""


class TooManyCriteria(DomainError):
    """A tour has MOST_CRITERIA at most."""


class PointsOutOfRange(DomainError):
    """More points than the criterion gives, or fewer than none."""

    def __init__(self, criterion_id: int, most: int) -> None:
        super().__init__(f"criterion {criterion_id}: 0 to {most}")
        self.criterion_id = criterion_id
        self.most = most


class ScoredMeanwhile(DomainError):
    """A colleague scored this registration since the page was opened."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of a criterion: `weight` 1 to 100, `most` points 1 to 100."""

    name: Words
    weight: int = 1
    most: int = 5


@dataclass(frozen=True, slots=True)
class Points:
    """What a registration gets for one criterion, and why."""

    points: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of the selection sheet: `rank` from 1 among those scored in full, equal scores sharing
    one; None without a score. `lacks` delegates whose own data has not been given."""

    rank: int | None
    registration: Registration
    points: dict[int, Score]
    lacks: int

    @property
    def total(self) -> int | None:
        """The weighted points; None until each criterion has its points."""
        return self.registration.score


def add(trip: Trip, terms: Terms, by: By) -> Criterion:
    """One more criterion, at the end. Raises CriteriaFixed, TooManyCriteria."""
    trip = seats.hold(trip.id)
    _refuse_fixed(trip)
    there = of(trip)
    if len(there) >= MOST_CRITERIA:
        raise TooManyCriteria
    position = max((each.position for each in there), default=0) + 1
    criterion = Criterion(
        trip_id=trip.id,
        position=position,
        name=terms.name,
        weight=terms.weight,
        most=terms.most,
    )
    db.session.add(criterion)
    db.session.flush()
    audits.write(by, criterion, "add", trip_id=trip.id, after=_facts(criterion))
    return criterion


def change(criterion: Criterion, terms: Terms, by: By) -> Criterion:
    """Say anew what a criterion is. Raises CriteriaFixed."""
    trip = seats.hold(criterion.trip_id)
    _refuse_fixed(trip)
    before = _facts(criterion)
    criterion.name, criterion.weight, criterion.most = terms.name, terms.weight, terms.most
    db.session.flush()
    after = _facts(criterion)
    if after != before:
        audits.write(by, criterion, "change", trip_id=trip.id, before=before, after=after)
    return criterion


def remove(criterion: Criterion, by: By) -> None:
    """Take a criterion away. Raises CriteriaFixed."""
    trip = seats.hold(criterion.trip_id)
    _refuse_fixed(trip)
    audits.write(by, criterion, "delete", trip_id=trip.id, before=_facts(criterion))
    db.session.flush()
    db.session.execute(delete(Criterion).where(Criterion.id == criterion.id))
    db.session.expunge(criterion)


def score(
    registration: Registration,
    given: Mapping[int, Points],
    by: By,
    seen: str | None = None,
) -> Registration:
    """Write the points of a registration, by criterion; what is not in `given` loses its points.
    The total stands once each criterion has points, and the waiting list follows it.

    `seen` is the `mark` of the scores that the page showed. Raises ScoredMeanwhile,
    PointsOutOfRange.
    """
    trip = seats.hold(registration.trip_id)
    before = scores_of(registration)
    if seen is not None and seen != mark(before):
        raise ScoredMeanwhile
    known = of(trip)
    for criterion in known:
        wanted = given.get(criterion.id)
        if wanted and not 0 <= wanted.points <= criterion.most:
            raise PointsOutOfRange(criterion.id, criterion.most)
    was = {str(number): each.points for number, each in before.items()}
    for criterion in known:
        _write(registration, criterion, before.get(criterion.id), given.get(criterion.id), by)
    db.session.flush()
    after = scores_of(registration)
    old_total, registration.score = registration.score, _total(known, after)
    db.session.flush()
    now = {str(number): each.points for number, each in after.items()}
    if was != now or old_total != registration.score:
        audits.write(
            by,
            registration,
            "score",
            trip_id=trip.id,
            before={"score": old_total, "points": was},
            after={"score": registration.score, "points": now},
        )
        queues.settle(trip)
    return registration


def of(trip: Trip) -> Sequence[Criterion]:
    """The criteria of a trip, in order."""
    return db.session.scalars(
        select(Criterion)
        .where(Criterion.trip_id == trip.id)
        .order_by(Criterion.position, Criterion.id)
    ).all()


def find(trip: Trip, criterion_id: int) -> Criterion | None:
    """The criterion of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Criterion).where(Criterion.id == criterion_id, Criterion.trip_id == trip.id)
    ).one_or_none()


def are_fixed(trip: Trip) -> bool:
    """Whether an application has arrived, and the criteria stay as they are."""
    rows = select(Registration.id).where(Registration.trip_id == trip.id)
    return db.session.scalars(rows.limit(1)).first() is not None


def scores_of(registration: Registration) -> dict[int, Score]:
    """The scores of a registration by the id of their criterion."""
    rows = db.session.scalars(select(Score).where(Score.registration_id == registration.id))
    return {row.criterion_id: row for row in rows}


def scorers(scores: Mapping[int, Score]) -> dict[int, str]:
    """The names of the staff who gave these scores, by id."""
    ids = {row.staff_id for row in scores.values() if row.staff_id}
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {key: value for key, value in rows}


def mark(scores: Mapping[int, Score]) -> str:
    """What a page sends back of the scores that it showed: another whenever one was written."""
    latest = max((row.scored_at for row in scores.values()), default=None)
    return f"{len(scores)}.{latest.isoformat() if latest else ''}"


def most_in_all(criteria: Sequence[Criterion]) -> int:
    """The highest total that a registration can have."""
    return sum(each.most * each.weight for each in criteria)


def ranking(trip: Trip) -> list[Ranked]:
    """The selection sheet: the highest score first, of equal ones the first to arrive; then those
    without a score. Companies that withdrew are not in it. Three statements."""
    registrations = db.session.scalars(
        select(Registration)
        .where(Registration.trip_id == trip.id, Registration.state != RegistrationState.CANCELLED)
        .options(joinedload(Registration.organization))
        .order_by(
            Registration.score.desc().nulls_last(), Registration.submitted_at, Registration.id
        )
    ).all()
    points = _points(trip)
    lacks = _lacks(trip)
    rows: list[Ranked] = []
    for number, registration in enumerate(registrations, start=1):
        rank: int | None = number if registration.score is not None else None
        if rows and rank is not None and rows[-1].total == registration.score:
            rank = rows[-1].rank
        rows.append(
            Ranked(
                rank, registration, points.get(registration.id, {}), lacks.get(registration.id, 0)
            )
        )
    return rows


def _refuse_fixed(trip: Trip) -> None:
    if are_fixed(trip):
        raise CriteriaFixed


def _write(
    registration: Registration,
    criterion: Criterion,
    row: Score | None,
    wanted: Points | None,
    by: By,
) -> None:
    if wanted is None:
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = Score(registration_id=registration.id, criterion_id=criterion.id)
        db.session.add(row)
    elif (row.points, row.reason) == (wanted.points, wanted.reason):
        return  # who gave it, and when, stays
    row.points, row.reason = wanted.points, wanted.reason
    row.staff_id, row.scored_at = by.staff_id, clock.now()


def _total(known: Sequence[Criterion], scores: Mapping[int, Score]) -> int | None:
    if not known or any(criterion.id not in scores for criterion in known):
        return None
    return sum(scores[criterion.id].points * criterion.weight for criterion in known)


def _points(trip: Trip) -> dict[int, dict[int, Score]]:
    rows = db.session.scalars(
        select(Score).join(Score.registration).where(Registration.trip_id == trip.id)
    )
    found: dict[int, dict[int, Score]] = {}
    for row in rows:
        found.setdefault(row.registration_id, {})[row.criterion_id] = row
    return found


def _lacks(trip: Trip) -> dict[int, int]:
    rows = db.session.execute(
        select(Delegate.registration_id, func.count())
        .join(Registration, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Delegate.state.not_in(GONE),
            Delegate.invited_at.is_not(None),
            Delegate.filled_at.is_(None),
        )
        .group_by(Delegate.registration_id)
    )
    return {key: value for key, value in rows}


def _facts(criterion: Criterion) -> dict[str, Any]:
    return {name: getattr(criterion, name) for name in FACTS}
