"""Places held for a company or a mail domain until a date."""

from datetime import datetime, timedelta

import pytest

from tests.factories import application, make_registration, make_trip, utc
from webapp import clock
from webapp.db import db
from webapp.domain import audits, held_places, registrations, seats
from webapp.domain.held_places import Hold
from webapp.domain.item_values import TimeRefused
from webapp.models.registration import RegistrationState
from webapp.models.trip import Promotion

BY = audits.SYSTEM
NAME = "Held Company"


def wanted(places: int = 3, **said) -> Hold:
    later = (clock.now() + timedelta(days=20)).replace(tzinfo=None, second=0, microsecond=0)
    given = {"places": places, "until_local": later.replace(hour=12), "zone": "Europe/Paris"}
    if "organization_id" not in said:
        given["mail_domain"] = "held.example"
    return Hold(**given | said)


def by_mail(name: str) -> dict:
    return {"coordinator_email": f"{name}@Held.example"}


def test_held_places_are_nobody_elses(session):
    trip = make_trip(max_delegates=5)

    block = held_places.hold(trip, wanted(3), BY)

    assert (seats.places(trip).held, seats.places(trip).delegates_left) == (3, 2)
    with pytest.raises(seats.NoSeatLeft):
        registrations.submit(trip.id, application(3))
    mine = registrations.submit(trip.id, application(3, **by_mail("ana")))
    assert (mine.state, mine.held_id) == ("submitted", block.id)
    assert [(row.used, row.left) for row in held_places.of_trip(trip)] == [(3, 0)]
    assert audits.of(block)[0].after["places"] == 3


def test_a_block_of_its_own_goes_before_that_of_its_mail_domain(session):
    trip = make_trip()
    first = make_registration(trip, 1, RegistrationState.CANCELLED, organization_name=NAME)
    of_domain = held_places.hold(trip, wanted(1), BY)
    own = held_places.hold(trip, wanted(1, organization_id=first.organization_id), BY)
    organization = first.organization

    db.session.expire_all()
    organization.website = "https://www.held.example/about"
    assert held_places.for_application(trip, organization, "x@held.example") == own.id
    other = make_registration(trip, 1).organization
    assert held_places.for_application(trip, other, "x@HELD.example") == of_domain.id
    assert held_places.for_application(trip, other, "x@sub.held.example") is None
    assert held_places.for_application(make_trip(), organization, "x@held.example") is None


def test_no_more_is_held_than_is_free(session):
    trip = make_trip(max_delegates=5)
    make_registration(trip, 2)

    with pytest.raises(held_places.MoreThanFree) as refused:
        held_places.hold(trip, wanted(4), BY)
    assert (refused.value.asked, refused.value.left) == (4, 3)
    assert held_places.hold(trip, wanted(3), BY).places == 3


def test_those_who_are_in_already_draw_on_their_block(session):
    trip = make_trip(max_delegates=5)
    inside = make_registration(trip, 3, **by_mail("ana"))
    make_registration(trip, 1)

    block = held_places.hold(trip, wanted(4), BY)  # one is free, and three they have

    assert inside.held_id == block.id
    assert [(row.used, row.left) for row in held_places.of_trip(trip)] == [(3, 1)]
    assert seats.places(trip).delegates_left == 0


def test_one_that_waits_comes_up_into_its_block(session):
    trip = make_trip(max_delegates=4, promotion=Promotion.AT_ONCE, skips_parties=False)
    make_registration(trip, 2)
    make_registration(trip, 3, RegistrationState.WAITLISTED)
    theirs = make_registration(trip, 2, RegistrationState.WAITLISTED, **by_mail("ana"))

    held_places.hold(trip, wanted(2), BY)

    assert theirs.state == "accepted"


