"""Making the draft the published agenda, and holding single items back from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.domain import agendas, audits, clashes, feeds, item_values, picks, seats
from webapp.domain.audits import By
from webapp.domain.clashes import Clash
from webapp.domain.differences import COPIED, Difference
from webapp.domain.releases.comparing import fingerprint, in_force, of_draft
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.trip import Trip

RAISES_SEQUENCE = frozenset({Change.MOVED, Change.CANCELLED, Change.RESTORED})
TELL = "releases.tell_due"  # the task that writes to those whom it concerns
HOLD_MINUTES = 10
LONGEST_HOLD = 1440  # minutes
STAMPS = ("sequence", "first_published_at", "changed_at")
Row = dict[str, Any]  # the columns of a ReleaseItem, its release apart


class NothingToPublish(DomainError):
    """The draft says what the published release says already, or what differs is held back."""


class Blocked(DomainError):
    """Clashes of a level that blocks, which nobody overrode: `clashes`."""

    def __init__(self, found: Iterable[Clash]) -> None:
        self.clashes = list(found)
        super().__init__(f"{len(self.clashes)} clashes block publishing")


def publish(
    trip: Trip,
    by: By,
    note: str = "",
    seen: str | None = None,
    name: str | None = None,
    *,
    checked: bool = False,
    tells: bool = False,
    hold_minutes: int = HOLD_MINUTES,
) -> Release:
    """Make the draft the published agenda, and mark every feed of the trip out of date.

    Items that are held back stay as the release before had them, or out. `seen` is the fingerprint
    of the differences that the organizer read: raises ChangedMeanwhile when publishing would do
    something else by now. `checked`: raises Blocked while a clash stands in the way. `tells`:
    those whom it concerns are written to, which can be undone for `hold_minutes` (telling.py).

    SEQUENCE and LAST-MODIFIED of each item move here, and where a planned release comes out, and
    nowhere else (icalendar.md R5, R7). Raises NothingToPublish.
    """
    trip = seats.hold(trip.id)
    at = clock.now()
    rows = review(trip, seen, at, checked=checked)
    release = Release(
        trip_id=trip.id,
        number=next_number(trip),
        name=name or None,
        published_at=at,
        published_by_id=by.staff_id,
        note=note or None,
        tells=tells,
        hold_minutes=hold_minutes,
    )
    db.session.add(release)
    insert_items(release, rows)
    put_in_force(trip, release, by, [row["change"] for row in rows])
    return release


def review(trip: Trip, seen: str | None, at: datetime, *, checked: bool) -> list[Row]:
    """The rows of the release that the draft of the held trip makes at `at`, once it may.

    Raises NothingToPublish, ChangedMeanwhile or Blocked, as `publish` does.
    """
    draft, old = agendas.draft(trip), in_force(trip)  # read once: items may be added meanwhile
    found = of_draft(draft, old)
    changes = {each.item.uid: each for each in found if not each.held}
    if trip.release_id and not changes:
        raise NothingToPublish
    if seen is not None and seen != fingerprint(found):
        raise agendas.ChangedMeanwhile
    if checked and (blocks := clashes.blocking(clashes_of(trip))):
        raise Blocked(blocks)
    return _rows(draft, old, changes, at)


def clashes_of(trip: Trip) -> list[Clash]:
    """The clashes of what publishing would make, in order of time: what is held back counts as it
    is published, or not at all."""
    return clashes.check(trip, held(trip))


def held(trip: Trip) -> dict[UUID, ReleaseItem | None]:
    """What is held back, as it is published; None for what never was."""
    uids = db.session.scalars(
        select(AgendaItem.uid).where(AgendaItem.trip_id == trip.id, AgendaItem.held_back.is_(True))
    ).all()
    old = in_force(trip) if uids else {}
    return {uid: old.get(uid) for uid in uids}


def hold_back(item: AgendaItem, by: By) -> None:
    """Let publishing leave the item as it is published, or out, until it is let go. Does nothing
    when it is held back already. Raises ChangedMeanwhile when it is gone."""
    _set_held_back(item, by, "hold back", held=True)


def let_go(item: AgendaItem, by: By) -> None:
    """Let the next publication take the item as the draft has it. Does nothing when it is not held
    back. Raises ChangedMeanwhile when it is gone."""
    _set_held_back(item, by, "let go", held=False)


def next_number(trip: Trip) -> int:
    """The number of the next release; the caller holds the trip."""
    latest = db.session.scalar(
        select(func.coalesce(func.max(Release.number), 0)).where(Release.trip_id == trip.id)
    )
    return (latest or 0) + 1


def insert_items(release: Release, rows: list[Row]) -> None:
    """Write the items of a release, many in one statement."""
    db.session.flush()
    if rows:
        db.session.execute(insert(ReleaseItem), [row | {"release_id": release.id} for row in rows])
    db.session.expire(release, ["items"])


def put_in_force(trip: Trip, release: Release, by: By, changes: Iterable[Change]) -> None:
    """Make a numbered release what everybody reads, audit it, and let feeds and picks follow."""
    counts = _count(changes)
    trip.release_id = release.id
    db.session.flush()
    audits.write(
        by,
        release,
        "publish",
        trip_id=trip.id,
        after={
            "number": release.number,
            "changes": counts,
            **({"name": release.name} if release.name else {}),
            **({"tells": True} if release.tells else {}),
        },
        reason=release.note,
    )
    feeds.outdate(trip)
    picks.settle(trip)
    hint(TELL)


def stamps(before: ReleaseItem | None, change: Change, at: datetime) -> Row:
    """SEQUENCE, first publication and LAST-MODIFIED of an item that is published at `at`."""
    if before is None:
        return {"sequence": 0, "first_published_at": at, "changed_at": at}
    if change == Change.SAME:
        return {name: getattr(before, name) for name in STAMPS}
    return {
        "sequence": before.sequence + (change in RAISES_SEQUENCE),
        "first_published_at": before.first_published_at,
        # A whole second at least: LAST-MODIFIED has no fractions (R4).
        "changed_at": max(at, before.changed_at + timedelta(seconds=1)),
    }


def as_it_was(before: ReleaseItem) -> Row:
    """The row of an item that the next release takes over unchanged."""
    kept = {name: getattr(before, name) for name in (*COPIED, *STAMPS, "uid", "values")}
    return kept | {"change": Change.SAME}


def _rows(
    draft: Iterable[AgendaItem],
    old: Mapping[UUID, ReleaseItem],
    changes: Mapping[UUID, Difference],
    at: datetime,
) -> list[Row]:
    rows = []
    for item in draft:
        before = old.get(item.uid)
        if item.held_back:
            rows += [as_it_was(before)] if before else []
        elif before or not item.is_cancelled:
            change = changes[item.uid].change if item.uid in changes else Change.SAME
            rows.append(_row(item, before, change, at))
    return rows


def _row(item: AgendaItem, before: ReleaseItem | None, change: Change, at: datetime) -> Row:
    return {
        "uid": item.uid,
        "change": change,
        **stamps(before, change, at),
        "values": item_values.facts(item_values.of(item)),
        **{name: getattr(item, name) for name in COPIED},
    }


def _set_held_back(item: AgendaItem, by: By, action: str, *, held: bool) -> None:
    agendas.hold(item)
    if item.held_back == held:
        return
    # Past the version counter: who edits the item just now need not look at it again.
    db.session.execute(
        update(AgendaItem)
        .where(AgendaItem.id == item.id)
        .values(held_back=held)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(item)
    audits.write(
        by,
        item,
        action,
        trip_id=item.trip_id,
        before={"held_back": not held, "title": item.title},
        after={"held_back": held, "title": item.title},
    )


def _count(changes: Iterable[Change]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for change in changes:
        if change != Change.SAME:
            counts[change.value] = counts.get(change.value, 0) + 1
    return counts
