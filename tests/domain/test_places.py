"""Venues, as an agenda names them."""

from datetime import date

import pytest

from tests.factories import make_item, make_room, make_stop, make_trip, make_venue, publish
from webapp.db import Words
from webapp.domain import audits, places
from webapp.models.clash import TravelTime
from webapp.models.place import Room, Venue

BY = audits.SYSTEM


def test_venues_are_listed_by_city_and_name(session):
    for city, name in (("Toulon", "B"), ("Marseille", "C"), ("Toulon", "A")):
        session.add(Venue(name=name, city=city, country="FR", zone="Europe/Paris"))
    session.flush()

    assert [(v.city, v.name) for v in places.venues()] == [
        ("Marseille", "C"),
        ("Toulon", "A"),
        ("Toulon", "B"),
    ]


@pytest.mark.parametrize(
    ("address", "code", "line"),
    [
        ("34 quai de Rive Neuve", "13007", "34 quai de Rive Neuve, 13007 Marseille"),
        (None, "13007", "13007 Marseille"),
        ("34 quai de Rive Neuve", None, "34 quai de Rive Neuve, Marseille"),
        (None, None, "Marseille"),
    ],
)
def test_an_address_is_one_line_of_what_is_known(address, code, line):
    assert Venue(address=address, postal_code=code, city="Marseille").address_line == line


def values(**said) -> places.VenueValues:
    given = {"name": "Palais", "city": "Marseille", "country": "FR", "zone": "Europe/Paris"} | said
    return places.VenueValues(**given)


def test_a_venue_in_use_is_not_removed_and_says_where(session):
    trip, other = make_trip(), make_trip(starts_on=date(2028, 1, 3), ends_on=date(2028, 1, 7))
    venue, quay = make_venue(), make_venue()
    make_item(trip, venue_id=venue.id, title=Words(en="Reception"))
    make_item(other, to_venue_id=venue.id, title=Words(en="Transfer"))
    session.add(
        TravelTime(trip_id=other.id, from_venue_id=quay.id, to_venue_id=venue.id, minutes=20)
    )

    with pytest.raises(places.VenueInUse) as refused:
        places.remove(trip, venue, BY)

    assert [(u.trip.slug, u.titles, u.travel_times) for u in refused.value.where] == [
        (trip.slug, ({"en": "Reception"},), 0),
        (other.slug, ({"en": "Transfer"},), 1),
    ]
    assert places.find(venue.id) is venue


def test_a_room_in_use_is_not_removed_and_says_where(session):
    trip, venue = make_trip(), make_venue()
    room, free = make_room(venue), make_room(venue)
    make_item(trip, venue_id=venue.id, room_id=room.id)

    with pytest.raises(places.VenueInUse) as refused:
        places.remove_room(trip, room, BY)
    places.remove_room(trip, free, BY)

    assert [use.trip.slug for use in refused.value.where] == [trip.slug]
    assert [each.id for each in venue.rooms] == [room.id]


def test_a_venue_that_nothing_uses_goes_with_its_rooms(session):
    trip, venue = make_trip(), make_venue()
    make_room(venue)

    places.remove(trip, venue, BY)

    assert (places.venues(), session.query(Room).all()) == ([], [])
    entries = [(e.object_kind, e.action) for e in audits.latest(trip.id)]
    assert entries == [("venues", "delete")]


def test_a_change_of_a_venue_is_audited_field_by_field(session):
    trip = make_trip()
    venue = places.add(trip, values(), BY)

    places.change(trip, venue, values(capacity=300, latitude=43.3, longitude=5.4), BY)

    entry = audits.of(venue)[0]
    assert entry.before == {"latitude": None, "longitude": None, "capacity": None}
    assert entry.after == {"latitude": 43.3, "longitude": 5.4, "capacity": 300}
    assert entry.trip_id == trip.id


def test_what_is_published_stays_when_a_venue_changes(session):
    trip, venue = make_trip(), make_venue(name="Palais")
    make_item(trip, venue_id=venue.id)
    release = publish(trip)

    places.change(trip, venue, values(name="Palais de la Bourse"), BY)

    assert release.items[0].place_name == "Palais"


def test_two_rooms_of_a_venue_have_two_names(session):
    trip, venue = make_trip(), make_venue()
    places.add_room(trip, venue, places.RoomValues("Hall"), BY)
    other = places.add_room(trip, venue, places.RoomValues("Salon"), BY)

    with pytest.raises(places.RoomNameTaken):
        places.add_room(trip, venue, places.RoomValues("hall"), BY)
    with pytest.raises(places.RoomNameTaken):
        places.change_room(trip, other, places.RoomValues("HALL"), BY)
    places.change_room(trip, other, places.RoomValues("Salon", 12), BY)
    assert [(r.name, r.capacity, r.position) for r in venue.rooms] == [
        ("Hall", None, 1),
        ("Salon", 12, 2),
    ]


def test_a_copy_takes_over_the_sessions_of_its_own_tour(session):
    trip, other = make_trip(), make_trip()
    venue = make_venue()
    room = make_room(venue, name="Hall")
    mine = make_item(trip, venue_id=venue.id, room_id=room.id)
    leg = make_item(trip, to_venue_id=venue.id)
    theirs = make_item(other, venue_id=venue.id, room_id=room.id)

    made = places.add(trip, values(name="Our Palais"), BY, rooms_of=venue, instead_of=venue)

    assert (mine.venue_id, leg.to_venue_id, theirs.venue_id) == (made.id, made.id, venue.id)
    assert [r.name for r in made.rooms] == ["Hall"]
    assert (mine.room_id, theirs.room_id) == (made.rooms[0].id, room.id)
    assert audits.of(mine)[0].after == {
        "venue_id": made.id,
        "room_id": made.rooms[0].id,
        "to_venue_id": None,
    }


def test_the_venues_of_a_tour_are_those_it_names_and_those_in_its_cities(session):
    trip = make_trip()
    make_stop(trip, city="Toulon")
    here = make_venue(city="TOULON", name="B")
    named = make_venue(city="Nice", name="A")
    elsewhere = make_venue(city="Arles", name="100 % Camargue")
    make_item(trip, to_venue_id=named.id)

    assert list(places.near(trip)) == [named, here]
    assert places.counts(trip) == {named.id: 1}
    assert list(places.search("arl")) == [elsewhere]
    assert list(places.search("100 %")) == [elsewhere]
    assert list(places.search("100_%")) == []
