"""The own sessions of several people at once, by the published release: for a batch of letters.
What one of them sees on their own page, `published` says; the rule is the same."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import published
from webapp.domain.published import Viewer
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.delegate import Delegate
from webapp.models.pick import Pick, PickState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip


def of_many(delegates: Sequence[Delegate]) -> dict[int, list[ReleaseItem]]:
    """What the calendar of each of these delegates holds (`published.for_delegate`), cancelled
    sessions too, by their ids; each is a key. Two statements however many they are, of however many
    tours, with registration, trip and tracks loaded."""
    by_trip: dict[int, list[Delegate]] = {}
    for delegate in delegates:
        by_trip.setdefault(delegate.registration.trip_id, []).append(delegate)
    trips = {each[0].registration.trip for each in by_trip.values()}
    items = _items(trips)
    chosen = _chosen(delegates, items)
    found: dict[int, list[ReleaseItem]] = {}
    for people in by_trip.values():
        release_id = people[0].registration.trip.release_id
        of_trip = [item for item in items if item.release_id == release_id]
        seen: dict[Viewer, list[ReleaseItem]] = {}
        for delegate in people:
            who = published.viewer(delegate)
            if who not in seen:  # colleagues see the same
                seen[who] = [item for item in of_trip if who.sees(item)]
            found[delegate.id] = [
                item
                for item in seen[who]
                if item.attendance == Attendance.MANDATORY or (delegate.id, item.uid) in chosen
            ]
    return found


def takes_place(items: Iterable[ReleaseItem], day: date | None = None) -> list[ReleaseItem]:
    """Those that take place; with `day` those that begin on that local date."""
    return [
        item
        for item in items
        if not item.is_cancelled and (day is None or item.starts_local.date() == day)
    ]


def _items(trips: Iterable[Trip]) -> Sequence[ReleaseItem]:
    releases = {trip.release_id for trip in trips if trip.release_id is not None}
    if not releases:
        return []
    return db.session.scalars(
        select(ReleaseItem)
        .where(ReleaseItem.release_id.in_(releases))
        .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
    ).all()


def _chosen(delegates: Sequence[Delegate], items: Iterable[ReleaseItem]) -> set[tuple[int, UUID]]:
    if all(item.attendance == Attendance.MANDATORY for item in items):
        return set()
    rows = db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .where(
            Pick.delegate_id.in_([delegate.id for delegate in delegates]),
            Pick.state == PickState.CHOSEN,
        )
    )
    return {(delegate_id, uid) for delegate_id, uid in rows}
