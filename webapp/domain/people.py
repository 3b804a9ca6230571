"""People, apart from trips."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.db import db
from webapp.models.agenda import AgendaItem, ItemPerson
from webapp.models.delegate import Delegate
from webapp.models.person import Person
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip

OFFERED = 500  # people of one tour that a form offers


def find_or_add(given_name: str, family_name: str, email: str) -> Person:
    """The person with this mail address, unchanged, else a new one.

    What is known of a found person stays as it is: whoever types the address is not known.
    """
    by_mail = select(Person).where(func.lower(Person.email) == func.lower(email))
    found = db.session.scalars(by_mail).one_or_none()
    if found:
        return found
    # Two trips may register the same new person at once; the loser of that race reads the winner's.
    db.session.execute(
        insert(Person)
        .values(given_name=given_name, family_name=family_name, email=email)
        .on_conflict_do_nothing()
    )
    return db.session.scalars(by_mail).one()


def in_sessions(trip: Trip) -> Sequence[Person]:
    """Who does something in a session of the draft, by family name."""
    named = (
        select(ItemPerson.person_id)
        .join(AgendaItem, AgendaItem.id == ItemPerson.item_id)
        .where(AgendaItem.trip_id == trip.id)
    )
    return _by_name(select(Person).where(Person.id.in_(named)))


def travelling(trip: Trip) -> Sequence[Person]:
    """The people behind the delegates who have a part in the tour, by family name. OFFERED at
    most."""
    theirs = (
        select(Delegate.person_id)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT))
    )
    return _by_name(select(Person).where(Person.id.in_(theirs)).limit(OFFERED))


def named(trip: Trip, given_name: str, family_name: str) -> Person:
    """The person of this name in the sessions of the tour, else a new one: two tours may have two
    people of one name."""
    known = next(
        (p for p in in_sessions(trip) if _folded(p) == f"{given_name} {family_name}".casefold()),
        None,
    )
    if known is not None:
        return known
    person = Person(given_name=given_name, family_name=family_name)
    db.session.add(person)
    db.session.flush()
    return person


def _folded(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".casefold()


def _by_name(query: Select[Person]) -> Sequence[Person]:
    return db.session.scalars(
        query.order_by(Person.family_name, Person.given_name, Person.id)
    ).all()
