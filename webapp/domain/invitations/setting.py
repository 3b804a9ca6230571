"""What organizers decide: which sessions of a trip are mailed as invitations."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, update

from webapp import clock
from webapp.db import db, hint
from webapp.domain import audits, correspondence, seats
from webapp.domain.audits import By
from webapp.domain.correspondence.inviting import INVITED
from webapp.domain.feeds.outdating import RECONCILE
from webapp.models.feed import Feed, Scope
from webapp.models.mail import Hold, Mail, MailState
from webapp.models.trip import Inviting, Trip

TURN = 7_305_002  # the kind of advisory lock by which the invitations of a trip are put in turn
HOLD_MINUTES = 10


def set_mode(trip: Trip, mode: Inviting, by: By, hold_minutes: int = HOLD_MINUTES) -> None:
    """Mail no sessions, those that change, or all as invitations from now on; audited. A worker
    looks at every delegate soon after. Setting what is set already does nothing.

    Mailing all writes to everybody at once, so the letters are held for `hold_minutes`: whoever
    sets something else meanwhile takes them back. Invitations that left are kept right whatever is
    set: a calendar that was told of a session once is told of its move and of its end.
    """
    seats.hold(trip.id)
    if trip.inviting == mode:
        return
    before = trip.inviting
    trip.inviting = mode
    if mode != Inviting.FEED and (trip.inviting_since is None or before == Inviting.FEED):
        trip.inviting_since = clock.now()
    is_held = mode == Inviting.ALL and hold_minutes > 0
    trip.inviting_goes_at = clock.now() + timedelta(minutes=hold_minutes) if is_held else None
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


def let_go(trip: Trip, by: By) -> int:
    """Let the invitations that are held since all are mailed go out at once; how many there were.
    Audited, if any."""
    seats.hold(trip.id)
    db.session.execute(select(func.pg_advisory_xact_lock(TURN, trip.id)))
    goes_at = trip.inviting_goes_at
    if goes_at is None or goes_at <= clock.now():
        return 0
    number = held(trip)
    trip.inviting_goes_at = None
    correspondence.let_go(*_held(trip))
    before = {"goes_at": goes_at}
    audits.write(by, trip, "mail invitations now", trip_id=trip.id, before=before)
    return number


def held(trip: Trip) -> int:
    """How many invitations have been written that are held since all are mailed. One statement."""
    return db.session.scalar(select(func.count()).select_from(Mail).where(*_held(trip))) or 0


def _held(trip: Trip) -> tuple[ColumnElement[bool], ...]:
    return (
        Mail.trip_id == trip.id,
        Mail.letter == INVITED,
        Mail.state == MailState.HELD,
        Mail.hold == Hold.WINDOW,
        Mail.release_id.is_(None),
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
