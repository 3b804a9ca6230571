"""Finding trips: which are to come, which are over, in what order; when registration is open."""

from datetime import date, timedelta

import pytest

from tests.factories import make_trip, utc
from webapp.db import Words
from webapp.domain import trips
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.trip import TripMember, TripPartner, TripState, Window

NOON = utc(2027, 9, 1, 12, 0)


def test_tours_to_come_are_the_soonest_first_and_past_ones_the_latest_first(session, hold_clock):
    hold_clock(NOON)
    days = {
        "over": (date(2026, 3, 1), date(2026, 3, 5)),
        "just over": (date(2027, 8, 28), date(2027, 8, 31)),
        "running": (date(2027, 8, 30), date(2027, 9, 1)),
        "next": (date(2027, 10, 1), date(2027, 10, 5)),
        "far": (date(2028, 1, 1), date(2028, 1, 5)),
    }
    made = {n: make_trip(starts_on=a, ends_on=b) for n, (a, b) in reversed(days.items())}

    found = trips.public()

    assert found.upcoming == [made["running"], made["next"], made["far"]]
    assert found.past == [made["just over"], made["over"]]


@pytest.mark.parametrize(
    ("now", "zone", "is_over"),
    [
        (utc(2027, 10, 29, 21, 59), "Europe/Paris", False),
        (utc(2027, 10, 29, 22, 0), "Europe/Paris", True),  # midnight in Paris
        (utc(2027, 10, 29, 22, 0), "America/Los_Angeles", False),
        (utc(2027, 10, 30, 6, 59), "America/Los_Angeles", False),
        (utc(2027, 10, 30, 7, 0), "America/Los_Angeles", True),
    ],
)
def test_a_tour_is_over_when_its_last_day_is_over_where_it_is(
    session, hold_clock, now, zone, is_over
):
    hold_clock(now)
    trip = make_trip(ends_on=date(2027, 10, 29), zone=zone)

    found = trips.public()

    assert (found.past == [trip], found.upcoming == [trip]) == (is_over, not is_over)


def test_drafts_and_withdrawn_tours_are_not_public_and_cancelled_ones_are(session):
    made = {state: make_trip(state=state) for state in TripState}

    found = trips.public()

    assert found.upcoming == [made[TripState.ANNOUNCED], made[TripState.CANCELLED]]
    assert {s for s, trip in made.items() if trip.is_public} == {
        TripState.ANNOUNCED,
        TripState.CANCELLED,
    }
    assert set(trips.every()) == set(made.values())
    assert all(trips.by_slug(trip.slug) is trip for trip in made.values())
    assert trips.by_slug("no-such-tour") is None


@pytest.mark.parametrize(
    ("opens", "closes", "state", "window"),
    [
        (-1, 1, TripState.ANNOUNCED, Window.OPEN),
        (None, 1, TripState.ANNOUNCED, Window.OPEN),
        (0, 1, TripState.ANNOUNCED, Window.OPEN),  # from the very instant on
        (1, 2, TripState.ANNOUNCED, Window.BEFORE),
        (-2, -1, TripState.ANNOUNCED, Window.CLOSED),
        (-1, 0, TripState.ANNOUNCED, Window.CLOSED),  # at the very instant
        (None, None, TripState.ANNOUNCED, Window.NONE),
        (-1, None, TripState.ANNOUNCED, Window.NONE),
        (-1, 1, TripState.DRAFT, Window.NONE),
        (-1, 1, TripState.CANCELLED, Window.NONE),
        (-1, 1, TripState.WITHDRAWN, Window.NONE),
    ],
)
def test_registration_is_open_from_the_first_instant_until_before_the_last(
    session, opens, closes, state, window
):
    def at(hours):
        return None if hours is None else NOON + timedelta(hours=hours)

    trip = make_trip(
        registration_opens_at=at(opens), registration_closes_at=at(closes), state=state
    )

    assert trip.window(NOON) == window


def test_a_trip_comes_with_its_people_without_a_question_for_each(session, statements):
    trip = make_trip()
    for number in range(4):
        organization = Organization(
            name=f"Partner {number}", name_key="", kind=OrganizationKind.CLUSTER
        )
        session.add(organization)
        session.flush()
        session.add_all(
            [
                TripPartner(
                    trip_id=trip.id, organization_id=organization.id,
                    role=Words(en="Host"), position=4 - number,
                ),
                TripMember(trip_id=trip.id, organization_id=organization.id, position=number),
            ]
        )  # fmt: skip
    session.flush()
    session.expire_all()

    with statements() as sent:
        found = trips.with_people(trip)
        names = [p.organization.name for p in found.partners]
        members = [m.organization.name for m in found.members]

    assert names == [f"Partner {n}" for n in (3, 2, 1, 0)]
    assert members == [f"Partner {n}" for n in range(4)]
    assert len(sent) == 5  # one of them reads the trip's id, which the test had expired


def test_today_is_the_day_it_is_there(hold_clock):
    hold_clock(utc(2027, 10, 29, 23, 0))

    assert trips.today("Europe/Paris") == date(2027, 10, 30)
    assert trips.today("America/Los_Angeles") == date(2027, 10, 29)
