"""Who waits, in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, literal, null, select, union_all

from webapp.db import db
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.registration import HOLDS_SEATS, Party, Registration, RegistrationState
from webapp.models.trip import Order, Trip


@dataclass(frozen=True, slots=True)
class Claim:
    """One that waits: a registration with its party, or one delegate of a registration."""

    registration_id: int
    delegate_id: int | None
    organization_id: int
    held_id: int | None
    extra_places: int
    in_reserve: bool
    party: Party
    score: int | None
    since: datetime
    asks: int

    @property
    def is_in(self) -> bool:
        """Whether its company holds places already."""
        return self.delegate_id is not None


def anybody(trip: Trip) -> bool:
    """Whether somebody's turn may come: a cheap question, for those who come anew."""
    return bool(db.session.scalar(_ANYBODY, {"trip": trip.id}))


def _anybody() -> Select[bool]:
    of_trip = Registration.trip_id == bindparam("trip")
    waits = exists().where(
        of_trip,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.in_reserve.is_(False),
    )
    one_waits = (
        exists()
        .where(Delegate.registration_id == Registration.id)
        .where(
            Delegate.state == DelegateState.WAITING,
            of_trip,
            Registration.state.in_(HOLDS_SEATS),
        )
    )
    return select(waits | one_waits)


_ANYBODY = _anybody()  # made once: every registration asks it


def claims_of(trip: Trip) -> list[Claim]:
    """Who waits, in order. One statement."""
    rows = db.session.execute(union_all(_parties(trip), _singles(trip)))
    claims = [Claim(*row) for row in rows]
    by_score = trip.queue_order == Order.SCORE

    def order(claim: Claim) -> tuple[int, datetime, int, int]:
        score = claim.score if by_score and claim.score is not None else -1
        return -score, claim.since, claim.registration_id, claim.delegate_id or 0

    return sorted((claim for claim in claims if claim.asks), key=order)


def _parties(trip: Trip) -> Select[*tuple[Any, ...]]:
    """The companies that wait, each with those who would come at once: who is over its own limit
    waits for that by itself, once the company is in."""
    return (
        select(
            Registration.id,
            null().label("delegate_id"),
            Registration.organization_id,
            Registration.held_id,
            Registration.extra_places,
            Registration.in_reserve,
            Registration.party,
            Registration.score,
            Registration.queued_at,
            func.count(Delegate.id),
        )
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state == RegistrationState.WAITLISTED,
            Delegate.state == DelegateState.COMING,
        )
        .group_by(Registration.id)
    )


def _singles(trip: Trip) -> Select[*tuple[Any, ...]]:
    """The delegates who wait while their company is in."""
    return (
        select(
            Registration.id,
            Delegate.id,
            Registration.organization_id,
            Registration.held_id,
            Registration.extra_places,
            literal(False),
            literal(Party.ALL.value),
            Registration.score,
            Delegate.queued_at,
            literal(1),
        )
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.in_(HOLDS_SEATS),
            Delegate.state == DelegateState.WAITING,
        )
    )
