"""Small plans for tests. Minutes count from 9:00 in Paris on Tuesday, 26 October 2027."""

from datetime import datetime, timedelta
from uuid import UUID

from webapp import clock
from webapp.domain.clashes.plans import End, Party, Place, Plan, Visit, Who

NINE = datetime(2027, 10, 26, 9, 0)
PARIS = "Europe/Paris"
PORT = Place("port", "Port Center", "Marseille", "FR", PARIS, 43.3000, 5.3700, number=1)
# 70 km north of it, and 800 m east of it.
CAMP = Place("camp", "Thecamp", "Aix", "FR", PARIS, 43.9295, 5.3700, number=2)
HALL = Place("hall", "Town Hall", "Marseille", "FR", PARIS, 43.3000, 5.37988, number=3)


def uid(number: int) -> UUID:
    return UUID(int=number)


def end(minutes: int, place: Place | None = None, zone: str = PARIS) -> End:
    local = NINE + timedelta(minutes=minutes)
    return End(local, zone, 0, clock.instant(local, zone, 0), place)


def visit(number: int, start: int, stop: int, place: Place | None = None, **values) -> Visit:
    """An item from `start` to `stop`, in minutes, at a place."""
    ends = end(stop, values.pop("to", place), values.pop("to_zone", PARIS))
    return Visit(uid(number), number, end(start, place), ends, **values)


def everybody(*visits: Visit) -> Party:
    return Party(Who.EVERYBODY, 0, "", frozenset(v.number for v in visits))


def person(number: int, *visits: Visit, **values) -> Party:
    label = f"Person {number}"
    return Party(Who.PERSON, number, label, frozenset(v.number for v in visits), **values)


def plan(*visits: Visit, **values) -> Plan:
    """A plan in whose items everybody is, unless it says who is."""
    return Plan(visits, **{"parties": (everybody(*visits),), **values})
