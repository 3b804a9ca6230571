"""Tours drawn at random, entered by the product's own verbs, published, and read from its feeds by
other people's programs: all say what the release says, before and after it is changed.

The instants are those that the database holds, so they came about in another way (`clock.instant`)
than those which the calendars are made of.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import select

from tests.calendars import readers
from tests.calendars.cases import ZONES as ANY_ZONES
from tests.calendars.readers import KNOWS_ZONES_BY_NAME, Seen, disguised
from tests.calendars.trips import CHANGES, SCRIPTS
from tests.domain.test_entries import make_host
from tests.factories import (
    item_values,
    make_registration,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp import clock
from webapp.calendars import line
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, delegates, feeds
from webapp.domain.item_values import EndsBeforeStart, ItemValues, TimeRefused, moment
from webapp.domain.item_values import of as item_values_of
from webapp.models.agenda import Audience, ItemKind, ItemState
from webapp.models.feed import Feed, Scope
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

SEEDS = range(int(os.environ.get("TOURS", "3")))
ZONES = [zone for zone in ANY_ZONES if zone in clock.zone_names()]
# PostgreSQL keeps neither NUL nor half a character; forms refuse them.
TEXTS = [text for text in SCRIPTS if not {"\x00", "\ud83d"} & set(text)]


def words(chance: Random) -> str:
    return " ".join(chance.choices(TEXTS, k=chance.randint(1, 4))) * chance.choice((1, 1, 1, 9))


def changing(zone: str, day: date) -> list[datetime]:
    """When the clocks of `zone` change within four days from `day` on; aware UTC."""
    start = datetime.combine(day, time(), UTC)
    return [change.at for change in clock.changes(zone, start, start + timedelta(days=4))]


def wall_time(chance: Random, day: date, zone: str) -> datetime:
    """Some minute of those four days; where clocks change, half of the time beside that."""
    if (changes := changing(zone, day)) and chance.random() < 0.5:
        near = changes[0] + timedelta(minutes=chance.randrange(-80, 60))
        return near.astimezone(clock.zone_info(zone)).replace(tzinfo=None, fold=0)
    return datetime.combine(day, time()) + timedelta(minutes=chance.randrange(4 * 24 * 60))


def drawn(chance: Random, day: date, zone: str) -> ItemValues:
    """A session or a flight on some of the four days from `day` on. Raises TimeRefused."""
    local, fold = wall_time(chance, day, zone), chance.randrange(2)
    starts_at = moment("starts", local, zone, fold)
    there = chance.choice(ZONES) if chance.random() < 0.3 else zone
    lasts = timedelta(minutes=chance.choice((20, 40, 60, 75, 800)))
    lands = (starts_at + lasts).astimezone(clock.zone_info(there))
    return item_values(
        kind=ItemKind.TRAVEL if there != zone else ItemKind.VISIT,
        title=Words(en=words(chance), fr=words(chance)),
        description=Words(en=words(chance)),
        place=line.phrase(words(chance))[:150],
        starts_local=local,
        starts_zone=zone,
        starts_fold=fold,
        ends_local=lands.replace(tzinfo=None, fold=0),
        ends_zone=there,
        ends_fold=lands.fold,
        audience=chance.choice((Audience.EVERYBODY, Audience.EVERYBODY, *Audience)),
        state=chance.choice((ItemState.CONFIRMED, ItemState.TENTATIVE)),
    )


def make_tour(chance: Random) -> tuple[Trip, list[Feed]]:
    """A published tour of a dozen sessions in three zones, and a feed of every kind."""
    start = chance.choice(CHANGES) - timedelta(days=1)
    trip = make_trip(title=Words(en=words(chance)), starts_on=start, ends_on=start + timedelta(9))
    stops = [chance.choice([z for z in ZONES if changing(z, start)]), *chance.sample(ZONES, 2)]
    for number, zone in enumerate(stops):
        days = {"starts_on": start + timedelta(number * 3), "ends_on": start + timedelta(9)}
        make_stop(trip, zone=zone, city=f"City {number}", **days)
    track, venue, host = make_track(trip), make_venue(), make_host()
    for number in range(12):
        try:
            values = drawn(chance, start + timedelta(number // 4 * 3), stops[number // 4])
        except TimeRefused:
            continue  # the clocks skip it
        more = [{}, {"track_id": track.id}, {"venue_id": venue.id}, {"host_id": host.id}]
        agendas.add(trip, replace(values, **chance.choice(more)), audits.SYSTEM)
    publish(trip)
    registration = make_registration(trip, 1, RegistrationState.ACCEPTED)
    delegates.follow(registration.delegates[0], trip, [track.id], audits.SYSTEM)
    opened = [
        feeds.open_track(track, "en", audits.SYSTEM),
        feeds.open_venue(trip, venue, "fr", audits.SYSTEM),
        feeds.open_host(trip, host, "en", audits.SYSTEM),
        feeds.open_staff(trip, make_staff(), "en", audits.SYSTEM),
        feeds.of_company(registration),
        feeds.of_delegate(registration.delegates[0]),
    ]
    return trip, [*(feeds.public(trip, code) for code in ("en", "fr")), *opened]


def change(trip: Trip, chance: Random) -> None:
    """Half of the sessions two days later or off, published."""
    for item in agendas.draft(trip):
        if chance.random() < 0.3:
            agendas.call_off(item, audits.SYSTEM)
        elif chance.random() < 0.3:
            later = {f"{end}_local": getattr(item, f"{end}_local") + timedelta(days=2)
                     for end in ("starts", "ends")}  # fmt: skip
            try:
                agendas.change(
                    item, replace(item_values_of(item), **later), audits.SYSTEM, item.version
                )
            except (TimeRefused, EndsBeforeStart):
                continue
    publish(trip)


def meant(trip: Trip) -> dict[str, tuple[datetime, datetime, bool]]:
    """Start, end and whether it is off, of each item of the release in force, by UID."""
    query = select(ReleaseItem).where(ReleaseItem.release_id == trip.release_id)
    return {
        str(item.uid): (item.starts_at, item.ends_at, item.is_cancelled)
        for item in db.session.scalars(query)
    }


def heard(read: dict[str, readers.Reader], body: bytes) -> list[Seen]:
    """What all readers say, each of the document and of its disguise."""
    said = {name: reader(body) for name, reader in read.items()}
    said |= {
        f"{name} by VTIMEZONE": reader(disguised(body))
        for name, reader in read.items()
        if name not in KNOWS_ZONES_BY_NAME
    }
    first = said["icalendar"]
    assert {name: seen for name, seen in said.items() if seen != first} == {}
    return first


@pytest.mark.parametrize("seed", SEEDS)
def test_t4_z1_e9_every_feed_of_a_random_tour_says_what_its_release_says(session, seed: int):
    """icalendar.md T1, T2, T4 to T6, Z1, Z6, R4, E9, U3, by five readers."""
    chance = Random(seed)
    with transaction():
        trip, all_feeds = make_tour(chance)
    with readers.everyone() as read:
        for turn in range(2):
            wanted = meant(trip)
            for feed in all_feeds:
                seen = [s for s in heard(read, feeds.render(feed)) if s.uid in wanted]
                assert {
                    s.uid: (s.starts, s.ends, s.status == "CANCELLED") for s in seen
                }.items() <= wanted.items(), feed.scope
                if feed.scope == Scope.STAFF:
                    assert len(seen) == len(wanted) > 5
            if turn == 0:
                with transaction():
                    change(trip, chance)
