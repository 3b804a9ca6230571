"""What stands beside two things that may be the same, for whoever decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.db import db
from webapp.models.agenda import AgendaItem, ItemPerson
from webapp.models.delegate import Delegate
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.registration import Registration


@dataclass(frozen=True, slots=True)
class Company:
    """An organization with its registrations, oldest first."""

    organization: Organization
    registrations: Sequence[Registration]


@dataclass(frozen=True, slots=True)
class Human:
    """A person with who they are in tours, and the sessions in which they do something."""

    person: Person
    delegates: Sequence[Delegate]
    sessions: Sequence[AgendaItem]


def organization(organization_id: int) -> Organization | None:
    """The organization with that id, unless it was merged; None."""
    found = db.session.get(Organization, organization_id)
    return found if found is not None and found.merged_into_id is None else None


def person(person_id: int) -> Person | None:
    """The person with that id, unless merged; None."""
    found = db.session.get(Person, person_id)
    return found if found is not None and found.merged_into_id is None else None


def company(of: Organization) -> Company:
    """An organization with what is known of it."""
    rows = db.session.scalars(
        select(Registration)
        .where(Registration.organization_id == of.id)
        .options(joinedload(Registration.trip), selectinload(Registration.everybody))
        .order_by(Registration.id)
    ).all()
    return Company(of, rows)


def human(of: Person) -> Human:
    """A person with what is known of them."""
    delegates = db.session.scalars(
        select(Delegate)
        .where(Delegate.person_id == of.id)
        .options(
            joinedload(Delegate.registration).joinedload(Registration.trip),
            joinedload(Delegate.registration).joinedload(Registration.organization),
        )
        .order_by(Delegate.id)
    ).all()
    sessions = db.session.scalars(
        select(AgendaItem)
        .join(ItemPerson, ItemPerson.item_id == AgendaItem.id)
        .where(ItemPerson.person_id == of.id)
        .order_by(AgendaItem.starts_at, AgendaItem.id)
        .distinct()
    ).all()
    return Human(of, delegates, sessions)
