"""Releases that come out later: as they were reviewed, once, and seen by nobody before."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from tasks import releases as tasks
from tests.factories import (
    make_item,
    make_registration,
    make_staff,
    make_trip,
    publish,
    utc,
)
from tests.together import at_once
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, item_values, published, releases
from webapp.domain.releases import planning, publishing
from webapp.models.agenda import Audience
from webapp.models.feed import Feed
from webapp.models.registration import RegistrationState
from webapp.models.release import Change, Release, ReleaseItem, ReleaseState
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip

BY = audits.SYSTEM
NOON = utc(2027, 9, 1, 12, 0)
EVENING = utc(2027, 9, 1, 18, 0)


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


def content(item) -> dict:
    return {name: getattr(item, name) for name in releases.COPIED}


def state(release: Release) -> dict:
    return {item.uid: content(item) for item in release.items}


@pytest.fixture
def trip(session, hold_clock) -> Trip:
    """A trip with one release, of noon less an hour."""
    hold_clock(NOON - timedelta(hours=1))
    trip = make_trip()
    for hour in (8, 10, 12):
        at = datetime(2027, 10, 26, hour, 0)
        make_item(trip, starts_local=at, ends_local=at + timedelta(hours=1))
    publish(trip)
    hold_clock(NOON)
    return trip


def test_it_comes_out_as_it_was_reviewed_whatever_becomes_of_the_draft(trip, hold_clock):
    staff = make_staff()
    moved, called_off, same = agendas.draft(trip)
    edit(moved, place="As reviewed")
    agendas.call_off(called_off, BY)
    added = make_item(trip, title=Words(en="New, as reviewed"))
    with transaction():
        made = releases.plan(trip, audits.by_staff(staff), EVENING, "Doors open", "Final program")
    reviewed = state(made)
    assert (made.number, made.published_at, made.state) == (None, None, ReleaseState.PLANNED)
    with transaction():
        edit(moved, place="Later thought")
        agendas.bring_back(called_off, BY)
        agendas.call_off(added, BY)
        edit(same, place="Later thought")
        make_item(trip, title=Words(en="Later thought"))

    hold_clock(EVENING - timedelta(seconds=1))
    tasks.publish_due()
    db.session.expire_all()
    assert trip.release.number == 1

    hold_clock(EVENING + timedelta(seconds=4))
    tasks.publish_due()
    db.session.expire_all()

    assert trip.release == made
    assert (made.number, made.name, made.note) == (2, "Final program", "Doors open")
    assert (made.published_at, made.published_by) == (EVENING + timedelta(seconds=4), staff)
    assert state(made) == reviewed
    told = {item.uid: (item.change, item.sequence) for item in made.items}
    assert told == {
        moved.uid: (Change.MOVED, 1),
        called_off.uid: (Change.CANCELLED, 1),
        added.uid: (Change.ADDED, 0),
        same.uid: (Change.SAME, 0),
    }
    stamps = {item.uid: item.changed_at for item in made.items}
    assert stamps.pop(same.uid) == NOON - timedelta(hours=1)
    assert set(stamps.values()) == {EVENING + timedelta(seconds=4)}
    entries = audits.of(made)
    assert [(e.action, e.staff_id) for e in entries] == [
        ("publish", staff.id), ("plan", staff.id)
    ]  # fmt: skip
    assert entries[0].after["changes"] == {"added": 1, "moved": 1, "cancelled": 1}


def test_nobody_outside_sees_it_before(trip, client):
    registration = make_registration(trip, 1, RegistrationState.ACCEPTED)
    [first, *_] = agendas.draft(trip)
    edit(first, title=Words(en="Secret title"), place="Secret place")
    secret = make_item(trip, title=Words(en="Secret session"))
    with transaction():
        releases.plan(trip, BY, EVENING, "Secret note", "Secret name")
    delegate = registration.delegates[0]

    pages = [
        client.get(path).get_data(as_text=True)
        for path in (
            "/",
            f"/trips/{trip.slug}/",
            f"/trips/{trip.slug}/agenda",
            f"/trips/{trip.slug}/calendar.ics",
            f"/trips/{trip.slug}/items/{first.uid}.ics",
            f"/r/{registration.token}",
            f"/d/{delegate.token}",
            f"/calendars/{feeds.of_delegate(delegate).token}.ics",
            f"/calendars/{feeds.of_company(registration).token}.ics",
        )
    ]

    assert [page for page in pages if "Secret" in page] == []
    assert "Visit of the shipyard" in pages[2]  # they do show the agenda
    assert client.get(f"/trips/{trip.slug}/items/{secret.uid}.ics").status_code == 404
    assert [i for i in published.items(trip, Audience.STAFF) if "Secret" in str(i.title)] == []
    assert [release.number for release in releases.history(trip)] == [1]


def test_a_release_by_hand_in_between_keeps_its_word_on_what_the_plan_left_alone(trip, hold_clock):
    planned_too, urgent, _ = agendas.draft(trip)
    edit(planned_too, place="As planned")
    made = releases.plan(trip, BY, EVENING)
    edit(urgent, place="Urgent")
    late = make_item(trip, title=Words(en="Came by hand"))

    by_hand = publish(trip)
    assert releases.planned(trip) == made
    hold_clock(EVENING)
    assert releases.come_out(made.id) == made

    assert (by_hand.number, made.number) == (2, 3)
    places = {item.uid: (item.place_name, item.change, item.sequence) for item in made.items}
    assert places[urgent.uid] == ("Urgent", Change.SAME, 1)
    assert places[planned_too.uid] == ("As planned", Change.SAME, 1)  # it came by hand too
    assert late.uid in places
    assert releases.between(by_hand, made) == []


def test_its_page_can_tell_what_it_would_change_now(trip):
    first, second, _ = agendas.draft(trip)
    edit(first, place="As planned")
    edit(second, place="As planned")
    made = releases.plan(trip, BY, EVENING)
    edit(first, place="By hand")
    releases.hold_back(second, BY)
    publish(trip)

    found = releases.would_change(trip, made)

    assert [(d.before.place_name, d.after.place_name) for d in found] == [
        ("By hand", "As planned"), (None, "As planned")
    ]  # fmt: skip


def test_an_instant_that_is_over_is_refused(trip):
    make_item(trip)

    for at in (NOON, NOON - timedelta(days=1)):
        with pytest.raises(releases.PlannedInThePast):
            releases.plan(trip, BY, at)
    assert releases.planned(trip) is None


def test_one_at_a_time(trip):
    make_item(trip)
    releases.plan(trip, BY, EVENING)

    with pytest.raises(releases.AlreadyPlanned):
        releases.plan(trip, BY, EVENING + timedelta(days=1))


def test_only_what_was_seen_and_differs_is_planned(trip):
    with pytest.raises(releases.NothingToPublish):
        releases.plan(trip, BY, EVENING)
    seen = releases.fingerprint(releases.differences(trip))
    make_item(trip)
    with pytest.raises(agendas.ChangedMeanwhile):
        releases.plan(trip, BY, EVENING, seen=seen)


def test_a_dropped_one_never_comes_out_and_holds_nothing(trip, hold_clock):
    make_item(trip)
    made = releases.plan(trip, BY, EVENING)

    releases.drop(made, BY)

    hold_clock(EVENING)
    assert (releases.due(), releases.come_out(made.id), releases.planned(trip)) == ([], None, None)
    assert made.items == []
    assert [entry.action for entry in audits.of(made)] == ["drop", "plan"]
    with pytest.raises(MoveRefused):
        releases.drop(made, BY)
    assert releases.plan(trip, BY, EVENING + timedelta(hours=1)).state == "planned"


def test_what_was_planned_and_then_deleted_from_the_draft_is_cancelled_in_it(trip, hold_clock):
    """It will be announced: so the draft keeps it, and the next release calls it off."""
    item = make_item(trip)
    made = releases.plan(trip, BY, EVENING)
    agendas.call_off(item, BY)
    hold_clock(EVENING)

    releases.come_out(made.id)

    [difference] = releases.differences(trip)
    assert (difference.item.uid, difference.change) == (item.uid, Change.CANCELLED)


def test_what_is_held_back_is_so_in_the_plan_too(trip, hold_clock):
    held, other, _ = agendas.draft(trip)
    edit(held, place="Not yet")
    edit(other, place="Now")
    releases.hold_back(held, BY)
    made = releases.plan(trip, BY, EVENING)
    releases.let_go(held, BY)
    hold_clock(EVENING)

    releases.come_out(made.id)

    places = {item.uid: item.place_name for item in made.items}
    assert (places[held.uid], places[other.uid]) == (None, "Now")


def test_one_that_fails_is_marked_and_keeps_no_other_waiting(trip, hold_clock, monkeypatch):
    other = make_trip()
    with transaction():
        bad, good = (releases.plan(each, BY, EVENING) for each in (trip, other) if make_item(each))
        bad_id = trip.id
    real = publishing.put_in_force

    def fail_for_one(there, *rest):
        if there.id == bad_id:
            raise RuntimeError("the words of a bug")
        real(there, *rest)

    monkeypatch.setattr(planning, "put_in_force", fail_for_one)
    hold_clock(EVENING)
    tasks.publish_due()
    tasks.publish_due()
    db.session.expire_all()

    assert (bad.state, bad.number, bad.problem) == ("planned", None, "RuntimeError")
    assert trip.release.number == 1
    assert (good.state, good.number, other.release) == ("published", 1, good)

    monkeypatch.undo()
    hold_clock(EVENING)
    tasks.publish_due()
    db.session.expire_all()
    assert (bad.state, bad.number, bad.problem, trip.release) == ("published", 2, None, bad)


def test_feeds_are_out_of_date_once_it_came_out_and_not_before(trip, hold_clock):
    with transaction():
        feeds.prepare()
    make_item(trip)
    query = (
        select(func.count()).select_from(Feed).where(Feed.trip_id == trip.id, Feed.body.is_(None))
    )
    with transaction():
        releases.plan(trip, BY, EVENING)
    assert db.session.scalar(query) == 0
    hold_clock(EVENING)

    tasks.publish_due()

    assert db.session.scalar(query) == 2


def test_two_workers_at_once_publish_it_once(committed, hold_clock):
    with transaction():
        trip = make_trip()
        make_item(trip)
        hold_clock(NOON)
        releases.plan(trip, BY, EVENING)
        trip_id = trip.id
    db.session.remove()
    hold_clock(EVENING)

    results = at_once(committed, *[tasks.publish_due] * 4)

    assert results == [None] * 4
    trip = db.session.get_one(Trip, trip_id)
    assert [release.number for release in releases.history(trip)] == [1]
    assert db.session.scalar(select(func.count()).select_from(ReleaseItem)) == 1
    assert [entry.action for entry in audits.of(trip.release)] == ["publish", "plan"]


def test_publishing_by_hand_while_it_comes_out_gives_two_numbers(committed, hold_clock):
    hold_clock(NOON)
    with transaction():
        trip = make_trip()
        make_item(trip)
        releases.plan(trip, BY, EVENING)
        make_item(trip, title=Words(en="By hand"))
        trip_id = trip.id
    db.session.remove()
    hold_clock(EVENING)

    def by_hand():
        with transaction():
            return publish(db.session.get_one(Trip, trip_id)).number

    results = at_once(committed, by_hand, tasks.publish_due)

    assert results[0] in (1, 2)
    assert results[1] is None
    trip = db.session.get_one(Trip, trip_id)
    assert [release.number for release in releases.history(trip)] == [2, 1]
    assert len(trip.release.items) == 2  # the one by hand is lost in neither order
