"""What organizers decide: which sessions of a trip are mailed as invitations."""

from sqlalchemy import func, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.domain import audits, seats
from webapp.domain.audits import By
from webapp.domain.feeds.outdating import RECONCILE
from webapp.models.feed import Feed, Scope
from webapp.models.trip import Inviting, Trip

TURN = 7_305_002  # the kind of advisory lock by which the invitations of a trip are put in turn


def set_mode(trip: Trip, mode: Inviting, by: By) -> None:
    """Mail no sessions, those that change, or all as invitations from now on; audited. A worker
    looks at every delegate soon after. Setting what is set already does nothing.

    Invitations that were mailed are kept right whatever is set: a calendar that was told of a
    session once is told of its move and of its end.
    """
    seats.hold(trip.id)
    if trip.inviting == mode:
        return
    before = trip.inviting
    trip.inviting = mode
    if mode != Inviting.FEED and (trip.inviting_since is None or before == Inviting.FEED):
        trip.inviting_since = clock.now()
    db.session.flush()
    unsettle(trip)
    audits.write(
        by,
        trip,
        "set invitations",
        trip_id=trip.id,
        before={"inviting": before},
        after={"inviting": mode},
    )


def unsettle(trip: Trip) -> None:
    """Let a worker look at every delegate of the trip anew, once one who does so now is done."""
    db.session.execute(select(func.pg_advisory_xact_lock(TURN, trip.id)))
    db.session.execute(
        update(Feed)
        .where(Feed.trip_id == trip.id, Feed.scope == Scope.DELEGATE)
        .values(is_settled=False)
        .execution_options(synchronize_session="fetch")
    )
    hint(RECONCILE)
