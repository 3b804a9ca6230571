"""Laying out a tour: its settings, stops, venues, rooms, tracks, and other dates."""

import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete

from tests.blueprints.forms import field_errors, hidden, sign_in
from tests.factories import (
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, places, seats, trips
from webapp.models.place import Room
from webapp.models.staff import Role, TripRole
from webapp.models.trip import Trip, TripState


@pytest.fixture
def trip(session):
    with transaction():
        trip = make_trip()
        make_stop(trip)
    return trip


@pytest.fixture
def staff(client, trip):
    with transaction():
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return staff


def at(trip, rest: str) -> str:
    return f"/organizer/trips/{trip.slug}/{rest}"


def send(client, where: str, form: str | None = None, **values):
    """Post to `where` with the hidden fields of the page `form`, or of the same address."""
    return client.post(where, data={**hidden(client, form or where), **values})


def words_of(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))))


def stop_form(**values) -> dict:
    given = {
        "city": "Toulon",
        "country": "FR",
        "zone": "Europe/Paris",
        "starts_on": "2027-10-26",
        "ends_on": "2027-10-27",
        "host_kind": "agency",
    }
    return given | values


def venue_form(**values) -> dict:
    return {"name": "Palais", "city": "Nice", "country": "FR", "zone": "Europe/Paris"} | values


def test_stops_are_added_changed_ordered_and_removed(client, trip, staff):
    send(client, at(trip, "stops/new"), **stop_form(host="Var Tourisme", note_fr="La rade."))
    _, toulon = trip.stops
    assert (toulon.city, toulon.local_host.name, toulon.note) == (
        "Toulon",
        "Var Tourisme",
        {"fr": "La rade."},
    )

    send(client, at(trip, f"stops/{toulon.id}"), **stop_form(city="La Seyne", host="Var Tourisme"))
    send(client, at(trip, f"stops/{toulon.id}/move"), at(trip, "stops"), way="earlier")
    assert [stop.city for stop in trip.stops] == ["La Seyne", "Marseille"]

    answer = send(client, at(trip, f"stops/{toulon.id}/remove"), at(trip, "stops"))
    assert answer.status_code == 303
    assert [stop.city for stop in trip.stops] == ["Marseille"]


DATES_REFUSED = "The last day cannot be before the first, nor more than a year after it."
NO_STOPS = [
    ({"ends_on": "2027-10-25"}, {"ends_on": DATES_REFUSED}),
    ({"ends_on": "2099-10-25"}, {"ends_on": DATES_REFUSED}),
    ({"starts_on": "soon"}, {"starts_on": "Please give a date."}),
    ({"starts_on": "0001-01-01"}, {"starts_on": "Please check the year."}),
    (
        {"zone": "Paris"},
        {"zone": "We do not know this time zone. Write it like Europe/Paris."},
    ),
    ({"city": " "}, {"city": "Please fill in this field."}),
]


def test_a_stop_that_cannot_be_is_refused(client, trip, staff):
    for said, errors in NO_STOPS:
        answer = send(client, at(trip, "stops/new"), **stop_form(**said))

        found = field_errors(answer.get_data(as_text=True))
        assert answer.status_code == 422
        assert set(found) == set(errors)
        assert found == errors or said["starts_on"] == "soon"


def test_a_stop_in_use_says_which_sessions(client, trip, staff):
    stop = trip.stops[0]
    with transaction():
        make_item(trip, stop_id=stop.id)

    answer = send(client, at(trip, f"stops/{stop.id}/remove"), at(trip, "stops"))

    assert answer.status_code == 409
    assert "1 session is at this stop" in words_of(answer)
    assert "Visit of the shipyard" in words_of(answer)


def test_a_venue_is_added_and_changed(client, trip, staff):
    answer = send(
        client, at(trip, "places/new"),
        **venue_form(latitude="43,7", longitude="7.27", capacity="80", access_en="North door"),
    )  # fmt: skip

    assert answer.status_code == 303
    (venue,) = places.venues()
    assert (venue.latitude, venue.longitude, venue.capacity) == (43.7, 7.27, 80)
    assert venue.access == {"en": "North door"}
    page = client.get(at(trip, f"places/{venue.id}")).get_data(as_text=True)
    assert "https://www.openstreetmap.org/?mlat=43.7&amp;mlon=7.27#map=16/43.7/7.27" in page


