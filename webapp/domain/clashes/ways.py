"""How long it takes to get from one place to another."""

from dataclasses import dataclass
from math import asin, ceil, cos, radians, sin, sqrt

from webapp.domain.clashes.plans import DETOURS, End, Place, Travel, Visit
from webapp.models.agenda import Mode

EARTH_KM = 6371.0
WALK_KM = 1.0  # as the crow flies: nearer than this people walk, else a coach is reckoned with
HASTE = 2  # a leg that would have to be so many times as fast as its mode goes is a mistake


@dataclass(frozen=True, slots=True)
class Way:
    """Minutes from door to door. `km` as the crow flies, None where a place has no coordinates;
    `mode` and `speed` (km/h) None where an organizer said the minutes."""

    minutes: int
    km: float | None = None
    mode: Mode | None = None
    speed: float | None = None

    @property
    def km_way(self) -> float | None:
        """km by road, rail, sea or air."""
        return self.km * DETOURS[self.mode] if self.km is not None and self.mode else None


def distance(start: Place, end: Place) -> float | None:
    """Great-circle km between two places, None where one has no coordinates."""
    if None in (start.latitude, start.longitude, end.latitude, end.longitude):
        return None
    return _haversine(
        start.latitude or 0.0, start.longitude or 0.0, end.latitude or 0.0, end.longitude or 0.0
    )


def way(start: Place, end: Place, travel: Travel) -> Way | None:
    """The way between two different places, or None when nobody can tell.

    The organizer's own minutes go first, those of the way back where only they are known. Else the
    distance, longer by a detour factor, at the speed of the mode: on foot up to 1 km, else by
    coach.
    """
    minutes = own_minutes(start, end, travel)
    km = distance(start, end)
    if minutes is not None:
        return Way(minutes, km)
    return None if km is None else by_speed(km, Mode.WALK if km <= WALK_KM else Mode.COACH, travel)


def own_minutes(start: Place, end: Place, travel: Travel) -> int | None:
    """What the organizer's matrix says of the way there, else of the way back, else None."""
    if start.number is None or end.number is None:
        return None
    there = travel.matrix.get((start.number, end.number))
    return travel.matrix.get((end.number, start.number)) if there is None else there


def by_speed(km: float, mode: Mode, travel: Travel) -> Way:
    """The way of so many km as the crow flies, by a mode."""
    speed = travel.speeds[mode]
    return Way(ceil(km * DETOURS[mode] / speed * 60 - 1e-6), km, mode, speed)


def crosses_border(visit: Visit) -> bool:
    """Whether it is a flight that lands in another country; where a country is not known, in
    another zone."""
    if visit.mode != Mode.FLIGHT:
        return False
    start, end = visit.starts, visit.ends
    countries = _country(start), _country(end)
    if all(countries):
        return countries[0] != countries[1]
    return start.zone != end.zone


def haste(visit: Visit, travel: Travel) -> Way | None:
    """The way of a leg that goes at least twice as fast as its mode does, which is a mistake in a
    time or a zone; None for one that may be true. Its timetable is the organizer's knowledge, so
    only the absurd is told."""
    start, end = visit.starts.place, visit.ends.place
    if visit.mode is None or start is None or end is None:
        return None
    km, own = distance(start, end), own_minutes(start, end, travel)
    if km is None or own is not None:
        return None
    found = by_speed(km, visit.mode, travel)
    lasts = (visit.ends.at - visit.starts.at).total_seconds() / 60
    return found if lasts * HASTE < found.minutes else None


def _country(end: End) -> str | None:
    return end.place.country if end.place else None


def _haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    one, other = radians(lat1), radians(lat2)
    square = (
        sin((other - one) / 2) ** 2 + cos(one) * cos(other) * sin(radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * asin(min(1.0, sqrt(square)))
