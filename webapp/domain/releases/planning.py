"""Releases that come out later, as they were reviewed, whatever becomes of the draft."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.differences import COPIED, Difference, compare, of_items
from webapp.domain.releases.comparing import in_force
from webapp.domain.releases.finding import planned
from webapp.domain.releases.publishing import (
    HOLD_MINUTES,
    STAMPS,
    as_it_was,
    insert_items,
    next_number,
    put_in_force,
    review,
    stamps,
)
from webapp.errors import DomainError
from webapp.models.release import Change, Release, ReleaseItem, ReleaseState
from webapp.models.trip import Trip

LONGEST_PROBLEM = 500  # characters


class PlannedInThePast(DomainError):
    """The instant to publish at is over already."""


class AlreadyPlanned(DomainError):
    """A release of the trip waits for its instant: one at a time."""


def plan(
    trip: Trip,
    by: By,
    at: datetime,
    note: str = "",
    name: str | None = None,
    seen: str | None = None,
    *,
    checked: bool = False,
    tells: bool = False,
    hold_minutes: int = HOLD_MINUTES,
) -> Release:
    """Keep what publishing now would make, to come out at the aware instant `at`.

    Nobody but staff learns of it before; it gets its number, and its items their SEQUENCE, when it
    comes out. Raises PlannedInThePast, AlreadyPlanned, and what `publish` raises.
    """
    trip = seats.hold(trip.id)
    if at <= clock.now():
        raise PlannedInThePast
    if planned(trip):
        raise AlreadyPlanned
    rows = review(trip, seen, at, checked=checked)
    release = Release(
        trip_id=trip.id,
        state=ReleaseState.PLANNED,
        name=name or None,
        planned_for=at,
        published_by_id=by.staff_id,
        note=note or None,
        tells=tells,
        hold_minutes=hold_minutes,
    )
    db.session.add(release)
    insert_items(release, rows)
    audits.write(by, release, "plan", trip_id=trip.id, after={"planned_for": at}, reason=note)
    return release


def drop(release: Release, by: By) -> None:
    """Let a planned release never come out: what it held goes. Raises MoveRefused when it came
    out already, or was dropped."""
    seats.hold(release.trip_id)
    release.become(ReleaseState.DROPPED)
    db.session.execute(
        delete(ReleaseItem)
        .where(ReleaseItem.release_id == release.id)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()
    db.session.expire(release, ["items"])
    audits.write(
        by, release, "drop", trip_id=release.trip_id, before={"planned_for": release.planned_for}
    )


def due() -> Sequence[int]:
    """The ids of the releases whose instant has come, the first planned first."""
    return db.session.scalars(
        select(Release.id)
        .where(Release.state == ReleaseState.PLANNED, Release.planned_for <= clock.now())
        .order_by(Release.planned_for, Release.id)
    ).all()


def come_out(release_id: int) -> Release | None:
    """Publish a planned release that is due; None when another worker did, or it was dropped.

    What the review showed as changed is now said as it was reviewed, and compared with what is in
    force now. What it showed as unchanged, and what it did not know, stays as it is in force: a
    release by hand in between keeps its word on that.
    """
    found = db.session.get(Release, release_id)
    if found is None:
        return None
    trip = seats.hold(found.trip_id)  # forgets what was read: `found` is read anew
    at = clock.now()
    if found.state != ReleaseState.PLANNED or found.planned_for is None or found.planned_for > at:
        return None
    old = in_force(trip)
    said = {item.uid: item for item in found.items}
    for item in said.values():
        _settle(item, old.get(item.uid), at)
    changes = [item.change for item in said.values()]
    found.number = next_number(trip)  # a query: before the state changes without it
    found.become(ReleaseState.PUBLISHED)
    found.published_at, found.problem = at, None
    insert_items(found, [as_it_was(item) for uid, item in old.items() if uid not in said])
    put_in_force(trip, found, _planner(found), changes)
    return found


def tell_problem(release_id: int, problem: str) -> bool:
    """Write beside a planned release why it did not come out; whether that is news."""
    found = db.session.get(Release, release_id)
    if found is None or found.state != ReleaseState.PLANNED:
        return False
    seats.hold(found.trip_id)
    told = problem[:LONGEST_PROBLEM]
    is_news = found.state == ReleaseState.PLANNED and found.problem != told
    if is_news:
        found.problem = told
        db.session.flush()
    return is_news


def would_change(trip: Trip, release: Release) -> list[Difference]:
    """What a planned release would change if it came out now, in order of time."""
    old = in_force(trip)
    return of_items(_only(old, _touched(release.items)), _touched(release.items))


def _touched(items: Iterable[ReleaseItem]) -> dict[UUID, ReleaseItem]:
    return {item.uid: item for item in items if item.change != Change.SAME}


def _only(
    old: Mapping[UUID, ReleaseItem], new: Mapping[UUID, ReleaseItem]
) -> dict[UUID, ReleaseItem]:
    return {uid: item for uid, item in old.items() if uid in new}


def _settle(item: ReleaseItem, before: ReleaseItem | None, at: datetime) -> None:
    """Give an item of a snapshot its place after `before`, which is in force."""
    if item.change == Change.SAME and before is not None:
        for name in (*COPIED, *STAMPS, "values"):
            setattr(item, name, getattr(before, name))
        return
    item.change, _fields = compare(before, item)
    for name, value in stamps(before, item.change, at).items():
        setattr(item, name, value)


def _planner(release: Release) -> By:
    staff = release.published_by
    return audits.by_staff(staff) if staff else audits.SYSTEM