NO_VENUES = [
    ({"latitude": "43"}, {"longitude": "Please give both coordinates, or neither."}),
    (
        {"latitude": "91", "longitude": "5"},
        {"latitude": "Please give degrees from -90 to 90."},
    ),
    (
        {"latitude": "north", "longitude": "5"},
        {"latitude": "Write decimal degrees, like 43.2965."},
    ),
    (
        {"latitude": "nan", "longitude": "5"},
        {"latitude": "Please give degrees from -90 to 90."},
    ),
    ({"capacity": "-1"}, {"capacity": "Please give a whole number."}),
]


def test_a_venue_that_cannot_be_is_refused_and_keeps_what_was_typed(client, trip, staff):
    for said, errors in NO_VENUES:
        answer = send(client, at(trip, "places/new"), **venue_form(**said))

        page = answer.get_data(as_text=True)
        assert (answer.status_code, field_errors(page)) == (422, errors)
        assert all(f'value="{value}"' in page for value in said.values())


def test_deleting_a_venue_in_use_says_where(client, trip, staff):
    with transaction():
        venue = make_venue()
        make_item(trip, venue_id=venue.id, title=Words(en="Evening reception"))

    answer = send(client, at(trip, f"places/{venue.id}/remove"), at(trip, "places"))

    assert answer.status_code == 409
    told = words_of(answer)
    assert "It is in use, so it stays" in told
    assert f"Evening reception {trip.title['en']}, Oct 26, 2027, 9:00" in told
    assert places.venues() == [venue]


def test_a_venue_of_a_tour_that_one_does_not_organize_is_read_only_but_may_be_copied(
    client, trip, staff
):
    with transaction():
        venue = make_venue()
        make_room(venue, name="Hall")
        mine = make_item(trip, venue_id=venue.id)
        make_item(make_trip(title=Words(en="Secret tour")), venue_id=venue.id)
    where = at(trip, f"places/{venue.id}")

    page = client.get(where)
    refused = send(client, where, at(trip, "places"), **venue_form())
    gone = send(client, f"{where}/remove", at(trip, "places"))

    assert "Add a copy for this tour" in words_of(page)
    assert "1 tour in which you have no part" in words_of(page)
    assert "Secret tour" not in words_of(page)
    assert (refused.status_code, gone.status_code) == (404, 404)

    copied = send(client, at(trip, f"places/new?copy={venue.id}"), **venue_form(take_over="y"))
    assert copied.status_code == 303
    assert (mine.venue.name, [room.name for room in mine.venue.rooms]) == ("Palais", ["Hall"])


def test_who_organizes_every_tour_of_a_venue_may_change_it(client, trip, staff):
    with transaction():
        venue, other = make_venue(), make_trip()
        make_item(trip, venue_id=venue.id)
        make_item(other, venue_id=venue.id)
        db.session.add(TripRole(staff_id=staff.id, trip_id=other.id, role=Role.ORGANIZER))

    answer = send(client, at(trip, f"places/{venue.id}"), **venue_form(name="New name"))

    assert (answer.status_code, venue.name) == (303, "New name")


def test_rooms_are_added_changed_and_removed(client, trip, staff):
    with transaction():
        venue = make_venue()
    where = at(trip, f"places/{venue.id}/rooms")

    send(client, f"{where}/new", name="Hall", capacity="80")
    twice = send(client, f"{where}/new", name="hall")
    (room,) = venue.rooms
    send(client, f"{where}/{room.id}", name="Great hall", capacity="", access_fr="Au fond")

    assert set(field_errors(twice.get_data(as_text=True))) == {"name"}
    assert (room.name, room.capacity, room.access) == ("Great hall", None, {"fr": "Au fond"})
    send(client, f"{where}/{room.id}/remove", f"{where}/{room.id}")
    assert venue.rooms == []


@pytest.mark.parametrize("rest", ["", "/remove"])
@pytest.mark.parametrize("what", ["stops", "tracks", "places", "rooms"])
def test_what_somebody_removed_at_the_same_time_is_told_without_an_error(
    client, trip, staff, monkeypatch, what, rest
):
    with transaction():
        venue = make_venue()
        things: dict[str, Any] = {
            "stops": make_stop(trip),
            "tracks": make_track(trip),
            "places": venue,
            "rooms": make_room(venue),
        }
    thing, hold = things[what], seats.hold
    where = f"places/{venue.id}/rooms" if what == "rooms" else what
    page = at(trip, f"{where}/{thing.id}")
    sent = hidden(client, page) | stop_form() | venue_form() | {"name_en": "Other", "color": "teal"}
    gone = delete(type(thing)).where(type(thing).id == thing.id)

    def late(trip_id: int) -> Trip:
        if what == "places":
            db.session.execute(delete(Room))
        db.session.execute(gone, execution_options={"synchronize_session": False})
        return hold(trip_id)

    monkeypatch.setattr(seats, "hold", late)
    answer = client.post(page + rest, data=sent)

    assert (answer.status_code, "<h1>" in answer.text) == (409, True)


