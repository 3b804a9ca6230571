"""What may be seen of a trip's published agenda, and by whom. (DESIGN rule 4.)"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.models.agenda import Audience
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration, RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

MAY_SEE = {
    Audience.EVERYBODY: (Audience.EVERYBODY,),
    Audience.DELEGATES: (Audience.EVERYBODY, Audience.DELEGATES),
    Audience.STAFF: tuple(Audience),
}


def items(
    trip: Trip, audience: Audience = Audience.EVERYBODY, tracks: Iterable[int] | None = None
) -> Sequence[ReleaseItem]:
    """The published items that an audience may see, in order of start; none before a release.

    `tracks` None means every track; else only items of those tracks and items of no track.
    """
    query = (
        select(ReleaseItem)
        .where(
            ReleaseItem.release_id == trip.release_id,
            ReleaseItem.audience.in_(MAY_SEE[audience]),
        )
        .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
    )
    if tracks is not None:
        query = query.where(ReleaseItem.track_id.is_(None) | ReleaseItem.track_id.in_(list(tracks)))
    return db.session.scalars(query).all()


def for_company(registration: Registration) -> Sequence[ReleaseItem]:
    """What the calendar of a company holds: all that one of its delegates may see."""
    return _for_delegates(registration, registration.delegates)


def for_delegate(delegate: Delegate) -> Sequence[ReleaseItem]:
    """What the calendar of a delegate holds.

    Items for everybody; items for delegates once the company is accepted; of the tracks only
    those that the delegate follows. Nothing when the company is out.
    """
    return _for_delegates(delegate.registration, [delegate])


def public_item(trip: Trip, uid: UUID) -> ReleaseItem | None:
    """The published item that everybody may see, or None."""
    return db.session.scalars(
        select(ReleaseItem).where(
            ReleaseItem.release_id == trip.release_id,
            ReleaseItem.uid == uid,
            ReleaseItem.audience == Audience.EVERYBODY,
        )
    ).one_or_none()


def _for_delegates(
    registration: Registration, delegates: Iterable[Delegate]
) -> Sequence[ReleaseItem]:
    if registration.is_out:
        return []
    accepted = registration.state == RegistrationState.ACCEPTED
    audience = Audience.DELEGATES if accepted else Audience.EVERYBODY
    tracks = {track.id for delegate in delegates for track in delegate.tracks}
    return items(registration.trip, audience, tracks)
