"""What hosts, speakers, interpreters and guides are told of their sessions.

They are people of the published version, by the ids that it kept, never of the draft (DESIGN rule
4). Of those who come they are told how many and of which companies: enough to prepare a visit, and
nothing about anybody; a list of names is the organizers' to give. The letter holds no link.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.db import Facts, db
from webapp.domain import correspondence, programs
from webapp.domain.correspondence import Told
from webapp.domain.readers import Reader
from webapp.domain.reminders.reach import Reach
from webapp.i18n import LANGUAGES
from webapp.models.agenda import AgendaItem, ItemPerson
from webapp.models.person import Person
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

MOST_COMPANIES = 40  # named in a letter; of more the number is told
FRENCH = frozenset({"FR", "MC", "BE", "LU"})  # countries where an unknown host is written to in it


def letters(reach: Reach, day: date | None) -> list[Told]:
    """A letter to each of these people with a mail address who has a session to come, or with
    `day` one that begins on that local date."""
    found = _involved(reach, day)
    people = _people(found)
    visitors = reach.visitors({item.uid for items in found.values() for item in items})
    told = []
    for person_id, items in sorted(found.items()):
        person = people.get(person_id)
        if person is None or not person.email:
            continue
        told.append(
            correspondence.for_address(
                "host_visit",
                reach.trip,
                person.email,
                person.name,
                _language(reach.trip, items),
                0,
                person_id=person.id,
                item_uids=[str(item.uid) for item in items],
                guests=[guests(item, visitors[item.uid]) for item in items],
            )
        )
    return _once_each(told)


def guests(item: ReleaseItem, visitors: Sequence[Reader]) -> Facts:
    """How many come to a session and of which companies, by name."""
    companies = sorted({each.company for each in visitors}, key=str.casefold)
    return {
        "item": str(item.uid),
        "people": len(visitors),
        "companies": companies[:MOST_COMPANIES],
        "more": max(0, len(companies) - MOST_COMPANIES),
    }


def _involved(reach: Reach, day: date | None) -> dict[int, list[ReleaseItem]]:
    """The sessions to come in which each person does something, by the person's id."""
    now = clock.now()
    wanted = [
        item
        for item in programs.takes_place(reach.items, day)
        if item.people_named and item.starts_at > now
    ]
    without = [item for item in wanted if item.values is None]
    drafted = _drafted(without) if without else {}
    found: dict[int, list[ReleaseItem]] = {}
    for item in wanted:
        for person_id in _ids(item, drafted):
            found.setdefault(person_id, []).append(item)
    return found


def _ids(item: ReleaseItem, drafted: dict[UUID, list[int]]) -> list[int]:
    if item.values is None:
        return drafted.get(item.uid, [])
    return list(dict.fromkeys(int(person_id) for person_id, _role in item.values["people"]))


def _drafted(items: Sequence[ReleaseItem]) -> dict[UUID, list[int]]:
    """Of versions that kept no ids: who in the draft has a name that the version gives."""
    named = {item.uid: {each["name"] for each in item.people_named} for item in items}
    rows = db.session.execute(
        select(AgendaItem.uid, Person)
        .join(ItemPerson, ItemPerson.item_id == AgendaItem.id)
        .join(Person, Person.id == ItemPerson.person_id)
        .where(AgendaItem.uid.in_(named))
    )
    found: dict[UUID, list[int]] = {}
    for uid, person in rows:
        if person.name in named[uid]:
            found.setdefault(uid, []).append(person.id)
    return found


def _people(ids: Iterable[int]) -> dict[int, Person]:
    """The people with these ids; of one who was merged into another, that other."""
    wanted = set(ids)
    found: dict[int, Person] = {}
    into: dict[int, int] = {}
    while wanted:
        rows = db.session.scalars(select(Person).where(Person.id.in_(wanted))).all()
        found |= {person.id: person for person in rows}
        into |= {each.id: each.merged_into_id for each in rows if each.merged_into_id}
        wanted = set(into.values()) - found.keys()
    return {key: found[_last(key, into)] for key in found}


def _last(person_id: int, into: dict[int, int]) -> int:
    seen = {person_id}
    while person_id in into and into[person_id] not in seen:
        person_id = into[person_id]
        seen.add(person_id)
    return person_id


def _once_each(told: Sequence[Told]) -> list[Told]:
    """Two people who were merged into one have one letter, with the sessions of both."""
    by_person: dict[int, Told] = {}
    for each in told:
        first = by_person.setdefault(each.facts["person_id"], each)
        if first is not each:
            _join(first.facts, each.facts)  # type: ignore[arg-type]
    return list(by_person.values())


def _join(facts: Facts, more: Facts) -> None:
    for uid, guests in zip(more["item_uids"], more["guests"], strict=True):
        if uid not in facts["item_uids"]:
            facts["item_uids"].append(uid)
            facts["guests"].append(guests)


def _language(trip: Trip, items: Sequence[ReleaseItem]) -> str:
    """In what language to write to somebody of whom we know none: the only one of ours that is
    spoken in the first session, else that of the country where the tour is on that day."""
    first = items[0]
    spoken = [each for each in first.languages if each in LANGUAGES]
    if len(spoken) == 1:
        return spoken[0]
    day = first.starts_local.date()
    stops = [stop for stop in trip.stops if stop.starts_on <= day <= stop.ends_on]
    here = [stop for stop in stops if stop.city == first.city] or stops
    return "fr" if here and here[0].country in FRENCH else "en"
