"""The waiting list over HTTP: order, why, what if, out of turn."""

import re
from datetime import timedelta

import pytest

from tests.blueprints.forms import hidden, sign_in
from tests.factories import make_registration, make_staff, make_trip, utc
from webapp import clock
from webapp.db import transaction
from webapp.domain import audits
from webapp.models.delegate import DelegateState
from webapp.models.registration import Party, RegistrationState
from webapp.models.staff import Role
from webapp.models.trip import Promotion, Trip


@pytest.fixture
def trip(session) -> Trip:
    with transaction():
        return make_trip(max_delegates=5, max_per_organization=5, promotion=Promotion.AT_ONCE)


@pytest.fixture
def staff(client, trip):
    with transaction():
        made = make_staff(trip=trip)
    sign_in(client, made)
    return made


def at(trip: Trip, more: str = "") -> str:
    return f"/organizer/trips/{trip.slug}/registrations/queue{more}"


def names(page: str) -> list[str]:
    return re.findall(r'<h2 class="queue__name"><a[^>]*>([^<]*)</a>', page)


def reasons(page: str) -> list[str]:
    return re.findall(r'<p class="queue__why">([^<]*)</p>', page)


def waits(trip: Trip, name: str, size: int, **said):
    return make_registration(
        trip, size, RegistrationState.WAITLISTED, organization_name=name, **said
    )


def test_each_says_why_it_stands_where_it_stands(client, trip, staff):
    with transaction():
        make_registration(trip, 3, organization_name="In")
        big = waits(trip, "Big", 4)
        big.queued_at = utc(2026, 3, 4, 9, 5, 7)
        kept = waits(trip, "In reserve", 1)
        kept.in_reserve = True

    page = client.get(at(trip)).get_data(as_text=True)

    assert names(page) == ["Big", "In reserve"]
    assert reasons(page) == [
        "Only 2 places are free, of the 4 that it waits for together.",
        "In reserve: it comes up when you say so.",
    ]
    assert "4 places, all of them or none" in page
    assert "Mar 4, 2026, 10:05:07" in page
    assert "Paris time" in page


def test_a_full_tour_and_an_own_limit_are_said(client, trip, staff):
    with transaction():
        trip.max_per_organization = 4
        full = make_registration(trip, 5, organization_name="Full")
        full.delegates[4].queued_at = clock.now()
        full.delegates[4].become(DelegateState.WAITING)
        make_registration(trip, 1)
        waits(trip, "Later", 2, party=Party.ANY)

    page = client.get(at(trip)).get_data(as_text=True)

    assert names(page) == ["Later", "Full"] or names(page) == ["Full", "Later"]
    found = dict(zip(names(page), reasons(page), strict=True))
    assert found == {
        "Full": "The organization has as many places as one may have.",
        "Later": "No place is free.",
    }


def test_what_would_happen_with_more_places_is_shown_and_not_done(client, trip, staff):
    with transaction():
        make_registration(trip, 5)
        first, second, third = waits(trip, "A", 3), waits(trip, "B", 2), waits(trip, "C", 1)

    page = client.get(at(trip, "?free=4")).get_data(as_text=True)

    marked = re.findall(r'queue__one--up" id="turn-(\d)"', page)
    assert marked == ["1", "3"]  # B's two do not fit behind A's three; C's one does
    assert "2 entries of the list would come up" in page
    assert {r.state for r in (first, second, third)} == {"waitlisted"}
    for query in ("?free=x", "?free=-4", "?free=99999999999999999999"):
        assert client.get(at(trip, query)).status_code == 200


def test_one_is_accepted_out_of_turn_for_a_reason(client, trip, staff):
    with transaction():
        trip.max_delegates = 4
        make_registration(trip, 3)
        big = waits(trip, "Big", 3)
        small = waits(trip, "Small", 1)
    form = hidden(client, at(trip)) | {"seen": str(small.decisions)}

    silent = client.post(at(trip, f"/{small.id}"), data=form | {"reason": " "})
    assert (silent.status_code, small.state) == (422, "waitlisted")
    answer = client.post(at(trip, f"/{small.id}"), data=form | {"reason": "The minister asks."})

    assert (answer.status_code, small.state, big.state) == (303, "accepted", "waitlisted")
    entry = next(e for e in audits.of(small) if e.action == "decide")
    assert (entry.reason, entry.actor_name) == ("The minister asks.", staff.name)
    again = client.post(at(trip, f"/{small.id}"), data=form | {"reason": "Twice"})
    assert again.status_code == 422


def test_nobody_comes_in_above_a_limit_whatever_the_reason(client, trip, staff):
    with transaction():
        make_registration(trip, 5)
        one = waits(trip, "One", 1)
    form = hidden(client, at(trip)) | {"seen": str(one.decisions), "reason": "Please"}

    answer = client.post(at(trip, f"/{one.id}"), data=form)

    assert (answer.status_code, one.state) == (422, "waitlisted")
    assert "Only 0 places are left" in answer.get_data(as_text=True)


def test_the_order_by_score_shows_it(client, trip, staff):
    with transaction():
        trip.queue_order = "score"
        make_registration(trip, 5)
        waits(trip, "A", 1)
        waits(trip, "B", 1).score = 7

    page = client.get(at(trip)).get_data(as_text=True)

    assert names(page) == ["B", "A"]
    assert "7 points" in page
    assert "Not scored yet" in page


def test_a_reader_sees_the_list_and_accepts_nobody(client, trip, session):
    with transaction():
        one = waits(trip, "One", 1)
        one.queued_at = clock.now() - timedelta(days=1)
        reader = make_staff(trip=trip, role=Role.READER)
    sign_in(client, reader)

    page = client.get(at(trip)).get_data(as_text=True)
    assert names(page) == ["One"]
    assert "Accept out of turn" not in page
    form = hidden(client, "/organizer/") | {"reason": "x", "seen": "0"}
    assert client.post(at(trip, f"/{one.id}"), data=form).status_code == 404
