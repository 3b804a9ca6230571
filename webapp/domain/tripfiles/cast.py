"""The people whom the items of a trip file name.

A person is known by name within one trip, and first within the item: nobody else's namesake, and no
delegate of another company, is taken for them.
"""

from typing import Any

from sqlalchemy import select

from webapp.db import db
from webapp.domain.tripfiles.shared import fill_shared_basis
from webapp.models.agenda import AgendaItem, ItemPerson, ItemRole
from webapp.models.basis import Basis
from webapp.models.person import Person
from webapp.models.trip import Trip

Named = tuple[str, str]
Part = tuple[Person, ItemRole]


class Cast:
    """The people of one trip, by name; those whom a file names for the first time are added."""

    def __init__(self, trip: Trip) -> None:
        found = db.session.scalars(
            select(Person)
            .join(ItemPerson)
            .join(AgendaItem)
            .where(AgendaItem.trip_id == trip.id)
            .order_by(Person.id)
        )
        self._known: dict[Named, Person] = {}
        for person in found:
            self._known.setdefault(_named(person), person)

    def of(
        self, said: list[dict[str, Any]], item: AgendaItem | None
    ) -> tuple[tuple[int, ItemRole], ...]:
        """Who an item of the file names: (id of a Person, what they do), in its order. `item` is
        the stored one."""
        own: list[Part] = [(each.person, each.role) for each in item.people] if item else []
        return tuple(self._find(each, own) for each in said)

    def _find(self, said: dict[str, Any], own: list[Part]) -> tuple[int, ItemRole]:
        role = ItemRole(said["role"])
        given, family = said.get("given") or "", said.get("family") or ""
        name = given.lower(), family.lower()
        alike = [part for part in own if _named(part[0]) == name]
        part = next((part for part in alike if part[1] == role), alike[0] if alike else None)
        if part is not None:
            own.remove(part)
            person = part[0]
        else:
            person = self._known.get(name) or Person(
                given_name=given, family_name=family, basis=Basis.REAL, sources=[]
            )
        self._known.setdefault(name, person)
        fill_shared_basis(person, said)
        db.session.add(person)
        db.session.flush()
        return person.id, role


def _named(person: Person) -> Named:
    return person.given_name.lower(), person.family_name.lower()
