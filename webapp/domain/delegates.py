"""Delegates: found by their link; the tracks they follow."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import tokens
from webapp.db import db
from webapp.domain import audits, feeds, picks, seats
from webapp.domain.audits import By
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip


def by_token(token: str) -> Delegate | None:
    """The delegate who holds this secret, or None."""
    return db.session.scalars(
        select(Delegate)
        .where(Delegate.token_digest == tokens.digest(token))
        .options(
            joinedload(Delegate.registration).joinedload(Registration.trip),
            joinedload(Delegate.registration).joinedload(Registration.organization),
        )
    ).one_or_none()


def follow(delegate: Delegate, trip: Trip, track_ids: Iterable[int], by: By) -> None:
    """Let a delegate follow just these tracks of the trip; ids of other trips count for nothing."""
    trip = seats.hold(trip.id)
    wanted = set(track_ids)
    before = [track.key for track in delegate.tracks]
    delegate.tracks = [track for track in trip.tracks if track.id in wanted]
    after = [track.key for track in delegate.tracks]
    db.session.flush()
    if before != after:
        audits.write(
            by,
            delegate,
            "follow",
            trip_id=trip.id,
            before={"tracks": before},
            after={"tracks": after},
        )
        feeds.outdate_registration(delegate.registration)
        picks.settle(trip)
