"""Taking an older release as the draft again; and telling what changed since one."""

from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from tests.factories import (
    make_item,
    make_registration,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    publish,
)
from webapp.db import Words, db
from webapp.domain import agendas, audits, item_values, releases
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.basis import Basis
from webapp.models.person import Person
from webapp.models.place import Room, Venue
from webapp.models.release import Change, Release

BY = audits.SYSTEM


def edit(item, **values):
    return agendas.change(item, replace(item_values.of(item), **values), BY, item.version)


def content(item) -> dict:
    return {name: getattr(item, name) for name in releases.COPIED}


def said(trip) -> dict:
    """What the draft says, without what is called off."""
    return {i.uid: content(i) for i in agendas.draft(trip) if not i.is_cancelled}


def state(release: Release) -> dict:
    return {item.uid: content(item) for item in release.items}


def make_venue(name: str = "La Criée", **values) -> Venue:
    given = {
        "name": name, "address": "34 quai de Rive Neuve", "postal_code": "13007",
        "city": "Marseille", "country": "FR", "zone": "Europe/Paris",
        "latitude": 43.2925, "longitude": 5.3648,
    } | values  # fmt: skip
    venue = Venue(**given)
    db.session.add(venue)
    db.session.flush()
    return venue


def make_full_item(trip):
    """An item that says something in every field."""
    venue, to_venue = make_venue(access=Words(en="Door 2")), make_venue("Le Port")
    room = Room(venue_id=venue.id, name="Hall")
    person = Person(given_name="Zoé", family_name="Núñez")
    db.session.add_all([room, person])
    db.session.flush()
    company = make_registration(trip, 1).organization_id
    track, stop = make_track(trip), make_stop(trip)
    item = make_item(
        trip, kind=ItemKind.TRAVEL, mode=Mode.COACH, service="Line 7", vehicle="Coach 1",
        stop_id=stop.id, venue_id=venue.id, room_id=room.id, to_venue_id=to_venue.id,
        host_id=company, track_id=track.id, attendance=Attendance.OPTIONAL, capacity=12,
        languages=("fr", "en"), meeting_point=Words(en="The lobby", fr="Le hall"),
        call_minutes=15, people=((person.id, ItemRole.GUIDE),), company_ids=(company,),
        audience=Audience.COMPANIES, description=Words(en="By the sea"),
        state=ItemState.TENTATIVE,
    )  # fmt: skip
    item.basis, item.basis_note, item.sources = Basis.SOURCED, Words(en="Press"), ["s1"]
    db.session.flush()
    return item


def test_the_draft_says_again_what_that_release_said_and_nothing_is_published(session):
    trip, staff = make_trip(), make_staff()
    full, called_off, moved = make_full_item(trip), make_item(trip), make_item(trip)
    first = publish(trip)
    wanted = state(first)
    edit(
        full, kind=ItemKind.VISIT, mode=None, venue_id=None, room_id=None, place="Elsewhere",
        people=(), company_ids=(), audience=Audience.STAFF, capacity=None, host_id=None,
        languages=(), meeting_point=None, to_venue_id=None, state=ItemState.CONFIRMED,
        internal_note="Newer than that release",
    )  # fmt: skip
    full.basis, full.basis_note, full.sources = Basis.REAL, None, []
    agendas.call_off(called_off, BY)
    edit(moved, starts_local=datetime(2027, 10, 26, 8, 0))
    added = make_item(trip)
    second = publish(trip)
    never_published = make_item(trip)
    db.session.flush()
    gone_id = never_published.id

    losses = releases.restore(trip, releases.find(trip, 1), audits.by_staff(staff))

    db.session.expire_all()
    assert losses == []
    assert said(trip) == wanted
    assert trip.release == second
    assert agendas.find(trip, added.id).is_cancelled
    assert agendas.find(trip, gone_id) is None
    assert full.internal_note == "Newer than that release"
    # Publishing it says what the first one said, and of what came in between that it is off.
    third = publish(trip)
    assert {uid: its for uid, its in state(third).items() if uid != added.uid} == wanted
    [left] = releases.between(first, third)
    assert (left.item.uid, left.after.is_cancelled) == (added.uid, True)
    assert audits.of(first)[0].action == "take as draft"
    actions = {audits.of(item)[0].action for item in (full, called_off, moved)}
    assert actions == {"change"}
    assert audits.of(added)[0].action == "cancel"


def test_what_is_gone_meanwhile_is_left_out_and_told(session):
    trip = make_trip()
    full = make_full_item(trip)
    kept = make_item(trip)
    first = publish(trip)
    venue_id, room_id, track_id = full.venue_id, full.room_id, full.track_id
    person_id = full.people[0].person_id
    edit(full, venue_id=None, room_id=None, track_id=None, people=())
    publish(trip)
    for table, number in (
        ("rooms", room_id), ("venues", venue_id), ("tracks", track_id), ("people", person_id),
    ):  # fmt: skip
        session.execute(sa.text(f"DELETE FROM {table} WHERE id = :id"), {"id": number})
    session.expire_all()

    [loss] = releases.restore(trip, first, BY)

    assert loss.item.uid == full.uid
    assert (loss.before.place_name, loss.after.place_name) == ("La Criée", "La Criée")
    assert set(loss.fields) == {
        "place_address", "latitude", "longitude", "room_name", "place_access",
        "people_named", "track_name", "track_color", "venue_id",
    }  # fmt: skip
    assert (full.venue_id, full.room_id, full.track_id) == (None, None, None)
    assert kept.uid in said(trip)


