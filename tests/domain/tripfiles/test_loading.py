"""Loading: a trip file becomes rows, once and again."""

import copy
import uuid
from datetime import datetime

import pytest
from sqlalchemy import func, select

from tests.domain.tripfiles.example import UID, everything, example, full, read, spoiled, there
from tests.factories import make_item, make_stop, make_track, make_trip
from webapp.db import db
from webapp.domain import agendas, audits, releases, tripfiles, trips
from webapp.domain.audits import By
from webapp.domain.organizations import name_key
from webapp.domain.tripfiles import FileFaults
from webapp.models.agenda import AgendaItem, Attendance, Audience, ItemState, Mode
from webapp.models.audit import Actor, AuditEntry
from webapp.models.basis import Basis
from webapp.models.clash import TravelTime
from webapp.models.feed import Feed
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.place import Venue
from webapp.models.release import Change
from webapp.models.trip import Trip, TripState

ANA = By(Actor.STAFF, "Ana")


def test_load_writes_every_row(session):
    trip = tripfiles.load(read(example()))

    assert (trip.slug, trip.state, trip.max_per_organization) == (
        "shipyards-2027",
        TripState.DRAFT,
        10,
    )
    assert there(trip.registration_closes_at).isoformat() == "2027-10-01T16:00:00+00:00"
    assert [row.organization.name for row in trip.partners] == ["Chantier Exemple"]
    assert [row.organization.name for row in trip.members] == ["Chantier Exemple"]
    (stop,) = trip.stops
    assert (stop.city, there(stop.local_host).name, stop.position) == (
        "Toulon",
        "Chantier Exemple",
        1,
    )
    (item,) = agendas.draft(trip)
    assert (str(item.uid), there(item.venue).name, item.stop, item.track) == (
        UID,
        "Dock 4",
        stop,
        trip.tracks[0],
    )
    assert item.starts_at.isoformat() == "2027-10-29T07:00:00+00:00"
    assert trip.release is None, "an import never publishes"
    assert {feed.language for feed in session.scalars(select(Feed))} == {"en", "fr"}
    written = session.execute(
        select(AuditEntry.object_kind, AuditEntry.action).order_by(AuditEntry.id)
    )
    assert [f"{kind} {action}" for kind, action in written] == [
        "trips add",
        "venues add",
        "stops add",
        "tracks add",
        "agenda_items add",
    ]


def test_load_writes_every_row_of_an_itinerary(session):
    trip = tripfiles.load(read(full()))

    visit, coach = agendas.draft(trip)
    assert (visit.audience, visit.attendance, visit.capacity, visit.call_minutes) == (
        Audience.COMPANIES,
        Attendance.OPTIONAL,
        12,
        15,
    )
    assert (visit.languages, visit.meeting_point, visit.host_name) == (
        ["en", "fr"],
        {"en": "At the gate.", "fr": "À la porte."},
        "Chantier Exemple",
    )
    assert [each.organization.name for each in visit.companies] == ["Invitée SA"]
    dock, hall = there(visit.venue), there(visit.room)
    assert (dock.capacity, dock.contact) == (300, "Gate office, +33 4 99 00 00 00")
    assert (hall.name, hall.capacity, visit.place_access) == ("Hall", 200, {"en": "Door 2."})
    assert visit.people_named == [
        {"name": "Ada Exemple", "role": "interpreter"},
        {"name": "Ada Exemple", "role": "guide"},
        {"name": "Sample", "role": "speaker"},
    ]
    interpreter, guide, _speaker = visit.people
    assert interpreter.person is guide.person
    assert interpreter.person.basis == Basis.ILLUSTRATIVE
    assert (coach.mode, coach.service, coach.vehicle, coach.to_place_name, coach.to_place) == (
        Mode.COACH,
        "Line 12",
        "Coach 1",
        "Gare de Toulon",
        "Platform side",
    )
    assert (trip.clash_levels, trip.travel_speeds, trip.margin_minutes, trip.arrival_minutes) == (
        {"host": "ignore", "travel": "warn"},
        {"coach": 55, "walk": 4.5},
        0,
        60,
    )
    ways = session.scalars(select(TravelTime).order_by(TravelTime.minutes)).all()
    assert [(way.from_venue.name, way.to_venue.name, way.minutes) for way in ways] == [
        ("Gare de Toulon", "Dock 4", 25),
        ("Dock 4", "Gare de Toulon", 40),
    ]


