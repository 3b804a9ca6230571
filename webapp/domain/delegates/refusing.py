"""When the delegates of a registration may not be changed."""

from webapp.domain import registrations, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.audit import Actor
from webapp.models.delegate import Delegate
from webapp.models.registration import Registration
from webapp.models.trip import Trip, TripState

MOST = 100  # delegates of one registration, whatever the trip's limit


class AlreadyThere(DomainError):
    """A delegate of the same registration has that mail address."""


class NotOpen(DomainError):
    """The registration is out, the tour does not take place, or the delegate has left."""


class HoldsOwnData(DomainError):
    """The delegate has given sealed answers, documents or consents: they are behind the link, which
    another mail address would be sent. Who comes instead, or has another mailbox, replaces them."""


class LastDelegate(DomainError):
    """A company that comes sends somebody: the last delegate is replaced, or the whole registration
    cancelled."""


# What keeps a change of the delegates from being made.
REFUSALS = (
    AlreadyThere,
    NotOpen,
    HoldsOwnData,
    LastDelegate,
    seats.TooManyDelegates,
    registrations.WrittenTooOften,
)


def hold_open(registration: Registration, delegate: Delegate | None = None) -> Trip:
    """Hold the trip of a registration whose delegates may change. Raises NotOpen."""
    trip = seats.hold(registration.trip_id)
    if registration.is_out or trip.state != TripState.ANNOUNCED:
        raise NotOpen
    if delegate is not None and delegate.is_gone:
        raise NotOpen
    return trip


def refuse_double(registration: Registration, email: str) -> None:
    """Two delegates of a registration have two mailboxes. Raises AlreadyThere."""
    if any(d.email.lower() == email.lower() for d in registration.delegates):
        raise AlreadyThere


def spare_mailbox(email: str, by: By) -> None:
    """A company's link must not become a way to flood somebody's mailbox. Raises
    registrations.WrittenTooOften."""
    if by.actor == Actor.COMPANY:
        registrations.refuse_floods((email,))
