"""Two registrations of one company for one tour become the older one. The caller holds the tour.

Nobody is told of a refusal: the younger one is cancelled with the organizer's reason and no letter,
its delegates keep their links, calendars, choices and answers. Whoever is in both keeps the place
in the older one, or has it there from now on, and is sent the link of that.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select, update

from webapp import clock
from webapp.db import Base, db
from webapp.domain import audits, correspondence, feeds, fees, invitations, standings
from webapp.domain.audits import By
from webapp.domain.merges.refusing import MergeRefused, Why
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.document import Document
from webapp.models.fee import Charge, Payment
from webapp.models.question import Answer
from webapp.models.registration import HOLDS_SEATS, IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip


def live(trip: Trip, organization_id: int) -> Sequence[Registration]:
    """The registrations of an organization that have a part in the tour, oldest first."""
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.trip_id == trip.id,
            Registration.organization_id == organization_id,
            Registration.state.not_in(IS_OUT),
        )
        .order_by(Registration.submitted_at, Registration.id)
    ).all()


def join(older: Registration, younger: Registration, reason: str, by: By) -> dict[str, Any]:
    """Make two registrations one; what was moved, as facts. Raises MergeRefused."""
    there = {delegate.email.lower(): delegate for delegate in older.delegates}
    moved = [each for each in younger.delegates if each.email.lower() not in there]
    twins = [each for each in younger.delegates if each.email.lower() in there]
    places = [d for d in twins if _has_the_place(d, there[d.email.lower()])]
    _check(older, younger, [*moved, *places])
    facts = {
        "older": older.id,
        "younger": younger.id,
        "state": younger.state.value,
        "held_id": younger.held_id,
        "delegates": [each.id for each in moved],
        "twins": [each.id for each in twins],
        "charges": _void_charges(younger),
    }
    for twin in twins:
        instead = there[twin.email.lower()]
        takes_place = twin in places
        _end(twin, instead, reason, by)
        if takes_place:
            _keep_place(instead, by)
    _move(older, moved)
    if older.held_id is None:
        older.held_id = younger.held_id
    _cancel(younger, older, facts, reason, by)
    told = [
        correspondence.for_address(
            "links_sent",
            older.trip,
            twin.email,
            there[twin.email.lower()].name,
            twin.language,
            f"merge-{younger.id}-{twin.id}",
            registration_ids=[],
            delegate_ids=[there[twin.email.lower()].id],
        )
        for twin in twins
    ]
    correspondence.put(told)
    db.session.flush()
    db.session.expire_all()
    if older.state == RegistrationState.ACCEPTED:
        fees.follow(older, by)
    return facts


def _has_the_place(twin: Delegate, other: Delegate) -> bool:
    """Whether who is in both has a place in the younger one only."""
    return twin.state == DelegateState.COMING and other.state == DelegateState.WAITING


def _check(older: Registration, younger: Registration, comes: Sequence[Delegate]) -> None:
    names = {"older": older.reference, "younger": younger.reference}
    if RegistrationState.OFFERED in (older.state, younger.state):
        raise MergeRefused(Why.OFFERED, **names)
    if older.state != younger.state:
        raise MergeRefused(Why.STATES, **names, one=older.state, other=younger.state)
    limit = older.trip.max_per_organization + older.extra_places
    together = len([*older.coming, *(d for d in comes if d.state == DelegateState.COMING)])
    if together > limit:
        raise MergeRefused(Why.TOO_MANY, **names, together=together, limit=limit)
    if older.held_id and younger.held_id and older.held_id != younger.held_id:
        raise MergeRefused(Why.BLOCKS, **names)
    if _has(Amendment.registration_id == younger.id, Amendment.state == AmendmentState.OPEN):
        raise MergeRefused(Why.REQUESTS, **names)
    if _has(Payment.registration_id == younger.id, Payment.voided_at.is_(None)):
        raise MergeRefused(Why.MONEY, **names)


def _has(*conditions: Any) -> bool:
    return bool(db.session.scalar(select(exists().where(*conditions))))


def _void_charges(younger: Registration) -> list[int]:
    """What the younger one was charged is owed no more: the older one is charged for all."""
    rows = db.session.scalars(
        update(Charge)
        .where(
            Charge.registration_id == younger.id,
            Charge.waived_at.is_(None),
            Charge.voided_at.is_(None),
        )
        .values(voided_at=clock.now())
        .returning(Charge.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(rows)


def _end(twin: Delegate, instead: Delegate, reason: str, by: By) -> None:
    before = twin.state
    twin.become(DelegateState.WITHDRAWN)
    twin.left_at = clock.now()
    twin.tracks = []
    db.session.flush()
    audits.write(
        by,
        twin,
        "merge",
        trip_id=twin.registration.trip_id,
        before={"state": before},
        after={"state": twin.state, "delegate": instead.id},
        reason=reason,
    )
    feeds.close_delegate(twin)
    invitations.hand_over(twin, instead)


def _keep_place(delegate: Delegate, by: By) -> None:
    """The place of who was in both, or the part in a party that waits, is not lost to the line."""
    if delegate.registration.state in HOLDS_SEATS:
        standings.take_place(delegate)
        return
    before = delegate.state
    delegate.become(DelegateState.COMING)
    audits.write(
        by,
        delegate,
        "promote",
        trip_id=delegate.registration.trip_id,
        before={"state": before},
        after={"state": delegate.state},
    )
    db.session.flush()


def _move(older: Registration, moved: Sequence[Delegate]) -> None:
    """The delegates with what they answered and sent; behind those who are there."""
    last = max((delegate.position for delegate in older.everybody), default=0)
    db.session.flush()
    for number, delegate in enumerate(moved, start=1):
        db.session.execute(
            update(Delegate)
            .where(Delegate.id == delegate.id)
            .values(registration_id=older.id, position=last + number)
            .execution_options(synchronize_session=False)
        )
    ids = [delegate.id for delegate in moved]
    things: tuple[type[Base], ...] = (Answer, Document)
    for thing in things:
        db.session.execute(
            update(thing)
            .where(thing.delegate_id.in_(ids))  # type: ignore[attr-defined]
            .values(registration_id=older.id)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def _cancel(
    younger: Registration, older: Registration, facts: dict[str, Any], reason: str, by: By
) -> None:
    before = younger.state
    younger.become(RegistrationState.CANCELLED)
    younger.reason = reason
    younger.decisions += 1
    younger.decided_at = clock.now()
    younger.decided_by_id = by.staff_id
    younger.confirmed_at = None
    younger.in_reserve = False
    db.session.flush()
    trip_id = younger.trip_id
    audits.write(
        by,
        younger,
        "merge",
        trip_id=trip_id,
        before={"state": before, **facts},
        after={"state": younger.state, "into": older.reference},
        reason=reason,
    )
    audits.write(
        by,
        older,
        "merge",
        trip_id=trip_id,
        before={"delegates": len([d for d in older.everybody if d.state not in GONE])},
        after={"from": younger.reference, "moved": len(facts["delegates"])},
        reason=reason,
    )
