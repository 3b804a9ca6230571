"""People, apart from trips."""

from collections.abc import Collection, Iterable, Sequence
from typing import cast

from sqlalchemy import ARRAY, Select, Table, Text, bindparam, exists, func, select, union_all
from sqlalchemy.dialects.postgresql import insert

from webapp.db import db
from webapp.models.agenda import AgendaItem, ItemPerson
from webapp.models.delegate import GONE, Delegate
from webapp.models.person import Person, PersonAlias
from webapp.models.registration import IS_OUT, Registration
from webapp.models.trip import Trip

OFFERED = 500  # people of one tour that a form offers

# Whose the addresses are, now or before a merge: made once, since every registration asks it.
_asked = func.unnest(bindparam("emails", type_=ARRAY(Text))).column_valued("asked")
_KNOWN = union_all(
    select(_asked.label("asked"), Person.id).where(
        func.lower(Person.email) == func.lower(_asked), Person.merged_into_id.is_(None)
    ),
    select(_asked.label("asked"), PersonAlias.person_id)
    .join(Person, Person.id == PersonAlias.person_id)
    .where(func.lower(PersonAlias.email) == func.lower(_asked), Person.merged_into_id.is_(None)),
)

# Who of them is new: known neither by the address nor by one from before a merge. Added in one
# order, whatever the caller's: two trips with the same people would deadlock.
_new = (
    func.unnest(
        bindparam("given", type_=ARRAY(Text)),
        bindparam("family", type_=ARRAY(Text)),
        bindparam("emails", type_=ARRAY(Text)),
    )
    .table_valued("given_name", "family_name", "email")
    .render_derived(name="new")
)
_ADD = select(Person).from_statement(
    insert(cast(Table, Person.__table__))
    .from_select(
        ["given_name", "family_name", "email"],
        select(_new.c.given_name, _new.c.family_name, _new.c.email)
        .where(
            ~exists()
            .where(PersonAlias.person_id == Person.id, Person.merged_into_id.is_(None))
            .where(func.lower(PersonAlias.email) == func.lower(_new.c.email))
        )
        .order_by(func.lower(_new.c.email)),
    )
    .on_conflict_do_nothing()
    .returning(*Person.__table__.c)
)


def find_or_add(given_name: str, family_name: str, email: str) -> Person:
    """The person with this mail address, now or before a merge, unchanged; else a new one."""
    return find_or_add_many([(given_name, family_name, email)])[email]


def find_or_add_many(named: Iterable[tuple[str, str, str]]) -> dict[str, Person]:
    """The same for several (given name, family name, mail address), by the address as given.

    What is known of a found person stays as it is: whoever types the address is not known. One
    statement where all are new, else three.
    """
    wanted = {email: (given, family) for given, family, email in named}
    asked = {
        "given": [given for given, _family in wanted.values()],
        "family": [family for _given, family in wanted.values()],
        "emails": [*wanted],
    }
    found = {person.email: person for person in db.session.scalars(_ADD, asked) if person.email}
    return found | _by_emails(set(wanted) - set(found))


def _by_emails(emails: Collection[str]) -> dict[str, Person]:
    """Those who are known, by the address as asked for: the database says what is the same."""
    if not emails:
        return {}
    ids = {asked: number for asked, number in db.session.execute(_KNOWN, {"emails": [*emails]})}
    if not ids:
        return {}
    people = db.session.scalars(select(Person).where(Person.id.in_(set(ids.values())))).all()
    known = {person.id: person for person in people}
    return {asked: known[number] for asked, number in ids.items()}


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
        .where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Delegate.state.not_in(GONE),
        )
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
