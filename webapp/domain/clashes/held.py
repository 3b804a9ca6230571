"""What publishing would leave as it is published: the plan looks at that, not at the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.models.agenda import AgendaItem
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.place import Room, Venue
from webapp.models.release import ReleaseItem


@dataclass(frozen=True, slots=True)
class Held:
    """`numbers` are the ids of all items of the draft that are held back; `items`, by those ids,
    what is published of them and takes place. The rest is what these items name."""

    numbers: frozenset[int] = frozenset()
    items: Mapping[int, ReleaseItem] = field(default_factory=dict)
    venues: Sequence[Venue] = ()
    room_capacities: Mapping[int, int | None] = field(default_factory=dict)
    companies: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, held: Mapping[UUID, ReleaseItem | None]) -> "Held":
        """Read what is held back, by uid: nothing at all where nothing is."""
        if not held:
            return cls()
        rows, scalars = db.session.execute, db.session.scalars
        ids = {
            uid: number
            for number, uid in rows(
                select(AgendaItem.id, AgendaItem.uid).where(AgendaItem.uid.in_(held))
            )
        }
        items = {
            ids[uid]: item
            for uid, item in held.items()
            if item is not None and not item.is_cancelled and uid in ids
        }
        said = [item.values or {} for item in items.values()]
        venues = {each.get(name) for each in said for name in ("venue_id", "to_venue_id")}
        rooms = {each.get("room_id") for each in said}
        companies = {number for item in items.values() for number in item.organization_ids}
        people = {number for item in items.values() for number in works_in(item)}
        company = select(Organization.id, Organization.name).where(Organization.id.in_(companies))
        person = select(Person).where(Person.id.in_(people))
        return cls(
            frozenset(ids.values()),
            items,
            scalars(select(Venue).where(Venue.id.in_(venues - {None}))).all(),
            {
                n: c
                for n, c in rows(select(Room.id, Room.capacity).where(Room.id.in_(rooms - {None})))
            },
            {number: name for number, name in rows(company)},
            {p.id: f"{p.given_name} {p.family_name}".strip() for p in scalars(person)},
        )


def works_in(item: ReleaseItem) -> list[int]:
    """The ids of the people who do something in a published item, as far as the release kept
    them."""
    return [number for number, _role in (item.values or {}).get("people", ())]
