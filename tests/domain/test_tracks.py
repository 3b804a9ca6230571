"""The tracks of a tour, and who follows them."""

from datetime import timedelta

import pytest

from tests.factories import make_item, make_registration, make_trip, publish
from webapp import clock
from webapp.db import Words, db
from webapp.domain import audits, feeds, picks, published, releases, tracks
from webapp.models.agenda import Attendance
from webapp.models.pick import PickState
from webapp.models.registration import RegistrationState
from webapp.models.track import TrackMember

BY = audits.SYSTEM
VIP = Words(en="VIP & press", fr="VIP et presse")


def names(trip) -> list[str]:
    db.session.expire(trip)
    return [track.name["en"] for track in trip.tracks]


def stale(delegate) -> bool:
    """Whether the calendar of a delegate is out of date."""
    feed = feeds.of_delegate(delegate)
    db.session.refresh(feed, ["body"])
    return feed.body is None


def prepared(*registrations) -> None:
    """Let all their calendars be up to date."""
    feeds.prepare()
    for registration in registrations:
        assert not any(stale(delegate) for delegate in registration.delegates)


def test_tracks_get_keys_of_their_own_and_a_place_after_the_others(session):
    trip = make_trip()

    made = [tracks.add(trip, VIP, "plum", BY), tracks.add(trip, VIP, "teal", BY)]

    assert [(t.key, t.position) for t in made] == [("vip-press", 1), ("vip-press-2", 2)]


def test_a_color_that_the_palette_has_not_is_refused(session):
    with pytest.raises(tracks.ColorUnknown):
        tracks.add(make_trip(), VIP, "#ff0000", BY)


def test_a_change_is_audited_and_stays_in_the_draft(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    make_item(trip, track_id=track.id)
    release = publish(trip)

    tracks.change(trip, track, Words(en="Guests"), "teal", BY)

    assert audits.of(track)[0].after == {"name": {"en": "Guests"}, "color": "teal"}
    assert release.items[0].track_name == VIP


def test_tracks_change_places(session):
    trip = make_trip()
    one, two, three = (tracks.add(trip, Words(en=n), "navy", BY) for n in "ABC")

    tracks.move(trip, three, BY, earlier=True)
    tracks.move(trip, one, BY, earlier=True)
    tracks.move(trip, two, BY, earlier=False)

    assert names(trip) == ["A", "C", "B"]


def test_members_are_set_one_by_one_and_by_whole_companies(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    one, two, three = (make_registration(trip, 2) for _ in range(3))
    out = make_registration(trip, 1, RegistrationState.DECLINED)
    tracks.set_members(trip, track, [three.id], [three.delegates[0].id], [], BY)
    prepared(one, two, three)
    among = [one.id, two.id, out.id]

    changed = tracks.set_members(
        trip, track, among, [one.delegates[1].id, out.delegates[0].id], [two.id], BY
    )

    assert changed == 3
    following = {row.delegate_id for row in db.session.scalars(db.select(TrackMember)).all()}
    assert following == {
        one.delegates[1].id,
        *(delegate.id for delegate in two.delegates),
        three.delegates[0].id,  # of a page that was not shown
    }
    assert stale(one.delegates[0])
    assert stale(two.delegates[1])
    assert not stale(three.delegates[0])
    assert audits.of(track)[0].after == {
        "joined": [one.delegates[1].id, *(d.id for d in two.delegates)]
        if one.organization.name < two.organization.name
        else [*(d.id for d in two.delegates), one.delegates[1].id],
        "left": [],
    }


def test_whoever_is_not_ticked_any_more_leaves(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    registration = make_registration(trip, 2)
    tracks.set_members(trip, track, [registration.id], [], [registration.id], BY)
    first = registration.delegates[0]

    tracks.set_members(trip, track, [registration.id], [first.id], [], BY)
    again = tracks.set_members(trip, track, [registration.id], [first.id], [], BY)

    assert tracks.counts(trip)[track.id].members == 1
    assert again == 0


def test_a_removed_track_leaves_its_sessions_and_members(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    registration = make_registration(trip, 1)
    tracks.set_members(trip, track, [registration.id], [], [registration.id], BY)
    item = make_item(trip, track_id=track.id)
    prepared(registration)

    assert tracks.remove(trip, track, BY) == 1

    assert (names(trip), item.track_id) == ([], None)
    assert registration.delegates[0].tracks == []
    assert stale(registration.delegates[0])
    assert audits.of(item)[0].after == {"track_id": None}


def test_a_published_track_stays_so_that_its_sessions_show_up_for_nobody_else(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    registration = make_registration(trip, 1)
    make_item(trip, track_id=track.id)
    publish(trip)

    with pytest.raises(tracks.TrackPublished) as refused:
        tracks.remove(trip, track, BY)
    assert refused.value.items == 1
    assert published.for_delegate(registration.delegates[0]) == []

    tracks.take_off(trip, track, BY)
    publish(trip)
    tracks.remove(trip, track, BY)
    assert names(trip) == []


def test_leaving_a_track_gives_places_in_its_sessions_back(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    one, two = (make_registration(trip, 1, RegistrationState.ACCEPTED) for _ in range(2))
    tracks.set_members(trip, track, [one.id, two.id], [], [one.id, two.id], BY)
    item = make_item(trip, track_id=track.id, attendance=Attendance.OPTIONAL, capacity=1)
    publish(trip)
    first, waiting = (picks.choose(r.delegates[0], item.uid, BY) for r in (one, two))

    tracks.set_members(trip, track, [one.id], [], [], BY)

    session.expire_all()
    assert (first.state, waiting.state) == (PickState.LEFT, PickState.CHOSEN)


def test_a_track_stays_while_a_planned_version_has_sessions_in_it(session):
    trip = make_trip()
    track = tracks.add(trip, VIP, "plum", BY)
    item = make_item(trip, track_id=track.id)
    planned = releases.plan(trip, BY, clock.now() + timedelta(days=1))

    with pytest.raises(tracks.TrackPublished):
        tracks.remove(trip, track, BY)

    releases.drop(planned, BY)
    assert tracks.remove(trip, track, BY) == 1
    assert item.track_id is None


def test_a_track_that_somebody_deleted_since_does_not_move(session):
    trip = make_trip()
    stays, gone = tracks.add(trip, VIP, "plum", BY), tracks.add(trip, VIP, "teal", BY)
    tracks.remove(trip, gone, BY)

    tracks.move(trip, gone, BY, earlier=True)

    assert trip.tracks == [stays]
