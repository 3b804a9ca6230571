"""What may be seen of a trip's published agenda, and by whom. (DESIGN rule 4.)"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from webapp.db import db, peek
from webapp.models.agenda import AgendaItem, Attendance, Audience
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.pick import Pick, PickState
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import TrackMember
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


@dataclass(frozen=True, slots=True)
class Own:
    """The tracks that delegates follow, and the optional items that they chose, by their ids."""

    tracks: Mapping[int, frozenset[int]] = field(default_factory=dict)
    chosen: Mapping[int, frozenset[UUID]] = field(default_factory=dict)


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


def viewer_of(
    registration: Registration,
    delegates: Sequence[Delegate],
    followed: Mapping[int, frozenset[int]],
) -> Viewer:
    """With whose eyes these delegates of one registration see it together: `followed` are the
    tracks of each, by their ids."""
    tracks = [followed.get(delegate.id, frozenset()) for delegate in delegates]
    return Viewer(
        _standing(registration, delegates),
        registration.organization_id,
        frozenset().union(*tracks),
    )


def own_of(delegate_ids: Collection[int], *, has_options: bool = True) -> Own:
    """What these delegates follow and chose, in two statements; without `has_options` there is
    nothing to choose."""
    tracks: dict[int, set[int]] = {}
    for row in db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id).where(
            TrackMember.delegate_id.in_(delegate_ids)
        )
    ):
        tracks.setdefault(row.delegate_id, set()).add(row.track_id)
    chosen: dict[int, set[UUID]] = {}
    for delegate_id, uid in _picks(delegate_ids) if has_options else ():
        chosen.setdefault(delegate_id, set()).add(uid)
    return Own(
        {key: frozenset(value) for key, value in tracks.items()},
        {key: frozenset(value) for key, value in chosen.items()},
    )


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
    chosen = {uid for _id, uid in _picks([delegate.id for delegate in delegates])}
    return [i for i in seen if i.attendance == Attendance.MANDATORY or i.uid in chosen]


def _picks(delegate_ids: Collection[int]) -> Iterable[tuple[int, UUID]]:
    """What these delegates chose: pairs of their ids and the UIDs of items."""
    rows = db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .where(Pick.delegate_id.in_(delegate_ids), Pick.state == PickState.CHOSEN)
    )
    return ((delegate_id, uid) for delegate_id, uid in rows)


def _together(registration: Registration, delegates: Sequence[Delegate]) -> Viewer:
    followed = {each.id: frozenset(track.id for track in each.tracks) for each in delegates}
    return viewer_of(registration, delegates, followed)


def _standing(registration: Registration, delegates: Sequence[Delegate]) -> RegistrationState:
    """How the company's application stands for these of its people: whoever left is out, and
    whoever waits for a place is on the waiting list, though the company is in."""
    if any(delegate.state == DelegateState.COMING for delegate in delegates):
        return registration.state
    if all(delegate.is_gone for delegate in delegates):
        return RegistrationState.CANCELLED
    return registration.state if registration.is_out else RegistrationState.WAITLISTED
