"""Delegates: found by their link, following tracks, whatever their names."""

from sqlalchemy import select

from tests.factories import (
    application,
    delegate_data,
    make_registration,
    make_track,
    make_trip,
)
from tests.together import at_once
from webapp.db import db, transaction
from webapp.domain import audits, delegates, feeds, registrations
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.trip import Trip


def test_a_delegate_with_the_longest_names_can_register_and_act(session):
    trip = make_trip()
    longest = delegate_data(given_name="G" * 200, family_name="F" * 200, job_title="J" * 200)
    sent = application(
        delegates=(longest,), organization_name="O" * 200, coordinator_name="C" * 200
    )

    with transaction():
        registration = registrations.submit(trip.id, sent)
    delegate = delegates.by_token(registration.delegates[0].token)
    with transaction():
        feeds.rotate(feeds.of_delegate(delegate), audits.by_delegate(delegate))

    assert delegate.name == f"{'G' * 200} {'F' * 200}"
    names = session.scalars(select(Mail.to_name).order_by(Mail.id)).all()
    assert names == ["C" * 200, "G" * 200]


def test_a_delegate_is_found_by_the_own_link_only(session):
    registration = make_registration(make_trip(), 2)
    first, second = registration.delegates

    assert delegates.by_token(first.token) is first
    assert delegates.by_token(second.token) is second
    for token in (registration.token, feeds.of_delegate(first).token, "", first.token.upper()):
        assert delegates.by_token(token) is None


def test_following_a_track_outdates_and_following_it_again_does_not(session):
    trip = make_trip()
    track, foreign = make_track(trip), make_track(make_trip(), "elsewhere")
    delegate = make_registration(trip, 1).delegates[0]
    with transaction():
        feeds.prepare()

    with transaction():
        delegates.follow(delegate, trip, [track.id, foreign.id], audits.SYSTEM)
    assert [t.key for t in delegate.tracks] == ["vip"]  # ids of other trips count for nothing
    assert feeds.of_delegate(delegate).etag is None
    with transaction():
        feeds.prepare()
        delegates.follow(delegate, trip, [track.id], audits.SYSTEM)

    assert feeds.of_delegate(delegate).etag is not None
    [entry] = audits.of(delegate)
    assert (entry.before, entry.after) == ({"tracks": []}, {"tracks": ["vip"]})


def test_a_track_that_is_followed_by_two_clicks_at_once_is_followed_once(committed):
    with transaction():
        trip = make_trip()
        ids = (trip.id, make_track(trip).id, make_registration(trip, 1).delegates[0].id)

    def follow():
        trip_id, track_id, delegate_id = ids
        with transaction():
            delegate = db.session.get_one(Delegate, delegate_id)
            delegates.follow(delegate, db.session.get_one(Trip, trip_id), [track_id], audits.SYSTEM)

    assert at_once(committed, *[follow] * 4) == [None] * 4
    delegate = db.session.get_one(Delegate, ids[2])
    assert [t.id for t in delegate.tracks] == [ids[1]]
    assert len(audits.of(delegate)) == 1
