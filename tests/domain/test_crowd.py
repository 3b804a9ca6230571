"""Two hundred companies at once on fifty places, each on a connection of its own.

None is lost, none above a limit, and those who wait stand in the order in which they came.
"""

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from tests.factories import application, make_trip
from tests.together import at_once
from webapp.db import db, transaction
from webapp.domain import queues, registrations, seats
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.mail import Mail
from webapp.models.registration import HOLDS_SEATS, Party, Registration, RegistrationState
from webapp.models.trip import Trip

COMPANIES = 200
WAITLISTED = RegistrationState.WAITLISTED


@pytest.fixture
def crowd(committed, config):
    """Forty-five connections for two hundred threads, and patience with a slow machine."""
    ours = db.engines[None]
    db.engines[None] = sa.create_engine(
        config.database_url,
        pool_size=45,
        max_overflow=0,
        pool_timeout=120,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=120s"},
    )
    yield committed
    db.session.remove()
    db.engines[None].dispose()
    db.engines[None] = ours


def all_at_once(crowd, sizes, **limits) -> int:
    """Each of two hundred companies, of these sizes in turn, registers and waits if it must."""
    with transaction():
        trip_id = make_trip(**limits).id
    db.session.remove()
    sent = [
        application(
            sizes[number % len(sizes)],
            waits_if_full=True,
            party=Party.ANY if number % 2 else Party.ALL,
        )
        for number in range(COMPANIES)
    ]

    def register(one):
        def action():
            with transaction():
                return registrations.submit(trip_id, one).state

        return action

    results = at_once(crowd, *map(register, sent))

    assert [r for r in results if isinstance(r, Exception)] == []
    return trip_id


def standing(trip_id: int) -> tuple[list[Registration], list[Registration]]:
    """Those who are in and those who wait, each in the order in which they came."""
    query = (
        select(Registration)
        .where(Registration.trip_id == trip_id)
        .order_by(Registration.queued_at, Registration.id)
    )
    everybody = db.session.scalars(query).all()
    in_it = [each for each in everybody if each.state in HOLDS_SEATS]
    return in_it, [each for each in everybody if each.state == WAITLISTED]


def test_of_two_hundred_companies_the_first_fifty_have_the_fifty_places(crowd):
    trip_id = all_at_once(crowd, (1,), max_delegates=50)

    in_it, waiting = standing(trip_id)
    assert (len(in_it), len(waiting)) == (50, 150)
    assert max(each.queued_at for each in in_it) < min(each.queued_at for each in waiting)
    line = queues.line(db.session.get_one(Trip, trip_id))
    assert [turn.registration for turn in line] == waiting
    assert [turn.rank for turn in line] == list(range(1, 151))
    assert {turn.waits_for for turn in line} == {queues.WaitsFor.SEATS}
    letters = db.session.scalars(select(Mail.letter)).all()
    assert letters.count("registration_received") == 200
    assert letters.count("delegate_welcome") == 200


def test_three_limits_together_hold_in_a_crowd(crowd):
    """Places for 50 delegates, 30 companies, and four of each; parties of one to four."""
    limits = {"max_delegates": 50, "max_organizations": 30, "max_per_organization": 4}
    trip_id = all_at_once(crowd, (1, 2, 3, 4), **limits)

    in_it, waiting = standing(trip_id)
    assert len(in_it) + len(waiting) == COMPANIES
    coming = [len(each.coming) for each in in_it]
    assert (sum(coming), len(in_it) <= 30, max(coming) <= 4) == (50, True, True)
    assert seats.places(db.session.get_one(Trip, trip_id)).delegates == 50
    assert len(db.session.scalars(select(Delegate)).all()) == 500  # nobody lost
    for each in in_it:
        if each.party == Party.ALL:
            assert len(each.coming) == len(each.everybody)
    line = queues.line(db.session.get_one(Trip, trip_id))
    assert [turn.since for turn in line] == sorted(turn.since for turn in line)


def test_a_limit_of_companies_has_its_own_list_in_a_crowd(crowd):
    trip_id = all_at_once(
        crowd, (3,), max_delegates=None, max_organizations=25, max_per_organization=3
    )

    in_it, waiting = standing(trip_id)
    assert (len(in_it), len(waiting)) == (25, 175)
    assert {turn.waits_for for turn in queues.line(db.session.get_one(Trip, trip_id))} == {
        queues.WaitsFor.COMPANY_PLACE
    }
    assert {d.state for each in in_it for d in each.delegates} == {DelegateState.COMING}
