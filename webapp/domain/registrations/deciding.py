"""Deciding: organizers accept, waitlist and decline; a company takes an offer or cancels; what is
not answered or paid in time lapses. Each frees or takes places, and the waiting list moves on."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, correspondence, fees, picks, queues, seats, standings
from webapp.domain.audits import By
from webapp.domain.registrations.finding import AlreadyRegistered, refuse_second
from webapp.errors import DomainError
from webapp.models.registration import HOLDS_SEATS, Party, Registration, RegistrationState
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip, TripState


class ReasonMissing(DomainError):
    """A refusal needs a reason, which the company will read; so does what is out of turn."""


class DecidedMeanwhile(DomainError):
    """Somebody else decided since the page was opened."""


class OutOfTurn(DomainError):
    """So many others stand before it in the waiting list."""

    def __init__(self, before: int) -> None:
        super().__init__(f"{before} before it")
        self.before = before


class OfferEnded(DomainError):
    """The offer was answered, taken back, or its deadline has passed."""


class Lapse(StrEnum):
    """Why a place is lost: the offer was not answered, or what is owed not paid, in time."""

    OFFER = "offer"
    UNPAID = "unpaid"


NOT_HELD = (TripState.CANCELLED, TripState.WITHDRAWN)
# What keeps a decision from being made.
REFUSALS = (
    AlreadyRegistered,
    ReasonMissing,
    DecidedMeanwhile,
    OutOfTurn,
    MoveRefused,
    seats.NoSeatLeft,
    seats.NoCompanyPlaceLeft,
    seats.TooManyDelegates,
)


def decide(
    registration: Registration,
    state: RegistrationState,
    reason: str,
    by: By,
    seen: int | None = None,
    *,
    out_of_turn: bool = False,
) -> Registration:
    """An organizer accepts, waitlists or declines; the company and its delegates are told.

    What an organizer puts on the waiting list is in reserve: it comes up by another decision, or
    once it is let take its turn. `seen` is the number of decisions that the organizer saw. Raises
    DecidedMeanwhile when there are more by now; MoveRefused; ReasonMissing for a waitlisting or
    refusal without one, and for accepting out of turn; OutOfTurn when others stand before it;
    seats.NoSeatLeft, NoCompanyPlaceLeft or TooManyDelegates when there is no place: nobody comes
    in above a limit, whatever the reason.
    """
    if (state != RegistrationState.ACCEPTED or out_of_turn) and not reason.strip():
        raise ReasonMissing
    trip = seats.hold(registration.trip_id)
    if seen is not None and registration.decisions != seen:
        raise DecidedMeanwhile
    if not registration.may_become(state):
        raise MoveRefused(registration, registration.state, state)
    if state == RegistrationState.ACCEPTED and trip.state in NOT_HELD:
        raise MoveRefused(registration, registration.state, state)
    if registration.is_out:
        refuse_second(trip, registration.organization_id, registration.id)
    if state in HOLDS_SEATS and registration.state not in HOLDS_SEATS:
        _take_places(trip, registration, out_of_turn=out_of_turn)
    if state == RegistrationState.WAITLISTED:
        registration.in_reserve = True
    _move(trip, registration, state, "decide", by, reason)
    return registration


def decide_many(
    trip: Trip, ids: Iterable[int], state: RegistrationState, reason: str, by: By
) -> list[tuple[Registration, DomainError | None]]:
    """The same decision for several registrations of one trip, those in the line first, by their
    turn, then in the order given: each stands or falls by itself. Ids of other trips count for
    nothing. Raises ReasonMissing."""
    if state != RegistrationState.ACCEPTED and not reason.strip():
        raise ReasonMissing
    wanted = queues.in_order(trip, dict.fromkeys(ids))
    found = {
        each.id: each
        for each in db.session.scalars(
            select(Registration).where(Registration.id.in_(wanted), Registration.trip_id == trip.id)
        )
    }
    told: list[tuple[Registration, DomainError | None]] = []
    for number in wanted:
        if number not in found:
            continue
        try:
            with db.session.begin_nested():
                decide(found[number], state, reason, by)
        except REFUSALS as error:
            db.session.expire_all()  # what was looked at on the way may not be so any more
            told.append((found[number], error))
        else:
            told.append((found[number], None))
    return told


def let_take_turn(registration: Registration, by: By) -> Registration:
    """Take a registration out of reserve: from now on it comes up by its turn."""
    trip = seats.hold(registration.trip_id)
    if registration.in_reserve:
        registration.in_reserve = False
        db.session.flush()
        audits.write(
            by,
            registration,
            "change",
            trip_id=trip.id,
            before={"in_reserve": True},
            after={"in_reserve": False},
        )
        queues.settle(trip)
    return registration


def cancel(registration: Registration, reason: str, by: By) -> Registration:
    """The company (or an organizer for it) withdraws: seats are freed and its feeds end."""
    trip = seats.hold(registration.trip_id)
    _move(trip, registration, RegistrationState.CANCELLED, "cancel", by, reason)
    return registration


def accept_offer(registration: Registration, by: By) -> Registration:
    """The company takes the place that it was offered. Raises OfferEnded."""
    trip = seats.hold(registration.trip_id)
    ends_at = registration.offer_ends_at
    is_open = registration.state == RegistrationState.OFFERED and ends_at is not None
    if not is_open or clock.now() >= ends_at or trip.state in NOT_HELD:  # type: ignore[operator]
        raise OfferEnded
    _move(trip, registration, RegistrationState.ACCEPTED, "accept offer", by, "")
    return registration


def wait_again(registration: Registration, by: By) -> Registration:
    """A company whose place lapsed asks again: at the end of the line. Raises MoveRefused,
    AlreadyRegistered when it has applied anew."""
    trip = seats.hold(registration.trip_id)
    if registration.state != RegistrationState.LAPSED or trip.state in NOT_HELD:
        raise MoveRefused(registration, registration.state, RegistrationState.WAITLISTED)
    refuse_second(trip, registration.organization_id, registration.id)
    registration.queued_at = clock.now()
    _move(trip, registration, RegistrationState.WAITLISTED, "wait again", by, "")
    return registration


def change_party(registration: Registration, party: Party, by: By) -> Registration:
    """Wait for all places at once, or for as many as there are."""
    trip = seats.hold(registration.trip_id)
    if registration.party != party:
        before, registration.party = registration.party, party
        db.session.flush()
        audits.write(
            by,
            registration,
            "change",
            trip_id=trip.id,
            before={"party": before},
            after={"party": party},
        )
        queues.settle(trip)
    return registration


def allow_extra(registration: Registration, extra: int, reason: str, by: By) -> Registration:
    """Let one company send so many delegates more than others may; those who wait for that come in
    as far as the trip has places. Fewer than before sends nobody away. Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    trip = seats.hold(registration.trip_id)
    before, registration.extra_places = registration.extra_places, extra
    db.session.flush()
    audits.write(
        by,
        registration,
        "extra places",
        trip_id=trip.id,
        before={"extra_places": before},
        after={"extra_places": extra},
        reason=reason,
    )
    queues.settle(trip)
    return registration


