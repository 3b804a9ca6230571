"""What changed for one person since a version of the agenda they knew: the one place that says so,
for their page, for their letter and for whoever is about to publish."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from webapp.db import db
from webapp.domain import published
from webapp.domain.differences import Difference, NoSuchRelease, as_told, of_items
from webapp.domain.published import Viewer
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.audit import AuditEntry
from webapp.models.delegate import Delegate
from webapp.models.pick import Pick, PickState
from webapp.models.release import Change, Release, ReleaseItem, ReleaseState

Side = ReleaseItem | AgendaItem | None


@dataclass(slots=True)
class Picked:
    """The optional items, by UID, that somebody is in, waits for, or lost to a version: with the
    number of the version that ended the choice, since it called off what they waited for, or they
    may not see it any more."""

    chosen: set[UUID] = field(default_factory=set)
    waiting: set[UUID] = field(default_factory=set)
    lost: set[tuple[UUID, int]] = field(default_factory=set)

    def since(self, number: int) -> frozenset[UUID]:
        """What was theirs at that version, or is now."""
        lost = {uid for uid, ended_by in self.lost if ended_by > number}
        return frozenset(self.chosen | self.waiting | lost)


NOTHING = Picked()


def for_delegate(delegate: Delegate, since: int) -> list[Difference]:
    """What became, since release number `since`, of the items that the delegate is in, chose or
    waits for, in order of time. One that they see no more has `after` None; what came and was
    called off in between is left out. Version 0 is the empty agenda. Raises NoSuchRelease."""
    trip = delegate.registration.trip
    older = db.session.scalar(
        select(Release.id).where(
            Release.trip_id == trip.id,
            Release.number == since,
            Release.state == ReleaseState.PUBLISHED,
        )
    )
    if older is None and since != 0:
        raise NoSuchRelease
    mine = picked(Pick.delegate_id == delegate.id).get(delegate.id, NOTHING)
    found = of_items(items(older), items(trip.release_id))
    return list(concerning(found, published.viewer(delegate), mine.since(since)))


def concerning(
    found: Iterable[Difference], eyes: Viewer, own: frozenset[UUID]
) -> tuple[Difference, ...]:
    """Of the differences between two versions those that somebody meets in their own agenda, each
    as they see it, in order of time: an item that was not for them before is new, and of one that
    is not for them any more they do not learn what it says now.

    Theirs is what they may see (state of the application, companies by name, tracks), and of what
    is optional only what is among `own`. What is held back, and whom else an item is for, is
    nobody's business.
    """
    seen = [mine for each in found if not each.held and (mine := _seen(each, eyes, own))]
    told = as_told(seen)
    return tuple(sorted(told, key=lambda each: (each.item.starts_at, each.item.uid)))


def picked(whose: ColumnElement[bool]) -> dict[int, Picked]:
    """The optional items of the delegates whose Pick rows `whose` finds, by delegate: two
    statements."""
    found: defaultdict[int, Picked] = defaultdict(Picked)
    rows = db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid, Pick.state)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .where(whose, Pick.state != PickState.LEFT)
    )
    for delegate_id, uid, state in rows:
        mine = found[delegate_id]
        (mine.chosen if state == PickState.CHOSEN else mine.waiting).add(uid)
    for delegate_id, uid, number in _lost(whose):
        found[delegate_id].lost.add((uid, number))
    return found


def items(release_id: int | None) -> dict[UUID, ReleaseItem]:
    """What a version says, by item; None is the empty agenda."""
    if release_id is None:
        return {}
    found = db.session.scalars(select(ReleaseItem).where(ReleaseItem.release_id == release_id))
    return {item.uid: item for item in found}


def _lost(whose: ColumnElement[bool]) -> Iterable[tuple[int, UUID, int]]:
    """Choices that ended in the transaction that published a version, with its number."""
    end, publishing = aliased(AuditEntry), aliased(AuditEntry)
    rows = db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid, Release.number)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .join(end, (end.object_kind == Pick.__tablename__) & (end.object_id == Pick.id))
        .join(
            publishing,
            (publishing.change_number == end.change_number)
            & (publishing.object_kind == Release.__tablename__)
            & (publishing.action == "publish"),
        )
        .join(Release, Release.id == publishing.object_id)
        .where(whose, Pick.state == PickState.LEFT, end.action == "end")
    )
    return [(delegate_id, uid, number or 0) for delegate_id, uid, number in rows]


def _seen(each: Difference, eyes: Viewer, own: frozenset[UUID]) -> Difference | None:
    before = each.before if _is_theirs(each.before, eyes, own) else None
    after = each.after if _is_theirs(each.after, eyes, own) else None
    if before is each.before and after is each.after:
        return each
    if after is not None:
        return Difference(Change.ADDED, None, after, ())
    return None if before is None else Difference(Change.CANCELLED, before, None, ())


def _is_theirs(side: Side, eyes: Viewer, own: frozenset[UUID]) -> bool:
    if side is None:
        return False
    return (side.attendance == Attendance.MANDATORY or side.uid in own) and eyes.sees(side)
