"""Several delegates of one company at once, from a sheet: tried first, then done."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp import clock
from webapp.db import db
from webapp.domain import amendments, changing, delegates, seats
from webapp.domain.audits import By
from webapp.domain.registrations import DelegateData
from webapp.models.amendment import AmendmentKind
from webapp.models.delegate import DelegateState
from webapp.models.registration import Registration


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many come, wait for a place, and are asked for (the tour is frozen)."""

    coming: int
    waiting: int
    asked: int


class _TriedOut(Exception):
    """Ends what was only tried."""


def add(registration: Registration, people: Sequence[DelegateData], note: str, by: By) -> Outcome:
    """Add them in their order, all or none; after the freeze each is a request. Raises what
    delegates.add raises."""
    trip = seats.hold(registration.trip_id)
    if not trip.is_frozen(clock.now()):
        new = delegates.add_many(registration, people, by)
        coming = sum(1 for delegate in new if delegate.state == DelegateState.COMING)
        return Outcome(coming, len(new) - coming, 0)
    for data in people:
        wanted = changing.person(data, invited=False)
        amendments.do_or_ask(registration, AmendmentKind.ADD, wanted, note, by)
    return Outcome(0, 0, len(people))


def try_out(
    registration: Registration, people: Sequence[DelegateData], note: str, by: By
) -> Outcome:
    """What `add` would do, and nothing done. Raises what it raises."""
    outcome = Outcome(0, 0, 0)
    try:
        with db.session.begin_nested():
            outcome = add(registration, people, note, by)
            raise _TriedOut
    except _TriedOut:
        db.session.expire_all()
        return outcome