def due_trips() -> list[int]:
    """The trips in which an offer has ended unanswered, or a place is to be paid by now."""
    ended = db.session.scalars(
        select(Registration.trip_id)
        .join(Trip)
        .where(
            Trip.state == TripState.ANNOUNCED,
            Registration.state == RegistrationState.OFFERED,
            Registration.offer_ends_at <= clock.now(),
        )
    ).all()
    unpaid = db.session.scalars(
        select(Registration.trip_id).where(Registration.id.in_(fees.unpaid_due(clock.now())))
    ).all()
    return sorted({*ended, *unpaid})


def lapse_due(trip_id: int) -> int:
    """Let lapse what was not answered or paid in time in one trip; the places pass on. How many."""
    trip = seats.hold(trip_id)
    at = clock.now()
    unpaid = set(fees.unpaid_due(at, trip.id))
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.trip_id == trip.id,
            ((Registration.state == RegistrationState.OFFERED) & (Registration.offer_ends_at <= at))
            | Registration.id.in_(unpaid),
        )
        .order_by(Registration.id)
    ).all()
    for registration in rows:
        why = Lapse.UNPAID if registration.id in unpaid else Lapse.OFFER
        _lapse(registration, why)
    if rows:
        picks.settle(trip)
        queues.settle(trip)
    return len(rows)


def _lapse(registration: Registration, why: Lapse) -> None:
    standings.move(registration, RegistrationState.LAPSED, "lapse", audits.SYSTEM)
    version = registration.decisions
    told = [correspondence.for_coordinator("place_lapsed", registration, version, why=why.value)]
    told += [
        correspondence.for_delegate(
            "delegate_status",
            delegate,
            version,
            state=registration.state.value,
            delegate_state=delegate.state.value,
            why=why.value,
        )
        for delegate in registration.delegates
    ]
    correspondence.put(told)


def _take_places(trip: Trip, registration: Registration, *, out_of_turn: bool) -> None:
    """Let a company in that holds no places, as its party says."""
    if not out_of_turn:
        waiting = queues.before(registration)
        if waiting:
            raise OutOfTurn(waiting)
    asked = len(registration.coming)
    room = seats.room_for(trip, registration)
    places = room.for_party(asked, registration.party)
    if not places:
        limit = trip.max_per_organization + registration.extra_places
        raise seats.refusal(room, asked, limit)
    standings.seat(registration, places)


def _move(
    trip: Trip, registration: Registration, state: RegistrationState, action: str, by: By, why: str
) -> None:
    standings.move(registration, state, action, by, why)
    standings.tell(registration)
    picks.settle(trip)
    queues.settle(trip)
