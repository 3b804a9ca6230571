"""The demonstration tours as programmes: possible times, whole days, one story."""

from collections import Counter
from datetime import date, datetime, timedelta

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp import clock
from webapp.demo import files, loader
from webapp.domain import tripfiles
from webapp.domain.tripfiles.meaning import moment

ALL = [*files.REAL_TOURS, files.UPCOMING]


@pytest.mark.parametrize("name", ALL)
def test_a_tour_is_full_and_varied(name):
    items = files.tour(name)["items"]
    assert 12 <= len(items) <= 35
    assert len({each["kind"] for each in items}) >= 7
    audiences = {each.get("audience", "everybody") for each in items}
    assert audiences - {"companies"} == {"everybody", "delegates", "staff"}


@pytest.mark.parametrize("name", ALL)
def test_items_lie_within_the_days_of_their_stop(name):
    tour = files.tour(name)
    stops = {each["key"]: each for each in tour["stops"]}
    for each in tour["items"]:
        if "stop" not in each:
            continue
        stop = stops[each["stop"]]
        days = (date.fromisoformat(stop["starts_on"]), date.fromisoformat(stop["ends_on"]))
        for end in (each["starts"], each["ends"]):
            assert end["zone"] == stop["zone"], each["title"]["en"]
            assert days[0] <= datetime.fromisoformat(end["local"]).date() <= days[1]


@pytest.mark.parametrize("name", ALL)
def test_items_without_a_stop_are_on_the_way_there_or_back(name):
    tour = files.tour(name)
    first, last = (date.fromisoformat(tour["trip"][key]) for key in ("starts_on", "ends_on"))
    for each in tour["items"]:
        if "stop" not in each:
            day = datetime.fromisoformat(each["starts"]["local"]).date()
            assert not first <= day <= last or each["kind"] == "travel", each["title"]["en"]
            after = timedelta(days=3 if each["kind"] == "call" else 1)
            assert first - timedelta(days=2) <= day <= last + after


@pytest.mark.parametrize("name", ALL)
def test_nobody_has_to_be_in_two_places(name):
    """Items of one track, or of no track, follow each other; staff work on while others dine, and
    who chooses an optional one leaves something."""
    items = [
        each
        for each in files.tour(name)["items"]
        if each.get("audience") != "staff" and each.get("attendance") != "optional"
    ]
    for one in items:
        for other in items:
            together = {one.get("track"), other.get("track")}
            if one is other or (len(together) == 2 and None not in together):
                continue
            apart = moment(one["ends"]) <= moment(other["starts"]) or moment(
                other["ends"]
            ) <= moment(one["starts"])
            assert apart, f"{one['title']['en']} / {other['title']['en']}"


@pytest.mark.parametrize("name", [*ALL, files.TEMPLATE])
def test_a_way_begins_where_people_are_and_ends_somewhere(name):
    tour = files.tour(name)
    ways = [each for each in tour["items"] if each["kind"] in ("travel", "transfer")]
    assert {"flight", "coach"} <= {each["mode"] for each in ways}
    for each in ways:
        assert each["to"], each["title"]["en"]
        assert "venue" in each or "place" in each, each["title"]["en"]
        assert ("vehicle" in each) == (each["mode"] in ("coach", "car"))
    venues = {each["key"]: each for each in tour.get("venues", [])}
    for each in tour["items"]:
        for end, key in (("starts", each.get("venue")), ("ends", each.get("to", {}).get("venue"))):
            if key is not None:
                assert each[end]["zone"] == venues[key]["zone"], each["title"]["en"]


def test_tours_show_what_an_itinerary_can_hold():
    """Each of the things that an organizer may say stands in some tour, and the most in the tour
    of 2017 and in the one to come."""
    asked = {"room", "mode", "vehicle", "people", "capacity", "languages", "meeting_point", "call"}
    for name in ("invest-in-provence-2017", files.UPCOMING):
        tour = files.tour(name)
        assert asked <= {field for each in tour["items"] for field in each}
        assert {each["attendance"] for each in tour["items"] if "attendance" in each} == {
            "optional"
        }
        assert tour["travel_times"]
    held = [each for name in ALL for each in files.tour(name)["items"]]
    assert {"service", "host", "companies"} <= {field for each in held for field in each}
    assert {each.get("mode") for each in held} == {None, "flight", "train", "coach", "car", "walk"}


def test_real_tours_have_fixed_identifiers_and_the_sample_has_none():
    seen = Counter(each["uid"] for name in files.REAL_TOURS for each in files.tour(name)["items"])
    assert set(seen.values()) == {1}
    assert all("uid" not in each for each in files.tour(files.UPCOMING)["items"])


def test_tours_tell_the_same_of_the_organizations_and_venues_they_share():
    for kind in ("organizations", "venues"):
        told: dict[str, object] = {}
        for name in ALL:
            for each in files.tour(name).get(kind, []):
                assert told.setdefault(each["name"], each) == each


