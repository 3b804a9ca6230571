"""Erasing a human: for good, with every link, calendar, choice, answer and file; the counts stay.

What is left of a delegate is a row without a name, so that places, companies and choices can still
be counted. What the organizers have to keep by law (payments) and what was published of somebody
who spoke in a session is told in the result and not touched.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.domain import correspondence, delegates, registrations, seats
from webapp.domain.audits import By
from webapp.domain.privacy.blanking import (
    Erasure,
    forget_coordinator,
    forget_delegate,
    forget_person,
    forget_prospect,
)
from webapp.domain.privacy.scrubbing import ERASED_LETTER, forget_addresses
from webapp.domain.privacy.subjects import Subject, of_address
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.prospect import Prospect
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip


class ReasonMissing(DomainError):
    """An erasure says why: who asked, or which date has come."""


class AlreadyErased(DomainError):
    """Nothing is left to erase."""


class StillCoordinates(DomainError):
    """The human speaks for a company of which others come: a colleague takes that over first."""

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__(", ".join(references))
        self.references = tuple(references)


def erase(delegate: Delegate, by: By, reason: str) -> Erasure:
    """Erase one delegate of one tour, and the same address as coordinator, draft and invitation
    there. Cannot be undone. The last letter goes to the address before it is gone.

    While the tour is to come the place is given up and passes on; of the company's only delegate,
    with the registration. Raises ReasonMissing, AlreadyErased, StillCoordinates.
    """
    if not reason.strip():
        raise ReasonMissing
    trip = seats.hold(delegate.registration.trip_id)
    if delegate.erased_at is not None:
        raise AlreadyErased
    email, name, language = delegate.email, delegate.name, delegate.language
    same = _with_address(trip, email)
    _refuse_coordinator(trip, email, same)
    _last_letter(trip, email, name, language, f"delegate-{delegate.id}")
    _forget_askings(trip, email, by, reason)  # first: what it writes is gone through as well
    done = Erasure()
    for each in same:
        _give_up(trip, each, by)
        done += forget_delegate(each, by, reason)
    for registration in _coordinated(trip, email):
        done += forget_coordinator(registration, by, reason)
    return done


def erase_address(email: str, by: By, reason: str) -> Erasure:
    """Erase whoever has this mail address, in every tour, coordinators too. Raises ReasonMissing,
    AlreadyErased when nothing is held, StillCoordinates."""
    if not reason.strip():
        raise ReasonMissing
    subject = of_address(email)
    if subject.is_empty:
        raise AlreadyErased
    done = Erasure()
    for trip_id in _trips(subject):
        trip = seats.hold(trip_id)
        there = [each for each in subject.delegates if each.registration.trip_id == trip_id]
        for address in sorted(subject.emails):
            _refuse_coordinator(trip, address, there)
        for delegate in there:
            if delegate.erased_at is None:  # not erased with another of the same address
                done += erase(delegate, by, reason)
        for address in sorted(subject.emails):
            _forget_askings(trip, address, by, reason)
            for registration in _coordinated(trip, address):
                _last_letter(
                    trip,
                    address,
                    registration.coordinator_name,
                    registration.language,
                    f"registration-{registration.id}",
                )
                done += forget_coordinator(registration, by, reason)
    keeps = [person for person in subject.people if not forget_person(person)]
    return replace(done, keeps_person=bool(keeps))  # now that every tour is done


def _refuse_coordinator(trip: Trip, email: str, leaving: Sequence[Delegate]) -> None:
    """Nobody else could act for colleagues who still come."""
    if _is_over(trip):
        return
    gone = {each.id for each in leaving}
    left = [
        registration.reference
        for registration in _coordinated(trip, email)
        if not registration.is_out and any(d.id not in gone for d in registration.delegates)
    ]
    if left:
        raise StillCoordinates(left)


def _last_letter(trip: Trip, email: str, name: str, language: str, version: str) -> None:
    correspondence.to_address(ERASED_LETTER, trip, email, name, language, version)


def _give_up(trip: Trip, delegate: Delegate, by: By) -> None:
    """Free the place of one who still comes, or would if the tour that is called off were brought
    back. Who has travelled stays counted."""
    registration = delegate.registration
    if delegate.is_gone or registration.is_out or _is_over(trip):
        return
    if len(registration.delegates) > 1:
        delegates.let_go(trip, delegate, "", by)
    elif registration.may_become(RegistrationState.CANCELLED):
        registrations.cancel(registration, "", by)


def _is_over(trip: Trip) -> bool:
    return clock.wall(clock.now(), trip.zone).date() > trip.ends_on


def _with_address(trip: Trip, email: str) -> Sequence[Delegate]:
    """The delegates of the tour with this address: of one company, or of two."""
    return db.session.scalars(
        select(Delegate)
        .join(Delegate.registration)
        .where(
            Registration.trip_id == trip.id,
            func.lower(Delegate.email) == email.lower(),
            Delegate.erased_at.is_(None),
        )
        .order_by(Delegate.id)
    ).all()


def _coordinated(trip: Trip, email: str) -> Sequence[Registration]:
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.trip_id == trip.id,
            func.lower(Registration.coordinator_email) == email.lower(),
        )
        .order_by(Registration.id)
    ).all()


def _trips(subject: Subject) -> list[int]:
    """The tours that anything of somebody is in, in the one order in which they are locked."""
    found = {each.registration.trip_id for each in subject.delegates}
    found |= {each.trip_id for each in subject.coordinated}
    found |= {each.trip_id for each in subject.prospects}
    return sorted(found | {each.trip_id for each in subject.drafts})


def _forget_askings(trip: Trip, email: str, by: By, reason: str) -> None:
    """A form that was begun, an invitation to apply, and what is known of the address."""
    forget_addresses(trip.id, [email.lower()])
    mine = func.lower(Draft.email) == email.lower()
    for draft in db.session.scalars(select(Draft).where(Draft.trip_id == trip.id, mine)):
        db.session.delete(draft)
    for prospect in db.session.scalars(
        select(Prospect).where(
            Prospect.trip_id == trip.id, func.lower(Prospect.email) == email.lower()
        )
    ):
        forget_prospect(prospect, by, reason)
    db.session.flush()
