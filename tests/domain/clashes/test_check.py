"""Checking a draft as it stands in the database, and letting a clash through."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.factories import (
    delegate_data,
    item_values,
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, clashes, releases
from webapp.domain import item_values as said
from webapp.domain.clashes import Level, Rule
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.audit import AuditEntry
from webapp.models.organization import Organization
from webapp.models.person import Person
from webapp.models.pick import Pick, PickState
from webapp.models.place import Room, Venue
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import TrackMember
from webapp.models.trip import Trip

NINE = datetime(2027, 10, 26, 9, 0)


def at(start: int, stop: int, **values) -> dict:
    """Values of an item, in minutes from 9:00."""
    times = {"starts_local": NINE + timedelta(minutes=start)}
    return {**times, "ends_local": NINE + timedelta(minutes=stop), **values}


def make_venue(name: str = "Port Center", north: float = 0, **values) -> Venue:
    """A venue in Marseille, or so many km north of it."""
    given = {
        "name": name,
        "city": "Marseille",
        "country": "FR",
        "zone": "Europe/Paris",
        "latitude": 43.3 + north / 111.195,
        "longitude": 5.37,
    } | values
    venue = Venue(**given)
    db.session.add(venue)
    db.session.flush()
    return venue


def told(trip: Trip) -> list[tuple]:
    """The rule and the titles of each clash."""
    titles = {item.uid: item.title["en"] for item in agendas.draft(trip)}
    return [(c.rule, *(titles[uid] for uid in c.uids)) for c in clashes.check(trip)]


def named(title: str) -> Words:
    return Words(en=title)


def two_visits(**values):
    """Two visits 70 km apart, with 20 minutes between them."""
    trip = make_trip(**values)
    port, camp = make_venue(), make_venue("Thecamp", 70)
    one = make_item(trip, **at(0, 60, title=named("Port"), venue_id=port.id))
    other = make_item(trip, **at(80, 140, title=named("Camp"), venue_id=camp.id))
    return trip, one, other


def test_seventy_km_in_twenty_minutes_block_before_anybody_is_registered(session):
    trip, one, other = two_visits()

    (found,) = clashes.check(trip)
    assert (found.rule, found.level, found.uids) == (Rule.TRAVEL, Level.BLOCK, (one.uid, other.uid))
    assert (found.facts["who"], found.facts["minutes_there"]) == ("everybody", 20)
    assert clashes.blocking([found]) == [found]


def test_an_organizer_s_own_fifteen_minutes_settle_it(session):
    trip, one, other = two_visits(margin_minutes=5)
    clashes.set_travel_time(trip, other.venue_id, one.venue_id, 15, audits.SYSTEM)

    assert clashes.check(trip) == []


def test_an_override_lets_it_through_and_lapses_when_an_item_moves(session):
    trip, _one, other = two_visits()
    staff = make_staff()
    (found,) = clashes.check(trip)
    kept = clashes.override(trip, found.key, "  By helicopter.  ", audits.by_staff(staff))

    (after,) = clashes.check(trip)
    assert (after.key, after.override, after.blocks) == (found.key, kept, False)
    assert (kept.reason, kept.staff, kept.rule) == ("By helicopter.", staff, "travel")
    assert clashes.blocking([after]) == []

    values = item_values(**at(81, 140, title=named("Camp"), venue_id=other.venue_id))
    agendas.change(other, values, audits.SYSTEM, other.version)
    (moved,) = clashes.blocking(clashes.check(trip))
    assert moved.key != found.key

    back = item_values(**at(80, 140, title=named("Camp"), venue_id=other.venue_id))
    agendas.change(other, back, audits.SYSTEM, other.version)
    assert clashes.blocking(clashes.check(trip)) == []


def test_new_words_do_not_make_an_override_lapse(session):
    trip, _one, other = two_visits()
    (found,) = clashes.check(trip)
    clashes.override(trip, found.key, "By helicopter.", audits.SYSTEM)
    values = item_values(**at(80, 140, title=named("Better"), venue_id=other.venue_id))
    agendas.change(other, values, audits.SYSTEM, other.version)
    make_registration(trip, 2, RegistrationState.ACCEPTED)

    assert clashes.blocking(clashes.check(trip)) == []


def test_an_override_is_written_down_and_so_is_taking_it_back(session):
    trip, _, _ = two_visits()
    staff = make_staff()
    (found,) = clashes.check(trip)
    by = audits.by_staff(staff)
    kept = clashes.override(trip, found.key, "By helicopter.", by)
    clashes.override(trip, found.key, "By two helicopters.", by)
    clashes.withdraw_override(trip, found.key, by)

    rows = session.query(AuditEntry).filter_by(object_kind="clash_overrides").all()
    assert [(r.action, r.reason, r.actor_name, r.object_id) for r in rows] == [
        ("override", "By helicopter.", staff.name, kept.id),
        ("override", "By two helicopters.", staff.name, kept.id),
        ("withdraw", None, staff.name, kept.id),
    ]
    assert rows[1].before["reason"] == "By helicopter."
    assert len(clashes.blocking(clashes.check(trip))) == 1
    with pytest.raises(clashes.NoSuchClash):
        clashes.withdraw_override(trip, found.key, by)


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
def test_whoever_lets_a_clash_through_says_why(session, reason):
    trip, _, _ = two_visits()
    (found,) = clashes.check(trip)

    with pytest.raises(clashes.ReasonMissing):
        clashes.override(trip, found.key, reason, audits.SYSTEM)
    assert len(clashes.blocking(clashes.check(trip))) == 1


def test_only_what_blocks_is_let_through(session):
    trip, _, _ = two_visits(clash_levels={"travel": "warn"})
    (found,) = clashes.check(trip)

    assert found.level == Level.WARN
    for key in (found.key, "0" * 64):
        with pytest.raises(clashes.NoSuchClash):
            clashes.override(trip, key, "By helicopter.", audits.SYSTEM)


def test_what_a_trip_ignores_is_left_out(session):
    trip, _, _ = two_visits(clash_levels={"travel": "ignore", "nonsense": 3, "room": ["block"]})

    assert clashes.check(trip) == []


def test_a_cancelled_item_takes_no_part(session):
    trip, one, other = two_visits()
    publish_values = said.of(one)
    assert publish_values.state == ItemState.CONFIRMED
    session.delete(other)
    session.flush()
    make_item(trip, **at(0, 60, title=named("Off"), state=ItemState.CANCELLED))

    assert clashes.check(trip) == []


# who is in what


def test_two_mandatory_items_of_one_track_at_once(session):
    trip = make_trip()
    track = make_track(trip)
    make_item(trip, **at(0, 60, title=named("All")))
    make_item(trip, **at(30, 90, title=named("VIP"), track_id=track.id))

    (found,) = clashes.check(trip)
    assert (found.rule, found.facts["who"], found.facts["names"]) == (
        Rule.PERSON,
        "track",
        [{"en": "VIP"}],
    )


def test_tracks_run_beside_each_other_until_somebody_follows_two(session):
    trip = make_trip()
    one, other = make_track(trip), make_track(trip, "press")
    make_item(trip, **at(0, 60, title=named("VIP"), track_id=one.id))
    make_item(trip, **at(0, 60, title=named("Press"), track_id=other.id))
    assert clashes.check(trip) == []

    delegate = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
    session.add_all(TrackMember(track_id=t.id, delegate_id=delegate.id) for t in (one, other))
    session.flush()
    (found,) = clashes.check(trip)
    assert (found.facts["who"], found.facts["names"]) == ("person", [delegate.name])


def test_optional_items_are_only_for_those_who_chose_them(session):
    trip = make_trip()
    make_item(trip, **at(0, 60, title=named("All")))
    optional = make_item(trip, **at(0, 60, title=named("Wine"), attendance=Attendance.OPTIONAL))
    registration = make_registration(trip, 3, RegistrationState.ACCEPTED)
    chosen, waiting, _ = registration.delegates
    assert clashes.check(trip) == []

    for delegate, state in ((chosen, PickState.CHOSEN), (waiting, PickState.WAITING)):
        session.add(
            Pick(
                item_id=optional.id, delegate_id=delegate.id, state=state, queued_at=trip.created_at
            )
        )
    session.flush()
    (found,) = clashes.check(trip)
    assert (found.facts["names"], found.facts["count"]) == ([chosen.name], 1)


def test_items_for_staff_take_nobody(session):
    trip = make_trip()
    make_item(trip, **at(0, 60))
    make_item(trip, **at(0, 60, audience=Audience.STAFF))
    make_registration(trip, 1, RegistrationState.ACCEPTED)

    assert clashes.check(trip) == []


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (RegistrationState.ACCEPTED, 1),
        (RegistrationState.SUBMITTED, 0),
        (RegistrationState.DECLINED, 0),
    ],
)
def test_named_companies_send_who_is_accepted(session, state, count):
    trip = make_trip()
    registration = make_registration(trip, 1, state)
    make_item(trip, **at(0, 60, title=named("All")))
    make_item(
        trip,
        **at(
            0,
            60,
            title=named("Meetings"),
            audience=Audience.COMPANIES,
            company_ids=(registration.organization_id,),
        ),
    )

    found = clashes.check(trip)
    if state == RegistrationState.SUBMITTED:  # its delegates do not see it yet
        assert found == []
    else:
        assert [c.facts["count"] for c in found] == [count]


def test_a_company_without_anybody_yet_is_checked_by_its_name(session):
    trip = make_trip()
    company = Organization(name="Blue Wave", name_key="blue wave", kind="company")
    session.add(company)
    session.flush()
    make_item(trip, **at(0, 60))
    make_item(trip, **at(0, 60, audience=Audience.COMPANIES, company_ids=(company.id,)))

    (found,) = clashes.check(trip)
    assert (found.facts["who"], found.facts["names"]) == ("company", ["Blue Wave"])


def test_a_delegate_who_speaks_elsewhere_is_one_person(session):
    trip = make_trip()
    delegate = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
    make_item(trip, **at(0, 60, title=named("All")))
    make_item(
        trip,
        **at(
            30,
            60,
            title=named("Talk"),
            audience=Audience.STAFF,
            people=((delegate.person_id, ItemRole.SPEAKER),),
        ),
    )

    (found,) = clashes.check(trip)
    assert (found.facts["who"], found.facts["names"]) == ("person", [delegate.name])


def test_an_interpreter_in_two_places(session):
    trip = make_trip()
    person = Person(given_name="Inès", family_name="Roux")
    session.add(person)
    session.flush()
    one, other = make_track(trip), make_track(trip, "press")
    people = ((person.id, ItemRole.INTERPRETER),)
    make_item(trip, **at(0, 60, track_id=one.id, people=people))
    make_item(trip, **at(0, 60, track_id=other.id, people=people))

    (found,) = clashes.check(trip)
    assert found.facts["names"] == ["Inès Roux"]


def test_places_of_an_item_and_of_its_room(session):
    trip = make_trip()
    venue = make_venue(capacity=1)
    room = Room(venue_id=venue.id, name="Blue room", capacity=3)
    session.add(room)
    session.flush()
    make_item(trip, **at(0, 60, venue_id=venue.id, room_id=room.id, capacity=2))
    make_item(trip, **at(60, 90, venue_id=venue.id))
    make_registration(trip, 4, RegistrationState.ACCEPTED)

    found = {(c.facts["of"], c.facts["limit"], c.facts["count"]) for c in clashes.check(trip)}
    assert found == {("item", 2, 4), ("room", 3, 4), ("venue", 1, 4)}


def test_rooms_vehicles_and_hosts_are_read(session):
    trip = make_trip()
    port, camp = make_venue(), make_venue("Thecamp")
    room = Room(venue_id=port.id, name="Blue room")
    host = Organization(name="Port", name_key="port", kind="authority")
    session.add_all([room, host])
    session.flush()
    off = {"attendance": Attendance.OPTIONAL}
    make_item(trip, **at(0, 60, venue_id=port.id, room_id=room.id, title=named("1"), **off))
    make_item(trip, **at(30, 90, venue_id=port.id, room_id=room.id, title=named("2"), **off))
    make_item(trip, **at(100, 160, vehicle="Coach 1", title=named("3"), **off))
    make_item(trip, **at(130, 190, vehicle="COACH 1", title=named("4"), **off))
    make_item(trip, **at(200, 260, venue_id=port.id, host_id=host.id, title=named("5"), **off))
    make_item(trip, **at(230, 290, venue_id=camp.id, host_id=host.id, title=named("6"), **off))

    assert told(trip) == [(Rule.ROOM, "1", "2"), (Rule.VEHICLE, "3", "4"), (Rule.HOST, "5", "6")]
    assert [c.level for c in clashes.check(trip)] == [Level.BLOCK, Level.BLOCK, Level.WARN]


def test_a_transfer_carries_people_and_one_without_a_goal_is_believed(session):
    trip, _, _ = two_visits()
    port, camp = (item.venue_id for item in agendas.draft(trip))
    make_item(
        trip,
        **at(60, 80, title=named("Coach"), kind=ItemKind.TRANSFER, venue_id=port, track_id=None),
    )

    assert told(trip) == []
    assert port != camp


def test_the_stop_s_dates_and_the_place_s_zone(session):
    trip = make_trip()
    stop = make_stop(trip, ends_on=datetime(2027, 10, 25).date())
    london = make_venue("Embassy", zone="Europe/London", city="London", country="GB")
    make_item(trip, **at(0, 60, title=named("Late"), stop_id=stop.id))
    make_item(trip, **at(60, 90, title=named("There"), venue_id=london.id))

    assert told(trip) == [(Rule.DATES, "Late"), (Rule.ZONE, "There")]


def test_an_instant_that_no_longer_fits_its_wall_time_blocks(session):
    trip = make_trip()
    item = make_item(trip)
    item.starts_at = item.starts_at - timedelta(hours=1)
    session.flush()

    (found,) = clashes.check(trip)
    assert (found.rule, found.level, found.facts["why"]) == (Rule.WALL_TIME, Level.BLOCK, "moved")


def test_the_clock_change_of_2017_is_told_once_for_each_side(session):
    trip = make_trip(starts_on=datetime(2017, 10, 30).date(), ends_on=datetime(2017, 11, 3).date())
    for day in ("2017-10-28", "2017-11-06"):
        make_item(
            trip,
            starts_local=datetime.fromisoformat(f"{day}T09:00"),
            ends_local=datetime.fromisoformat(f"{day}T10:00"),
        )

    found = [c for c in clashes.check(trip) if c.rule == Rule.CLOCK_CHANGE]
    assert [(c.facts["zones"], c.facts["gap_before"], c.facts["gap_after"]) for c in found] == [
        (["Europe/Paris"], 9.0, 8.0),
        (["America/Los_Angeles"], 8.0, 9.0),
    ]
    assert {c.level for c in found} == {Level.WARN}


def test_other_trips_are_not_looked_at(session):
    two_visits()

    assert clashes.check(make_trip()) == []


# one's own agenda


def published(trip: Trip) -> list[ReleaseItem]:
    return list(publish(trip).items)


def test_one_s_own_clashes_are_told_to_oneself_alone(session):
    trip, one, other = two_visits()
    make_item(trip, **at(200, 260, title=named("Talk")))
    lunch = make_item(trip, **at(230, 290, title=named("Lunch")))
    items = published(trip)

    found = clashes.own_clashes(items, trip)
    assert [(c.rule, c.facts["who"]) for c in found] == [
        (Rule.TRAVEL, "self"),
        (Rule.PERSON, "self"),
    ]
    assert found[0].uids == (one.uid, other.uid)
    kept = [item for item in items if item.uid not in (lunch.uid, other.uid)]
    assert clashes.own_clashes(kept, trip) == []


def test_one_s_own_ways_follow_the_organizers_travel_times(session):
    trip, one, other = two_visits()
    items = published(trip)
    clashes.set_travel_time(trip, one.venue_id, other.venue_id, 10, audits.SYSTEM)

    assert clashes.own_clashes(items, db.session.get_one(Trip, trip.id)) == []


def test_one_s_own_flight_from_abroad(session):
    trip = make_trip()
    airport = make_venue("Airport", 20)
    make_item(
        trip,
        **at(
            0,
            120,
            kind=ItemKind.TRAVEL,
            mode=Mode.FLIGHT,
            starts_zone="Africa/Tunis",
            to_venue_id=airport.id,
        ),
    )
    make_item(trip, **at(130, 160, venue_id=airport.id))

    (found,) = clashes.own_clashes(published(trip), trip)
    assert found.facts["minutes_arrival"] == 45


# how many statements


@pytest.fixture
def sized(session):
    def trip_with(size: int) -> int:
        with transaction():
            trip = make_trip()
            track = make_track(trip)
            stop = make_stop(trip)
            person = Person(given_name="Inès", family_name=f"Roux {size}")
            db.session.add(person)
            db.session.flush()
            for number in range(size):
                venue = make_venue(f"Venue {number}", number)
                make_item(
                    trip,
                    **at(
                        number * 20,
                        number * 20 + 30,
                        venue_id=venue.id,
                        stop_id=stop.id,
                        track_id=track.id if number % 2 else None,
                        people=((person.id, ItemRole.GUIDE),),
                    ),
                )
                registration = make_registration(trip, 2, RegistrationState.ACCEPTED)
                db.session.add(
                    TrackMember(track_id=track.id, delegate_id=registration.delegates[0].id)
                )
            return trip.id

    return trip_with


def test_checking_takes_as_many_statements_for_30_as_for_3(session, statements, sized):
    counts, found = {}, {}
    for size in (3, 30):
        trip_id = sized(size)
        db.session.remove()
        with statements() as sent:
            found[size] = len(clashes.check(db.session.get_one(Trip, trip_id)))
        counts[size] = len(sent)

    assert counts == {3: 12, 30: 12}
    assert found[30] > found[3] > 0


def test_one_s_own_clashes_take_one_statement(session, statements):
    trip, _, _ = two_visits()
    items = published(trip)
    db.session.flush()

    with statements() as sent:
        assert len(clashes.own_clashes(items, trip)) == 1
    assert len(sent) == 1


def test_delegates_with_the_same_items_are_counted_once_each(session):
    trip, _, _ = two_visits()
    make_registration(trip, 2, RegistrationState.ACCEPTED)
    make_registration(trip, 1, RegistrationState.SUBMITTED, delegates=(delegate_data(9),))

    (found,) = clashes.check(trip)
    assert (found.facts["who"], found.facts["count"]) == ("everybody", 3)


def test_what_is_held_back_is_checked_as_it_is_published(session):
    trip = make_trip()
    port, camp = make_venue(), make_venue("Thecamp", 70)
    make_item(trip, **at(0, 60, title=named("Port"), venue_id=port.id))
    other = make_item(trip, **at(80, 140, title=named("Camp"), venue_id=port.id))
    (before,) = [item for item in published(trip) if item.uid == other.uid]
    moved = item_values(**at(80, 140, title=named("Camp"), venue_id=camp.id))
    agendas.change(other, moved, audits.SYSTEM, other.version)

    assert told(trip) == [(Rule.TRAVEL, "Port", "Camp")]
    assert clashes.check(trip, {other.uid: before}) == []
    back = item_values(**at(80, 140, title=named("Camp"), venue_id=port.id))
    agendas.change(other, back, audits.SYSTEM, other.version)
    before.starts_at -= timedelta(minutes=40)
    before.starts_local -= timedelta(minutes=40)
    assert [c.rule for c in clashes.check(trip, {other.uid: before})] == [Rule.PERSON]


def held_back(trip: Trip, item, **values) -> None:
    """Change the draft of a published item, and hold that back."""
    publish(trip)
    agendas.change(item, replace(said.of(item), **values), audits.SYSTEM, item.version)
    releases.hold_back(item, audits.SYSTEM)


def test_a_place_that_only_a_held_back_item_has_is_known(session):
    trip = make_trip()
    port, camp = make_venue(), make_venue("Thecamp", 70)
    item = make_item(trip, **at(0, 60, venue_id=camp.id))
    held_back(trip, item, venue_id=port.id)
    make_item(trip, **at(80, 140, venue_id=port.id))

    assert clashes.check(trip) == []
    assert [c.rule for c in releases.clashes_of(trip)] == [Rule.TRAVEL]


@pytest.mark.parametrize(
    "values",
    [
        {"state": ItemState.CANCELLED},
        {"attendance": Attendance.OPTIONAL},
        {"audience": Audience.STAFF},
    ],
)
def test_held_back_items_take_those_whom_they_are_published_for(session, values):
    trip = make_trip()
    item = make_item(trip, **at(0, 60))
    held_back(trip, item, **values)
    make_item(trip, **at(30, 90))

    assert clashes.check(trip) == []
    assert [c.rule for c in releases.clashes_of(trip)] == [Rule.PERSON]


def test_held_back_items_keep_their_speakers_companies_and_rooms(session):
    trip = make_trip()
    company = make_registration(trip, 2, RegistrationState.ACCEPTED).organization
    room = make_room(make_venue(), name="Salon", capacity=1)
    speaker = Person(given_name="Ann", family_name="Lee")
    db.session.add(speaker)
    db.session.flush()
    people = ((speaker.id, ItemRole.SPEAKER),)
    named = {"audience": Audience.COMPANIES, "company_ids": (company.id,), "people": people}
    place = {"venue_id": room.venue_id, "room_id": room.id}
    item = make_item(trip, **at(0, 60, **named, **place))
    held_back(trip, item, audience=Audience.STAFF, company_ids=(), people=(), room_id=None)
    make_item(trip, **at(30, 90, audience=Audience.STAFF, people=people))

    found = releases.clashes_of(trip)

    assert [(c.rule, c.facts["count"]) for c in found] == [(Rule.CAPACITY, 3), (Rule.PERSON, 1)]
    assert clashes.check(trip) == []


def test_one_s_own_flight_at_home_crosses_no_border(session):
    trip = make_trip()
    east = make_venue("JFK", country="US", zone="America/New_York")
    west = make_venue("LAX", country="US", zone="America/Los_Angeles")
    there = {"starts_zone": west.zone, "ends_zone": west.zone, "venue_id": west.id}
    leaves = {"mode": Mode.FLIGHT, "venue_id": east.id, "starts_zone": east.zone}
    lands = {"to_venue_id": west.id, "ends_zone": west.zone}
    make_item(trip, **at(0, 200, **leaves, **lands))
    make_item(trip, **at(210, 260, **there))
    items = published(trip)

    assert clashes.own_clashes(items, trip) == []
