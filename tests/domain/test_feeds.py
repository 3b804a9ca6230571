"""Calendar feeds: right at once, the same bytes while nothing changed, and addresses that end."""

from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy import func, select

from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_stop,
    make_trip,
    publish,
)
from tests.together import at_once, meanwhile, wait_until_one_waits
from webapp.calendars.feed import etag
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, published, registrations
from webapp.models.audit import AuditEntry
from webapp.models.basis import Basis
from webapp.models.feed import Feed, Scope
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip, TripState

DECLINED = RegistrationState.DECLINED


def published_trip(size: int = 1, **values) -> Trip:
    trip = make_trip(**values)
    for number in range(size):
        make_item(trip, title=Words(en=f"Session {number}", fr=f"Rendez-vous {number}"))
    publish(trip)
    return trip


def out_of_date() -> int:
    query = select(func.count()).select_from(Feed).where(Feed.body.is_(None))
    return db.session.scalar(query) or 0


def edit(trip: Trip, title: str) -> None:
    """Another title for the first item, published."""
    item = agendas.draft(trip)[0]
    agendas.change(item, item_values(title=Words(en=title)), audits.SYSTEM, item.version)
    publish(trip)


def test_a_trip_has_one_public_feed_a_language_however_often_it_is_opened(session):
    trip = make_trip()

    with transaction():
        feeds.open_public(trip)

    found = session.scalars(select(Feed).where(Feed.trip_id == trip.id).order_by(Feed.language))
    assert [(f.scope, f.language, f.token_digest) for f in found] == [
        (Scope.TRIP, "en", None),
        (Scope.TRIP, "fr", None),
    ]


def test_a_feed_speaks_its_language(session):
    trip = published_trip(2)
    agendas.call_off(agendas.draft(trip)[1], audits.SYSTEM)
    publish(trip)
    registration = make_registration(trip, 1, language="fr")

    english, french = (feeds.render(feeds.public(trip, code)).decode() for code in ("en", "fr"))
    company = feeds.render(feeds.of_company(registration)).decode()

    assert "SUMMARY:CANCELLED: Session" in english
    assert "PRODID:-//Escale//Escale//EN" in english
    for text in (french, company):
        assert "SUMMARY:ANNULÉ: Rendez-vous" in text
        assert "PRODID:-//Escale//Escale//FR" in text
        assert "CANCELLED: " not in text
    assert feeds.public(trip, "de") is None


def test_a_calendar_is_named_after_the_tour_and_a_secret_one_after_its_holder_too(session):
    trip = published_trip(title=Words(en="Invest in Provence"))
    registration = make_registration(trip, 1, organization_name="Blue Wave")
    all_feeds = [
        feeds.public(trip, "en"),
        feeds.of_company(registration),
        feeds.of_delegate(registration.delegates[0]),
    ]

    names = [
        line.removeprefix("NAME:")
        for feed in all_feeds
        for line in feeds.render(feed).decode().replace("\r\n ", "").splitlines()
        if line.startswith("NAME:")
    ]

    assert names == [
        "Invest in Provence",
        "Invest in Provence – Blue Wave",
        f"Invest in Provence – {registration.delegates[0].name}",
    ]


def test_a_calendar_tells_a_sample_and_a_leg_in_words(session):
    trip = make_trip(basis=Basis.ILLUSTRATIVE)
    make_stop(trip, city="Marseille")
    make_stop(trip, city="Nice")
    item = make_item(
        trip,
        starts_local=datetime(2027, 10, 24, 18, 5),
        starts_zone="America/Los_Angeles",
        ends_local=datetime(2027, 10, 25, 17, 40),
    )
    item.basis, item.basis_note = Basis.ILLUSTRATIVE, Words(en="Made up.")
    publish(trip)

    text = feeds.render(feeds.public(trip, "en")).decode().replace("\r\n ", "")

    assert "X-WR-CALDESC:Illustrative sample. Five days in the South." in text
    assert "LOCATION:Marseille\\, Nice" in text
    [words] = [line for line in text.splitlines() if line.startswith("DESCRIPTION:Leaves")]
    assert words == (
        "DESCRIPTION:Leaves at 6:05\N{NO-BREAK SPACE}PM (Los Angeles time\\, "
        "UTC\N{MINUS SIGN}7)\\, arrives at 5:40\N{NO-BREAK SPACE}PM (Paris time\\, UTC+2).\\n"
        f"Made up.\\nIllustrative sample\\n\\nhttp://127.0.0.1:8000/trips/{trip.slug}/agenda#item-{item.uid}"
    )