def test_venues_elsewhere_are_found_by_search(client, trip, staff):
    with transaction():
        make_venue(name="Here", city="Marseille")
        make_venue(name="Far away", city="Lille")

    plain = words_of(client.get(at(trip, "places")))
    sought = words_of(client.get(at(trip, "places?q=lill")))

    assert ("Here" in plain, "Far away" in plain) == (True, False)
    assert "1 other venue found for “lill” Far away" in sought


def test_a_track_is_made_followed_and_removed(client, trip, staff):
    with transaction():
        registration = make_registration(trip, 2)
    send(client, at(trip, "tracks/new"), name_en="Press", color="teal")
    (track,) = trip.tracks
    where = at(trip, f"tracks/{track.id}")

    send(client, f"{where}/members", company=[registration.id])
    assert [d.tracks for d in registration.delegates] == [[track], [track]]
    send(client, where, name_en="Media", name_fr="Médias", color="plum")
    assert (track.name, track.color) == ({"en": "Media", "fr": "Médias"}, "plum")
    with transaction():
        item = make_item(trip, track_id=track.id)
        publish(trip)

    send(client, f"{where}/remove", where)
    assert "Publish that; then the track can be removed." in words_of(client.get(where))
    assert (item.track_id, len(trip.tracks)) == (None, 1)
    with transaction():
        publish(trip)
    send(client, f"{where}/remove", where)
    assert trip.tracks == []


def test_members_of_a_page_leave_other_pages_alone(client, trip, staff, monkeypatch):
    monkeypatch.setattr("webapp.blueprints.trips.tracks.COMPANIES_A_PAGE", 1)
    with transaction():
        track = make_track(trip)
        one = make_registration(trip, 1, organization_name="A")
        two = make_registration(trip, 1, organization_name="B")
    where = at(trip, f"tracks/{track.id}/members")

    send(client, where, delegate=[one.delegates[0].id])
    form = hidden(client, f"{where}?page=2")
    client.post(where, data={**form, "delegate": [two.delegates[0].id]})

    assert [r.delegates[0].tracks for r in (one, two)] == [[track], [track]]


def test_the_settings_of_a_tour_are_saved(client, trip, staff):
    page = client.get(at(trip, "settings"))
    assert page.status_code == 200

    answer = send(
        client, at(trip, "settings"),
        title_en="New title", starts_on="2027-10-25", ends_on="2027-10-30", zone="Europe/Paris",
        home_zone="America/New_York",
    )  # fmt: skip

    assert answer.status_code == 303
    assert (trip.title["en"], trip.ends_on) == ("New title", date(2027, 10, 30))


NO_SETTINGS = [
    ({"ends_on": "2027-10-01"}, "ends_on"),
    ({"contact_email": "nobody"}, "contact_email"),
    ({"home_zone": "Home"}, "home_zone"),
]


def test_settings_that_cannot_be_are_refused(client, trip, staff):
    good = {
        "title_en": "New title", "starts_on": "2027-10-25", "ends_on": "2027-10-30",
        "zone": "Europe/Paris",
    }  # fmt: skip

    for said, field in NO_SETTINGS:
        answer = send(client, at(trip, "settings"), **good | said)

        assert answer.status_code == 422
        assert set(field_errors(answer.get_data(as_text=True))) == {field}
    assert trip.title["en"] != "New title"


def test_a_tour_is_called_off_for_a_reason_and_brought_back(client, trip, staff):
    where = at(trip, "settings")
    silent = send(client, f"{where}/state", where, deed="call_off", reason=" ")
    assert (silent.status_code, trip.state) == (422, "announced")

    send(client, f"{where}/state", where, deed="call_off", reason="No coach.")
    assert trip.state == TripState.CANCELLED
    feed = client.get(f"/trips/{trip.slug}/calendar.ics").get_data(as_text=True)
    assert "STATUS:CANCELLED" in feed
    assert "“No coach.”" in words_of(client.get(where))

    again = send(client, f"{where}/state", where, deed="call_off", reason="Twice")
    assert again.status_code == 303
    send(client, f"{where}/state", where, deed="bring_back")
    assert trip.state == TripState.ANNOUNCED
    send(client, f"{where}/state", where, deed="withdraw", reason="Wrong")
    assert client.get(f"/trips/{trip.slug}/").status_code == 410
    assert send(client, f"{where}/state", where, deed="explode").status_code == 422


