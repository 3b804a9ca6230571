"""Each kind of clash in a sentence. What it says comes from the engine, not from here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.domain.clashes.building import CAMP, HALL, PORT, end, person, plan, uid, visit
from tests.factories import utc
from webapp.blueprints.agendas.clash_words import sentence
from webapp.domain.clashes import Clash, Level, find
from webapp.domain.clashes.plans import Party, Place, Plan, Room, Stay, Travel, Visit, Who
from webapp.models.agenda import Mode

TITLES = {uid(1): "One", uid(2): "Two"}
DAY = 24 * 60
STAY = Stay("Marseille", "Europe/Paris", date(2027, 10, 25), date(2027, 10, 25))


@pytest.fixture(autouse=True)
def _speaking_english(migrated) -> Iterator[None]:
    with migrated.test_request_context("/?lang=en"):
        yield


def said(given: Plan) -> list[str]:
    return [
        sentence(Clash(f.key, f.rule, Level.BLOCK, f.uids, f.at, f.facts), TITLES).replace(
            "\N{NO-BREAK SPACE}", " "
        )
        for f in find(given)
    ]


def overlapping(*parties: Party) -> Plan:
    one, other = visit(1, 0, 60), visit(2, 30, 90)
    both = frozenset({1, 2})
    return plan(one, other, parties=tuple(replace(party, items=both) for party in parties))


@pytest.mark.parametrize(
    ("parties", "words"),
    [
        ([Party(Who.EVERYBODY, 0, "", frozenset())], "Everybody is expected at both."),
        ([Party(Who.SELF, 0, "", frozenset())], "You are in both."),
        (
            [
                Party(Who.TRACK, 1, {"en": "Red"}, frozenset()),
                Party(Who.TRACK, 2, {"en": "Blue"}, frozenset()),
            ],
            "Whoever follows Blue and Red is expected at both.",
        ),
        (
            [Party(Who.COMPANY, 1, "Blue Wave", frozenset())],
            "The delegates of Blue Wave are expected at both.",
        ),
        ([person(1)], "Person 1 is expected at both."),
        ([person(1), person(2)], "Person 1 and Person 2 are expected at both."),
        (
            [person(number) for number in range(1, 6)],
            "Person 1, Person 2, Person 3, and 2 more are expected at both.",
        ),
    ],
)
def test_whom_it_concerns(parties, words):
    assert said(overlapping(*parties)) == [f"“One” and “Two” overlap by 30 min. {words}"]


def test_a_way_by_coach_on_foot_and_as_the_organizers_know_it():
    by_coach = plan(visit(1, 0, 60, PORT), visit(2, 80, 90, CAMP))
    on_foot = plan(visit(1, 0, 60, PORT), visit(2, 60, 90, HALL))
    known = replace(by_coach, travel=Travel(matrix={(1, 2): 60}))

    assert said(by_coach) + said(on_foot) + said(known) == [
        (
            "Between “One” and “Two” the agenda leaves 20 min. From Port Center to Thecamp takes "
            "1 h 41 min: 70 km as the crow flies, 91 by coach at 60 km/h, and 10 min margin. "
            "Everybody is expected at both."
        ),
        (
            "Between “One” and “Two” the agenda leaves 0 min. From Port Center to Town Hall takes "
            "24 min: 0.8 km as the crow flies, 1 on foot at 4.5 km/h, and 10 min margin. "
            "Everybody is expected at both."
        ),
        (
            "Between “One” and “Two” the agenda leaves 20 min. From Port Center to Thecamp takes "
            "1 h 10 min: 1 h as the organizers know it, and 10 min margin. "
            "Everybody is expected at both."
        ),
    ]


def test_after_a_flight_from_abroad_and_before_a_call():
    landing = Place("mrs", "Airport", country="FR")
    start = Place("tun", "Tunis", country="TN")
    flight = visit(1, 0, 60, start, to=landing, carries=True, mode=Mode.FLIGHT)

    assert said(plan(flight, visit(2, 70, 90, CAMP, call_minutes=5))) == [
        (
            "Between “One” and “Two” the agenda leaves 5 min. Border and luggage take 45 min after "
            "a flight from abroad. People are called 5 min before it starts. "
            "Everybody is expected at both."
        )
    ]


def test_a_leg_that_cannot_be_true():
    leg = visit(1, 0, 15, PORT, to=CAMP, carries=True, mode=Mode.TRAIN)

    assert said(plan(leg)) == [
        (
            "“One” goes from Port Center to Thecamp in 15 min. For 70 km, 39 min are usual at "
            "130 km/h: please check its times and zones."
        )
    ]


def test_rooms_vehicles_and_hosts():
    room, host = Room(1, "Blue room"), (1, "Port authority")
    rooms = plan(visit(1, 0, 60, PORT, room=room), visit(2, 30, 90, PORT, room=room), parties=())
    coach = plan(visit(1, 0, 60, vehicle="C 1"), visit(2, 30, 90, vehicle="C 1"), parties=())
    hosts = plan(visit(1, 0, 60, PORT, host=host), visit(2, 30, 90, CAMP, host=host), parties=())
    needed = plan(
        visit(1, 0, 60, PORT, vehicle="C 1"), visit(2, 60, 90, CAMP, vehicle="C 1"), parties=()
    )

    assert said(rooms) + said(coach) + said(hosts) == [
        "“One” and “Two” overlap by 30 min in the same room: Blue room, Port Center.",
        "“One” and “Two” overlap by 30 min and both need C 1.",
        (
            "“One” and “Two” overlap by 30 min, and Port authority receives at both: Port Center "
            "and Thecamp."
        ),
    ]
    assert said(needed)[0].endswith("C 1 is needed for both.")


def test_places():
    item = visit(1, 0, 60, PORT, capacity=1, room=Room(1, "Blue room", 1))
    people = tuple(person(number, item) for number in (1, 2))
    offered = visit(1, 0, 60, replace(PORT, capacity=20), capacity=30)

    assert sorted(said(plan(item, parties=people))) + said(plan(offered)) == [
        "Blue room holds 1, and 2 people are in “One”.",
        "“One” has places for 1, and 2 delegates are in it.",
        "Port Center holds 20, and “One” offers 30 places.",
    ]


def test_dates():
    tour = {"starts_on": date(2027, 10, 20), "ends_on": date(2027, 10, 22)}

    assert [
        *said(plan(visit(1, 0, 60, stay=STAY))),
        *said(plan(visit(1, 0, 60), **tour)),
        *said(plan(visit(1, 0, 2 * DAY))),
    ] == [
        "“One” is on Oct 26, 2027, outside of the days in Marseille: October 25, 2027.",
        "“One” is on Oct 26, 2027, far from the days of the tour: October 20–22, 2027.",
        "“One” lasts 48 hours. Please check its end.",
    ]


def test_zones_and_clocks():
    london = Visit(uid(1), 1, end(0, PORT, "Europe/London"), end(60, PORT, "Europe/London"))
    lands = visit(1, 0, 60, to=PORT, carries=True, to_zone="Europe/London")
    fine = visit(1, 0, 60)
    skipped = replace(fine, starts=replace(fine.starts, local=datetime(2027, 3, 28, 2, 30)))
    twice = replace(
        fine, starts=replace(fine.starts, local=datetime(2027, 10, 31, 2, 30), fold=None)
    )
    moved = replace(fine, starts=replace(fine.starts, at=utc(2027, 10, 26, 6, 0)))

    told = [
        words for given in (london, lands, skipped, twice, moved) for words in said(plan(given))
    ]
    assert [words for words in told if "overlap" not in words and "days" not in words] == [
        (
            "“One” starts by the clocks of Europe/London, but those of Port Center follow "
            "Europe/Paris: 1 h apart."
        ),
        (
            "“One” ends by the clocks of Europe/London, but those of Port Center follow "
            "Europe/Paris: 1 h apart."
        ),
        (
            "“One”: the clocks of Europe/Paris skip Mar 28, 2027, 2:30 AM. The nearest that exist "
            "are Mar 28, 2027, 1:30 AM and Mar 28, 2027, 3:30 AM."
        ),
        (
            "“One”: the clocks of Europe/Paris show Oct 31, 2027, 2:30 AM twice. Say which one is "
            "meant."
        ),
        (
            "“One”: the rules of Europe/Paris have changed since Oct 26, 2027, 9:00 AM was agreed "
            "on. Open the session and save it again."
        ),
    ]


def test_a_clock_change():
    given = plan(
        visit(1, 0, 60),
        visit(2, 7 * DAY, 7 * DAY + 60),
        zones=("Europe/Paris", "Europe/Rome"),
        zone="Europe/Paris",
        home_zone="America/Los_Angeles",
    )

    assert said(given) == [
        (
            "In Paris and Rome the clocks go back by 1 h on Oct 31, 2027: 3:00 AM becomes 2:00 AM "
            "(Paris time). Paris and Los Angeles are 9 h apart before it, and 8 h after it."
        )
    ]


def test_a_session_without_a_title_is_a_session():
    one = visit(3, 0, 2 * DAY)

    assert said(plan(one)) == ["“a session” lasts 48 hours. Please check its end."]