def test_the_same_places_are_held_once(session):
    trip = make_trip()
    block = held_places.hold(trip, wanted(1), BY)

    with pytest.raises(held_places.HeldTwice):
        held_places.hold(trip, wanted(1), BY)
    held_places.release(block, BY)
    assert held_places.hold(trip, wanted(1), BY).id != block.id


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"until_local": datetime(2020, 1, 1)}, held_places.UntilPassed),
        ({"until_local": datetime(2027, 3, 28, 2, 30)}, TimeRefused),
        ({"until_local": datetime(2027, 10, 31, 2, 30)}, TimeRefused),
    ],
)
def test_dates_that_cannot_be_are_refused(session, said, refusal):
    with pytest.raises(refusal):
        held_places.hold(make_trip(), wanted(1, **said), BY)


def test_a_block_is_changed(session):
    trip = make_trip(max_delegates=6)
    block = held_places.hold(trip, wanted(2), BY)
    until = datetime(2027, 10, 31, 2, 30)

    held_places.change(block, wanted(6, until_local=until, until_fold=1), BY)

    assert (block.places, block.until_at) == (6, utc(2027, 10, 31, 1, 30))
    assert audits.of(block)[0].before["places"] == 2
    with pytest.raises(held_places.MoreThanFree):
        held_places.change(block, wanted(7), BY)


def test_fewer_held_places_let_others_come_up(session):
    trip = make_trip(max_delegates=4, promotion=Promotion.AT_ONCE)
    block = held_places.hold(trip, wanted(4), BY)
    waits = make_registration(trip, 2, RegistrationState.WAITLISTED)

    held_places.change(block, wanted(2), BY)

    assert waits.state == "accepted"


def test_released_places_go_to_those_who_wait_and_who_has_one_keeps_it(session):
    trip = make_trip(max_delegates=4, promotion=Promotion.AT_ONCE)
    block = held_places.hold(trip, wanted(4), BY)
    mine = registrations.submit(trip.id, application(1, **by_mail("ana")))
    waits = make_registration(trip, 3, RegistrationState.WAITLISTED)

    held_places.release(block, BY, "They come alone.")

    assert (mine.state, waits.state) == ("submitted", "accepted")
    assert audits.of(block)[0].reason == "They come alone."
    for verb in (
        lambda: held_places.release(block, BY),
        lambda: held_places.change(block, wanted(), BY),
    ):
        with pytest.raises(held_places.Ended):
            verb()


def test_places_pass_on_when_their_date_has_come(session, hold_clock):
    trip, other = make_trip(max_delegates=3, promotion=Promotion.AT_ONCE), make_trip()
    block = held_places.hold(trip, wanted(3), BY)
    later = held_places.hold(other, wanted(3, until_local=datetime(2027, 9, 1)), BY)
    waits = make_registration(trip, 3, RegistrationState.WAITLISTED)
    assert held_places.due_trips() == []

    hold_clock(block.until_at)

    assert seats.places(trip).held == 0  # at once, before the task has seen it
    assert held_places.due_trips() == [trip.id]
    assert held_places.expire_due(trip.id) == 1
    assert (waits.state, later.released_at) == ("accepted", None)
    latest = audits.of(block)[0]
    assert (latest.action, latest.actor) == ("release", "system")
    assert held_places.due_trips() == []


def test_what_is_held_for_a_company_is_not_for_whoever_types_its_name(session):
    trip = make_trip(max_delegates=2)
    organization = make_registration(make_trip(), 1, organization_name=NAME).organization
    own = held_places.hold(trip, wanted(2, organization_id=organization.id, mail_domain=None), BY)

    assert held_places.for_application(trip, organization, "x@else.example") is None
    assert held_places.for_application(trip, organization, "x@else.example", invited=True) == own.id
    with pytest.raises(seats.NoSeatLeft):
        registrations.submit(
            trip.id,
            application(1, organization_name=NAME, coordinator_email="stranger@else.example"),
        )


def test_an_application_is_matched_in_one_statement(session, statements):
    trip = make_trip()
    organization = make_registration(trip, 1).organization
    db.session.flush()

    with statements() as sent:
        held_places.for_application(trip, organization, "x@held.example")
    assert len(sent) == 1


def test_a_block_of_another_tour_is_not_found(session):
    trip, other = make_trip(), make_trip()
    block = held_places.hold(other, wanted(1), BY)

    assert held_places.find(trip, block.id) is None
    assert held_places.find(other, block.id) is block
