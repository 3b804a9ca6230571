"""What the numbers in the facts of an item stand for."""

from tests.factories import item_values as values
from tests.factories import (
    make_registration,
    make_room,
    make_stop,
    make_track,
    make_trip,
    make_venue,
)
from webapp.domain import item_names, item_values, organizations, people
from webapp.models.agenda import ItemRole
from webapp.models.organization import OrganizationKind


def test_each_number_has_a_name_and_what_is_gone_has_none(session, statements):
    trip = make_trip()
    stop, track, venue = make_stop(trip), make_track(trip), make_venue(name="Palais")
    room = make_room(venue, name="Hall")
    host = organizations.named("CCI", OrganizationKind.CHAMBER)
    ada = people.named(trip, "Ada", "Exemple")
    facts = item_values.facts(
        values(
            stop_id=stop.id,
            track_id=track.id,
            venue_id=venue.id,
            room_id=room.id,
            host_id=host.id,
            people=((ada.id, ItemRole.GUIDE),),
            company_ids=(host.id,),
            to_venue_id=venue.id + 1,
        )
    )

    with statements() as sent:
        found = item_names.names([facts, None, {"venue_id": None}])

    assert found == {
        "stop_id": {stop.id: "Marseille"},
        "venue_id": {venue.id: "Palais"},
        "to_venue_id": {venue.id: "Palais"},
        "room_id": {room.id: "Hall"},
        "host_id": {host.id: "CCI"},
        "local_host_id": {host.id: "CCI"},
        "track_id": {track.id: {"en": "VIP"}},
        "company_ids": {host.id: "CCI"},
        "people": {ada.id: "Ada Exemple"},
    }
    assert len(sent) == 6


def test_the_organizations_of_a_tour_are_those_that_have_to_do_with_it(session):
    trip = make_trip()
    registered = make_registration(trip, 1, organization_name="B").organization
    host = organizations.named("A", OrganizationKind.AGENCY)
    make_stop(trip, local_host_id=host.id)
    organizations.named("C", OrganizationKind.AGENCY)
    make_registration(make_trip(), 1, organization_name="D")

    assert [each.name for each in organizations.of_trip(trip)] == ["A", "B"]
    assert list(organizations.registered(trip)) == [registered]
