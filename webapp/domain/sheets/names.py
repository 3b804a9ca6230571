"""The names that the rows of one trip's sheet may use: both ways, from name to row and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.db import db
from webapp.domain import organizations, people
from webapp.domain.sheets.fields import folded
from webapp.models.organization import Organization
from webapp.models.place import Room, Stop, Venue
from webapp.models.track import Track
from webapp.models.trip import Trip

NEAR = 3  # names that are offered in place of one we do not know
MOST_SEARCHES = 200  # a search looks at every name: not for each of thousands of unknown ones


@dataclass(slots=True)
class Index:
    """Rows of one kind by their names. `calls` is the name that a sheet uses for each, by id."""

    found: dict[str, list[int]] = field(default_factory=dict)
    calls: dict[int, str] = field(default_factory=dict)
    searched: dict[str, list[str]] = field(default_factory=dict)
    offered: frozenset[int] | None = None  # the only ones to offer; None: any

    def add(self, number: int, call: str, names: Iterable[str] = ()) -> None:
        """Let `number` be found by its name and by `names` too."""
        self.calls.setdefault(number, call)
        for each in {folded(text) for text in (call, *names)} - {""}:
            here = self.found.setdefault(each, [])
            if number not in here:
                here.append(number)

    def find(self, text: str) -> list[int]:
        """The ids of all that are called so, whatever the case, accents and punctuation."""
        return self.found.get(folded(text), [])

    def near(self, text: str) -> list[str]:
        """What may have been meant; nothing once very many were looked for."""
        wanted = folded(text)
        if wanted not in self.searched and len(self.searched) < MOST_SEARCHES:
            keys = get_close_matches(wanted, self.found, NEAR, 0.6)
            numbers = dict.fromkeys(
                number
                for key in keys
                for number in self.found[key]
                if self.offered is None or number in self.offered
            )
            calls = dict.fromkeys(self.calls[number] for number in numbers)
            self.searched[wanted] = list(calls)[:NEAR]
        return self.searched.get(wanted, [])

    def name(self, number: int | None) -> str:
        """What a sheet calls the row with that id; empty for None."""
        return "" if number is None else self.calls.get(number, f"#{number}")


@dataclass(slots=True)
class Names:
    """All that the rows of one trip's sheet may name."""

    stops: Index
    venues: Index
    rooms: dict[int, Index]  # by venue
    tracks: Index
    organizations: Index
    people: Index
    stop_rows: dict[int, Stop]
    venue_rows: dict[int, Venue]

    def room_name(self, room_id: int | None) -> str:
        """What a sheet calls a room, whatever its venue."""
        return next((i.name(room_id) for i in self.rooms.values() if room_id in i.calls), "")


def of(trip: Trip) -> Names:
    """The names that count for `trip` now: its stops and tracks, all venues with their rooms, all
    organizations, and of people those who already have to do with the trip."""
    venues = db.session.scalars(
        select(Venue).options(selectinload(Venue.rooms)).order_by(Venue.id)
    ).all()
    stops = Index()
    for stop in trip.stops:
        stops.add(stop.id, stop.city)
    tracks = Index()
    for track in trip.tracks:
        tracks.add(track.id, _track_name(track, trip.tracks), [track.key, *track.name.values()])
    return Names(
        stops=stops,
        venues=_venues(venues),
        rooms={venue.id: _rooms(venue.rooms) for venue in venues},
        tracks=tracks,
        organizations=_organizations(trip),
        people=_people(trip),
        stop_rows={stop.id: stop for stop in trip.stops},
        venue_rows={venue.id: venue for venue in venues},
    )


def _venues(venues: Sequence[Venue]) -> Index:
    """By name; by name and city where two have one name."""
    index, seen = Index(), [folded(venue.name) for venue in venues]
    for venue in venues:
        whole = f"{venue.name}, {venue.city}"
        alone = seen.count(folded(venue.name)) == 1
        index.add(venue.id, venue.name if alone else whole, [venue.name, whole])
    return index


def _rooms(rooms: Iterable[Room]) -> Index:
    index = Index()
    for room in rooms:
        index.add(room.id, room.name)
    return index


def _track_name(track: Track, tracks: Sequence[Track]) -> str:
    """In English, as a sheet is one file for readers of both languages; the key where two tracks
    have one name."""
    name = track.name.pick("en")
    alike = [each for each in tracks if folded(each.name.pick("en")) == folded(name)]
    return name if len(alike) == 1 else track.key


def _organizations(trip: Trip) -> Index:
    """Every organization by its name, but only those of this trip are offered: who takes part in
    another one is nobody's business here."""
    index = Index(offered=frozenset(each.id for each in organizations.of_trip(trip)))
    rows = db.session.scalars(
        select(Organization).options(selectinload(Organization.aliases)).order_by(Organization.id)
    )
    for row in rows:
        index.add(row.id, row.name, [alias.name for alias in row.aliases])
    return index


def _people(trip: Trip) -> Index:
    index = Index()
    for person in (*people.in_sessions(trip), *people.travelling(trip)):
        index.add(person.id, person.name)
    return index
