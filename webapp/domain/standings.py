"""How a registration goes from one state to another, and who is told. (DESIGN rules 7 and 8.)

`registrations` (what people decide) and `queues` (what places that come up decide) both move
registrations; what must stand beside each move is here once: audit, feeds, fees, letters.
"""

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, feeds, fees
from webapp.domain.audits import By
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import Registration, RegistrationState


def move(
    registration: Registration, state: RegistrationState, action: str, by: By, reason: str = ""
) -> None:
    """Let a registration of the held trip become `state`, with its audit row. Its feeds are out of
    date, and what it owes follows. Raises MoveRefused. Who is told is said by `tell`."""
    old = registration.state
    registration.become(state)
    registration.reason = reason.strip() or None
    registration.decisions += 1
    registration.decided_at = clock.now()
    registration.decided_by_id = by.staff_id
    if state != RegistrationState.OFFERED:
        registration.offer_ends_at = None
    if state != RegistrationState.WAITLISTED:
        registration.in_reserve = False
    db.session.flush()
    audits.write(
        by,
        registration,
        action,
        trip_id=registration.trip_id,
        before={"state": old},
        after={"state": state},
        reason=registration.reason,
    )
    feeds.outdate_registration(registration)
    owe(registration, is_new=state == RegistrationState.ACCEPTED)


def owe(registration: Registration, *, is_new: bool = False) -> None:
    """Bring what a registration owes in line with its state and its delegates, and say whether it
    is confirmed by that. `is_new`: it has become accepted just now."""
    fees.follow(registration, is_new=is_new)


def seat(registration: Registration, places: int) -> list[Delegate]:
    """Give a registration's places to its first delegates, those who had one before first; the
    others wait for theirs, with the turn of the registration. Who has one now."""
    waits = DelegateState.WAITING
    line = sorted(registration.delegates, key=lambda d: (d.state == waits, d.position))
    for number, delegate in enumerate(line):
        if number < places and delegate.state == waits:
            _change(delegate, DelegateState.COMING, "promote")
        elif number >= places and delegate.state != waits:
            delegate.queued_at = registration.queued_at
            _change(delegate, waits, "wait")
    db.session.flush()
    return line[:places]


def take_place(delegate: Delegate) -> None:
    """Let a delegate who waits have a place: of the trip, or of a colleague who gave it up."""
    _change(delegate, DelegateState.COMING, "promote")
    db.session.flush()
    feeds.outdate_registration(delegate.registration)
    registration = delegate.registration
    if registration.state != RegistrationState.OFFERED:  # else the company has to answer first
        correspondence.to_delegate("delegate_in", delegate, registration.decisions)


def _change(delegate: Delegate, state: DelegateState, action: str) -> None:
    before = delegate.state
    delegate.become(state)
    audits.write(
        audits.SYSTEM,
        delegate,
        action,
        trip_id=delegate.registration.trip_id,
        before={"state": before},
        after={"state": state},
    )


def tell(registration: Registration) -> None:
    """Write to the coordinator, and to each delegate, how the registration stands now."""
    version = registration.decisions
    told = [
        correspondence.for_coordinator(
            "registration_decided",
            registration,
            version,
            state=registration.state.value,
            reason=registration.reason,
        )
    ]
    told += [
        correspondence.for_delegate(
            "delegate_status",
            delegate,
            version,
            state=registration.state.value,
            delegate_state=delegate.state.value,
        )
        for delegate in registration.delegates
    ]
    correspondence.put(told)