@pytest.mark.parametrize(
    ("title", "day", "there", "gap", "said"),
    [
        ("Call with the teams in San Diego", "2017-10-31", "09:30", 8, "9:30 AM in San Diego, not"),
        ("Follow-up call with San Diego", "2017-11-06", "08:30", 9, "is 8:30 AM in San Diego"),
    ],
)
def test_the_calls_home_are_eight_hours_away_and_then_nine(title, day, there, gap, said):
    tour = files.tour("invest-in-provence-2017")
    call = next(each for each in tour["items"] if each["title"]["en"] == title)
    at = moment(call["starts"])
    assert call["starts"] == {"local": f"{day}T17:30", "zone": "Europe/Paris"}
    assert clock.wall(at, "America/Los_Angeles").isoformat() == f"{day}T{there}:00"
    assert clock.gap_hours(at, "Europe/Paris", "America/Los_Angeles") == gap
    assert said in call["description"]["en"]


def test_the_week_of_eight_hours():
    for each in files.tour("invest-in-provence-2017")["items"]:
        if "2017-10-30" <= each["starts"]["local"] < "2017-11-05":
            at = moment(each["starts"])
            assert clock.gap_hours(at, "Europe/Paris", "America/Los_Angeles") == 8


def test_the_flight_out_crosses_the_clock_change():
    tour = files.tour("invest-in-provence-2017")
    flight, onward = tour["items"][:2]
    assert [flight["mode"], flight["venue"], flight["to"]] == ["flight", "san", {"venue": "cdg"}]
    assert [onward["mode"], onward["venue"], onward["to"]] == ["flight", "cdg", {"venue": "mrs"}]
    assert [onward[end]["local"][:10] for end in ("starts", "ends")] == ["2017-10-29"] * 2
    assert [flight[end]["zone"] for end in ("starts", "ends")] == [
        "America/Los_Angeles",
        "Europe/Paris",
    ]
    starts, ends = moment(flight["starts"]), moment(flight["ends"])
    assert (starts.isoformat(), ends.isoformat()) == (
        "2017-10-28T21:15:00+00:00",
        "2017-10-29T10:30:00+00:00",
    )
    assert clock.gap_hours(starts, "Europe/Paris", "America/Los_Angeles") == 9
    assert clock.gap_hours(ends, "Europe/Paris", "America/Los_Angeles") == 8


@pytest.mark.parametrize(
    ("name", "gap"), [("oceanology-2017", 9), ("south-of-france-san-diego-2019", 9)]
)
def test_other_tours_have_nine_hours(name, gap):
    for each in files.tour(name)["items"]:
        at = moment(each["starts"])
        assert clock.gap_hours(at, "Europe/Paris", "America/Los_Angeles") == gap


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2060, 1, 1)))
def test_the_sample_tour_fits_any_day_of_loading(today):
    tour = loader.next_tour(today)
    starts_on = date.fromisoformat(tour["trip"]["starts_on"])
    assert starts_on.weekday() == 0
    assert 60 <= (starts_on - today).days <= 66
    assert tour["trip"]["slug"] == f"south-of-france-{starts_on:%Y-%m}"
    opens, closes = (
        datetime.fromisoformat(tour["trip"][f"registration_{end}_at"])
        for end in ("opens", "closes")
    )
    assert opens.date() < today < closes.date() < starts_on
    walls = [each["starts"]["local"][11:] for each in tour["items"]]
    assert walls == [each["starts"]["local"][11:] for each in files.tour(files.UPCOMING)["items"]]
    assert tripfiles.check(tour) is tour


def test_sample_registrations_fit_their_tours():
    for name, registrations in files.facts("registrations").items():
        tour = files.tour(name)
        tracks = {each["key"] for each in tour["tracks"]}
        most = tour["trip"]["max_per_organization"]
        taken = 0
        for each in registrations:
            assert 1 <= len(each["delegates"]) <= most
            assert {key for person in each["delegates"] for key in person["tracks"]} <= tracks
            assert (each["state"] in ("waitlisted", "declined")) == ("reason" in each)
            if each["state"] in ("accepted", "submitted"):
                taken += len(each["delegates"])
            numbers = [each["coordinator"]["phone"], *(p["phone"] for p in each["delegates"])]
            assert all(phonenumbers.is_possible_number(phonenumbers.parse(n)) for n in numbers)
            if "submitted_at" in each:
                opens, closes = (
                    datetime.fromisoformat(tour["trip"][f"registration_{end}_at"])
                    for end in ("opens", "closes")
                )
                assert opens < datetime.fromisoformat(each["submitted_at"]) < closes
        assert taken <= tour["trip"].get("max_delegates", taken)
        optional = {
            each["title"]["en"] for each in tour["items"] if each.get("attendance") == "optional"
        }
        for each in registrations:
            for person in each["delegates"]:
                assert set(person.get("picks", [])) <= optional
                assert each["state"] == "accepted" or "picks" not in person
        accepted = [each for each in registrations if each["state"] == "accepted"]
        assert any(len(each["delegates"]) == 2 for each in accepted)


def test_the_sample_tour_has_every_state():
    states = [each["state"] for each in files.facts("registrations")[files.UPCOMING]]
    assert set(states) == {"accepted", "declined", "submitted", "waitlisted", "offered"}
    kinds = {each.get("state", "confirmed") for each in files.tour(files.UPCOMING)["items"]}
    assert kinds == {"confirmed", "tentative"}
