"""Dumping and moving: what is taken out, and what a shift does."""

import json
from datetime import date

import pytest

from tests.domain.tripfiles.example import example, full, read, spoiled
from tests.factories import make_item, make_registration, make_trip
from webapp.domain import tripfiles
from webapp.domain.tripfiles import FileFaults


def test_a_dump_says_what_was_loaded(session):
    trip = tripfiles.load(read(example()))

    dumped = tripfiles.dump(trip)

    assert dumped["trip"] == {
        **example()["trip"],
        "state": "draft",
        "max_per_organization": 10,
        "registration_opens_at": "2027-06-01T07:00:00Z",
        "registration_closes_at": "2027-10-01T16:00:00Z",
        "clashes": {"margin_minutes": 10, "arrival_minutes": 45},
        "registration": {
            "accepts_at_once": False,
            "queue_order": "arrival",
            "promotion": "offer",
            "offer_hours": 72,
            "skips_parties": True,
            "currency": "EUR",
        },
    }
    assert dumped["sources"] == example()["sources"]
    assert dumped["organizations"] == [
        {"key": "chantier-exemple", "name": "Chantier Exemple", "kind": "company", "country": "FR"}
    ]
    assert dumped["items"] == [
        {
            **example()["items"][0],
            "audience": "everybody",
            "state": "confirmed",
            "attendance": "mandatory",
            "venue": "dock-4",
        }
    ]
    assert read(dumped) == dumped


def test_a_dump_says_all_of_an_itinerary(session):
    trip = tripfiles.load(read(full()))

    dumped = tripfiles.dump(trip)

    visit, coach = dumped["items"]
    said = full()["items"][0]
    people = [
        {"given": "Ada", "family": "Exemple", "role": role, "basis": "illustrative"}
        for role in ("interpreter", "guide")
    ]
    assert visit == {
        **said,
        "state": "confirmed",
        "venue": "dock-4",
        "host": "chantier-exemple",
        "companies": ["invitee-sa"],
        "people": [*people, {"family": "Sample", "role": "speaker"}],
    }
    assert coach == {
        **full()["items"][1],
        "uid": coach["uid"],
        "audience": "everybody",
        "state": "confirmed",
        "attendance": "mandatory",
        "venue": "dock-4",
        "to": {"venue": "gare-de-toulon", "place": "Platform side"},
    }
    for name in ("clashes", "registration"):
        assert dumped["trip"][name] == full()["trip"][name]
    for name in ("questions", "criteria", "prices"):
        assert dumped[name] == full()[name]
    assert dumped["travel_times"] == [
        {"from": "dock-4", "to": "gare-de-toulon", "minutes": 40},
        {"from": "gare-de-toulon", "to": "dock-4", "minutes": 25},
    ]
    (dock, _station) = dumped["venues"]
    assert dock == {**full()["venues"][0], "key": "dock-4"}
    assert read(dumped) == dumped


def test_a_template_says_so_in_its_file(session):
    trip = tripfiles.load(read(spoiled(("trip", "is_template"), True)))

    assert tripfiles.dump(trip)["trip"]["is_template"] is True


def test_a_dump_holds_no_registration_and_no_link(session):
    trip = make_trip()
    registration = make_registration(trip)
    make_item(trip)

    text = json.dumps(tripfiles.dump(trip))

    for secret in (
        registration.token,
        registration.coordinator_email,
        registration.organization.name,
        registration.delegates[0].email,
        registration.delegates[0].family_name,
    ):
        assert secret not in text


def test_a_file_moved_by_days_keeps_its_wall_times():
    moved = tripfiles.shift(read(example()), 7)

    assert (moved["trip"]["starts_on"], moved["trip"]["ends_on"]) == ("2027-11-04", "2027-11-08")
    assert moved["stops"][0]["starts_on"] == "2027-11-04"
    assert moved["items"][0]["starts"]["local"] == "2027-11-05T09:00"
    # 18:00 in Paris before and after, though summer time ends in between for the later one.
    assert moved["trip"]["registration_closes_at"] == "2027-10-08T18:00:00+02:00"
    assert example() == read(example())


def test_a_window_moved_over_the_clock_change_keeps_its_wall_time():
    moved = tripfiles.shift(read(example()), 35)

    assert moved["trip"]["registration_closes_at"] == "2027-11-05T18:00:00+01:00"


def test_deadlines_move_in_their_own_zone_and_payments_by_days():
    moved = tripfiles.shift(read(full()), 35)

    rules = moved["trip"]["registration"]
    # Midnight in San Diego before and after: its summer time ends in between, a week after Paris'.
    assert rules["freezes_at"] == "2027-11-14T00:00:00-08:00"
    assert rules["details_due_at"] == "2027-11-19T00:00:00-08:00"
    assert moved["trip"]["registration_closes_at"] == "2027-11-05T09:00:00-07:00"
    assert [each.get("due_on") for each in moved["prices"][0]["instalments"]] == [
        None,
        "2027-11-05",
    ]


def test_a_wall_time_that_its_new_day_skips_is_a_fault():
    data = example()
    data["items"][0]["starts"]["local"] = "2027-10-29T02:30"
    days = (date(2028, 3, 26) - date(2027, 10, 29)).days

    with pytest.raises(FileFaults) as caught:
        tripfiles.shift(read(data), days)

    assert [fault.path for fault in caught.value.faults] == ["$.items[0].starts.local"]
