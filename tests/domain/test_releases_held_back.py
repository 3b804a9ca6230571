"""Holding single items back from publishing."""

from dataclasses import replace

import pytest

from tests.factories import make_item, make_staff, make_trip, publish
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, item_values, published, releases
from webapp.models.agenda import Audience
from webapp.models.release import Change, Release, ReleaseItem

BY = audits.SYSTEM


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


def of(release: Release, item) -> ReleaseItem | None:
    return next((found for found in release.items if found.uid == item.uid), None)


def test_what_is_held_back_stays_exactly_as_the_release_before_had_it(session):
    trip = make_trip()
    held, other = make_item(trip), make_item(trip)
    first = publish(trip)
    was = {n: getattr(of(first, held), n) for n in (*releases.COPIED, "sequence", "changed_at")}
    edit(held, place="Secret place", title=Words(en="Secret title"))
    edit(other, place="Gate 2")
    releases.hold_back(held, BY)

    with transaction():
        second = publish(trip)

    found = of(second, held)
    assert {name: getattr(found, name) for name in was} == was
    assert found.change == Change.SAME
    assert of(second, other).change == Change.MOVED
    assert "Secret" not in feeds.render(feeds.public(trip, "en")).decode()


def test_what_was_never_published_is_left_out_while_it_is_held_back(session):
    trip = make_trip()
    make_item(trip)
    held = make_item(trip, title=Words(en="Secret title"))
    releases.hold_back(held, BY)

    release = publish(trip)

    assert of(release, held) is None
    assert published.item(trip, held.uid) is None


def test_it_stays_held_back_until_it_is_let_go(session):
    trip = make_trip()
    item = make_item(trip)
    publish(trip)
    edit(item, place="Gate 3")
    releases.hold_back(item, BY)
    make_item(trip)
    publish(trip)
    [difference] = releases.differences(trip)
    assert (difference.held, difference.change) == (True, Change.MOVED)
    with pytest.raises(releases.NothingToPublish):
        publish(trip)

    releases.let_go(item, BY)

    [difference] = releases.differences(trip)
    assert not difference.held
    found = of(publish(trip), item)
    assert (found.place_name, found.sequence) == ("Gate 3", 1)


def test_a_session_that_is_called_off_can_be_held_back_too(session):
    trip = make_trip()
    item = make_item(trip)
    publish(trip)
    agendas.call_off(item, BY)
    releases.hold_back(item, BY)
    make_item(trip)

    assert not of(publish(trip), item).is_cancelled


def test_both_are_audited_once_and_no_editor_has_to_look_again(session):
    trip, staff = make_trip(), make_staff()
    item = make_item(trip)
    version = item.version
    by = audits.by_staff(staff)

    for _ in range(2):
        releases.hold_back(item, by)
    for _ in range(2):
        releases.let_go(item, by)

    session.flush()
    told = [(e.action, e.after.get("held_back"), e.actor_name) for e in audits.of(item)]
    assert told[:2] == [("let go", False, staff.name), ("hold back", True, staff.name)]
    assert [action for action, _, _ in told] == ["let go", "hold back", "add"]
    session.expire_all()
    assert item.version == version


def test_whoever_did_not_see_that_it_was_held_back_does_not_publish(session):
    with transaction():
        trip = make_trip()
        item = make_item(trip)
        make_item(trip)
    seen = releases.fingerprint(releases.differences(trip))
    with transaction():
        releases.hold_back(item, BY)

    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        releases.publish(trip, BY, seen=seen)


def test_one_that_is_gone_cannot_be_held_back(session):
    trip = make_trip()
    item = make_item(trip)
    session.flush()
    agendas.call_off(item, BY)

    with pytest.raises(agendas.ChangedMeanwhile):
        releases.hold_back(item, BY)


def test_staff_see_no_release_of_what_is_held_back_either(session):
    trip = make_trip()
    item = make_item(trip, audience=Audience.STAFF)
    releases.hold_back(item, BY)
    make_item(trip)
    publish(trip)

    assert item.uid not in [each.uid for each in published.items(trip, Audience.STAFF)]
    assert db.session.get_one(Release, trip.release_id).number == 1
