"""Who is in which item: people, and those who may come before anybody is registered."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select

from webapp.db import db
from webapp.domain.clashes.held import Held, works_in
from webapp.domain.clashes.plans import Party, Who
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemCompany,
    ItemPerson,
    ItemState,
)
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.pick import Pick, PickState
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.track import TrackMember
from webapp.models.trip import Trip

NOTHING: frozenset[int] = frozenset()
# Item, audience, track, company and its name.
_MandatoryRow = tuple[int, Audience, int | None, int | None, str | None]


@dataclass(slots=True)
class Mandatory:
    """The mandatory items by whom they are for; inside, by the id of the track, None for none."""

    everybody: dict[int | None, set[int]] = field(default_factory=lambda: defaultdict(set))
    delegates: dict[int | None, set[int]] = field(default_factory=lambda: defaultdict(set))
    companies: dict[int, dict[int | None, set[int]]] = field(default_factory=dict)

    def of(
        self, tracks: Iterable[int], organization_id: int | None = None, *, accepted: bool = True
    ) -> frozenset[int]:
        """What somebody who follows these tracks is in: items of no track and of theirs, of what
        they may see (published.for_delegate)."""
        shelves = [self.everybody]
        if accepted:
            shelves.append(self.delegates)
            shelves.append(self.companies.get(organization_id or 0, {}))
        wanted = (None, *tracks)
        return frozenset().union(
            *(shelf.get(track, NOTHING) for shelf in shelves for track in wanted)
        )


def of_trip(trip: Trip, held: Held) -> list[Party]:
    """Everybody in the items of the draft that are not cancelled, but for what is held back as it
    is published: five statements.

    The people are delegates of registrations that hold places, and whoever does something in an
    item; one who is both is one. Beside them stand "everybody", who follows no track; one follower
    of each track; and one delegate of each named company that has none yet: so a plan can be
    checked before anybody is registered.
    """
    mandatory, companies = _mandatory(trip, held)
    delegates = _delegates(trip)
    there = {row.organization_id for row in delegates}
    absent = {number: name for number, name in companies.items() if number not in there}
    return [
        *_not_there_yet(trip, mandatory, absent),
        *_people(delegates, _roles(trip, held), _picks(trip, held), _tracks(trip), mandatory),
    ]


def _not_there_yet(
    trip: Trip, mandatory: Mandatory, companies: Mapping[int, str]
) -> Iterator[Party]:
    yield Party(Who.EVERYBODY, 0, "", mandatory.of(()))
    for track in trip.tracks:
        yield Party(Who.TRACK, track.id, track.name, mandatory.of((track.id,)))
    for number, name in companies.items():
        yield Party(Who.COMPANY, number, name, mandatory.of((), number))


def _mandatory(trip: Trip, held: Held) -> tuple[Mandatory, dict[int, str]]:
    """The mandatory items, and the companies that they name."""
    found, names = Mandatory(), {}
    for item_id, audience, track_id, organization_id, name in _mandatory_rows(trip, held):
        if audience == Audience.EVERYBODY:
            found.everybody[track_id].add(item_id)
        elif audience == Audience.DELEGATES:
            found.delegates[track_id].add(item_id)
        elif organization_id is not None:
            shelf = found.companies.setdefault(organization_id, defaultdict(set))
            shelf[track_id].add(item_id)
            names[organization_id] = name or ""
    return found, names


def _mandatory_rows(trip: Trip, held: Held) -> Iterator[_MandatoryRow]:
    """A row for each mandatory item that is for some delegate, and for each company named."""
    rows = db.session.execute(
        select(
            AgendaItem.id,
            AgendaItem.audience,
            AgendaItem.track_id,
            ItemCompany.organization_id,
            Organization.name,
        )
        .outerjoin(
            ItemCompany,
            (ItemCompany.item_id == AgendaItem.id) & (AgendaItem.audience == Audience.COMPANIES),
        )
        .outerjoin(Organization, Organization.id == ItemCompany.organization_id)
        .where(
            AgendaItem.trip_id == trip.id,
            AgendaItem.state != ItemState.CANCELLED,
            AgendaItem.attendance == Attendance.MANDATORY,
            AgendaItem.audience != Audience.STAFF,
        )
    )
    for item_id, audience, track_id, organization_id, name in rows:
        if item_id not in held.numbers:
            yield item_id, audience, track_id, organization_id, name
    yield from _held_rows(held)


def _held_rows(held: Held) -> Iterator[_MandatoryRow]:
    """The same of what is held back, as it is published."""
    for item_id, item in held.items.items():
        if item.attendance != Attendance.MANDATORY or item.audience == Audience.STAFF:
            continue
        if item.audience != Audience.COMPANIES:
            yield item_id, item.audience, item.track_id, None, None
            continue
        for number in item.organization_ids:
            if number in held.companies:
                yield item_id, item.audience, item.track_id, number, held.companies[number]


def _people(
    delegates: Sequence[Row[int, int, str, str, int, RegistrationState]],
    roles: Mapping[int, tuple[str, set[int]]],
    picks: Mapping[int, set[int]],
    tracks: Mapping[int, tuple[int, ...]],
    mandatory: Mandatory,
) -> Iterator[Party]:
    known: dict[tuple[tuple[int, ...], int, bool], frozenset[int]] = {}
    attends: dict[int, frozenset[int]] = {}
    names = {person_id: name for person_id, (name, _) in roles.items()}
    for delegate_id, person_id, given, family, organization_id, state in delegates:
        accepted = state == RegistrationState.ACCEPTED
        key = (tracks.get(delegate_id, ()), organization_id, accepted)
        if key not in known:
            known[key] = mandatory.of(key[0], organization_id, accepted=accepted)
        chosen = picks.get(delegate_id)
        mine = known[key] | chosen if chosen else known[key]
        attends[person_id] = attends[person_id] | mine if person_id in attends else mine
        names[person_id] = f"{given} {family}".strip()
    for person_id, name in names.items():
        own = attends.get(person_id, NOTHING)
        works_in = frozenset(roles[person_id][1]) if person_id in roles else NOTHING
        yield Party(Who.PERSON, person_id, name, own | works_in if works_in else own, works_in)


def _delegates(trip: Trip) -> Sequence[Row[int, int, str, str, int, RegistrationState]]:
    return db.session.execute(
        select(
            Delegate.id,
            Delegate.person_id,
            Delegate.given_name,
            Delegate.family_name,
            Registration.organization_id,
            Registration.state,
        )
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.in_(HOLDS_SEATS),
            Delegate.state == DelegateState.COMING,
        )
        .order_by(Delegate.id)
    ).all()


def _tracks(trip: Trip) -> dict[int, tuple[int, ...]]:
    """The tracks that each delegate follows."""
    rows = db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id)
        .join(Delegate, Delegate.id == TrackMember.delegate_id)
        .join(Registration, Registration.id == Delegate.registration_id)
        .where(Registration.trip_id == trip.id)
        .order_by(TrackMember.delegate_id, TrackMember.track_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for delegate_id, track_id in rows:
        found[delegate_id] = (*found.get(delegate_id, ()), track_id)
    return found


def _picks(trip: Trip, held: Held) -> dict[int, set[int]]:
    """The items that each delegate has chosen and holds a place in."""
    rows = db.session.execute(
        select(Pick.delegate_id, Pick.item_id)
        .join(AgendaItem, AgendaItem.id == Pick.item_id)
        .where(
            AgendaItem.trip_id == trip.id,
            (AgendaItem.state != ItemState.CANCELLED) | AgendaItem.id.in_(held.items),
            Pick.state == PickState.CHOSEN,
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for delegate_id, item_id in rows:
        found[delegate_id].add(item_id)
    return found


def _roles(trip: Trip, held: Held) -> dict[int, tuple[str, set[int]]]:
    """The items in which each person does something, with the person's name."""
    rows = db.session.execute(
        select(ItemPerson.person_id, Person.given_name, Person.family_name, AgendaItem.id)
        .join(AgendaItem, AgendaItem.id == ItemPerson.item_id)
        .join(Person, Person.id == ItemPerson.person_id)
        .where(AgendaItem.trip_id == trip.id, AgendaItem.state != ItemState.CANCELLED)
    )
    found: dict[int, tuple[str, set[int]]] = {}
    for person_id, given, family, item_id in rows:
        if item_id not in held.numbers:
            found.setdefault(person_id, (f"{given} {family}".strip(), set()))[1].add(item_id)
    for item_id, item in held.items.items():
        for person_id in works_in(item):
            if person_id in held.people:
                found.setdefault(person_id, (held.people[person_id], set()))[1].add(item_id)
    return found
