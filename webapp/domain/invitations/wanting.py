"""Which sessions delegates are to be invited to now, by the published release and the trip's
setting: for a batch of people at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import programs
from webapp.domain.invitations.deciding import Wanted, mark
from webapp.models.agenda import AgendaItem
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.pick import Pick, PickState
from webapp.models.registration import RegistrationState
from webapp.models.release import Release, ReleaseItem, ReleaseState
from webapp.models.trip import Inviting, Trip, TripState

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Past:
    """What was in force when: instants and ids of versions in order, SEQUENCEs by version and UID,
    and since when somebody has had what they chose."""

    versions: list[tuple[datetime, int]] = field(default_factory=list)
    sequences: dict[int, dict[UUID, int]] = field(default_factory=dict)
    chosen: dict[tuple[int, UUID], datetime] = field(default_factory=dict)

    def version_at(self, at: datetime) -> int | None:
        found = [key for came_out, key in self.versions if came_out <= at]
        return found[-1] if found else None

    def sequence(self, uid: UUID, at: datetime) -> int:
        """The SEQUENCE of an item then; of one that came later, as it first came out."""
        return self.sequences.get(self.version_at(at) or 0, {}).get(uid, 0)


def came_at(delegate: Delegate) -> datetime:
    """When somebody came in: their data was given, they were invited, or their company applied."""
    return delegate.filled_at or delegate.invited_at or delegate.registration.submitted_at


def of(trip: Trip, delegates: Sequence[Delegate]) -> dict[int, dict[UUID, Wanted]]:
    """What each of these delegates of the trip is to have in their calendar, by their ids, past
    sessions left out; nothing for who has no place in the tour, and nothing while the trip does
    not take place. At most five statements; registration, trip and tracks have been loaded."""
    if trip.state != TripState.ANNOUNCED:
        return {}
    coming = [each for each in delegates if _comes(each)]
    at = clock.now()
    own = programs.of_many(coming) if coming else {}
    mine = {number: _to_come(items, at) for number, items in own.items()}
    past = _past(trip, coming, mine) if trip.inviting == Inviting.CHANGES else _Past()
    marks = {item.uid: mark(item) for items in mine.values() for item in items}
    return {
        each.id: {
            item.uid: _wanted(trip, each, item, marks[item.uid], past) for item in mine[each.id]
        }
        for each in coming
    }


def _comes(delegate: Delegate) -> bool:
    return (
        delegate.state == DelegateState.COMING
        and delegate.erased_at is None
        and delegate.registration.state == RegistrationState.ACCEPTED
    )


def _to_come(items: Sequence[ReleaseItem], at: datetime) -> list[ReleaseItem]:
    return [item for item in items if not item.is_cancelled and item.ends_at > at]


def _wanted(
    trip: Trip, delegate: Delegate, item: ReleaseItem, item_mark: str, past: _Past
) -> Wanted:
    asks = item.invites and trip.inviting != Inviting.FEED
    may_begin = asks and (
        trip.inviting == Inviting.ALL
        or item.sequence > past.sequence(item.uid, _had_since(trip, delegate, item, past))
    )
    return Wanted(item, item_mark, may_begin=may_begin, may_return=asks)


def _had_since(trip: Trip, delegate: Delegate, item: ReleaseItem, past: _Past) -> datetime:
    """Since when the delegate has had a session in their calendar, or since the trip invites: what
    moved before that is no change to them."""
    chosen_at = past.chosen.get((delegate.id, item.uid), LONG_AGO)
    return max(came_at(delegate), chosen_at, trip.inviting_since or LONG_AGO)


def _past(trip: Trip, delegates: Sequence[Delegate], mine: dict[int, list[ReleaseItem]]) -> _Past:
    rows = db.session.execute(
        select(Release.published_at, Release.id)
        .where(Release.trip_id == trip.id, Release.state == ReleaseState.PUBLISHED)
        .order_by(Release.number)
    )
    past = _Past([(came_out, key) for came_out, key in rows if came_out])
    moved = {item.uid for items in mine.values() for item in items if item.sequence}
    picks = db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid, Pick.queued_at)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .where(
            Pick.delegate_id.in_([each.id for each in delegates]),
            Pick.state == PickState.CHOSEN,
            AgendaItem.uid.in_(moved),
        )
    )
    past.chosen = {(number, uid): at for number, uid, at in picks}
    known = {
        past.version_at(_had_since(trip, each, item, past))
        for each in delegates
        for item in mine[each.id]
        if item.sequence
    }
    found: defaultdict[int, dict[UUID, int]] = defaultdict(dict)
    for release_id, uid, sequence in db.session.execute(
        select(ReleaseItem.release_id, ReleaseItem.uid, ReleaseItem.sequence).where(
            ReleaseItem.release_id.in_({key for key in known if key}), ReleaseItem.uid.in_(moved)
        )
    ):
        found[release_id][uid] = sequence
    past.sequences = found
    return past
