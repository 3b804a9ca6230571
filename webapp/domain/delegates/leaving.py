"""A delegate does not come: a colleague comes instead, or the place passes on."""

from dataclasses import dataclass

from webapp import clock, i18n
from webapp.db import db
from webapp.domain import audits, correspondence, feeds, picks, queues, seats, standings
from webapp.domain.audits import By
from webapp.domain.delegates.adding import join, make
from webapp.domain.delegates.refusing import (
    AlreadyThere,
    LastDelegate,
    hold_open,
    refuse_double,
    spare_mailbox,
)
from webapp.domain.delegates.telling import audit, tell
from webapp.domain.registrations import DelegateData
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.mail import Mail
from webapp.models.registration import HOLDS_SEATS
from webapp.models.trip import Trip, TripState


@dataclass(frozen=True, slots=True)
class Replacement:
    """Who left, who came instead, and what did not pass on: titles of chosen sessions, and names of
    tracks, in the words of the present reader."""

    old: Delegate
    new: Delegate
    lost: list[str]


def what_does_not_pass_on(delegate: Delegate) -> list[str]:
    """What a colleague who replaces this delegate has to choose or be given anew."""
    chosen = [i18n.words(pick.item.title) for pick in picks.of(delegate).values()]
    return [*chosen, *(i18n.words(track.name) for track in delegate.tracks)]


def replace(
    delegate: Delegate, data: DelegateData, by: By, *, invited: bool = False
) -> Replacement:
    """Send another colleague: the place passes on, nothing personal does. The old one's link, feed,
    choices and tracks end; the new one gets own ones. Raises NotOpen, AlreadyThere."""
    registration = delegate.registration
    trip = hold_open(registration, delegate)
    if data.email.lower() == delegate.email.lower():
        raise AlreadyThere
    refuse_double(registration, data.email)
    lost = what_does_not_pass_on(delegate)
    state, turn = delegate.state, delegate.queued_at
    spare_mailbox(data.email, by)
    _leave(delegate, DelegateState.REPLACED)
    new = make(registration, data, invited=invited)
    new.replaces_id = delegate.id
    if state == DelegateState.WAITING:
        new.become(DelegateState.WAITING)
        new.queued_at = turn
    join(registration, new)
    audits.write(by, new, "add", trip_id=trip.id, after={"state": new.state, "name": new.name})
    after = {"state": delegate.state, "instead": new.name, "delegate": new.id}
    tell(registration, [audit(delegate, "replace", by, {"state": state}, after)], by)
    correspondence.to_delegate("delegate_replaced", delegate, 0, by=new.name)
    picks.settle(trip)
    feeds.outdate_registration(registration)
    return Replacement(delegate, new, lost)


def withdraw(delegate: Delegate, reason: str, by: By) -> None:
    """One delegate does not come: the place goes to a colleague who waits, else it is free and
    passes on. Raises NotOpen, LastDelegate."""
    trip = hold_open(delegate.registration, delegate)
    if len(delegate.registration.delegates) == 1:
        raise LastDelegate
    let_go(trip, delegate, reason, by)


def let_go(trip: Trip, delegate: Delegate, reason: str, by: By) -> None:
    """Withdraw one of several delegates whatever the state of the tour, which the caller holds: for
    erasure. In one that is called off the place passes to nobody before it is brought back."""
    registration = delegate.registration
    before = {"state": delegate.state}
    had_place = delegate.state == DelegateState.COMING and trip.state == TripState.ANNOUNCED
    _leave(delegate, DelegateState.WITHDRAWN)
    tell(registration, [audit(delegate, "withdraw", by, dict(before), reason=reason)], by)
    correspondence.to_delegate("delegate_left", delegate, 0, reason=reason.strip() or None)
    waiting = [d for d in registration.delegates if d.state == DelegateState.WAITING]
    holds = registration.state in HOLDS_SEATS
    if had_place and waiting and holds and seats.room_for(trip, registration).company:
        first = min(waiting, key=lambda d: (d.queued_at or registration.queued_at, d.id))
        standings.take_place(first)
    standings.owe(registration)
    picks.settle(trip)
    feeds.outdate_registration(registration)
    queues.settle(trip)


def _leave(delegate: Delegate, state: DelegateState) -> None:
    correspondence.write_anew(Mail.delegate_id == delegate.id)
    delegate.become(state)
    delegate.left_at = clock.now()
    delegate.tracks = []
    db.session.flush()
    db.session.expire(delegate.registration, ["delegates"])
    feeds.close_delegate(delegate)
