"""What a calendar says of a published item: rooms, ways in, meeting points, people, legs."""

from datetime import datetime

import pytest

from tests.factories import make_item, make_room, make_trip, make_venue, publish
from webapp import i18n
from webapp.db import Words
from webapp.domain import entries, feeds, organizations, people, published
from webapp.models.agenda import ItemKind, ItemRole, Mode
from webapp.models.organization import OrganizationKind

NBSP = "\N{NO-BREAK SPACE}"


def entry_of(item_trip, language="en"):
    with i18n.speaking(language):
        [item] = published.items(item_trip)
        return entries.entry(item_trip, item, language)


def visit():
    """A published visit that says all there is to say."""
    trip = make_trip()
    venue = make_venue(
        name="Palais de la Bourse",
        address="9 La Canebière",
        postal_code="13001",
        city="Marseille",
        latitude=43.2957,
        longitude=5.3748,
    )
    room = make_room(venue, name="Grand Salon", access=Words(en="Ring.", fr="Sonnez."))
    speaker = people.find_or_add("Ann", "Lee", "ann@example.com")
    second = people.find_or_add("Bo", "Chi", "bo@example.com")
    host = make_host()
    make_item(
        trip,
        description=Words(en="Cranes.", fr="Des grues."),
        venue_id=venue.id,
        room_id=room.id,
        host_id=host.id,
        meeting_point=Words(en="Hotel lobby", fr="Hall de l'hôtel"),
        call_minutes=45,
        languages=("en", "fr"),
        people=(
            (speaker.id, ItemRole.SPEAKER),
            (second.id, ItemRole.SPEAKER),
            (second.id, ItemRole.INTERPRETER),
        ),
    )
    publish(trip)
    return trip


def make_host():
    return organizations.find_or_add("Port of Marseille", OrganizationKind.AUTHORITY, "FR", None)


def leg(**values):
    """A published flight from San Diego to Marseille."""
    trip = make_trip()
    given = {
        "kind": ItemKind.TRAVEL,
        "title": Words(en="Flight"),
        "starts_local": datetime(2017, 10, 29, 15, 15),
        "starts_zone": "America/Los_Angeles",
        "ends_local": datetime(2017, 10, 30, 11, 10),
    }
    make_item(trip, **given | values)
    publish(trip)
    return trip


def test_a_visit_says_room_way_in_meeting_point_people_and_languages(session):
    found = entry_of(visit())

    assert found.location == "Palais de la Bourse, Grand Salon, 9 La Canebière, 13001 Marseille"
    assert found.place_title == "Palais de la Bourse"
    assert found.description.splitlines() == [
        f"Be there at 8:15{NBSP}AM: Hotel lobby.",
        "Cranes.",
        "Ring.",
        "Received by Port of Marseille",
        "Speaker: Ann Lee and Bo Chi",
        "Interpreter: Bo Chi",
        "In English and French",
    ]
    assert found.starts.local == datetime(2027, 10, 26, 9)  # not the call time


def test_no_address_of_a_person_gets_into_a_calendar(session):
    """icalendar.md M4, X2."""
    trip = visit()

    assert b"example.com" not in feeds.render(feeds.public(trip, "en"))


def test_a_leg_says_its_service_both_zones_the_next_day_and_where_it_ends(session):
    trip = leg(
        mode=Mode.FLIGHT, service="AF 69", place="San Diego Airport", to_place="Marseille Airport"
    )

    found = entry_of(trip)

    assert found.location == "San Diego Airport"
    assert found.description.splitlines() == [
        (
            f"Leaves at 3:15{NBSP}PM (Los Angeles time, UTC\N{MINUS SIGN}7), "
            f"arrives at 11:10{NBSP}AM +1 day (Paris time, UTC+1)."
        ),
        "Place of arrival: Marseille Airport",
        "Flight AF 69",
    ]
    assert (found.starts.zone, found.ends.zone) == ("America/Los_Angeles", "Europe/Paris")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mode": Mode.COACH, "vehicle": "Coach 1"}, "Coach, Coach 1"),
        ({"mode": Mode.WALK}, "On foot"),
        ({"service": "6174", "mode": Mode.TRAIN}, "Train 6174"),
        ({"vehicle": "Minibus"}, "Minibus"),
    ],
)
def test_how_people_get_there_is_said_as_far_as_it_is_known(session, values, words):
    assert entry_of(leg(**values)).description.splitlines()[-1] == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"call_minutes": 30}, f"Be there at 8:30{NBSP}AM."),
        ({"meeting_point": Words(en="Quay 4")}, "Meeting point: Quay 4."),
        ({"meeting_point": Words(en="At the gangway.")}, "Meeting point: At the gangway."),
        (
            {"call_minutes": 600, "meeting_point": Words(en="Quay 4")},
            f"Be there at 11:00{NBSP}PM −1 day: Quay 4.",
        ),
    ],
)
def test_where_to_be_and_when_is_said_as_far_as_it_is_known(session, values, words):
    trip = make_trip()
    make_item(trip, **values)
    publish(trip)

    assert entry_of(trip).description == words


def test_what_uses_none_of_this_says_what_it_always_said(session):
    trip = make_trip()
    make_item(trip, description=Words(en="Cranes."), place="Shipyard")
    publish(trip)

    found = entry_of(trip)

    assert (found.location, found.description) == ("Shipyard", "Cranes.")
    [line] = entry_of(leg()).description.splitlines()
    assert line.endswith(f"arrives at 11:10{NBSP}AM (Paris time, UTC+1).")
