"""Lost links: mailed to the address that they belong to, with all of them in one letter."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories import delegate_data, make_registration, make_trip
from webapp import clock
from webapp.domain import correspondence, links
from webapp.models.delegate import DelegateState
from webapp.models.mail import Mail
from webapp.models.registration import RegistrationState
from webapp.models.trip import TripState

ANA = "ana@example.com"


def told(session) -> list[tuple[str, list[int], list[int]]]:
    rows = session.scalars(select(Mail).order_by(Mail.id))
    return [
        (row.to_email, row.facts["registration_ids"], row.facts["delegate_ids"]) for row in rows
    ]


def registration(trip, coordinator=ANA, delegate="zoe@example.com", **values):
    return make_registration(
        trip,
        coordinator_email=coordinator,
        delegates=(delegate_data(1, email=delegate),),
        **values,
    )


def test_one_letter_brings_all_links_of_an_address_and_no_other(session):
    first, second = make_trip(), make_trip()
    mine = registration(first)
    also = registration(second, "bob@example.com", "Ana@Example.com")
    registration(first, "bob@example.com")

    assert links.send("ANA@example.com") is True

    assert told(session) == [("ANA@example.com", [mine.id], [also.delegates[0].id])]


def test_the_letter_holds_those_links(session):
    mine = registration(make_trip())
    links.send(ANA)
    correspondence.write_due(10)

    assert f"/r/{mine.token}".encode() in session.scalars(select(Mail)).one().message


@pytest.mark.parametrize("email", ["nobody@example.com", "", "%@example.com", "x" * 300])
def test_an_address_that_has_none_gets_no_letter(session, email):
    registration(make_trip())

    assert links.send(email) is False
    assert told(session) == []


def test_tours_that_are_over_or_withdrawn_and_people_who_left_are_not_named(session):
    registration(make_trip(starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 9)))
    registration(make_trip(state=TripState.WITHDRAWN))
    left = registration(make_trip(), "bob@example.com", ANA).delegates[0]
    left.state, left.left_at = DelegateState.WITHDRAWN, clock.now()
    session.flush()

    assert links.send(ANA) is False


def test_a_company_that_cancelled_still_finds_its_page(session):
    out = registration(make_trip(), state=RegistrationState.CANCELLED)

    assert links.send(ANA) is True
    assert told(session) == [(ANA, [out.id], [])]


def test_an_address_is_written_to_a_few_times_a_day(session, hold_clock):
    now = clock.now()
    registration(make_trip())
    sent = []
    for hour in range(links.MOST_LETTERS + 1):
        hold_clock(now + timedelta(hours=hour))
        sent.append(links.send(ANA))
    hold_clock(now + timedelta(days=1, hours=1))

    assert sent == [True] * links.MOST_LETTERS + [False]
    assert links.send(ANA) is True


def test_whoever_coordinates_a_company_gets_its_link_and_nobody_else(session):
    trip, other = make_trip(), make_trip()
    mine = registration(trip)
    out = registration(other, state=RegistrationState.CANCELLED)

    assert links.send_of(mine.organization_id, trip) is True
    assert links.send_of(mine.organization_id, other) is False
    assert links.send_of(out.organization_id, other) is False
    assert told(session) == [(ANA, [mine.id], [])]
