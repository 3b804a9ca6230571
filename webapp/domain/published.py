"""What may be seen of a trip's published agenda, and by whom. (DESIGN rule 4.)"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from webapp.db import db, peek
from webapp.models.agenda import AgendaItem, Attendance, Audience
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.pick import Pick, PickState
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState

MAY_SEE = {
    Audience.EVERYBODY: (Audience.EVERYBODY,),
    Audience.DELEGATES: (Audience.EVERYBODY, Audience.DELEGATES),
    Audience.COMPANIES: (Audience.EVERYBODY, Audience.DELEGATES, Audience.COMPANIES),
    Audience.STAFF: tuple(Audience),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """What decides which items somebody sees: how the company's application stands, which company
    it is, and the tracks that are followed."""

    state: RegistrationState
    organization_id: int
    track_ids: frozenset[int]

    @property
    def is_accepted(self) -> bool:
        return self.state == RegistrationState.ACCEPTED

    @property
    def audience(self) -> Audience:
        """The widest audience they belong to."""
        return Audience.COMPANIES if self.is_accepted else Audience.EVERYBODY

    def sees(self, item: ReleaseItem | AgendaItem) -> bool:
        """The rule of `seen_by` for one item at hand."""
        if self.state in IS_OUT or item.audience not in MAY_SEE[self.audience]:
            return False
        if item.audience == Audience.COMPANIES and self.organization_id not in (
            item.organization_ids
        ):
            return False
        if item.track_id is None:
            return item.track_name is None  # of a track that is gone by now: nobody follows it
        return item.track_id in self.track_ids


class Stamp(NamedTuple):
    """What moves with anything that a public page shows of a trip: its release, and its own row,
    of which PostgreSQL gives every version another number (xmin)."""

    trip_id: int
    state: TripState
    release_id: int | None
    row: str


_STAMP = "SELECT id, state, release_id, xmin::text FROM trips WHERE slug = %(name)s"


def stamp(slug: str) -> Stamp | None:
    """The stamp of the trip with that slug in whatever state, or None: one small statement at most,
    so that a page that was rendered already costs no more. Of what another process committed it
    may be db.PEEK_SECONDS behind."""
    row = peek(_STAMP, slug)
    if row is None:
        return None
    trip_id, state, release_id, version = row
    return Stamp(trip_id, TripState(state), release_id, version)


def viewer(delegate: Delegate) -> Viewer:
    """With whose eyes a delegate sees the agenda."""
    return _together(delegate.registration, [delegate])


def items(
    trip: Trip,
    audience: Audience = Audience.EVERYBODY,
    tracks: Iterable[int] | None = None,
    organization_id: int | None = None,
) -> Sequence[ReleaseItem]:
    """The published items that an audience may see, in order of start; none before a release.

    `tracks` None means every track; else only items of those tracks and items of no track: one
    that was published in a track that is gone by now is nobody's. The items of the audience
    `companies` are those for `organization_id`; staff see all of them.
    """
    query = (
        select(ReleaseItem)
        .where(
            ReleaseItem.release_id == trip.release_id, ReleaseItem.audience.in_(MAY_SEE[audience])
        )
        .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
    )
    if audience == Audience.COMPANIES:
        named = ReleaseItem.organization_ids.contains([organization_id])
        query = query.where((ReleaseItem.audience != Audience.COMPANIES) | named)
    if tracks is not None:
        of_none = ReleaseItem.track_id.is_(None) & ReleaseItem.track_name.is_(None)
        query = query.where(of_none | ReleaseItem.track_id.in_(list(tracks)))
    return db.session.scalars(query).all()


def seen_by(trip: Trip, who: Viewer) -> Sequence[ReleaseItem]:
    """All that somebody may see of the published agenda: what they are in, and what they may
    choose.

    Items for everybody; items for delegates and for the company by name once it is accepted; of
    the tracks only those that are followed. Nothing when the company is out.
    """
    if who.state in IS_OUT:
        return []
    return items(trip, who.audience, who.track_ids, who.organization_id)


def for_company(registration: Registration) -> Sequence[ReleaseItem]:
    """What the calendar of a company holds: all that one of its delegates has in theirs."""
    return _own(registration, registration.coming)


def for_delegate(delegate: Delegate) -> Sequence[ReleaseItem]:
    """What the calendar of a delegate holds: of all that they may see, what is part of the program
    and the optional items that they chose. What they only wait for is not in it."""
    return _own(delegate.registration, [delegate])


def item(trip: Trip, uid: UUID) -> ReleaseItem | None:
    """The published item, whoever may see it: ask `Viewer.sees` next."""
    return db.session.scalars(
        select(ReleaseItem).where(ReleaseItem.release_id == trip.release_id, ReleaseItem.uid == uid)
    ).one_or_none()


def public_item(trip: Trip, uid: UUID) -> ReleaseItem | None:
    """The published item that everybody may see, or None."""
    found = item(trip, uid)
    return found if found and found.audience == Audience.EVERYBODY else None


def optional(trip: Trip) -> Sequence[ReleaseItem]:
    """The published items that may be chosen, whoever may see them; cancelled ones too."""
    return db.session.scalars(
        select(ReleaseItem).where(
            ReleaseItem.release_id == trip.release_id,
            ReleaseItem.attendance == Attendance.OPTIONAL,
        )
    ).all()


def _own(registration: Registration, delegates: Sequence[Delegate]) -> Sequence[ReleaseItem]:
    seen = seen_by(registration.trip, _together(registration, delegates))
    if all(item.attendance == Attendance.MANDATORY for item in seen):
        return seen
    chosen = _chosen(delegates)
    return [i for i in seen if i.attendance == Attendance.MANDATORY or i.uid in chosen]


def _chosen(delegates: Iterable[Delegate]) -> set[UUID]:
    return set(
        db.session.scalars(
            select(AgendaItem.uid)
            .join(Pick, Pick.item_id == AgendaItem.id)
            .where(
                Pick.delegate_id.in_([delegate.id for delegate in delegates]),
                Pick.state == PickState.CHOSEN,
            )
        )
    )


def _together(registration: Registration, delegates: Sequence[Delegate]) -> Viewer:
    tracks = frozenset(track.id for delegate in delegates for track in delegate.tracks)
    return Viewer(_standing(registration, delegates), registration.organization_id, tracks)


def _standing(registration: Registration, delegates: Sequence[Delegate]) -> RegistrationState:
    """How the company's application stands for these of its people: whoever left is out, and
    whoever waits for a place is on the waiting list, though the company is in."""
    if any(delegate.state == DelegateState.COMING for delegate in delegates):
        return registration.state
    if all(delegate.is_gone for delegate in delegates):
        return RegistrationState.CANCELLED
    return registration.state if registration.is_out else RegistrationState.WAITLISTED