def test_loading_an_itinerary_again_changes_nothing(session):
    trip = tripfiles.load(read(full()))
    releases.publish(trip, audits.SYSTEM)
    before = everything()

    tripfiles.load(read(full()))

    assert everything() == before


def test_an_older_file_leaves_alone_how_clashes_are_judged(session):
    tripfiles.load(read(full()))

    trip = tripfiles.load(read(example()))

    assert (trip.clash_levels, trip.margin_minutes) == ({"host": "ignore", "travel": "warn"}, 0)
    assert session.scalar(select(func.count()).select_from(TravelTime)) == 2
    assert [room.name for room in there(agendas.draft(trip)[0].venue).rooms] == [
        "Hall",
        "Mezzanine",
    ]


def test_what_a_file_changes_of_places_and_ways_is_audited(session):
    trip = tripfiles.load(read(full()))
    data = full()
    data["stops"][0]["starts_on"] = "2027-10-27"
    data["venues"][0]["capacity"] = 250
    data["venues"][0]["rooms"][0]["capacity"] = 150
    data["venues"][1]["rooms"] = [{"key": "wc", "name": "Waiting room"}]
    data["travel_times"][0]["minutes"] = 35
    data["tracks"][0]["color"] = "teal"
    last = session.scalar(select(func.max(AuditEntry.id)))

    tripfiles.load(read(data), ANA)

    way = {"from": "Gare de Toulon", "to": "Dock 4"}
    written = session.scalars(
        select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id)
    ).all()
    assert {(entry.trip_id, entry.actor_name) for entry in written} == {(trip.id, "Ana")}
    assert [(e.object_kind, e.action, e.before, e.after) for e in written] == [
        ("venues", "change", {"capacity": 300}, {"capacity": 250}),
        ("rooms", "change", {"capacity": 200}, {"capacity": 150}),
        (
            "rooms",
            "add",
            None,
            {"venue": "Gare de Toulon", "name": "Waiting room", "capacity": None, "access": None},
        ),
        ("stops", "change", {"starts_on": "2027-10-28"}, {"starts_on": "2027-10-27"}),
        ("tracks", "change", {"color": "plum"}, {"color": "teal"}),
        ("travel_times", "change", {**way, "minutes": 25}, {**way, "minutes": 35}),
    ]


def test_a_room_is_found_by_its_name_in_the_venue(session):
    tripfiles.load(read(full()))
    data = full()
    data["venues"][0]["rooms"] = [
        {"key": "attic", "name": "Attic"},
        {"key": "hall", "name": "HALL"},
    ]

    trip = tripfiles.load(read(data))

    visit = agendas.draft(trip)[0]
    assert [(room.name, room.capacity) for room in there(visit.venue).rooms] == [
        ("Hall", 200),
        ("Mezzanine", None),
        ("Attic", None),
    ]
    assert visit.room_name == "Hall"


def test_a_person_is_known_by_name_in_the_trip_and_to_nobody_elses_namesake(session):
    trip = tripfiles.load(read(full()))
    visit, _coach = agendas.draft(trip)
    ada = visit.people[0].person
    data = full()
    data["items"][1]["people"] = [{"given": "ADA", "family": "Exemple", "role": "host"}]
    other = full()
    other["trip"]["slug"] = "another"
    for item in other["items"]:
        item["uid"] = str(uuid.uuid4())

    tripfiles.load(read(data))
    elsewhere = tripfiles.load(read(other))

    assert [each.person for each in agendas.draft(trip)[1].people] == [ada]
    assert ada.given_name == "Ada"
    assert agendas.draft(elsewhere)[0].people[0].person is not ada


def test_a_trip_can_be_loaded_as_a_template_which_is_never_shown(session):
    trip = tripfiles.load(read(spoiled(("trip", "is_template"), True)))
    assert (trip.is_template, trip.state) == (True, TripState.DRAFT)

    with pytest.raises(FileFaults) as caught:
        tripfiles.load(read(spoiled(("trip", "state"), "announced")))

    assert [str(fault) for fault in caught.value.faults] == [
        '$.trip.state: a template is never shown: give "draft", or "is_template": false'
    ]


