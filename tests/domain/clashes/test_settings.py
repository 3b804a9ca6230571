"""How a trip judges clashes, and the ways that its organizers know."""

import pytest

from tests.domain.clashes.test_check import at, make_venue, named
from tests.factories import make_item, make_trip
from webapp.db import db
from webapp.domain import audits, clashes
from webapp.domain.clashes import DEFAULTS, Level, Rule, settings, table
from webapp.domain.clashes.plans import SPEEDS
from webapp.domain.clashes.settings import NotInTrip, OutOfRange, SamePlace
from webapp.models.agenda import Mode
from webapp.models.audit import AuditEntry
from webapp.models.trip import Trip


def facts(session, kind: str) -> list[tuple]:
    rows = session.query(AuditEntry).filter_by(object_kind=kind).order_by(AuditEntry.id)
    return [(row.action, row.before, row.after) for row in rows]


def two_venues(trip: Trip) -> tuple[int, int]:
    """Two venues 70 km apart, one after the other in the agenda of the trip."""
    port, camp = make_venue(), make_venue("Thecamp", 70)
    make_item(trip, **at(0, 60, title=named("Port"), venue_id=port.id))
    make_item(trip, **at(300, 360, title=named("Camp"), venue_id=camp.id))
    return port.id, camp.id


def test_a_trip_that_says_nothing_has_the_defaults(session):
    said = settings.of(make_trip())

    assert (said.levels, said.speeds, said.margin, said.arrival) == (DEFAULTS, SPEEDS, 10, 45)


def test_only_what_differs_from_the_defaults_is_kept(session):
    trip = make_trip()
    clashes.set_levels(trip, {Rule.HOST: Level.BLOCK, Rule.ROOM: Level.BLOCK}, audits.SYSTEM)
    clashes.set_levels(trip, {Rule.DATES: Level.IGNORE}, audits.SYSTEM)
    clashes.set_travel(trip, {Mode.COACH: 80, Mode.CAR: 70}, 15, 30, audits.SYSTEM)

    assert trip.clash_levels == {"host": "block", "dates": "ignore"}
    assert trip.travel_speeds == {"coach": 80}
    said = settings.of(trip)
    assert (said.levels[Rule.HOST], said.levels[Rule.ROOM]) == (Level.BLOCK, Level.BLOCK)
    assert (said.speeds[Mode.COACH], said.margin, said.arrival) == (80, 15, 30)


def test_each_change_is_written_down_once(session):
    trip = make_trip()
    for _ in range(2):
        clashes.set_levels(trip, {Rule.HOST: Level.BLOCK}, audits.SYSTEM)
        clashes.set_travel(trip, {}, 15, 45, audits.SYSTEM)

    assert facts(session, "trips") == [
        ("change", {"clash_levels": {}}, {"clash_levels": {"host": "block"}}),
        ("change", {"margin_minutes": 10}, {"margin_minutes": 15}),
    ]


@pytest.mark.parametrize(
    ("speeds", "margin", "arrival", "name"),
    [
        ({Mode.COACH: 0.9}, 10, 45, "coach"),
        ({Mode.FLIGHT: 1201}, 10, 45, "flight"),
        ({}, 241, 45, "margin_minutes"),
        ({}, 10, -1, "arrival_minutes"),
    ],
)
def test_nobody_travels_like_that(session, speeds, margin, arrival, name):
    trip = make_trip()

    with pytest.raises(OutOfRange) as caught:
        clashes.set_travel(trip, speeds, margin, arrival, audits.SYSTEM)
    assert caught.value.name == name


def test_a_way_is_added_changed_and_removed(session):
    trip = make_trip()
    port, camp = two_venues(trip)
    row = clashes.set_travel_time(trip, port, camp, 15, audits.SYSTEM)
    clashes.set_travel_time(trip, port, camp, 15, audits.SYSTEM)
    clashes.set_travel_time(trip, port, camp, 20, audits.SYSTEM)
    assert [(r.from_venue_id, r.to_venue_id, r.minutes) for r in settings.travel_times(trip)] == [
        (port, camp, 20)
    ]
    settings.remove_travel_time(trip, row.id, audits.SYSTEM)
    settings.remove_travel_time(trip, row.id, audits.SYSTEM)

    assert settings.travel_times(trip) == []
    way = {"from": "Port Center", "to": "Thecamp"}
    assert facts(session, "travel_times") == [
        ("add", None, {**way, "minutes": 15}),
        ("change", {**way, "minutes": 15}, {**way, "minutes": 20}),
        ("delete", {**way, "minutes": 20}, None),
    ]


def test_a_way_leads_from_one_venue_of_the_trip_to_another(session):
    trip, other = make_trip(), make_trip()
    port, camp = two_venues(trip)
    elsewhere, _ = two_venues(other)

    with pytest.raises(SamePlace):
        clashes.set_travel_time(trip, port, port, 15, audits.SYSTEM)
    with pytest.raises(NotInTrip):
        clashes.set_travel_time(trip, port, elsewhere, 15, audits.SYSTEM)
    for minutes in (-1, 2881):
        with pytest.raises(OutOfRange):
            clashes.set_travel_time(trip, port, camp, minutes, audits.SYSTEM)
    assert settings.travel_times(trip) == []


def test_ways_of_another_trip_are_another_s(session):
    trip, other = make_trip(), make_trip()
    row = clashes.set_travel_time(trip, *two_venues(trip), 15, audits.SYSTEM)

    assert settings.find_travel_time(other, row.id) is None
    assert settings.find_travel_time(trip, row.id) is row


def test_the_table_shows_ways_that_are_gone_and_those_with_own_minutes(session):
    trip = make_trip()
    port, camp = two_venues(trip)
    (known,) = table.ways_of(trip)
    assert (known.start.name, known.end.name) == ("Port Center", "Thecamp")
    assert (known.by_distance.minutes, known.minutes, known.travel_id) == (91, None, None)

    row = clashes.set_travel_time(trip, camp, port, 15, audits.SYSTEM)
    (known,) = table.ways_of(trip)
    assert (known.start.name, known.end.name, known.minutes, known.travel_id) == (
        "Thecamp",
        "Port Center",
        15,
        row.id,
    )
    assert known.by_distance.minutes == 91


def test_venues_of_the_draft_at_either_end(session):
    trip = make_trip()
    port, camp = make_venue(), make_venue("Thecamp", 70)
    make_venue("Elsewhere")
    make_item(trip, **at(0, 60, venue_id=port.id, to_venue_id=camp.id))
    db.session.expire_all()

    assert [venue.name for venue in settings.venues_used(trip)] == ["Port Center", "Thecamp"]
