"""How long each kind of data is kept, and what a scheduled task purges once that is over.

The days count from the end of the tour, in its own zone; of begun forms from the last save, of
import files from their arrival. Organizers may set other days for their tour. What is purged is
gone for good; the audit of the tour says how much and when. (domain.md section 14.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Integer, func, select

from webapp import clock, storage
from webapp.db import db
from webapp.domain import audits, documents, purging, seats
from webapp.domain.audits import By
from webapp.domain.mailings import files
from webapp.errors import DomainError
from webapp.models.audit import AuditEntry
from webapp.models.intake import Intake
from webapp.models.trip import Trip

BATCH = 100  # rows of one transaction
LONGEST = 3650  # days
ACTION = "purge"


class DataKind(StrEnum):
    """The kinds of personal data that are purged, each at its own time."""

    HEALTH = "health"  # diet, allergies, mobility
    TRAVEL = "travel"  # passports, birth dates, flights
    PHONES = "phones"
    DOCUMENTS = "documents"
    LETTERS = "letters"  # what stood in them; that they were sent is kept
    CONTACTS = "contacts"  # names, addresses, answers: all that is left of a human
    SCORES = "scores"  # points and why
    DRAFTS = "drafts"  # forms that were begun
    IMPORTS = "imports"  # files that were brought in


DEFAULTS = {
    DataKind.HEALTH: 7,
    DataKind.TRAVEL: 30,
    DataKind.PHONES: 30,
    DataKind.DOCUMENTS: 30,
    DataKind.LETTERS: 90,
    DataKind.CONTACTS: 730,
    DataKind.SCORES: 730,  # as long as contacts, unless the tour says otherwise
    DataKind.DRAFTS: 30,
    DataKind.IMPORTS: 1,
}
# These do not wait for the end of the tour.
BY_AGE = frozenset({DataKind.DRAFTS, DataKind.IMPORTS})


class DaysRefused(DomainError):
    """A number of days is not between 0 and LONGEST; `kind` says of what."""

    def __init__(self, kind: DataKind) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Line:
    """How one kind of data stands in a tour: days, from when on it is purged (None: each by its own
    age), how many rows are still held, how many have been purged, and when last."""

    kind: DataKind
    days: int
    is_default: bool
    due_on: date | None
    held: int
    purged: int
    purged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of data of one tour whose time is over."""

    trip_id: int
    slug: str
    kind: DataKind


def days(trip: Trip, kind: DataKind) -> int:
    """How many days this tour keeps it."""
    said = trip.retention.get(kind.value)
    if said is None and kind == DataKind.SCORES:
        return days(trip, DataKind.CONTACTS)
    return DEFAULTS[kind] if said is None else int(said)


def set_days(trip: Trip, wanted: Mapping[DataKind, int | None], by: By) -> Trip:
    """Let the tour keep these kinds for so many days; None: as long as is usual. Shorter is at once
    due. Raises DaysRefused."""
    for kind, number in wanted.items():
        if number is not None and not 0 <= number <= LONGEST:
            raise DaysRefused(kind)
    trip = seats.hold(trip.id)
    before = {kind.value: days(trip, kind) for kind in DataKind}
    kept = {kind: trip.retention.get(kind.value) for kind in DataKind} | dict(wanted)
    trip.retention = {kind.value: number for kind, number in kept.items() if number is not None}
    after = {kind.value: days(trip, kind) for kind in DataKind}
    changed = [name for name in after if before[name] != after[name]]
    db.session.flush()
    if changed:
        audits.write(
            by,
            trip,
            "retention",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return trip


def due_on(trip: Trip, kind: DataKind) -> date | None:
    """The local date of the tour's own zone on which it is purged; None for what goes by age."""
    return None if kind in BY_AGE else trip.ends_on + timedelta(days=days(trip, kind) + 1)


def is_due(trip: Trip, kind: DataKind, at: datetime) -> bool:
    """Whether something of that kind may be over at the aware instant `at`."""
    on = due_on(trip, kind)
    return on is None or clock.wall(at, trip.zone).date() >= on


def plan(trip: Trip) -> list[Line]:
    """How every kind stands in a tour, in the order in which they go."""
    purged = _purged(trip)
    return [
        Line(
            kind=kind,
            days=days(trip, kind),
            is_default=kind.value not in trip.retention,
            due_on=due_on(trip, kind),
            held=purging.count(trip, kind.value),
            purged=purged.get(kind.value, (0, None))[0],
            purged_at=purged.get(kind.value, (0, None))[1],
        )
        for kind in DataKind
    ]


def due(slug: str | None = None) -> list[Duty]:
    """What is over now, in all tours or in one, where there is anything left of it."""
    at = clock.now()
    query = select(Trip).where(Trip.is_template.is_(False)).order_by(Trip.id)
    trips = db.session.scalars(query.where(Trip.slug == slug) if slug else query)
    return [
        Duty(trip.id, trip.slug, kind)
        for trip in trips
        for kind in DataKind
        if is_due(trip, kind, at) and purging.count(trip, kind.value, _before(trip, kind, at))
    ]


def purge(duty: Duty, limit: int = BATCH) -> int:
    """Purge up to `limit` rows of what is over, and write it into the tour's audit; how many. 0:
    nothing is left. Call it until then, each time in a transaction of its own: the tour is held,
    so that two workers share the rows, and what is purged is purged once."""
    trip = seats.hold(duty.trip_id)
    at = clock.now()
    if not is_due(trip, duty.kind, at):
        return 0
    number = purging.purge(trip, duty.kind.value, _before(trip, duty.kind, at), limit)
    if number:
        after = {"kind": duty.kind.value, "count": number}
        audits.write(audits.SYSTEM, trip, ACTION, trip_id=trip.id, after=after)
    return number


def purge_loose(limit: int = BATCH) -> int:
    """Purge letters that have done their work and belong to no tour's dates: that somebody was
    erased, once it was sent; what stood in those of no tour. How many; call it until 0."""
    return purging.loose_letters(clock.now() - timedelta(days=DEFAULTS[DataKind.LETTERS]), limit)


def sweep() -> int:
    """Delete files that no row names any more, left by a process that was stopped; how many."""
    intakes = frozenset(db.session.scalars(select(Intake.storage_key)))
    return documents.sweep() + files.sweep() + storage.sweep("intakes", intakes)


def _before(trip: Trip, kind: DataKind, at: datetime) -> datetime:
    """What goes by age goes when it is older than this."""
    return at - timedelta(days=days(trip, kind))


def _purged(trip: Trip) -> dict[str, tuple[int, datetime]]:
    kind, number = AuditEntry.after["kind"].astext, AuditEntry.after["count"].astext
    rows = db.session.execute(
        select(kind, func.sum(number.cast(Integer)), func.max(AuditEntry.at))
        .where(
            AuditEntry.object_kind == Trip.__tablename__,
            AuditEntry.object_id == trip.id,
            AuditEntry.action == ACTION,
        )
        .group_by(kind)
    )
    return {name: (int(count), at) for name, count, at in rows}


def history(trip: Trip, limit: int = 20) -> Sequence[AuditEntry]:
    """What was purged and which days were set, the latest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == Trip.__tablename__,
            AuditEntry.object_id == trip.id,
            AuditEntry.action.in_((ACTION, "retention")),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