def test_loading_again_changes_nothing(session):
    trip = tripfiles.load(read(example()))
    releases.publish(trip, audits.SYSTEM)
    before = everything()

    tripfiles.load(read(example()))

    assert everything() == before


def test_loading_again_without_uids_changes_nothing(session):
    data = example()
    del data["items"][0]["uid"]
    data["items"].append(copy.deepcopy(data["items"][0]))
    data["items"][1]["starts"]["local"] = "2027-10-30T09:00"
    data["items"][1]["ends"]["local"] = "2027-10-30T10:00"
    tripfiles.load(read(data))
    before = everything()

    data["items"].reverse()
    tripfiles.load(read(data))

    assert everything() == before
    assert len(before["agenda_items"]) == 2


def test_a_changed_file_changes_the_draft_and_not_what_is_published(session):
    trip = tripfiles.load(read(example()))
    releases.publish(trip, audits.SYSTEM)
    data = example()
    data["items"][0]["starts"]["local"] = "2027-10-29T09:15"

    tripfiles.load(read(data))

    (published,) = there(trip.release).items
    assert published.starts_local == datetime(2027, 10, 29, 9, 0)
    (difference,) = releases.differences(trip)
    assert difference.change == Change.MOVED
    entry = audits.of(difference.item)[0]
    assert (entry.action, entry.before, entry.after) == (
        "change",
        {"title": difference.item.title, "starts_local": "2027-10-29T09:00:00"},
        {"title": difference.item.title, "starts_local": "2027-10-29T09:15:00"},
    )


def test_a_changed_trip_is_told_to_the_calendars(session):
    trip = tripfiles.load(read(example()))
    stamp, sequence = trip.changed_at, trip.sequence
    public = session.scalars(select(Feed)).first()
    public.body = b"prepared"
    session.flush()

    tripfiles.load(read(spoiled(("trip", "ends_on"), "2027-11-02")))

    assert trip.sequence == sequence + 1
    assert trip.changed_at > stamp
    assert session.scalar(select(func.count()).where(Feed.body.is_not(None))) == 0
    entry = audits.of(trip)[0]
    assert (entry.before, entry.after) == ({"ends_on": "2027-11-01"}, {"ends_on": "2027-11-02"})


def test_what_a_file_does_not_list_stays(session):
    trip = tripfiles.load(read(example()))
    other = make_item(trip)
    make_stop(trip, city="Nice", position=7)
    make_track(trip, "press")
    less = example()
    for name in ("items", "partners", "members", "tracks"):
        del less[name]

    tripfiles.load(read(less))

    assert {str(item.uid) for item in agendas.draft(trip)} == {UID, str(other.uid)}
    assert [(stop.city, stop.position) for stop in trip.stops] == [("Toulon", 1), ("Nice", 7)]
    assert len(trip.partners) == len(trip.members) == 1
    assert {track.key for track in trip.tracks} == {"vip", "press"}


def test_a_uid_of_another_trip_is_refused(session):
    taken = make_item(make_trip())
    data = example()
    data["items"][0]["uid"] = str(taken.uid)

    with pytest.raises(FileFaults) as caught:
        tripfiles.load(read(data))

    assert [str(fault) for fault in caught.value.faults] == [
        f"$.items[0].uid: {taken.uid} belongs to another trip: take another UID"
    ]


def test_a_state_that_cannot_be_reached_is_refused(session):
    trip = tripfiles.load(read(spoiled(("trip", "state"), "announced")))
    trip.become(TripState.WITHDRAWN)

    with pytest.raises(FileFaults) as caught:
        tripfiles.load(read(spoiled(("trip", "state"), "announced")))

    assert [str(fault) for fault in caught.value.faults] == [
        "$.trip.state: a trip that is withdrawn cannot become announced"
    ]


