"""The whole clash check, with loading: four sizes, statements, and growth beside n log n."""

import gc
import random
import statistics
import time
from datetime import date, datetime, timedelta
from itertools import count
from math import log2
from uuid import uuid4

from flask_migrate import upgrade
from sqlalchemy import insert, select

from bench.measure import counting, line
from tests.factories import make_registration, make_trip
from webapp import clock, create_app
from webapp.db import Words, db, transaction
from webapp.domain import clashes
from webapp.embedded.services import services
from webapp.models.agenda import AgendaItem, Attendance, Audience, ItemKind
from webapp.models.delegate import Delegate
from webapp.models.pick import Pick, PickState
from webapp.models.place import Venue
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

SIZES = ((75, 62), (150, 125), (300, 250), (600, 500))  # sessions, delegates
EACH = 30  # sessions of one delegate: 15,000 places at the largest
FOR_ALL = 10  # of them
SLOTS = 60  # five a day on twelve days
ROUNDS = 9
LIMIT = 1_000  # ms, of the largest
PARIS = "Europe/Paris"
numbers = count(1)


def run() -> None:
    """Ten sessions are for everybody; of the others each delegate has chosen twenty, no two the
    same, and here and there two at once or one too far away."""
    with services() as config:
        app = create_app(config)
        with app.app_context():
            upgrade()
            pace: float | None = None
            for items, delegates in SIZES:
                trip_id = _trip(items, delegates)
                places = delegates * EACH
                name = f"clashes, {items} sessions, {places:,} places"
                with counting() as sent:
                    found = _check(trip_id)
                took = _median(trip_id)
                work = places * log2(places)
                pace = pace or took / work
                line(f"{name}: SQL", len(sent), "")
                line(f"{name}: found", found, "")
                line(f"{name}", took, "ms", LIMIT)
                line(f"{name}: n log n", took, "ms", pace * work)
            db.session.remove()
            db.engine.dispose()


def _check(trip_id: int) -> int:
    """As a request does it, which knows nothing before."""
    db.session.remove()
    return len(clashes.check(db.session.get_one(Trip, trip_id)))


def _median(trip_id: int) -> float:
    took = []
    for _round in range(ROUNDS):
        gc.collect()
        began = time.perf_counter()
        _check(trip_id)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def _trip(items: int, delegates: int) -> int:
    chance = random.Random(items)
    with transaction():
        trip = make_trip(ends_on=date(2027, 11, 6), max_delegates=None, max_per_organization=10)
        slots = _items(trip, items, _venues(), chance)
        for first in range(0, delegates, 10):
            make_registration(trip, min(10, delegates - first), RegistrationState.ACCEPTED)
        _choose(trip, slots, chance)
        return trip.id


def _venues() -> list[int]:
    """Eight within a few km, and one 70 km away."""
    places = [(43.3 + number / 100, 5.4) for number in range(8)] + [(43.93, 5.4)]
    venues = [
        Venue(
            name=f"Venue {next(numbers)}",
            city="Marseille",
            country="FR",
            zone=PARIS,
            latitude=latitude,
            longitude=longitude,
        )
        for latitude, longitude in places
    ]
    db.session.add_all(venues)
    db.session.flush()
    return [venue.id for venue in venues]


def _items(trip: Trip, size: int, venues: list[int], chance: random.Random) -> list[list[int]]:
    """The optional items, by slot; each sixth slot is for everybody."""
    all_slots = range(SLOTS)
    for_all = [slot for slot in all_slots if slot % 6 == 0][:FOR_ALL]
    free = [slot for slot in all_slots if slot not in for_all]
    slots = for_all + [free[number % len(free)] for number in range(size - FOR_ALL)]
    rows = [_row(trip, number, slot, venues, chance) for number, slot in enumerate(slots)]
    ids = db.session.scalars(
        insert(AgendaItem).returning(AgendaItem.id, sort_by_parameter_order=True), rows
    ).all()
    found: dict[int, list[int]] = {}
    for item_id, slot in zip(ids[FOR_ALL:], slots[FOR_ALL:], strict=True):
        found.setdefault(slot, []).append(item_id)
    return list(found.values())


def _row(trip: Trip, number: int, slot: int, venues: list[int], chance: random.Random) -> dict:
    day, hour = divmod(slot, 5)
    start = datetime(2027, 10, 25, 8, 30) + timedelta(days=day, hours=2 * hour)  # noqa: DTZ001
    end = start + timedelta(minutes=75)
    near = chance.choice(venues[:-1])
    return {
        "uid": uuid4(),
        "trip_id": trip.id,
        "version": 1,
        "created_at": clock.now(),
        "kind": ItemKind.VISIT,
        "audience": Audience.DELEGATES,
        "attendance": Attendance.MANDATORY if number < FOR_ALL else Attendance.OPTIONAL,
        "title": Words(en=f"Session {number}"),
        "starts_local": start,
        "starts_zone": PARIS,
        "starts_at": clock.instant(start, PARIS),
        "ends_local": end,
        "ends_zone": PARIS,
        "ends_at": clock.instant(end, PARIS),
        "venue_id": near if number < FOR_ALL or number % 40 else venues[-1],
        "vehicle": f"Coach {number % 20}" if number % 3 == 0 else None,
        "capacity": 60,
    }


def _choose(trip: Trip, slots: list[list[int]], chance: random.Random) -> None:
    """Twenty each, of twenty slots; now and then two of one slot."""
    delegates = db.session.scalars(
        select(Delegate.id).join(Registration).where(Registration.trip_id == trip.id)
    ).all()
    rows = []
    for delegate_id in delegates:
        mine = chance.sample(slots, EACH - FOR_ALL)
        if chance.random() < 0.1:
            mine[0] = mine[1]
        chosen = [chance.choice(slot) for slot in mine]
        rows += [
            {
                "item_id": item_id,
                "delegate_id": delegate_id,
                "state": PickState.CHOSEN,
                "queued_at": clock.now(),
            }
            for item_id in dict.fromkeys(chosen)
        ]
    db.session.execute(insert(Pick), rows)
