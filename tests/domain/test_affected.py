"""Whom a publication concerns: names, counts, by which item."""

from dataclasses import replace

import pytest

from tests.factories import (
    application,
    delegate_data,
    make_item,
    make_registration,
    make_track,
    make_trip,
    publish,
)
from webapp import clock
from webapp.db import db
from webapp.domain import affected, agendas, audits, delegates, item_values, published, releases
from webapp.models.agenda import Attendance, Audience
from webapp.models.pick import Pick, PickState
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

BY = audits.SYSTEM
EVERYBODY = {"Ada", "Bob", "Cleo", "Dan"}


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


class Tour:
    """Ada (follows the track) and Bob of an accepted company; Cleo of another accepted one; Dan
    of one that waits for a decision; Eve of one that left."""

    def __init__(self) -> None:
        self.trip: Trip = make_trip()
        self.track = make_track(self.trip)
        accepted, submitted = RegistrationState.ACCEPTED, RegistrationState.SUBMITTED
        self.first = self._company("First", accepted, "Ada", "Bob")
        self.second = self._company("Second", accepted, "Cleo")
        self.third = self._company("Third", submitted, "Dan")
        self._company("Fourth", RegistrationState.CANCELLED, "Eve")
        self.ada, self.bob = self.first.delegates
        [self.cleo] = self.second.delegates
        delegates.follow(self.ada, self.trip, [self.track.id], BY)
        publish(self.trip)

    def _company(self, name, state, *names):
        people = tuple(
            delegate_data(number, given_name=given, family_name="")
            for number, given in enumerate(names)
        )
        made = application(1, organization_name=name, delegates=people)
        return make_registration(
            self.trip, state=state, organization_name=made.organization_name,
            delegates=made.delegates,
        )  # fmt: skip

    def pick(self, item, delegate, state=PickState.CHOSEN) -> None:
        db.session.add(
            Pick(item_id=item.id, delegate_id=delegate.id, state=state, queued_at=clock.now())
        )
        db.session.flush()

    def names(self, item=None) -> set[str]:
        """Whom the draft's differences concern, all or those of one item."""
        found = affected.of(releases.differences(self.trip), self.trip)
        return {
            each.name
            for each in found
            if item is None or item.uid in [d.item.uid for d in each.differences]
        }


@pytest.fixture
def tour(session) -> Tour:
    return Tour()


def test_who_may_see_an_item_is_concerned_by_it(tour):
    company = tour.second.organization_id
    wanted = {
        make_item(tour.trip): EVERYBODY,
        make_item(tour.trip, audience=Audience.DELEGATES): {"Ada", "Bob", "Cleo"},
        make_item(tour.trip, track_id=tour.track.id): {"Ada"},
        make_item(tour.trip, audience=Audience.COMPANIES, company_ids=(company,)): {"Cleo"},
        make_item(tour.trip, audience=Audience.COMPANIES): set(),
        make_item(tour.trip, audience=Audience.STAFF): set(),
    }

    assert {item: tour.names(item) for item in wanted} == wanted
    assert tour.names() == EVERYBODY


def test_who_could_see_it_before_is_concerned_too(tour):
    item = make_item(tour.trip, audience=Audience.DELEGATES)
    other = make_item(tour.trip)
    publish(tour.trip)
    edit(item, audience=Audience.COMPANIES, company_ids=(tour.second.organization_id,))
    assert tour.names() == {
        "Ada",
        "Bob",
    }  # for Cleo it is as it was: whom else it is for is no news
    edit(other, track_id=tour.track.id)

    assert tour.names(other) == EVERYBODY


def test_an_optional_item_concerns_who_chose_it_or_waits(tour):
    item = make_item(tour.trip, attendance=Attendance.OPTIONAL)
    assert tour.names() == set()
    publish(tour.trip)
    tour.pick(item, tour.ada)
    tour.pick(item, tour.bob, PickState.LEFT)
    tour.pick(item, tour.cleo, PickState.WAITING)
    edit(item, place="Gate 2")

    assert tour.names() == {"Ada", "Cleo"}
    # Who was in it as part of the program is concerned when it becomes optional.
    publish(tour.trip)
    edit(item, attendance=Attendance.MANDATORY)
    assert tour.names() == EVERYBODY


def test_what_is_held_back_or_the_same_concerns_nobody(tour):
    held = make_item(tour.trip)
    make_item(tour.trip, audience=Audience.STAFF)
    releases.hold_back(held, BY)

    assert tour.names() == set()


def test_the_summary_counts_people_companies_and_each_item(tour):
    first = make_item(tour.trip)
    second = make_item(tour.trip, track_id=tour.track.id)

    found = affected.summary(affected.of(releases.differences(tour.trip), tour.trip))

    assert (found.people, found.companies) == (4, 3)
    assert found.items[first.uid].people == 4
    assert set(found.items[first.uid].names) == {
        ("Ada", "First"), ("Bob", "First"), ("Cleo", "Second"), ("Dan", "Third")
    }  # fmt: skip
    assert found.items[second.uid] == affected.Reach(1, (("Ada", "First"),))
    assert affected.summary([]) == affected.Summary(0, 0, {})


def test_they_agree_with_what_the_calendars_hold(tour):
    """Whose calendar holds an added item is whom it concerns."""
    company = tour.first.organization_id
    made = [
        make_item(tour.trip),
        make_item(tour.trip, audience=Audience.DELEGATES, track_id=tour.track.id),
        make_item(tour.trip, audience=Audience.COMPANIES, company_ids=(company,)),
        make_item(tour.trip, attendance=Attendance.OPTIONAL),
    ]  # fmt: skip
    told = {item.uid: tour.names(item) for item in made}
    publish(tour.trip)

    everybody = [tour.ada, tour.bob, tour.cleo, *tour.third.delegates]
    holds = {
        item.uid: {
            each.name
            for each in everybody
            if item.uid in [entry.uid for entry in published.for_delegate(each)]
        }
        for item in made
    }
    assert told == holds


def test_it_takes_as_many_statements_for_30_people_as_for_3(session, statements):
    counts = {}
    for size in (3, 30):
        trip = make_trip()
        make_registration(trip, size, RegistrationState.ACCEPTED)
        item = make_item(trip, attendance=Attendance.OPTIONAL)
        make_item(trip)
        found = releases.differences(trip)
        with statements() as sent:
            assert len(affected.of(found, trip)) == size
        counts[size] = len(sent)
        assert item.uid

    assert counts == {3: 3, 30: 3}  # picks, tracks, people