def test_an_answer_made_on_the_spot_is_the_prepared_one(session):
    trip = published_trip(3)
    registration = make_registration(trip, 1)
    all_feeds = [
        feeds.public(trip, "fr"),
        feeds.of_company(registration),
        feeds.of_delegate(registration.delegates[0]),
    ]
    inline = [feeds.answer(feed) for feed in all_feeds]

    with transaction():
        feeds.prepare()
    session.expire_all()

    assert out_of_date() == 0
    assert [feeds.answer(feed) for feed in all_feeds] == inline
    assert all(feed.body == a.body and feed.etag == a.etag == etag(a.body)
               for feed, a in zip(all_feeds, inline, strict=True))  # fmt: skip


def test_the_bytes_are_the_same_while_nothing_changed_whatever_the_time(session, hold_clock):
    trip = published_trip(3)
    feed = feeds.public(trip, "en")
    first = feeds.answer(feed)

    hold_clock(first.changed_at + timedelta(days=40))
    session.expire_all()

    assert feeds.answer(feeds.public(trip, "en")) == first


def test_preparing_again_finds_nothing_to_do(session):
    published_trip()
    with transaction():
        feeds.prepare()

    with transaction():
        assert feeds.prepare() is None
    assert out_of_date() == 0


def test_a_batch_is_no_longer_than_asked_for_and_all_are_prepared_in_the_end(session):
    for _ in range(3):
        published_trip()

    last, left = 0, [6]
    while last is not None:
        with transaction():
            last = feeds.prepare(last, limit=2)
        left.append(out_of_date())

    assert {before - after for before, after in pairwise(left)} <= {0, 1, 2}
    assert left[-1] == 0


def test_a_change_outdates_at_once_and_the_next_answer_is_new_with_a_later_stamp(session):
    trip = published_trip()
    with transaction():
        feeds.prepare()
    before = feeds.answer(feeds.public(trip, "en"))

    with transaction():
        edit(trip, "Renamed")

    after = feeds.answer(feeds.public(trip, "en"))
    assert b"SUMMARY:Renamed" in after.body
    assert after.etag != before.etag
    assert after.changed_at - before.changed_at >= timedelta(seconds=1)


def test_a_decision_outdates_the_feeds_of_that_company_alone(session):
    trip = published_trip()
    mine, theirs = make_registration(trip, 2), make_registration(trip, 1)
    with transaction():
        feeds.prepare()

    with transaction():
        registrations.decide(mine, RegistrationState.ACCEPTED, "", audits.SYSTEM)

    stale = session.scalars(select(Feed).where(Feed.body.is_(None))).all()
    assert {(f.registration_id, f.delegate_id) for f in stale} == {
        (mine.id, None),
        *((None, d.id) for d in mine.delegates),
    }
    assert feeds.of_company(theirs).etag is not None


def test_a_stored_body_never_stands_under_a_stamp_that_is_newer_than_it(committed):
    """A publication comes between the reading and the storing of a worker."""
    with transaction():
        trip_id = published_trip().id
    db.session.remove()
    crossed = []

    def publish_there():
        with transaction():
            edit(db.session.get_one(Trip, trip_id), "Published meanwhile")

    def once_the_items_were_read(connection, cursor, statement, *rest):
        if "FROM release_items" in statement and not crossed:
            crossed.append(statement)
            assert at_once(committed, publish_there) == [None]

    sa.event.listen(db.engine, "after_cursor_execute", once_the_items_were_read)
    try:
        with transaction():
            feeds.prepare()
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", once_the_items_were_read)

    db.session.remove()
    trip = db.session.get_one(Trip, trip_id)
    assert crossed
    assert [feeds.public(trip, code).body for code in ("en", "fr")] == [None, None]
    assert b"SUMMARY:Published meanwhile" in feeds.answer(feeds.public(trip, "en")).body


def test_a_worker_passes_over_a_feed_that_a_publication_holds_and_never_waits_for_it(committed):
    with transaction():
        held, free = published_trip(), published_trip()
        held_id, free_id = held.id, free.id

    def prepare_there():
        with transaction():
            feeds.prepare()

    with transaction():
        edit(held, "Being published")
        at_once(committed, prepare_there)

    db.session.remove()
    stored = {
        feed.trip_id for feed in db.session.scalars(select(Feed).where(Feed.body.is_not(None)))
    }
    assert stored == {free_id}
    with transaction():
        feeds.prepare()
    assert out_of_date() == 0
    assert b"Being published" in feeds.public(db.session.get_one(Trip, held_id), "en").body


def test_one_session_that_no_calendar_can_hold_does_not_stop_a_feed(session):
    """icalendar.md section 15, pretalx#961: it is left out, and the others stand."""
    trip = published_trip(3)
    bad = agendas.draft(trip)[1]
    session.execute(
        sa.text("UPDATE release_items SET starts_zone = 'Nowhere/Atall' WHERE uid = :uid"),
        {"uid": bad.uid},
    )

    with transaction():
        feeds.prepare()

    body = feeds.public(trip, "en").body
    assert body.count(b"BEGIN:VEVENT") == 3  # the bar of the trip, and two
    assert str(bad.uid).encode() not in body
    [line] = feeds.faults(trip)
    assert line.startswith(str(bad.uid))
    assert "Nowhere/Atall" in line


