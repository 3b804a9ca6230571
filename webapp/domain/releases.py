"""Publishing: a release is the only agenda that feeds, mails and pages know. (DESIGN rule 4.)"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.domain import agendas, audits, feeds, published, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, Audience
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.trip import Trip

WHEN = ("starts_local", "starts_zone", "starts_fold", "ends_local", "ends_zone", "ends_fold")
WHERE = ("place_name", "place_address", "city", "latitude", "longitude")
WORDS = (
    "kind",
    "audience",
    "title",
    "description",
    "track_id",
    "track_name",
    "track_color",
    "basis",
    "basis_note",
    "sources",
)
COPIED = (*WHEN, *WHERE, *WORDS, "starts_at", "ends_at", "state")


class NothingToPublish(DomainError):
    """The draft says what the published release says already."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that a publication would touch: how, and what it says before and after."""

    change: Change
    before: ReleaseItem | None
    after: AgendaItem | None
    fields: tuple[str, ...]

    @property
    def item(self) -> ReleaseItem | AgendaItem:
        """The newest state, for a title."""
        found = self.after or self.before
        assert found is not None
        return found


def compare(before: ReleaseItem | None, after: AgendaItem) -> tuple[Change, tuple[str, ...]]:
    """What publishing `after` would do to what was published, and which fields differ.

    Time and place make a move, which raises SEQUENCE; other words are a change, which does not
    (icalendar.md R5). Instants count too: new zone rules move a session (Z9).
    """
    if before is None:
        return Change.ADDED, ()
    fields = tuple(f for f in COPIED if getattr(before, f) != getattr(after, f))
    if before.is_cancelled != after.is_cancelled:
        return (Change.CANCELLED if after.is_cancelled else Change.RESTORED), fields
    if any(f in (*WHEN, *WHERE, "starts_at", "ends_at", "state") for f in fields):
        return Change.MOVED, fields
    return (Change.CHANGED if fields else Change.SAME), fields


def differences(trip: Trip) -> list[Difference]:
    """What publishing now would change, in order of time; what stays the same is left out."""
    return _differences(agendas.draft(trip), _published(trip))


def fingerprint(found: Iterable[Difference]) -> str:
    """What a page of differences showed, in few letters: it changes with any of their items."""
    shown = sorted(f"{d.item.uid} {d.change} {d.after.version if d.after else 0}" for d in found)
    return sha256("\n".join(shown).encode()).hexdigest()[:32]


def publish(trip: Trip, by: By, note: str = "", seen: str | None = None) -> Release:
    """Make the draft the published agenda, and mark every feed of the trip out of date.

    `seen` is the fingerprint of the differences that the organizer read: raises ChangedMeanwhile
    when publishing would do something else by now.

    SEQUENCE and LAST-MODIFIED of each item move here and nowhere else (icalendar.md R5, R7).
    Raises NothingToPublish.
    """
    trip = seats.hold(trip.id)
    draft, old = agendas.draft(trip), _published(trip)  # read once: items may be added meanwhile
    changes = {d.item.uid: d for d in _differences(draft, old)}
    if trip.release_id and not changes:
        raise NothingToPublish
    if seen is not None and seen != fingerprint(changes.values()):
        raise agendas.ChangedMeanwhile
    at = clock.now()
    number = db.session.scalar(
        select(func.coalesce(func.max(Release.number), 0)).where(Release.trip_id == trip.id)
    )
    release = Release(
        trip_id=trip.id,
        number=(number or 0) + 1,
        published_at=at,
        published_by_id=by.staff_id,
        note=note or None,
    )
    release.items = [
        _publish_item(item, old.get(item.uid), changes.get(item.uid), at)
        for item in draft
        if item.uid in old or not item.is_cancelled
    ]
    db.session.add(release)
    db.session.flush()
    trip.release_id = release.id
    db.session.flush()
    audits.write(
        by,
        release,
        "publish",
        trip_id=trip.id,
        after={"number": release.number, "changes": _count(changes.values())},
        reason=note,
    )
    feeds.outdate(trip)
    return release


def history(trip: Trip) -> Sequence[Release]:
    """All releases of a trip, the latest first."""
    return db.session.scalars(
        select(Release).where(Release.trip_id == trip.id).order_by(Release.number.desc())
    ).all()


def _published(trip: Trip) -> dict[UUID, ReleaseItem]:
    return {item.uid: item for item in published.items(trip, Audience.STAFF)}


def _differences(draft: Iterable[AgendaItem], old: Mapping[UUID, ReleaseItem]) -> list[Difference]:
    found = []
    for item in draft:
        before = old.get(item.uid)
        if before is None and item.is_cancelled:
            continue  # never announced, so there is nothing to call off
        change, fields = compare(before, item)
        if change != Change.SAME:
            found.append(Difference(change, before, item, fields))
    return found


def _publish_item(
    item: AgendaItem, before: ReleaseItem | None, difference: Difference | None, at: datetime
) -> ReleaseItem:
    change = difference.change if difference else Change.SAME
    sequence = before.sequence if before else 0
    if change in (Change.MOVED, Change.CANCELLED, Change.RESTORED):
        sequence += 1
    changed_at = at
    if before and change == Change.SAME:
        changed_at = before.changed_at
    elif before:  # a whole second at least: LAST-MODIFIED has no fractions (R4)
        changed_at = max(at, before.changed_at + timedelta(seconds=1))
    copied: dict[str, Any] = {name: getattr(item, name) for name in COPIED}
    return ReleaseItem(
        uid=item.uid,
        change=change,
        sequence=sequence,
        first_published_at=before.first_published_at if before else at,
        changed_at=changed_at,
        **copied,
    )


def _count(changes: Iterable[Difference]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for difference in changes:
        counts[difference.change.value] = counts.get(difference.change.value, 0) + 1
    return counts