def test_a_tour_that_a_file_calls_off_is_called_off_with_its_sessions(session):
    announced = spoiled(("trip", "state"), "announced")
    trip = tripfiles.load(read(announced))
    releases.publish(trip, audits.SYSTEM)
    off = spoiled(("trip", "state"), "cancelled")

    tripfiles.load(read(off), ANA)

    (session_,) = there(trip.release).items
    assert (trip.state, session_.sequence) == (TripState.CANCELLED, 1)
    entry = audits.of(trip)[0]
    assert (entry.action, entry.actor_name, entry.reason) == ("cancel", "Ana", "Trip file")
    assert tripfiles.dump(trip)["trip"]["state"] == "cancelled"
    before = everything()
    tripfiles.load(read(off))
    assert everything() == before

    tripfiles.load(read(announced), ANA)

    assert (trip.state, audits.of(trip)[0].action) == (TripState.ANNOUNCED, "restore")


def test_a_template_has_no_calendar_until_it_is_a_tour(session):
    template = spoiled(("trip", "is_template"), True)
    tripfiles.load(read(template))
    assert session.scalar(select(func.count()).select_from(Feed)) == 0
    template["trip"] |= {"is_template": False, "state": "announced"}

    trip = tripfiles.load(read(template))

    assert trip.state == TripState.ANNOUNCED
    assert session.scalar(select(func.count()).select_from(Feed)) == 2


def test_an_item_follows_its_own_transition_table(session):
    trip = tripfiles.load(read(spoiled(("items", 0, "state"), "cancelled")))

    tripfiles.load(read(spoiled(("items", 0, "state"), "tentative")))

    assert [item.state for item in agendas.draft(trip)] == [ItemState.TENTATIVE]


def organization(name, country):
    row = Organization(
        name=name,
        name_key=name_key(name),
        kind=OrganizationKind.CLUSTER,
        country=country,
        website="https://example.org",
        basis=Basis.REAL,
        sources=[],
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_an_organization_is_found_by_another_spelling_and_keeps_its_name(session):
    known = organization("CHANTIER-EXEMPLE S.A.S.", "FR")

    trip = tripfiles.load(read(example()))

    assert trip.members[0].organization is known
    assert known.name == "CHANTIER-EXEMPLE S.A.S."
    assert known.kind == OrganizationKind.COMPANY  # what the file says
    assert known.website == "https://example.org"  # what it leaves out stays


def test_the_same_name_in_another_country_is_another_organization(session):
    known = organization("Chantier Exemple", "US")

    trip = tripfiles.load(read(example()))

    assert trip.members[0].organization is not known


def test_two_spellings_in_one_file_stay_two_organizations(session):
    data = example()
    data["organizations"].append(
        {**data["organizations"][0], "key": "sas", "name": "Chantier Exemple SAS"}
    )
    data["members"].append({"organization": "sas"})
    trip = tripfiles.load(read(data))
    before = everything()

    tripfiles.load(read(data))

    assert [row.organization.name for row in trip.members] == [
        "Chantier Exemple",
        "Chantier Exemple SAS",
    ]
    assert everything() == before


def test_a_venue_is_shared_by_name_and_city(session):
    tripfiles.load(read(example()))
    data = example()
    data["trip"]["slug"] = "another"
    data["items"][0]["uid"] = str(uuid.uuid4())
    data["venues"][0] |= {"name": "dock 4", "city": "TOULON", "access": {"en": "By the east gate."}}

    tripfiles.load(read(data))

    (venue,) = session.scalars(select(Venue)).all()
    assert (venue.name, venue.access) == ("Dock 4", {"en": "By the east gate."})


def test_names_with_signs_of_patterns_are_told_apart(session):
    data = spoiled(("venues", 0, "name"), "Dock _%")
    tripfiles.load(read(spoiled(("venues", 0, "name"), "Dock 44")))
    data["trip"]["slug"] = "another"
    data["items"][0]["uid"] = str(uuid.uuid4())

    tripfiles.load(read(data))

    assert set(session.scalars(select(Venue.name))) == {"Dock 44", "Dock _%"}


def test_the_right_trip_is_touched(session):
    other = make_trip()
    before = tripfiles.dump(other)

    tripfiles.load(read(example()))

    assert tripfiles.dump(there(trips.by_slug(other.slug))) == before
    assert session.scalar(select(func.count()).select_from(AgendaItem)) == 1
    assert session.scalar(select(func.count()).select_from(Trip)) == 2
