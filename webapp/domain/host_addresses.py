"""The mail addresses of those who host, speak, interpret or guide in a tour: by them they are told
of their sessions. Of somebody who travels as a delegate it is the delegate's own to give.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.db import db
from webapp.domain import audits, people, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.person import Person, PersonAlias
from webapp.models.trip import Trip


class AddressTaken(DomainError):
    """Somebody else has this address: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class NotTheirs(DomainError):
    """The person does nothing in a session of the tour, or is a delegate, who gives it."""


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody in a session of the draft; `is_delegate`: of this tour or another."""

    person: Person
    is_delegate: bool


def of_trip(trip: Trip) -> list[Host]:
    """Everybody who does something in a session of the draft, by family name. Two statements."""
    found = people.in_sessions(trip)
    travelling = set(
        db.session.scalars(
            select(Delegate.person_id).where(Delegate.person_id.in_([each.id for each in found]))
        )
    )
    return [Host(person, person.id in travelling) for person in found]


def give(trip: Trip, person_id: int, email: str | None, by: By) -> bool:
    """Write down the address of one of them, or that there is none (None); whether that is news.

    Raises NotTheirs, AddressTaken.
    """
    trip = seats.hold(trip.id)
    host = next((each for each in of_trip(trip) if each.person.id == person_id), None)
    if host is None or host.is_delegate:
        raise NotTheirs
    if (host.person.email or "").lower() == (email or "").lower():
        return False
    if email and (other := _owner(email)):
        raise AddressTaken(other.name)
    host.person.email = email
    db.session.flush()
    # Without the address: the audit outlives it.
    audits.write(by, host.person, "change", trip_id=trip.id, after={"has_address": bool(email)})
    return True


def _owner(email: str) -> Person | None:
    alias = select(PersonAlias.person_id).where(func.lower(PersonAlias.email) == email.lower())
    return db.session.scalars(
        select(Person).where(
            Person.merged_into_id.is_(None),
            (func.lower(Person.email) == email.lower()) | Person.id.in_(alias),
        )
    ).first()


def missing(hosts: Sequence[Host]) -> int:
    """How many of them cannot be written to."""
    return sum(not each.person.email for each in hosts)