def test_a_new_name_of_a_venue_is_told_as_it_is_kept(session):
    trip = make_trip()
    venue = make_venue()
    item = make_item(trip, venue_id=venue.id)
    first = publish(trip)
    venue.name = "La Friche"
    edit(item, capacity=4)
    publish(trip)

    [loss] = releases.restore(trip, first, BY)

    assert (loss.fields, loss.after.place_name) == (("place_name",), "La Friche")
    assert item.capacity is None


def test_a_release_of_before_values_were_kept_comes_back_by_its_copies(session):
    trip = make_trip()
    stop, track, venue = make_stop(trip, city="Toulon"), make_track(trip), make_venue()
    there = make_item(trip, venue_id=venue.id, track_id=track.id, description=Words(en="Sea"))
    typed = make_item(trip, place="Gate 2", stop_id=stop.id, audience=Audience.DELEGATES)
    first = publish(trip)
    wanted = state(first)
    session.execute(sa.text('UPDATE release_items SET "values" = NULL'))
    edit(there, venue_id=None, track_id=None, description=None)
    edit(typed, place=None, stop_id=None, title=Words(en="Other"), audience=Audience.STAFF)
    publish(trip)
    session.expire_all()

    assert releases.restore(trip, first, BY) == []
    assert said(trip) == wanted
    assert (there.venue_id, typed.stop_id) == (venue.id, stop.id)


def test_held_back_stays_held_back_and_what_stays_the_same_is_not_touched(session):
    trip = make_trip()
    held, same = make_item(trip), make_item(trip)
    first = publish(trip)
    edit(held, place="Elsewhere")
    releases.hold_back(held, BY)
    version = same.version
    session.flush()

    releases.restore(trip, first, BY)

    assert (held.held_back, held.place) == (True, None)
    assert same.version == version


def test_what_restoring_would_do_is_told_before(session):
    trip = make_trip()
    moved, called_off, same = make_item(trip), make_item(trip), make_item(trip)
    first = publish(trip)
    edit(moved, place="Elsewhere")
    agendas.call_off(called_off, BY)
    added = make_item(trip)

    found = {d.item.uid: (d.change, d.fields) for d in releases.restoring(trip, first)}

    assert found == {
        moved.uid: (Change.MOVED, ("place_name",)),
        called_off.uid: (Change.CANCELLED, ("state",)),
        added.uid: (Change.ADDED, ()),
    }
    releases.restore(trip, first, BY)
    assert releases.restoring(trip, first) == []
    assert same.uid in said(trip)


def public_changes(trip, since: int) -> dict:
    return {
        d.item.uid: (d.change, d.fields, d.before is None, d.after is None)
        for d in releases.public_changes(trip, since)
    }


def test_the_public_learns_what_changed_since_and_nothing_of_what_it_may_not_see(session):
    trip = make_trip()
    moved, same, hidden, opened, closed, off = (make_item(trip) for _ in range(6))
    edit(hidden, audience=Audience.DELEGATES)
    edit(opened, audience=Audience.STAFF, title=Words(en="Secret"))
    publish(trip)
    edit(moved, place="Gate 2", capacity=3)
    edit(hidden, place="Secret")
    publish(trip)
    edit(moved, place="Gate 3")
    edit(opened, audience=Audience.EVERYBODY, title=Words(en="Open"))
    edit(closed, audience=Audience.COMPANIES, place="Secret")
    agendas.call_off(off, BY)
    came_and_went = make_item(trip)
    publish(trip)
    agendas.call_off(came_and_went, BY)
    publish(trip)
    edit(same, place="Only in the draft")

    found = releases.public_changes(trip, 1)

    assert public_changes(trip, 1) == {
        moved.uid: (Change.MOVED, ("place_name", "capacity"), False, False),
        opened.uid: (Change.ADDED, (), True, False),
        closed.uid: (Change.CANCELLED, (), False, True),
        off.uid: (Change.CANCELLED, ("state",), False, False),
    }
    sides = [side for d in found for side in (d.before, d.after) if side]
    assert {side.audience for side in sides} == {Audience.EVERYBODY}
    assert "Secret" not in str([content(side) for side in sides])
    assert public_changes(trip, 2)[moved.uid][1] == ("place_name",)
    assert public_changes(trip, 4) == {}


def test_that_other_companies_are_named_is_nobody_s_business(session):
    trip = make_trip()
    company = make_registration(trip, 1).organization_id
    item = make_item(trip)
    publish(trip)
    edit(item, company_ids=(company,))
    publish(trip)

    assert releases.public_changes(trip, 1) == []


def test_there_are_no_changes_since_a_release_that_is_not_there(session):
    trip, other = make_trip(), make_trip()
    make_item(other)
    publish(other)

    with pytest.raises(releases.NoSuchRelease):
        releases.public_changes(trip, 1)