def test_a_tour_that_is_called_off_says_so_on_every_page_of_its_people(client, trip, staff):
    with transaction():
        make_item(trip)
        registration = make_registration(trip, 1)
        publish(trip)
    doors = [
        f"/trips/{trip.slug}/agenda",
        f"/d/{registration.delegates[0].token}",
        f"/r/{registration.token}",
    ]
    before = [client.get(door) for door in doors]  # as whoever keeps pages would have kept it
    where = at(trip, "settings")

    send(client, f"{where}/state", where, deed="call_off", reason="No coach.")

    assert ["called off" in words_of(answer) for answer in before] == [False] * 3
    assert ["called off" in words_of(client.get(door)) for door in doors] == [True] * 3


def test_moving_the_dates_shows_first_what_would_happen(client, trip, staff):
    with transaction():
        make_item(
            trip, title=Words(en="Night walk"),
            starts_local=datetime(2027, 10, 26, 2, 30), ends_local=datetime(2027, 10, 26, 4),
        )  # fmt: skip
    where = at(trip, "dates")

    preview = client.get(f"{where}?starts_on=2028-03-25&window=y")

    told = words_of(preview)
    assert preview.status_code == 200
    assert "1 session moves, in the draft" in told
    assert "In Paris on Mar 26, 2028, 3:00 AM (Paris time, UTC+2), by +60 min" in told
    assert "“Night walk”: the clocks of Paris skip Mar 26, 2028, 2:30 AM" in told
    assert agendas.draft(trip)[0].starts_local == datetime(2027, 10, 26, 2, 30)

    moved = send(client, where, starts_on="2028-03-25")
    assert moved.status_code == 303
    assert trip.starts_on == date(2028, 3, 25)
    assert agendas.draft(trip)[0].starts_local == datetime(2028, 3, 26, 3, 30)


def test_a_date_that_cannot_be_moves_nothing(client, trip, staff):
    for day in ("2350-01-01", "1850-01-01", "soon", ""):
        send(client, at(trip, "dates"), starts_on=day)

        assert trip.starts_on == date(2027, 10, 25)
        assert client.get(at(trip, f"dates?starts_on={day}")).status_code in (200, 422)


@pytest.fixture
def owner(client, trip):
    with transaction():
        staff = make_staff()
    sign_in(client, staff)
    return staff


def test_an_empty_tour_is_made(client, trip, owner):
    form = {
        "title_en": "Provence 2028", "slug": "provence-2028", "starts_on": "2028-03-20",
        "ends_on": "2028-03-24", "zone": "Europe/Paris",
    }  # fmt: skip
    where = "/organizer/new/empty"

    answer = send(client, where, **form)
    twice = send(client, where, **form)
    bad = send(client, where, **form | {"slug": "Été 2028", "ends_on": "2028-03-19"})

    assert answer.location == "/organizer/trips/provence-2028/stops"
    assert trips.by_slug("provence-2028").state == TripState.DRAFT
    assert field_errors(twice.get_data(as_text=True)) == {"slug": "Another tour has this address."}
    assert set(field_errors(bad.get_data(as_text=True))) == {"slug"}


def test_a_template_is_made_listed_apart_used_and_deleted(client, trip, owner):
    with transaction():
        make_item(trip)
    like = f"/organizer/new/like/{trip.slug}"
    form = {"title_en": "Five days", "slug": "five-days", "starts_on": "2028-01-03"}

    send(client, like, **form, parts=["stops", "items"], as_template="y")

    assert "Five days" in words_of(client.get("/organizer/templates"))
    assert "Five days" not in words_of(client.get("/organizer/"))
    template = trips.by_slug("five-days")
    assert (template.is_template, len(agendas.draft(template))) == (True, 1)
    assert client.get("/trips/five-days/").status_code == 404
    send(
        client, "/organizer/new/like/five-days",
        title_en="Tour", slug="tour-2029", starts_on="2029-01-08", parts=["items"],
    )  # fmt: skip
    made = trips.by_slug("tour-2029")
    assert agendas.draft(made)[0].starts_local == datetime(2029, 1, 9, 9)
    assert made.stops == []
    send(client, "/organizer/templates/five-days/delete", "/organizer/templates")
    assert trips.by_slug("five-days") is None
    refused = send(client, f"/organizer/templates/{trip.slug}/delete", "/organizer/templates")
    assert refused.status_code == 404


def test_only_who_runs_everything_makes_tours(client, trip, staff):
    assert client.get("/organizer/new").status_code == 404
    assert "New tour" not in words_of(client.get("/organizer/"))
