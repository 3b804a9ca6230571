"""Addresses of calendars: opened once, rotated, stopped and opened again."""

import pytest
from sqlalchemy import func, select

from tests.factories import (
    make_item,
    make_registration,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from tests.together import at_once
from webapp.db import Words, db, transaction
from webapp.domain import audits, delegates, feeds, organizations, places, tracks
from webapp.domain.feeds import FeedStopped, NoOptions, NotSecret
from webapp.domain.places import VenueValues
from webapp.models.audit import AuditEntry
from webapp.models.feed import Feed, Scope
from webapp.models.organization import OrganizationKind
from webapp.models.track import Track
from webapp.models.trip import Trip

BY = audits.SYSTEM


@pytest.fixture
def trip(session) -> Trip:
    made = make_trip()
    make_item(made)
    publish(made)
    return made


def opened(trip: Trip, language: str = "en") -> dict[Scope, Feed]:
    """A feed of each kind that organizers open."""
    track = trip.tracks[0] if trip.tracks else make_track(trip)
    host = organizations.named("Chamber", OrganizationKind.CHAMBER)
    return {
        Scope.TRACK: feeds.open_track(track, language, BY),
        Scope.VENUE: feeds.open_venue(trip, make_venue(), language, BY),
        Scope.HOST: feeds.open_host(trip, host, language, BY),
        Scope.STAFF: feeds.open_staff(trip, make_staff(), language, BY),
    }


def test_each_kind_is_opened_once_in_a_language_and_audited(trip):
    for scope, feed in opened(trip).items():
        again = {
            Scope.TRACK: lambda f: feeds.open_track(f.track, "en", BY),
            Scope.VENUE: lambda f: feeds.open_venue(trip, f.venue, "en", BY),
            Scope.HOST: lambda f: feeds.open_host(trip, f.host, "en", BY),
            Scope.STAFF: lambda f: feeds.open_staff(trip, f.staff, "en", BY),
        }[scope](feed)

        assert again is feed
        assert len(feed.token) >= 22  # 128 bits (icalendar.md S1)
        [entry] = audits.of(feed)
        assert (entry.action, entry.trip_id) == ("open", trip.id)
        assert entry.after == {"scope": scope.value, "of": feeds.name(feed), "language": "en"}


def test_organizers_find_what_they_opened_and_nobody_s_own(trip):
    make_registration(trip, 1)
    made = [*opened(trip).values(), feeds.open_track(trip.tracks[0], "fr", BY)]
    other = opened(make_trip())
    feeds.revoke(made[1], BY)

    found = feeds.of_trip(trip)

    assert [(f.scope, f.language) for f in found] == [
        (Scope.TRACK, "en"), (Scope.TRACK, "fr"), (Scope.HOST, "en"), (Scope.STAFF, "en"),
    ]  # fmt: skip
    assert not {f.id for f in found} & {f.id for f in other.values()}


def test_rotating_ends_the_old_address_of_every_kind_and_keeps_the_calendar(trip):
    registration = make_registration(trip, 1, language="fr")
    delegate = feeds.of_delegate(registration.delegates[0])
    feeds.show_options(delegate, True, BY)
    for feed in [*opened(trip, "fr").values(), feeds.of_company(registration), delegate]:
        body, token = feeds.render(feed), feed.token

        new = feeds.rotate(feed, BY)

        assert new.token != token
        assert feed.revoked_at is not None
        assert new.revoked_at is None
        assert feeds.render(new) == body
        assert new.with_options == feed.with_options
        assert feeds.rotate(feed, BY) is new  # pressed twice: one new address


def test_a_calendar_that_is_stopped_has_no_address_until_it_is_opened_again(trip):
    """410 from now on, no successor, nothing kept (icalendar.md H14, S3)."""
    registration = make_registration(trip, 1)
    delegate = registration.delegates[0]
    for of, again, thing in (
        (feeds.of_delegate, feeds.reopen_delegate, delegate),
        (feeds.of_company, feeds.reopen_company, registration),
    ):
        feed = of(thing)
        token = feed.token
        if feed.scope == Scope.DELEGATE:
            feeds.show_options(feed, True, BY)
        with transaction():
            feeds.prepare()

        feeds.revoke(feed, BY)
        feeds.revoke(feed, BY)

        assert (of(thing), feed.body, feed.etag) == (None, None, None)
        assert feeds.is_gone(feeds.by_token(token))
        assert [entry.action for entry in audits.of(feed)].count("revoke") == 1
        with pytest.raises(FeedStopped):
            feeds.rotate(feed, BY)
        new = again(thing, BY)
        assert again(thing, BY) is new is of(thing)
        assert new.token != token
        assert new.with_options == feed.with_options
        assert feeds.is_gone(feeds.by_token(token))  # the old one stays ended


def test_a_new_link_gives_the_calendar_another_address_and_leaves_it_as_it_was(trip):
    delegate = make_registration(trip, 1, language="fr").delegates[0]
    old = feeds.of_delegate(delegate)
    feeds.show_options(old, True, BY)
    token = old.token

    delegates.new_link(delegate, BY)

    new = feeds.of_delegate(delegate)
    assert new.token != token
    assert feeds.is_gone(feeds.by_token(token))
    assert (new.with_options, new.language) == (True, old.language)


def test_a_feed_of_a_track_is_opened_again_after_it_was_stopped(trip):
    track = make_track(trip)
    old = feeds.open_track(track, "en", BY)
    feeds.revoke(old, BY)

    new = feeds.open_track(track, "en", BY)

    assert new is not old
    assert new.token != old.token


def test_the_public_calendar_is_neither_rotated_nor_stopped(trip):
    feed = feeds.public(trip, "en")

    for verb in (feeds.rotate, feeds.revoke):
        with pytest.raises(NotSecret):
            verb(feed, BY)


def test_options_are_a_delegate_s_own(trip):
    registration = make_registration(trip, 1)
    feed = feeds.of_delegate(registration.delegates[0])
    with transaction():
        feeds.prepare()
    stamp = feed.changed_at

    with pytest.raises(NoOptions):
        feeds.show_options(feeds.of_company(registration), True, BY)
    feeds.show_options(feed, True, BY)
    feeds.show_options(feed, True, BY)

    assert feed.changed_at > stamp  # Last-Modified moves with the body (icalendar.md H7)
    assert feed.body is None
    [entry] = audits.of(feed)
    assert (entry.action, entry.after) == ("options", {"with_options": True})


def test_the_address_of_a_deleted_track_or_venue_says_that_it_ended(trip):
    """410, not 404, or a calendar program keeps the old sessions in silence (H14)."""
    track, venue = make_track(trip), make_venue()
    tokens = [
        feeds.open_track(track, "en", BY).token,
        feeds.open_venue(trip, venue, "en", BY).token,
    ]

    tracks.remove(trip, track, BY)
    places.remove(trip, venue, BY)

    assert all(feeds.is_gone(feeds.by_token(token)) for token in tokens)


def test_another_name_outdates_the_calendars_that_bear_it(trip):
    track, venue = make_track(trip), make_venue(name="Palais")
    made = [feeds.open_track(track, "en", BY), feeds.open_venue(trip, venue, "en", BY)]
    with transaction():
        feeds.prepare()

    tracks.change(trip, track, Words(en="Press"), track.color, BY)
    values = VenueValues(name="Castle", city=venue.city, country="FR", zone="Europe/Paris")
    places.change(trip, venue, values, BY)

    names = [feeds.render(feed).decode().split("NAME:")[1].split("\r\n")[0] for feed in made]
    assert [name.split(" \N{EN DASH} ")[1] for name in names] == ["Press", "Castle"]
    assert all(feed.body is None for feed in made)


def test_several_who_open_the_same_at_once_open_one(committed):
    with transaction():
        track_id = make_track(make_trip()).id

    def open_there():
        with transaction():
            return feeds.open_track(db.session.get_one(Track, track_id), "en", BY).id

    results = at_once(committed, *[open_there] * 4)

    assert len(set(results)) == 1
    assert isinstance(results[0], int)
    entries = select(func.count()).where(AuditEntry.action == "open")
    assert db.session.scalar(entries) == 1
