"""Comparing what calendars hold because of our letters with what they are to hold: for a worker, a
batch of delegates at a time.

Whoever was marked by a change is looked at (`Feed.is_settled`). Letters are put in the transaction
that writes down what was said, with SEQUENCE and DTSTAMP: a retry sends the same octets (R7).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock
from webapp.db import db
from webapp.domain import telling
from webapp.domain.invitations import wanting
from webapp.domain.invitations.batches import Batch
from webapp.domain.invitations.deciding import NOT_SENT, Deed, Wanted, decide, holds
from webapp.domain.invitations.setting import TURN
from webapp.mail import replies
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.invitation import Invitation
from webapp.models.mail import Mail
from webapp.models.registration import Registration
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

BATCH = 10  # delegates of one transaction
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
ENDED_AT = func.coalesce(Feed.revoked_at, NEVER)


def due() -> Sequence[int]:
    """The ids of trips that invite, or did, and have somebody to be looked at. For a worker."""
    unsettled = select(Feed.id).where(
        Feed.trip_id == Trip.id, Feed.scope == Scope.DELEGATE, ~Feed.is_settled
    )
    return db.session.scalars(
        select(Trip.id)
        .where(Trip.inviting_since.is_not(None), unsettled.exists())
        .order_by(Trip.id)
    ).all()


def reconcile(trip_id: int, after: int = 0, limit: int = BATCH) -> int | None:
    """Look at up to `limit` feeds of delegates that are not settled, from the id after `after` on,
    and put what is to be told; the last id looked at, or None when there is none left, or another
    worker does this trip just now. A constant number of statements. No trip is locked.

    A change that comes meanwhile moves the feed's `changed_at`: it stays unsettled, and is looked
    at again.
    """
    telling.stand_by(trip_id)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(TURN, trip_id))):
        return None
    marked = _unsettled(trip_id, after, limit)
    trip = db.session.get(Trip, trip_id, populate_existing=True)
    if not marked or trip is None:
        return None
    people = _people({each.delegate_id or 0 for each in marked})
    batch = _batch(trip)
    rows = _rows([each.id for each in people])
    _recall(batch, people)
    wanted = wanting.of(trip, people)
    for delegate in people:
        _look(batch, delegate, rows.get(delegate.id, {}), wanted.get(delegate.id, {}))
    batch.write()
    _settle(marked)
    return marked[-1].id


class _Marked(NamedTuple):
    """A feed that is not settled, as it was read: an object would learn what changes meanwhile."""

    id: int
    delegate_id: int | None
    changed_at: datetime
    ended_at: datetime


def _unsettled(trip_id: int, after: int, limit: int) -> list[_Marked]:
    rows = db.session.execute(
        select(Feed.id, Feed.delegate_id, Feed.changed_at, ENDED_AT)
        .where(
            Feed.trip_id == trip_id,
            Feed.scope == Scope.DELEGATE,
            ~Feed.is_settled,
            Feed.id > after,
        )
        .order_by(Feed.id)
        .limit(limit)
    )
    return [_Marked(*row) for row in rows]


def _people(ids: Iterable[int]) -> Sequence[Delegate]:
    registration = joinedload(Delegate.registration)
    return db.session.scalars(
        select(Delegate)
        .where(Delegate.id.in_(list(ids)), Delegate.erased_at.is_(None))
        .options(
            registration.joinedload(Registration.trip),
            registration.joinedload(Registration.organization),
            selectinload(Delegate.tracks),
        )
        .order_by(Delegate.id)
        .execution_options(populate_existing=True)
    ).all()


def _batch(trip: Trip) -> Batch:
    at = clock.now()
    held_until = telling.held_until(trip, trip.release) if trip.release else None
    items = db.session.scalars(select(ReleaseItem).where(ReleaseItem.release_id == trip.release_id))
    return Batch(trip, at, held_until, {item.uid: item for item in items})


def _rows(delegate_ids: Sequence[int]) -> dict[int, dict[UUID, Invitation]]:
    """Their invitations by delegate and session, with letters that cannot leave meanwhile."""
    mine = Invitation.delegate_id.in_(delegate_ids)
    db.session.execute(
        select(Mail.id)
        .where(Mail.id.in_(select(Invitation.mail_id).where(mine)), Mail.state.in_(NOT_SENT))
        .order_by(Mail.id)  # in one order for everybody who changes many
        .with_for_update()
    )
    rows = db.session.scalars(
        select(Invitation)
        .where(mine)
        .options(
            joinedload(Invitation.mail).load_only(Mail.state, Mail.last_error, Mail.release_id)
        )
        .execution_options(populate_existing=True)
    )
    found: dict[int, dict[UUID, Invitation]] = {}
    for row in rows:
        found.setdefault(row.delegate_id, {})[row.uid] = row
    return found


def _recall(batch: Batch, people: Sequence[Delegate]) -> None:
    """What the mailboxes of these people were told last and by whom, also as whom they were before:
    somebody who was taken out and is put in again is another delegate."""
    mailbox = func.lower(Invitation.email)
    rows = db.session.execute(
        select(Invitation.uid, mailbox, Invitation.sequence, Invitation.said["organizer"].astext)
        .where(Invitation.trip_id == batch.trip.id, mailbox.in_({p.email.lower() for p in people}))
        .order_by(Invitation.sequence, Invitation.id)
    )
    for uid, email, sequence, organizer in rows:
        batch.said[uid, email] = sequence
        if organizer:
            batch.organizers[uid, email] = organizer


def _look(
    batch: Batch, delegate: Delegate, rows: dict[UUID, Invitation], wanted: dict[UUID, Wanted]
) -> None:
    """Everything that is to be told to one delegate."""
    if _is_same_mailbox(delegate.email, replies.mailbox()):
        wanted = {}  # nobody can invite themselves (I6)
    for uid in sorted({*rows, *wanted}, key=lambda uid: _turn(rows.get(uid), wanted.get(uid))):
        row, want = rows.get(uid), wanted.get(uid)
        deed = decide(row, want, delegate.email, batch.at)
        tells = deed in (Deed.INVITE, Deed.UNINVITE)
        if deed != Deed.NOTHING and not (tells and batch.is_undone(delegate, row, want)):
            _do(batch, delegate, deed, row, want)


def _turn(row: Invitation | None, want: Wanted | None) -> tuple[datetime, UUID]:
    """In what order letters are put: as the sessions are. Those of one worker leave in it."""
    if want is not None:
        return want.item.ends_at, want.item.uid
    assert row is not None
    return row.ends_at, row.uid


def _do(
    batch: Batch, delegate: Delegate, deed: Deed, row: Invitation | None, want: Wanted | None
) -> None:
    if row is not None:
        batch.stop(row)
    match deed:
        case Deed.INVITE if want:
            batch.invite(delegate, row, want)
        case Deed.MOVE if row and want:
            if holds(row):
                batch.uninvite(delegate, row)
            batch.invite(delegate, row, want)
        case Deed.UNINVITE if row:
            batch.uninvite(delegate, row)
        case Deed.KEEP if row:
            batch.keep(row)
        case Deed.FORGET if row:
            batch.forget(row)


def _is_same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses are of one mailbox: what follows a plus sign counts for nothing."""
    parts = [email.lower().rpartition("@") for email in (one, other)]
    return len({(local.partition("+")[0], domain) for local, _at, domain in parts}) == 1


def _settle(marked: Sequence[_Marked]) -> None:
    """Nothing is left to be told to these, unless something changed meanwhile, or changes now."""
    seen = [(each.id, each.changed_at, each.ended_at) for each in marked]
    now = tuple_(Feed.id, Feed.changed_at, ENDED_AT)
    free = select(Feed.id).where(now.in_(seen)).with_for_update(skip_locked=True)
    db.session.execute(
        update(Feed)
        .where(Feed.id.in_(free))
        .values(is_settled=True)
        .execution_options(synchronize_session=False)
    )
