"""Publishing: what a release says of each item, and how its revision stamps move."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import (
    item_values,
    make_item,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    publish,
    utc,
)
from tests.together import at_once, meanwhile, wait_until_one_waits
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, published, releases
from webapp.models.agenda import Audience, ItemKind, ItemState
from webapp.models.basis import Basis
from webapp.models.feed import Feed
from webapp.models.place import Venue
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.trip import Trip

NOON = utc(2027, 9, 1, 12, 0)
LATER = utc(2027, 9, 1, 12, 5)


def change(item, **values):
    return agendas.change(item, item_values(**values), audits.SYSTEM, item.version)


def of(release: Release, item) -> ReleaseItem | None:
    """What a release says of an item."""
    return next((found for found in release.items if found.uid == item.uid), None)


def make_venue(**values) -> Venue:
    given = {
        "name": "La Criée", "address": "34 quai de Rive Neuve", "postal_code": "13007",
        "city": "Marseille", "country": "FR", "zone": "Europe/Paris",
        "latitude": 43.2925, "longitude": 5.3648,
    } | values  # fmt: skip
    venue = Venue(**given)
    db.session.add(venue)
    db.session.flush()
    return venue


def test_the_first_release_adds_each_item_with_sequence_0_at_its_own_instant(session, hold_clock):
    """icalendar.md R5."""
    trip, staff = make_trip(), make_staff()
    item = make_item(trip, place="Gate 2")
    hold_clock(NOON)

    with transaction():
        release = releases.publish(trip, audits.by_staff(staff), "First version")

    assert (release.number, release.published_at, release.published_by) == (1, NOON, staff)
    assert (release.note, trip.release) == ("First version", release)
    [made] = release.items
    assert (made.uid, made.change, made.sequence) == (item.uid, Change.ADDED, 0)
    assert (made.first_published_at, made.changed_at) == (NOON, NOON)
    assert made.place_name == "Gate 2"
    [entry] = audits.of(release)
    assert (entry.action, entry.after, entry.reason) == (
        "publish",
        {"number": 1, "changes": {"added": 1}},
        "First version",
    )


@pytest.mark.parametrize(
    ("values", "changed", "sequence"),
    [
        ({"starts_local": datetime(2027, 10, 26, 9, 15)}, Change.MOVED, 1),
        ({"ends_local": datetime(2027, 10, 26, 11, 0)}, Change.MOVED, 1),
        ({"starts_zone": "Europe/Madrid"}, Change.MOVED, 1),  # the same instant, said otherwise
        ({"place": "Gate 3"}, Change.MOVED, 1),
        ({"state": ItemState.TENTATIVE}, Change.MOVED, 1),
        ({"title": Words(en="Visit of the docks")}, Change.CHANGED, 0),
        ({"title": Words(en="Visit of the shipyard", fr="Le chantier")}, Change.CHANGED, 0),
        ({"description": Words(en="Bring a badge.")}, Change.CHANGED, 0),
        ({"kind": ItemKind.PANEL}, Change.CHANGED, 0),
        ({"audience": Audience.DELEGATES}, Change.CHANGED, 0),
        ({"internal_note": "Not for calendars"}, Change.SAME, 0),
    ],
)
def test_time_place_and_state_raise_the_sequence_and_other_words_only_the_stamp(
    session, hold_clock, values, changed, sequence
):
    """icalendar.md R4, R5."""
    trip = make_trip()
    item, other = make_item(trip), make_item(trip)
    hold_clock(NOON)
    publish(trip)
    change(item, **values)
    change(other, place="So that there is something to publish")
    hold_clock(LATER)

    with transaction():
        release = publish(trip)

    found = of(release, item)
    assert (found.change, found.sequence) == (changed, sequence)
    assert found.changed_at == (NOON if changed == Change.SAME else LATER)
    assert found.first_published_at == NOON


def test_calling_off_bringing_back_and_moving_raise_the_sequence_each_time(session):
    """icalendar.md R5, E9."""
    trip = make_trip()
    item = make_item(trip)
    history = []
    for verb in (
        lambda: None,
        lambda: agendas.call_off(item, audits.SYSTEM),
        lambda: agendas.bring_back(item, audits.SYSTEM),
        lambda: change(item, place="Gate 4"),
        lambda: change(item, place="Gate 4", title=Words(en="Only a word")),
    ):
        verb()
        with transaction():
            found = of(publish(trip), item)
        history.append((found.change, found.sequence, found.is_cancelled))

    assert history == [
        (Change.ADDED, 0, False),
        (Change.CANCELLED, 1, True),
        (Change.RESTORED, 2, False),
        (Change.MOVED, 3, False),
        (Change.CHANGED, 3, False),
    ]


def test_an_item_stays_in_the_release_once_cancelled_however_often_one_publishes(session):
    """icalendar.md E9."""
    trip = make_trip()
    item = make_item(trip)
    publish(trip)
    agendas.call_off(item, audits.SYSTEM)
    publish(trip)
    make_item(trip)

    release = publish(trip)

    assert (of(release, item).change, of(release, item).sequence) == (Change.SAME, 1)
    assert of(release, item).is_cancelled


def test_what_was_cancelled_before_it_was_ever_published_is_left_out(session):
    """icalendar.md E10."""
    trip = make_trip()
    off = make_item(trip, state=ItemState.CANCELLED)
    on = make_item(trip)

    assert [d.item for d in releases.differences(trip)] == [on]
    release = publish(trip)

    assert [item.uid for item in release.items] == [on.uid]
    assert of(release, off) is None


def test_a_stamp_moves_by_a_whole_second_even_within_one(session, hold_clock):
    """icalendar.md R1, R4."""
    trip = make_trip()
    item = make_item(trip)
    stamps = []
    for fraction, word in enumerate(("One", "Two", "Three", "Four")):
        change(item, title=Words(en=word))
        hold_clock(NOON + timedelta(milliseconds=200 * fraction))
        with transaction():
            stamps.append(of(publish(trip), item).changed_at)

    seconds = [stamp.replace(microsecond=0) for stamp in stamps]
    assert seconds == sorted(set(seconds))  # a calendar's stamps have no fractions


def test_the_feeds_of_the_trip_are_outdated_and_their_stamp_grows_by_whole_seconds(
    session, hold_clock
):
    """icalendar.md H7."""
    trip, untouched = make_trip(), make_trip()
    item = make_item(trip)
    hold_clock(NOON)
    stamps = []
    for word in ("One", "Two", "Three"):
        change(item, title=Words(en=word))
        with transaction():
            publish(trip)
        feed = feeds.public(trip, "en")
        assert (feed.body, feed.etag) == (None, None)
        stamps.append(feed.changed_at)
        with transaction():
            feeds.prepare()
        assert feeds.public(trip, "en").body is not None

    assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(stamps))
    before = session.scalar(select(func.max(Feed.changed_at)).where(Feed.trip_id == untouched.id))
    assert before < stamps[0]


def test_publishing_what_is_published_already_is_refused_and_changes_nothing(session):
    with transaction():
        trip = make_trip()
        make_item(trip)
        publish(trip)
        feeds.prepare()
    body = feeds.public(trip, "en").body

    with pytest.raises(releases.NothingToPublish), transaction():
        publish(trip)

    assert session.scalar(select(func.count()).select_from(Release)) == 1
    assert feeds.public(trip, "en").body == body


def test_an_empty_agenda_may_be_published_once(session):
    trip = make_trip()

    assert publish(trip).items == []
    with pytest.raises(releases.NothingToPublish):
        publish(trip)


def test_the_diff_says_what_publishing_would_do_and_which_fields(session):
    trip = make_trip()
    moved, same, gone = make_item(trip), make_item(trip), make_item(trip)
    publish(trip)
    change(moved, place="Gate 5", title=Words(en="New words"))
    agendas.call_off(gone, audits.SYSTEM)
    added = make_item(trip, starts_local=datetime(2027, 10, 26, 8, 0))

    found = {d.item.uid: (d.change, d.fields) for d in releases.differences(trip)}

    assert found == {
        added.uid: (Change.ADDED, ()),
        moved.uid: (Change.MOVED, ("place_name", "title")),
        gone.uid: (Change.CANCELLED, ("state",)),
    }
    assert same.uid not in found
    assert releases.differences(trip)[0].item is added  # in order of time


def test_new_rules_of_a_zone_that_move_the_instant_are_a_move(session):
    """icalendar.md Z9."""
    trip = make_trip()
    item = make_item(trip)
    publish(trip)
    # As a reckoning of the draft under new zone data would leave it: the wall time is the same.
    session.execute(
        sa.text("UPDATE agenda_items SET starts_at = starts_at + interval '1 hour', ends_at = "
                "ends_at + interval '1 hour'")
    )  # fmt: skip
    session.expire_all()

    [difference] = releases.differences(trip)
    found = of(publish(trip), item)

    assert (difference.change, difference.fields) == (Change.MOVED, ("starts_at", "ends_at"))
    assert (found.change, found.sequence) == (Change.MOVED, 1)
    assert found.starts_local == datetime(2027, 10, 26, 9, 0)


def test_an_edit_of_a_venue_or_track_reaches_a_release_only_by_publishing(session):
    trip = make_trip()
    venue, track = make_venue(), make_track(trip)
    item = make_item(trip, venue_id=venue.id, track_id=track.id)
    first = of(publish(trip), item)
    venue.name, venue.latitude, track.name = "La Friche", 43.31, Words(en="Press")
    session.flush()
    session.expire_all()

    assert (first.place_name, first.latitude, first.track_name) == (
        "La Criée",
        43.2925,
        Words(en="VIP"),
    )
    assert first.place_address == "34 quai de Rive Neuve, 13007 Marseille"
    [difference] = releases.differences(trip)
    assert difference.fields == ("place_name", "latitude", "track_name")
    second = of(publish(trip), item)
    assert (second.place_name, second.change) == ("La Friche", Change.MOVED)


def test_a_venue_with_the_longest_names_can_be_published(session):
    trip = make_trip()
    venue = make_venue(name="V" * 200, address="A" * 200, postal_code="1" * 64, city="C" * 200)
    item = make_item(trip, venue_id=venue.id)

    with transaction():
        found = of(publish(trip), item)
    session.expire_all()

    assert (found.place_name, found.city) == ("V" * 200, "C" * 200)
    assert found.place_address == f"{'A' * 200}, {'1' * 64} {'C' * 200}"


def test_an_item_is_copied_whole(session):
    trip = make_trip()
    stop = make_stop(trip, city="Toulon")
    item = make_item(
        trip,
        stop_id=stop.id,
        description=Words(en="Bring a badge.", fr="Prenez un badge."),
        audience=Audience.DELEGATES,
        state=ItemState.TENTATIVE,
        starts_local=datetime(2027, 10, 31, 2, 30),
        starts_fold=1,
        ends_local=datetime(2027, 10, 31, 5, 0),
    )
    item.basis, item.basis_note, item.sources = Basis.SOURCED, Words(en="Press"), ["s1"]
    session.flush()

    found = of(publish(trip), item)
    session.expire_all()

    names = [n for n in ReleaseItem.__table__.c.keys() if hasattr(item, n) and n != "id"]  # noqa: SIM118
    assert {n: getattr(found, n) for n in names} == {n: getattr(item, n) for n in names}
    assert set(names) >= {"starts_fold", "basis", "basis_note", "sources", "city", "track_name"}


def test_a_draft_leaks_into_nothing_before_it_is_published(session):
    trip = make_trip()
    item = make_item(trip, title=Words(en="Open title"))
    publish(trip)
    change(item, title=Words(en="Secret title"), place="Secret place")
    make_item(trip, title=Words(en="Secret session"))
    session.flush()

    seen = [
        feeds.render(feeds.public(trip, "en")).decode(),
        str([i.title for i in published.items(trip, Audience.STAFF)]),
        str(published.public_item(trip, item.uid).place_name),
    ]

    assert "Open title" in seen[0]
    assert [text for text in seen if "Secret" in text] == []


def test_the_history_is_the_latest_first_and_of_this_trip_alone(session):
    trip, other = make_trip(), make_trip()
    make_item(trip)
    made = [publish(trip)]
    make_item(trip)
    made.append(publish(trip))
    publish(other)

    assert list(releases.history(trip)) == made[::-1]


def test_what_the_organizer_did_not_see_is_not_published(session):
    with transaction():
        trip = make_trip()
        item = make_item(trip)
    seen = releases.fingerprint(releases.differences(trip))
    with transaction():
        change(item, place="Gate 7")

    with pytest.raises(agendas.ChangedMeanwhile), transaction():
        releases.publish(trip, audits.SYSTEM, seen=seen)
    assert trip.release_id is None

    seen = releases.fingerprint(releases.differences(trip))
    with transaction():
        assert releases.publish(trip, audits.SYSTEM, seen=seen).number == 1


def test_two_publications_at_once_of_one_draft_make_one_release(committed):
    """icalendar.md R7."""
    with transaction():
        trip = make_trip()
        make_item(trip)
        trip_id = trip.id
    db.session.remove()

    def go():
        with transaction():
            return publish(db.session.get_one(Trip, trip_id)).number

    results = at_once(committed, *[go] * 4)

    assert [r for r in results if isinstance(r, int)] == [1]
    others = [type(r) for r in results if not isinstance(r, int)]
    assert others == [releases.NothingToPublish] * 3


def test_a_publication_that_waited_for_another_takes_the_next_number(committed):
    with transaction():
        trip = make_trip()
        make_item(trip)
        trip_id = trip.id

    def add_and_publish():
        with transaction():
            there = db.session.get_one(Trip, trip_id)
            make_item(there, title=Words(en="Another"))
            return publish(there).number

    with transaction():
        first = publish(trip)
        with meanwhile(committed, add_and_publish) as second:
            wait_until_one_waits()
            db.session.commit()

    assert (first.number, second.result()) == (1, 2)
    db.session.expire_all()
    found = [item.change for item in db.session.get_one(Trip, trip_id).release.items]
    assert sorted(found) == [Change.ADDED, Change.SAME]


def test_an_item_added_while_a_publication_runs_is_in_the_next_one(committed):
    """A release says of each item how it came in: one that nobody compared is not in it."""
    with transaction():
        trip = make_trip()
        make_item(trip)
    trip_id = trip.id
    added = []

    def add_there():
        with transaction():
            make_item(db.session.get_one(Trip, trip_id), title=Words(en="Late"))

    def once_the_draft_was_read(connection, cursor, statement, *rest):
        if "FROM agenda_items" in statement and not added:
            added.append(statement)
            assert at_once(committed, add_there) == [None]

    sa.event.listen(db.engine, "after_cursor_execute", once_the_draft_was_read)
    try:
        with transaction():
            release = publish(trip)
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", once_the_draft_was_read)

    assert added
    assert [item.change for item in release.items] == [Change.ADDED]
    with transaction():
        assert sorted(item.change for item in publish(trip).items) == [Change.ADDED, Change.SAME]


def test_what_one_connection_is_publishing_nobody_else_sees(committed):
    """icalendar.md R7."""
    with transaction():
        trip = make_trip()
        make_item(trip)
    trip_id = trip.id

    def look():
        there = db.session.get_one(Trip, trip_id)
        return there.release_id, len(published.items(there)), feeds.public(there, "en") is None

    with transaction():
        publish(trip)
        assert at_once(committed, look) == [(None, 0, False)]


def test_a_place_that_was_renamed_since_is_not_published_unseen(session):
    trip = make_trip()
    venue = make_venue(name="Old hall")
    item = make_item(trip)
    publish(trip)
    change(item, venue_id=venue.id)
    seen = releases.fingerprint(releases.differences(trip))
    venue.name = "New hall"

    with pytest.raises(agendas.ChangedMeanwhile):
        releases.publish(trip, audits.SYSTEM, seen=seen)