def test_one_calendar_that_cannot_be_made_does_not_keep_the_others_waiting(session):
    broken, good = published_trip(), published_trip()
    with transaction():
        broken.title = Words(en="\x07")
        feeds.outdate(broken)

    last = 0
    while last is not None:  # a batch of one: the broken ones come first
        with transaction():
            last = feeds.prepare(last, limit=1)

    assert feeds.public(good, "en").body is not None
    assert feeds.public(broken, "en").body is None


def test_rotating_ends_the_old_address_and_opens_a_new_one(session):
    registration = make_registration(published_trip(), 1)
    delegate = registration.delegates[0]
    for of, thing in ((feeds.of_company, registration), (feeds.of_delegate, delegate)):
        old = of(thing)
        token = old.token
        with transaction():
            feeds.prepare()

        with transaction():
            new = feeds.rotate(old, audits.by_company(registration))

        assert new.token != token
        assert of(thing) is new
        assert feeds.is_gone(feeds.by_token(token))
        assert (old.body, old.etag) == (None, None)  # nothing of it is kept
        assert not feeds.is_gone(feeds.by_token(new.token))
        assert feeds.answer(new).body.startswith(b"BEGIN:VCALENDAR")
        [entry] = audits.of(old)
        assert (entry.action, entry.trip_id) == ("rotate", registration.trip_id)


def test_rotating_an_address_twice_opens_one_new_address(session):
    registration = make_registration(published_trip(), 1)
    old = feeds.of_company(registration)

    with transaction():
        new = feeds.rotate(old, audits.SYSTEM)
    with transaction():
        again = feeds.rotate(old, audits.SYSTEM)

    assert again is new
    assert len(audits.of(old)) == 1


def test_an_address_that_is_rotated_by_two_at_once_has_one_successor(committed):
    with transaction():
        registration_id = make_registration(make_trip(), 1).id

    def rotate():
        with transaction():
            registration = db.session.get_one(Registration, registration_id)
            return feeds.rotate(feeds.of_company(registration), audits.SYSTEM).id

    results = at_once(committed, *[rotate] * 4)

    assert [r for r in results if not isinstance(r, int)] == []
    in_force = feeds.of_company(db.session.get_one(Registration, registration_id))
    revoked = db.session.scalars(select(Feed).where(Feed.revoked_at.is_not(None))).all()
    entries = select(func.count()).where(AuditEntry.action == "rotate")
    assert in_force.id in results
    assert len(revoked) == len(set(results)) == db.session.scalar(entries)


def test_an_address_is_gone_when_revoked_when_the_company_is_out_and_when_the_trip_is_withdrawn(
    session,
):
    trip = published_trip()
    registration = make_registration(trip, 1)
    mine = [feeds.of_company(registration), feeds.of_delegate(registration.delegates[0])]
    public = feeds.public(trip, "en")
    assert not any(feeds.is_gone(feed) for feed in [*mine, public])

    registrations.decide(registration, DECLINED, "Full.", audits.SYSTEM)
    assert [feeds.is_gone(feed) for feed in [*mine, public]] == [True, True, False]
    registrations.decide(registration, RegistrationState.ACCEPTED, "", audits.SYSTEM)
    assert not any(feeds.is_gone(feed) for feed in mine)

    trip.become(TripState.WITHDRAWN)
    assert all(feeds.is_gone(feed) for feed in [*mine, public])


def test_a_cancelled_trip_is_not_gone_and_says_so_on_its_bar(session):
    trip = published_trip(title=Words(en="Invest in Provence"))
    trip.become(TripState.CANCELLED)

    text = feeds.render(feeds.public(trip, "en")).decode()

    assert not feeds.is_gone(feeds.public(trip, "en"))
    assert "SUMMARY:CANCELLED: Invest in Provence" in text


def test_an_unknown_secret_is_no_feed(session):
    registration = make_registration(make_trip(), 1)

    for token in ("", "x", feeds.of_company(registration).token[:-1], registration.token):
        assert feeds.by_token(token) is None


def test_a_decision_waits_for_a_publication_and_both_hold(committed):
    with transaction():
        trip = published_trip()
        registration_id = make_registration(trip, 2).id

    def accept_there():
        with transaction():
            registration = db.session.get_one(Registration, registration_id)
            registrations.decide(registration, RegistrationState.ACCEPTED, "", audits.SYSTEM)

    with transaction():
        edit(trip, "Published first")
        with meanwhile(committed, accept_there) as accepted:
            wait_until_one_waits()
            db.session.commit()

    assert accepted.result() is None
    db.session.remove()
    registration = db.session.get_one(Registration, registration_id)
    assert registration.state == RegistrationState.ACCEPTED
    assert [i.title["en"] for i in published.for_company(registration)] == ["Published first"]
