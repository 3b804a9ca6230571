"""The ways of a tour, for organizers who know better than distance and speed."""

from dataclasses import dataclass, replace

from webapp.domain.clashes import loading, settings
from webapp.domain.clashes.engine import grouped, onward
from webapp.domain.clashes.plans import Place, Plan
from webapp.domain.clashes.resources import fleets
from webapp.domain.clashes.ways import Way, way
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Known:
    """One way: what distance and speed say of it (None where they cannot), and the organizer's
    own minutes, with the id of their row."""

    start: Place
    end: Place
    by_distance: Way | None
    minutes: int | None = None
    travel_id: int | None = None


def ways_of(trip: Trip) -> list[Known]:
    """The ways that organizers gave minutes for, then those that somebody in the draft has to go
    and that have none, each once for both directions; by the names of their ends."""
    said = settings.of(trip)
    plan = loading.plan(trip, said)
    rows = settings.travel_times(trip)
    bare = replace(plan.travel, matrix={})
    given = []
    for row in rows:
        start, end = loading.place(row.from_venue), loading.place(row.to_venue)
        given.append(Known(start, end, way(start, end, bare), row.minutes, row.id))
    told = {frozenset((known.start.key, known.end.key)) for known in given}
    gone = {
        frozenset(pair): Known(*pair, way(*pair, bare))
        for pair in _gone(plan)
        if frozenset(each.key for each in pair) not in told
    }
    return [*sorted(given, key=_names), *sorted(gone.values(), key=_names)]


def _gone(plan: Plan) -> list[tuple[Place, Place]]:
    """From where to where somebody or some vehicle has to go, the nearer name first."""
    visits = sorted(plan.visits, key=lambda visit: (visit.starts.at, visit.uid))
    found: dict[tuple[Place, Place], None] = {}
    for group, _ in [*grouped(plan, visits), *fleets(visits)]:
        for one, other in onward(group):
            start, end = one.ends.place, other.starts.place
            if start and end and start.key != end.key:
                found[min(start, end, key=_name), max(start, end, key=_name)] = None
    return list(found)


def _name(place: Place) -> tuple[str, str]:
    return place.name, place.key


def _names(known: Known) -> tuple[str, str]:
    return known.start.name, known.end.name
