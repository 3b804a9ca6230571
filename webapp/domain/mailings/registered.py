"""Who has registered for a tour, as plain columns: companies and their delegates."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from webapp.db import db
from webapp.domain.listings.filters import owing
from webapp.domain.mailings.terms import Audience
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.registration import IS_OUT, Registration, RegistrationState
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Company:
    """A registration, and who speaks for it."""

    id: int
    organization_id: int
    name: str
    state: RegistrationState
    coordinator_name: str
    coordinator_email: str
    language: str
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """A delegate, also one who has left."""

    id: int
    registration_id: int
    state: DelegateState
    given_name: str
    family_name: str
    email: str
    language: str
    opened_at: datetime | None
    erased_at: datetime | None

    @property
    def is_there(self) -> bool:
        return self.state not in GONE and self.erased_at is None


def companies(trip: Trip) -> list[tuple[int, str]]:
    """The organizations that have registered for the tour, whatever became of it: id and name, by
    name."""
    rows = (
        select(Organization.id, Organization.name)
        .join(Registration, Registration.organization_id == Organization.id)
        .where(Registration.trip_id == trip.id)
        .distinct()
    )
    found = [(number, name) for number, name in db.session.execute(rows)]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))


def asked_companies(trip: Trip, audience: Audience) -> list[Company]:
    """The registrations of an audience, by name."""
    rows = (
        select(
            Registration.id,
            Registration.organization_id,
            Organization.name,
            Registration.state,
            Registration.coordinator_name,
            Registration.coordinator_email,
            Registration.language,
            Registration.opened_at,
        )
        .join(Organization, Registration.organization_id == Organization.id)
        .where(*_conditions(trip, audience))
        .order_by(func.lower(Organization.name), Registration.id)
    )
    return [Company(*row) for row in db.session.execute(rows)]


def asked_people(trip: Trip, audience: Audience) -> list[Person]:
    """Their delegates, also those who left, in the order of each company."""
    rows = (
        select(
            Delegate.id,
            Delegate.registration_id,
            Delegate.state,
            Delegate.given_name,
            Delegate.family_name,
            Delegate.email,
            Delegate.language,
            Delegate.opened_at,
            Delegate.erased_at,
        )
        .join(Registration, Delegate.registration_id == Registration.id)
        .where(*_conditions(trip, audience))
        .order_by(Delegate.registration_id, Delegate.position)
    )
    return [Person(*row) for row in db.session.execute(rows)]


def _conditions(trip: Trip, audience: Audience) -> list[ColumnElement[bool]]:
    """What is asked of a registration."""
    found = [Registration.trip_id == trip.id]
    if audience.states:
        found.append(Registration.state.in_(audience.states))
    else:
        found.append(Registration.state.not_in(IS_OUT))
    if audience.organization_ids:
        found.append(Registration.organization_id.in_(audience.organization_ids))
    if audience.unpaid:
        found.append(Registration.id.in_(owing(trip)))
    return found
