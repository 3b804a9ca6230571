"""One more delegate, or several: with a place, or waiting for one."""

from collections.abc import Sequence

from webapp import clock
from webapp.db import db
from webapp.domain import correspondence, feeds, people, queues, registrations, seats, standings
from webapp.domain.audits import By
from webapp.domain.delegates.refusing import MOST, hold_open, refuse_double, spare_mailbox
from webapp.domain.delegates.telling import Change, audit, tell
from webapp.domain.registrations import DelegateData
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.trip import Trip


def add(
    registration: Registration, data: DelegateData, by: By, *, invited: bool = False
) -> Delegate:
    """One more delegate, who comes, or waits for a place when there is none; `invited`: by mail, to
    fill in their own data. Raises NotOpen, AlreadyThere, seats.TooManyDelegates (MOST),
    registrations.WrittenTooOften."""
    delegate, change = _add(registration, data, by, invited=invited)
    tell(registration, [change], by)
    return delegate


def add_many(registration: Registration, people_: Sequence[DelegateData], by: By) -> list[Delegate]:
    """Several more delegates in their order, all or none, told to the coordinator in one letter.
    Raises what `add` raises."""
    seats.hold(registration.trip_id)
    # All at once, in one order: two tours with the same new people would deadlock.
    people.find_or_add_many([(d.given_name, d.family_name, d.email) for d in people_])
    added = [_add(registration, data, by, invited=False) for data in people_]
    tell(registration, [change for _delegate, change in added], by)
    return [delegate for delegate, _change in added]


def invite(registration: Registration, email: str, language: str, by: By) -> Delegate:
    """Ask a colleague by mail to fill in their own data. Raises what `add` raises."""
    return add(registration, DelegateData("", "", email, language=language), by, invited=True)


def _add(
    registration: Registration, data: DelegateData, by: By, *, invited: bool
) -> tuple[Delegate, Change]:
    trip = hold_open(registration)
    refuse_double(registration, data.email)
    if len(registration.everybody) >= MOST:
        raise seats.TooManyDelegates(len(registration.everybody) + 1, MOST)
    spare_mailbox(data.email, by)
    delegate = make(registration, data, invited=invited)
    if not _has_room(trip, registration):
        delegate.become(DelegateState.WAITING)
        delegate.queued_at = clock.now()
    join(registration, delegate)
    change = audit(delegate, "invite" if invited else "add", by, {})
    feeds.outdate_registration(registration)
    standings.owe(registration)
    if registration.state == RegistrationState.WAITLISTED:
        queues.settle(trip)  # a larger party may keep fewer places from those behind it
    return delegate, change


def _has_room(trip: Trip, registration: Registration) -> bool:
    """Whether one more delegate of a company comes in now. In a company that waits, everybody is
    part of its party as far as its own limit goes."""
    if registration.state not in HOLDS_SEATS:
        limit = trip.max_per_organization + registration.extra_places
        return len(registration.coming) < limit
    if queues.anybody(trip):
        queues.settle(trip)  # a block may have ended a moment ago: they come first
    room = seats.room_for(trip, registration)
    if room.company == 0 or room.seats == 0:
        return False
    return room.own_block > 0 or not queues.keeps_places(trip)


def make(registration: Registration, data: DelegateData, *, invited: bool) -> Delegate:
    """A new delegate behind all others of the registration, who is coming; not in it yet."""
    person = people.find_or_add(data.given_name, data.family_name, data.email)
    position = max(d.position for d in registration.everybody) + 1
    return registrations.new_delegate(position, data, person, clock.now(), invited=invited)


def join(registration: Registration, delegate: Delegate) -> None:
    """Put a new delegate into the registration, with a calendar and a letter."""
    registration.everybody.append(delegate)
    db.session.flush()
    db.session.expire(registration, ["delegates"])
    feeds.open_delegate(delegate)
    correspondence.put([registrations.welcome(delegate)])
