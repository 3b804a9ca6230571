"""What clashes in a plan, and what does not."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.domain.clashes.building import (
    CAMP,
    HALL,
    PORT,
    end,
    everybody,
    person,
    plan,
    uid,
    visit,
)
from tests.factories import utc
from webapp.domain.clashes import Rule, find
from webapp.domain.clashes.plans import Party, Place, Plan, Room, Stay, Travel, Visit, Who
from webapp.models.agenda import Mode


def told(given: Plan) -> list[tuple]:
    """The rule and the numbers of the items of each clash."""
    return [(found.rule, *(each.int for each in found.uids)) for found in find(given)]


def facts(given: Plan, *names: str) -> dict:
    """Some facts of the only clash."""
    (found,) = find(given)
    return {name: found.facts[name] for name in names}


# somebody in two items at the same time


def test_back_to_back_at_one_place_is_no_clash():
    assert find(plan(visit(1, 0, 60, PORT), visit(2, 60, 90, PORT))) == []


def test_everybody_in_two_items_at_once():
    given = plan(visit(1, 0, 60), visit(2, 30, 90))

    assert told(given) == [(Rule.PERSON, 1, 2)]
    assert facts(given, "who", "minutes_overlap") == {"who": "everybody", "minutes_overlap": 30}


def test_an_item_inside_another_overlaps_by_its_whole_length():
    assert facts(plan(visit(1, 0, 300), visit(2, 60, 80)), "minutes_overlap") == {
        "minutes_overlap": 20
    }


def test_times_in_two_zones_are_compared_as_instants():
    here = visit(1, 0, 60)  # 9:00 to 10:00 in Paris
    there = Visit(uid(2), 2, end(-60, zone="Europe/London"), end(-30, zone="Europe/London"))

    assert told(plan(here, there)) == [(Rule.PERSON, 1, 2)]


def test_free_time_clashes_with_nothing():
    assert find(plan(visit(1, 0, 60), visit(2, 0, 90, is_free=True))) == []


def test_two_tracks_at_once_clash_only_for_who_follows_both():
    red, blue, both = visit(1, 0, 60), visit(2, 0, 60), visit(3, 100, 130)
    tracks = (
        Party(Who.TRACK, 1, {"en": "Red"}, frozenset({1, 3})),
        Party(Who.TRACK, 2, {"en": "Blue"}, frozenset({2, 3})),
    )
    eager = person(7, red, blue)

    assert find(plan(red, blue, both, parties=tracks)) == []
    assert facts(plan(red, blue, both, parties=(*tracks, eager)), "who", "names", "count") == {
        "who": "person",
        "names": ["Person 7"],
        "count": 1,
    }


def test_a_clash_of_everybody_names_nobody_and_counts_those_who_are_known():
    one, other = visit(1, 0, 60), visit(2, 0, 60)
    people = tuple(person(number, one, other) for number in range(1, 6))
    given = plan(one, other, parties=(everybody(one, other), *people))

    assert facts(given, "who", "names", "count") == {"who": "everybody", "names": [], "count": 5}


def test_three_are_named_and_the_others_counted():
    one, other, third = visit(1, 0, 60), visit(2, 0, 60), visit(3, 100, 130)
    people = [person(number, one, other) for number in (4, 2, 3)]
    people += [person(number, one, other, third) for number in (1, 5)]
    given = plan(one, other, third, parties=tuple(people))

    assert facts(given, "who", "names", "others", "count") == {
        "who": "person",
        "names": ["Person 1", "Person 2", "Person 3"],
        "others": 2,
        "count": 5,
    }


# not enough time to get there


def test_seventy_km_in_twenty_minutes():
    given = plan(visit(1, 0, 60, PORT), visit(2, 80, 120, CAMP))

    assert told(given) == [(Rule.TRAVEL, 1, 2)]
    found = facts(given, "minutes_needed", "minutes_way", "minutes_there", "km", "mode", "who")
    assert round(found.pop("km"), 1) == 70.0
    assert found == {
        "minutes_needed": 101,  # 70 km, 91 by road, at 60 km/h, and 10 of margin
        "minutes_way": 91,
        "minutes_there": 20,
        "mode": "coach",
        "who": "everybody",
    }


@pytest.mark.parametrize("gap", [100, 101])
def test_the_last_minute_counts(gap):
    given = plan(visit(1, 0, 60, PORT), visit(2, 60 + gap, 300, CAMP))

    assert bool(find(given)) == (gap < 101)


def test_the_organizer_s_own_minutes_go_first_and_count_both_ways():
    there = plan(visit(1, 0, 60, PORT), visit(2, 85, 120, CAMP))
    back = plan(visit(1, 0, 60, CAMP), visit(2, 85, 120, PORT))
    known = Travel(matrix={(1, 2): 15})
    known_longer_back = Travel(matrix={(1, 2): 15, (2, 1): 40})

    assert find(replace(there, travel=known)) == []
    assert find(replace(back, travel=known)) == []
    assert find(replace(there, travel=known_longer_back)) == []
    assert facts(
        replace(back, travel=known_longer_back), "minutes_needed", "minutes_way", "mode"
    ) == {"minutes_needed": 50, "minutes_way": 40, "mode": None}


def test_near_by_people_walk():
    given = plan(visit(1, 0, 60, PORT), visit(2, 65, 90, HALL))

    assert facts(given, "mode", "minutes_way", "minutes_needed") == {
        "mode": "walk",
        "minutes_way": 14,  # 800 m, 1,040 on foot, at 4.5 km/h
        "minutes_needed": 24,
    }


def test_a_trip_s_own_speed_and_margin_count():
    fast = Travel(speeds={**Travel().speeds, Mode.COACH: 120}, margin=0)
    given = plan(visit(1, 0, 60, PORT), visit(2, 106, 120, CAMP), travel=fast)

    assert find(given) == []
    assert len(find(replace(given, travel=replace(fast, margin=5)))) == 1


def test_nothing_is_said_of_a_way_that_nobody_knows():
    nowhere = Place("nowhere", "A farm", "Arles")

    assert find(plan(visit(1, 0, 60, PORT), visit(2, 61, 90, nowhere))) == []
    assert find(plan(visit(1, 0, 60, PORT), visit(2, 61, 90))) == []


def test_what_has_no_place_does_not_hide_the_way():
    call = visit(2, 62, 70)

    assert told(plan(visit(1, 0, 60, PORT), call, visit(3, 80, 120, CAMP))) == [(Rule.TRAVEL, 1, 3)]


def test_what_overlaps_the_next_visit_does_not_hide_the_way_to_it():
    given = plan(visit(1, 0, 60, PORT), visit(2, 65, 90, PORT), visit(3, 80, 120, CAMP))

    assert sorted(told(given)) == [(Rule.PERSON, 2, 3), (Rule.TRAVEL, 1, 3)]


def test_the_leg_between_carries():
    leg = visit(2, 65, 140, PORT, to=CAMP, carries=True, mode=Mode.COACH)

    assert find(plan(visit(1, 0, 60, PORT), leg, visit(3, 145, 200, CAMP))) == []


def test_a_leg_that_ends_nobody_knows_where_is_believed():
    leg = visit(2, 62, 78, PORT, to=None, carries=True)

    assert find(plan(visit(1, 0, 60, PORT), leg, visit(3, 80, 200, CAMP))) == []


def test_a_leg_twice_as_fast_as_its_mode_has_a_wrong_time():
    leg = visit(1, 0, 20, PORT, to=CAMP, carries=True, mode=Mode.COACH)

    assert told(plan(leg)) == [(Rule.TRAVEL, 1)]
    assert find(plan(visit(1, 0, 50, PORT, to=CAMP, carries=True, mode=Mode.COACH))) == []
    assert find(plan(leg, travel=Travel(matrix={(1, 2): 20}))) == []


def flight(**values) -> Visit:
    start = Place("san", "San Diego", country="US", number=8)
    landing = Place("mrs", "Marseille airport", country=values.pop("country", "FR"), number=9)
    return visit(1, 0, 700, start, to=landing, carries=True, mode=Mode.FLIGHT, **values)


def test_border_and_luggage_after_a_flight_from_abroad():
    after = visit(2, 740, 800, CAMP)

    assert facts(plan(flight(), after), "minutes_needed", "minutes_there", "minutes_way") == {
        "minutes_needed": 45,
        "minutes_there": 40,
        "minutes_way": None,
    }
    assert find(plan(flight(country="US"), after)) == []
    assert find(plan(flight(), visit(2, 745, 800, CAMP))) == []


def test_the_airport_keeps_people_wherever_they_go_next():
    soon, later = visit(2, 705, 720), visit(3, 720, 730)

    assert told(plan(flight(), soon, later)) == [(Rule.TRAVEL, 1, 2)]
    assert find(plan(flight(), visit(2, 745, 800))) == []


def test_where_the_country_is_not_known_the_zones_tell():
    after = visit(2, 740, 800, CAMP)
    abroad = visit(1, 0, 700, carries=True, mode=Mode.FLIGHT, to_zone="Africa/Tunis")
    at_home = visit(1, 0, 700, carries=True, mode=Mode.FLIGHT)

    assert told(plan(abroad, visit(2, 790, 800, CAMP))) == [(Rule.TRAVEL, 1, 2)]
    assert find(plan(at_home, after)) == []


def test_people_are_called_before_the_start():
    on_time = visit(2, 161, 200, CAMP)
    called = replace(on_time, call_minutes=15)
    first = visit(1, 0, 60, PORT)

    assert find(plan(first, on_time)) == []
    assert facts(plan(first, called), "minutes_there", "minutes_call") == {
        "minutes_there": 86,
        "minutes_call": 15,
    }
    assert find(plan(first, visit(2, 60, 90, PORT, call_minutes=15))) == []


def test_a_call_before_the_end_of_the_one_before_leaves_no_time():
    given = plan(visit(1, 0, 60, PORT), visit(2, 65, 200, HALL, call_minutes=15))

    assert facts(given, "minutes_there") == {"minutes_there": 0}


def test_the_way_from_each_item_that_ends_is_looked_at():
    long, short, last = visit(1, 0, 120, PORT), visit(2, 30, 60, CAMP), visit(3, 125, 150, CAMP)

    assert told(plan(long, short, last)) == [(Rule.PERSON, 1, 2), (Rule.TRAVEL, 1, 3)]


# rooms, vehicles, hosts


def test_two_items_in_one_room():
    room, next_door = Room(1, "Blue room"), Room(2, "Red room")
    one = visit(1, 0, 60, PORT, room=room)

    assert told(plan(one, visit(2, 59, 90, PORT, room=room), parties=())) == [(Rule.ROOM, 1, 2)]
    assert find(plan(one, visit(2, 60, 90, PORT, room=room), parties=())) == []
    assert find(plan(one, visit(2, 59, 90, PORT, room=next_door), parties=())) == []


def test_one_vehicle_in_two_items_whatever_the_case():
    one = visit(1, 0, 60, PORT, vehicle="Coach 1")

    assert told(plan(one, visit(2, 30, 90, PORT, vehicle="coach  1"), parties=())) == [
        (Rule.VEHICLE, 1, 2)
    ]
    assert find(plan(one, visit(2, 30, 90, PORT, vehicle="Coach 2"), parties=())) == []
    assert find(plan(one, visit(2, 0, 60, PORT, vehicle="Coach 1"), parties=())) == []


def test_a_vehicle_needs_time_too():
    one = visit(1, 0, 60, PORT, vehicle="Coach 1")
    given = plan(one, visit(2, 80, 120, CAMP, vehicle="COACH 1"), parties=())

    assert told(given) == [(Rule.TRAVEL, 1, 2)]
    assert facts(given, "who", "names") == {"who": "vehicle", "names": ["Coach 1"]}


def test_people_in_a_coach_are_told_of_once():
    one, other = visit(1, 0, 60, PORT, vehicle="C"), visit(2, 80, 120, CAMP, vehicle="C")

    assert facts(plan(one, other), "who") == {"who": "everybody"}


def test_a_host_receives_at_one_venue_at_a_time():
    one = visit(1, 0, 60, PORT, host=(5, "Port authority"))

    assert told(plan(one, visit(2, 0, 60, CAMP, host=(5, "Port authority")), parties=())) == [
        (Rule.HOST, 1, 2)
    ]
    assert find(plan(one, visit(2, 0, 60, PORT, host=(5, "Port authority")), parties=())) == []
    assert find(plan(one, visit(2, 0, 60, CAMP, host=(6, "Camp")), parties=())) == []


# capacity


def test_delegates_count_against_places_and_everybody_against_the_room():
    item = visit(1, 0, 60, PORT, capacity=2, room=Room(1, "Blue room", 3))
    guests = [person(number, item) for number in (1, 2)]
    speaker = person(3, item, works_in=frozenset({1}))

    assert find(plan(item, parties=(*guests, speaker))) == []
    found = find(plan(item, parties=(*guests, speaker, person(4, item))))
    assert sorted(
        (each.facts["of"], each.facts["limit"], each.facts["count"]) for each in found
    ) == [
        ("item", 2, 3),
        ("room", 3, 4),
    ]


def test_more_places_than_the_venue_holds():
    small = replace(PORT, capacity=20)

    assert facts(plan(visit(1, 0, 60, small, capacity=21)), "of", "limit", "count") == {
        "of": "venue_offered",
        "limit": 20,
        "count": 21,
    }
    assert find(plan(visit(1, 0, 60, small, capacity=20))) == []


# dates

STAY = Stay("Marseille", "Europe/Paris", date(2027, 10, 25), date(2027, 10, 26))
DAY = 24 * 60


@pytest.mark.parametrize(
    ("start", "stop", "clashes"),
    [
        (0, 60, False),
        (DAY, DAY + 60, True),  # the day after
        (10 * 60, 16 * 60, False),  # 7 PM to 1 AM: an evening of its last day
        (10 * 60, 22 * 60, True),  # until 7 AM
        (-2 * DAY, -2 * DAY + 60, True),
    ],
)
def test_outside_of_the_stop(start, stop, clashes):
    given = plan(visit(1, start, stop, stay=STAY))

    assert told(given) == ([(Rule.DATES, 1)] if clashes else [])


def test_a_leg_may_leave_or_reach_its_stop():
    night = visit(1, 14 * 60, 22 * 60, stay=STAY, carries=True)
    later = visit(2, DAY, DAY + 60, stay=STAY, carries=True)

    assert told(plan(night, later)) == [(Rule.DATES, 2)]


def test_more_than_a_day_outside_of_the_tour():
    days = (-3, -2, 4, 5)  # the 23rd, 24th, 30th and 31st
    visits = [visit(100 + day, day * DAY, day * DAY + 60) for day in days]
    given = Plan(tuple(visits), starts_on=date(2027, 10, 25), ends_on=date(2027, 10, 29))

    assert told(given) == [(Rule.DATES, 97), (Rule.DATES, 105)]


def test_the_way_there_belongs_to_the_tour_where_it_lands_in_its_days():
    flights = [
        visit(1, -4 * DAY, -3 * DAY, carries=True),  # lands on the 23rd, two days before
        visit(2, -3 * DAY, -2 * DAY, carries=True),
        visit(3, 4 * DAY, 5 * DAY, carries=True),  # leaves on the 30th, the day after
        visit(4, 5 * DAY, 6 * DAY, carries=True),
    ]
    given = Plan(tuple(flights), starts_on=date(2027, 10, 25), ends_on=date(2027, 10, 29))

    assert told(given) == [(Rule.DATES, 1), (Rule.DATES, 4)]


def test_thirty_six_hours_at_most():
    assert find(plan(visit(1, 0, 36 * 60))) == []
    assert told(plan(visit(1, 0, 36 * 60 + 1))) == [(Rule.DATES, 1)]
    assert find(plan(visit(1, 0, 40 * 60, carries=True))) == []


# zones and clocks


def test_the_zone_of_the_place():
    wrong = Visit(uid(1), 1, end(0, PORT, "Europe/London"), end(60, PORT, "Europe/London"))
    monaco = Visit(uid(1), 1, end(0, PORT, "Europe/Monaco"), end(60, PORT, "Europe/Monaco"))

    assert facts(plan(wrong), "end", "zone", "place_zone", "minutes") == {
        "end": "starts",
        "zone": "Europe/London",
        "place_zone": "Europe/Paris",
        "minutes": 60,
    }
    assert find(plan(monaco)) == []


def test_the_zone_of_the_stop_where_no_venue_is_known():
    wrong = Visit(uid(1), 1, end(0, zone="Europe/London"), end(60, zone="Europe/London"), stay=STAY)

    assert told(plan(wrong)) == [(Rule.ZONE, 1)]
    assert find(plan(replace(wrong, carries=True))) == []


def test_where_a_leg_lands():
    wrong = visit(1, 0, 60, to=PORT, carries=True, to_zone="Europe/London")

    assert facts(plan(wrong), "end") == {"end": "ends"}


def test_a_stored_instant_that_the_rules_of_the_zone_no_longer_give():
    item = visit(1, 0, 60)
    moved = replace(item, starts=replace(item.starts, at=utc(2027, 10, 26, 6, 0)))

    assert facts(plan(moved), "why", "end") == {"why": "moved", "end": "starts"}


@pytest.mark.parametrize(
    ("local", "fold", "why"),
    [
        (datetime(2027, 3, 28, 2, 30), 0, "missing"),
        (datetime(2027, 10, 31, 2, 30), None, "twice"),
    ],
)
def test_a_time_that_clocks_skip_or_show_twice(local, fold, why):
    item = visit(1, 0, 60)
    bad = replace(item, starts=replace(item.starts, local=local, fold=fold))

    assert facts(replace(plan(bad), rules=frozenset({Rule.WALL_TIME})), "why") == {"why": why}


def test_a_clock_change_is_told_once_with_the_gap_to_home():
    first, last = visit(1, 0, 60), visit(2, 7 * DAY, 7 * DAY + 60)
    given = plan(
        first,
        last,
        zones=("Europe/Paris", "Europe/Rome", "Europe/London"),
        zone="Europe/Paris",
        home_zone="America/Los_Angeles",
    )
    (found,) = find(given)

    assert (found.rule, found.uids, found.at) == (Rule.CLOCK_CHANGE, (), utc(2027, 10, 31, 1, 0))
    assert found.facts == {
        "zones": ["Europe/Paris", "Europe/Rome", "Europe/London"],
        "instant": utc(2027, 10, 31, 1, 0),
        "minutes": -60,
        "zone": "Europe/Paris",
        "home_zone": "America/Los_Angeles",
        "gap_before": 9.0,
        "gap_after": 8.0,
    }
    assert find(replace(given, visits=(first,))) == []


# keys, order, levels


def test_the_key_changes_when_an_item_moves_or_others_are_concerned():
    one, other, third = visit(1, 0, 60, PORT), visit(2, 30, 90, PORT), visit(3, 200, 210)
    base = plan(one, other, third)
    (key,) = [found.key for found in find(base)]
    variants = [
        plan(one, visit(2, 31, 90, PORT), third),
        plan(visit(1, 0, 61, PORT), other, third),
        plan(one, visit(2, 30, 90, HALL), third),
        plan(one, other, third, parties=(person(1, one, other),)),
        plan(one, other, third, parties=(person(2, one, other),)),
    ]
    keys = {found.key for given in variants for found in find(given) if found.rule == Rule.PERSON}

    assert len({key, *keys}) == len(variants) + 1
    assert all(len(each) == 64 for each in keys)


def test_the_key_stays_when_other_things_happen():
    one, other = visit(1, 0, 60, PORT), visit(2, 30, 90, PORT)
    (before,) = find(plan(one, other))
    elsewhere = visit(3, 200, 210, CAMP)
    parties = (everybody(one, other, elsewhere), person(1, one, other))
    (after,) = find(plan(one, other, elsewhere, parties=parties))

    assert after.key == before.key


def test_rules_that_nobody_wants_are_not_looked_for():
    given = plan(visit(1, 0, 60), visit(2, 30, 90))

    assert find(replace(given, rules=frozenset(Rule) - {Rule.PERSON})) == []


def test_clashes_stand_in_order_of_time():
    late = [visit(3, 200, 260), visit(4, 230, 240)]
    early = [visit(1, 0, 60), visit(2, 30, 90)]

    assert told(plan(*late, *early)) == [(Rule.PERSON, 1, 2), (Rule.PERSON, 3, 4)]


def test_nothing_clashes_in_an_empty_agenda():
    assert find(Plan((), zone="Europe/Paris", home_zone="America/Los_Angeles")) == []
