"""Taking an older release as the draft."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import agendas, audits, item_values, seats
from webapp.domain.audits import By
from webapp.domain.differences import Difference, compare
from webapp.domain.item_values import ItemValues
from webapp.models.agenda import AgendaItem
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.place import Room, Stop, Venue
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.track import Track
from webapp.models.trip import Trip

BASIS = ("basis", "basis_note", "sources")
Said = tuple[ItemValues, dict[str, Any]]  # values, and where they come from


@dataclass(frozen=True, slots=True)
class _Known:
    """What is still there of what an older release names."""

    stops: dict[int, str]
    venues: dict[int, tuple[str, str]]
    rooms: dict[int, int]
    tracks: frozenset[int]
    organizations: frozenset[int]
    people: frozenset[int]


def restore(trip: Trip, release: Release, by: By) -> list[Difference]:
    """Make the draft say what that release said; publishes nothing, and held back stays held back.

    Items that came since are called off, or deleted when they were never published; what was
    called off or changed since is as it was. Internal notes stay. Returns what could not be
    brought back: where the draft still says something else, as a venue, room, track, host or
    person is gone or has another name by now. Audited, each item and the whole.
    """
    trip = seats.hold(trip.id)
    targets = _targets(trip, release)
    since = []
    for item in agendas.draft(trip):
        if item.uid not in targets:
            since.append(item.id)
            continue
        said = _said(item)
        wanted = _with_note(targets.pop(item.uid), said)
        if wanted != said:
            agendas.rewrite(item, wanted[0], by)
            _fill(item, wanted[1])
    for uid, (values, basis) in targets.items():  # rows that are gone altogether
        _fill(agendas.add(trip, values, by, uid), basis)
    for item_id in since:  # last, as calling off forgets what was read
        _call_off(trip, item_id, by)
    db.session.flush()
    db.session.expire_all()  # a place that was read before is not that of its new number
    audits.write(by, release, "take as draft", trip_id=trip.id, after={"number": release.number})
    return _losses(trip, release)


def restoring(trip: Trip, release: Release) -> list[Difference]:
    """What restoring would change in the draft, in its order: `before` is what the draft should
    say, `after` what it says now (None: it is gone; `before` None: it came since)."""
    said = {item.uid: item for item in release.items}
    found = []
    for item in agendas.draft(trip):
        before = said.pop(item.uid, None)
        if before is None and item.is_cancelled:
            continue
        change, fields = compare(before, item)
        if change != Change.SAME:
            found.append(Difference(change, before, item, fields))
    return found + [Difference(Change.CANCELLED, item, None, ()) for item in said.values()]


def _targets(trip: Trip, release: Release) -> dict[UUID, Said]:
    """What each item is to say, read before the draft is touched."""
    said = [(item, _values(item)) for item in release.items]
    known = _known(trip, [values for _, values in said if values])
    return {
        item.uid: (
            _mend(values or _of_copies(item, known), item, known),
            {name: getattr(item, name) for name in BASIS},
        )
        for item, values in said
    }


def _said(item: AgendaItem) -> Said:
    return item_values.of(item), {name: getattr(item, name) for name in BASIS}


def _with_note(target: Said, said: Said) -> Said:
    """The internal note is no part of a release: it stays as it is in the draft."""
    return replace(target[0], internal_note=said[0].internal_note), target[1]


def _call_off(trip: Trip, item_id: int, by: By) -> None:
    item = agendas.find(trip, item_id)
    if item and not item.is_cancelled:
        agendas.call_off(item, by)


def _fill(item: AgendaItem, basis: Mapping[str, Any]) -> None:
    for name, value in basis.items():
        if getattr(item, name) != value:
            setattr(item, name, value)


def _losses(trip: Trip, release: Release) -> list[Difference]:
    """Where the draft says something else than the release, although it was restored."""
    return [each for each in restoring(trip, release) if each.fields]


def _values(item: ReleaseItem) -> ItemValues | None:
    return None if item.values is None else item_values.from_facts(item.values)


def _of_copies(item: ReleaseItem, known: _Known) -> ItemValues:
    """What can be told of an item of before releases kept the values: a venue by its name."""
    place = (item.place_name or "", item.city or "")
    venue = next((number for number, its in known.venues.items() if its == place), None)
    return ItemValues(
        kind=item.kind,
        title=item.title,
        description=item.description,
        starts_local=item.starts_local,
        starts_zone=item.starts_zone,
        starts_fold=item.starts_fold,
        ends_local=item.ends_local,
        ends_zone=item.ends_zone,
        ends_fold=item.ends_fold,
        audience=item.audience,
        state=item.state,
        stop_id=next((n for n, city in known.stops.items() if city == item.city), None),
        venue_id=venue,
        place=item.place_name if venue is None else None,
        track_id=item.track_id,
    )


def _mend(values: ItemValues, item: ReleaseItem, known: _Known) -> ItemValues:
    """The same without what is gone; of a venue that is gone its name stays, as a place."""
    venue = values.venue_id if values.venue_id in known.venues else None
    to_venue = values.to_venue_id if values.to_venue_id in known.venues else None
    room = values.room_id
    return replace(
        values,
        stop_id=_if_in(values.stop_id, known.stops),
        venue_id=venue,
        place=values.place or (item.place_name if venue is None else None),
        room_id=room if room and venue and known.rooms.get(room) == venue else None,
        to_venue_id=to_venue,
        to_place=values.to_place or (item.to_place_name if to_venue is None else None),
        track_id=_if_in(values.track_id, known.tracks),
        host_id=_if_in(values.host_id, known.organizations),
        people=tuple(each for each in values.people if each[0] in known.people),
        company_ids=tuple(each for each in values.company_ids if each in known.organizations),
    )


def _if_in(number: int | None, there: Iterable[int]) -> int | None:
    return number if number is not None and number in there else None


def _known(trip: Trip, said: Iterable[ItemValues]) -> _Known:
    named = {person for values in said for person, _ in values.people}
    hosts = {values.host_id for values in said if values.host_id}
    companies = hosts.union(*(values.company_ids for values in said))
    rows, ids = db.session.execute, db.session.scalars
    return _Known(
        stops={n: c for n, c in rows(select(Stop.id, Stop.city).where(Stop.trip_id == trip.id))},
        venues={n: (v, c) for n, v, c in rows(select(Venue.id, Venue.name, Venue.city))},
        rooms={n: v for n, v in rows(select(Room.id, Room.venue_id))},
        tracks=frozenset(ids(select(Track.id).where(Track.trip_id == trip.id))),
        organizations=frozenset(ids(select(Organization.id).where(Organization.id.in_(companies)))),
        people=frozenset(ids(select(Person.id).where(Person.id.in_(named)))),
    )
