"""How many SQL statements the verbs take: as many for a full tour as for an empty one."""

from collections import Counter
from itertools import chain

import pytest

from tests.factories import (
    application,
    item_values,
    make_item,
    make_registration,
    make_trip,
    publish,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, correspondence, registrations, releases
from webapp.mail import outbox
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

SIZES = (2, 40)


def trip_with(registered: int, items: int = 3) -> int:
    """The id of a trip with so many registrations and published items; nothing of it is cached."""
    with transaction():
        trip = make_trip()
        for _ in range(items):
            make_item(trip)
        publish(trip)
        for _ in range(registered):
            make_registration(trip, 1)
        trip_id = trip.id
    db.session.remove()
    return trip_id


@pytest.mark.parametrize(("delegates", "count"), [(1, 15), (5, 15)])
def test_registering_takes_as_many_with_40_registrations_as_with_2(
    session, statements, delegates, count
):
    counts = {}
    for size in SIZES:
        trip_id = trip_with(size)
        with statements() as sent, transaction():
            registrations.submit(trip_id, application(delegates))
        counts[size] = len(sent)

    assert counts == dict.fromkeys(SIZES, count)


def test_deciding_takes_as_many_with_40_registrations_as_with_2(session, statements):
    counts = {}
    for size in SIZES:
        trip_id = trip_with(size)
        found = registrations.of_trip(db.session.get_one(Trip, trip_id))[0].id
        db.session.remove()
        with statements() as sent, transaction():
            registration = db.session.get_one(Registration, found)
            registrations.decide(registration, RegistrationState.ACCEPTED, "", audits.SYSTEM)
        counts[size] = len(sent)

    assert len(set(counts.values())) == 1, counts


def test_the_organizer_s_listing_takes_as_many_for_40_as_for_2(session, statements):
    counts = {}
    for size in SIZES:
        trip_id = trip_with(size)
        with statements() as sent:
            trip = db.session.get_one(Trip, trip_id)
            found = registrations.of_trip(trip)
            seen = [(r.organization.name, [d.name for d in r.delegates]) for r in found]
            states = registrations.counts(trip)
        assert len(seen) == states[RegistrationState.SUBMITTED] == size
        counts[size] = len(sent)

    assert counts == dict.fromkeys(SIZES, 4)  # trip, registrations, their delegates, counts


def test_a_page_of_the_listing_is_one_page(session):
    trip = db.session.get_one(Trip, trip_with(7))

    pages = [[r.id for r in registrations.of_trip(trip, page=n, size=3)] for n in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [3, 3, 1, 0]
    found = list(chain(*pages))
    assert found == sorted(found)


def test_publishing_takes_more_inserts_only_the_longer_the_agenda(session, statements):
    kinds = {}
    for size in SIZES:
        trip_id = trip_with(0, items=size)
        with transaction():
            item = agendas.draft(db.session.get_one(Trip, trip_id))[0]
            agendas.change(item, item_values(title=Words(en="New")), audits.SYSTEM, item.version)
        db.session.remove()
        with statements() as sent, transaction():
            publish(db.session.get_one(Trip, trip_id))
        kinds[size] = Counter(sql.split(None, 1)[0] for sql in sent)

    small, large = (kinds[size] for size in SIZES)
    assert small - large == large - small == Counter()


def test_the_diff_and_the_draft_take_as_many_for_40_items_as_for_2(session, statements):
    counts = {}
    for size in SIZES:
        trip_id = trip_with(0, items=size)
        with statements() as sent:
            trip = db.session.get_one(Trip, trip_id)
            assert releases.differences(trip) == []
            assert [i.place_name for i in agendas.draft(trip)] == [None] * size
        counts[size] = len(sent)

    # The trip, what is published, and twice the draft with its people and its companies.
    assert counts == dict.fromkeys(SIZES, 8)


def test_claiming_takes_as_many_for_10_letters_as_for_2(session, statements):
    counts = {}
    for size in (2, 10):
        trip_id = trip_with(0)
        with transaction():
            for _ in range(size // 2):
                registrations.submit(trip_id, application(1))
        with transaction():
            correspondence.write_due()
        with statements() as sent, transaction():
            claimed = outbox.claim("worker")
        assert len(claimed) == size
        counts[size] = Counter(sql.split(None, 1)[0] for sql in sent)

    assert counts[2] == counts[10]
