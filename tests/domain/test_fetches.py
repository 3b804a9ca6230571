"""Which programs fetch a calendar: noted after the answer, written in groups, gone with it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import make_item, make_registration, make_trip, publish
from webapp import clock
from webapp.db import db, transaction
from webapp.domain import audits, feeds, fetches
from webapp.models.feed import Client, Feed, FeedFetch
from webapp.models.registration import Registration, RegistrationState

THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
GOOGLE = "Google-Calendar-Importer"


@pytest.fixture
def registration(session) -> Registration:
    with transaction():
        trip = make_trip()
        make_item(trip)
        publish(trip)
        return make_registration(trip, 2, RegistrationState.ACCEPTED)


def written() -> None:
    with transaction():
        fetches.write()


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        (GOOGLE, Client.GOOGLE),
        ("Mozilla/5.0 (compatible; Google-Calendar)", Client.GOOGLE),
        ("macOS/15.1 (24B83) CalendarAgent/1103", Client.APPLE),
        ("iOS/18.1 (22B83) dataaccessd/1.0", Client.APPLE),
        (
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
            Client.OUTLOOK,
        ),
        ("Microsoft Exchange/15.20 (Outlook.com CalendarSync)", Client.OUTLOOK),
        (THUNDERBIRD, Client.THUNDERBIRD),
        ("Nextcloud Webcal Service", Client.NEXTCLOUD),
        ("HomeAssistant/2026.11.1 httpx/0.28 Python/3.13", Client.HOME_ASSISTANT),
        ("ICSx\xe2\x81\xb5/2.2.3 (okhttp)", Client.ANDROID),
        ("DAVx5/4.4 (okhttp/4.12) Android/15", Client.ANDROID),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
         Client.BROWSER),
        ("Mozilla/5.0 (compatible; SomeBot/1.0)", Client.OTHER),
        ("vdirsyncer/0.21", Client.OTHER),
        ("", Client.OTHER),
    ],
)  # fmt: skip
def test_a_program_is_known_by_what_it_says_of_itself(user_agent, client):
    assert fetches.client(user_agent) == client


def test_a_fetch_is_written_later_and_told_by_kind_the_latest_first(
    client, registration, hold_clock
):
    """200, 304 and HEAD count (H9); a refused one does not."""
    feed = feeds.of_delegate(registration.delegates[0])
    path = f"/calendars/{feed.token}.ics"
    at = clock.now()
    hold_clock(at)
    tag = client.get(path, headers={"User-Agent": THUNDERBIRD}).headers["ETag"]
    hold_clock(at + timedelta(hours=1))
    client.head(path, headers={"User-Agent": GOOGLE})
    before = fetches.of(feed)
    written()
    hold_clock(at + timedelta(hours=2))
    client.get(path, headers={"User-Agent": THUNDERBIRD, "If-None-Match": tag})
    client.post(path, headers={"User-Agent": "HomeAssistant/1"})
    written()

    assert before == []
    assert fetches.of(feed) == [
        (Client.THUNDERBIRD, at, at + timedelta(hours=2)),
        (Client.GOOGLE, at + timedelta(hours=1), at + timedelta(hours=1)),
    ]
    other = feeds.of_delegate(registration.delegates[1])
    assert fetches.of(other) == []
    assert list(fetches.of_many([feed, other])) == [feed.id]


def test_what_another_process_wrote_later_is_not_set_back(registration, hold_clock):
    feed, at = feeds.of_company(registration), clock.now()
    for hours in (2, 1):  # the note of the slower process comes last
        hold_clock(at + timedelta(hours=hours))
        fetches.note(feed.id, GOOGLE)
        written()

    assert fetches.of(feed) == [
        (Client.GOOGLE, at + timedelta(hours=1), at + timedelta(hours=2)),
    ]


def test_notes_of_many_feeds_are_one_statement_and_those_of_a_deleted_one_are_lost(
    registration, session, statements
):
    mine = feeds.of_delegates(registration).values()
    gone = feeds.of_company(registration)
    for feed in (*mine, gone):
        for agent in (GOOGLE, THUNDERBIRD):
            fetches.note(feed.id, agent)
    session.execute(sa.delete(Feed).where(Feed.id == gone.id))

    with statements() as sent:
        fetches.write()

    assert len(sent) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(FeedFetch)) == 4
    with statements() as sent:
        fetches.write()
    assert sent == []


def test_notes_go_with_their_feed_and_a_new_address_begins_anew(registration, session):
    feed = feeds.of_company(registration)
    fetches.note(feed.id, GOOGLE)
    written()

    assert fetches.of(feeds.rotate(feed, audits.SYSTEM)) == []
    assert len(fetches.of(feed)) == 1
    session.execute(sa.delete(Feed).where(Feed.id == feed.id))
    assert session.scalars(sa.select(FeedFetch)).all() == []


def test_the_thread_writes_and_a_database_that_is_away_costs_the_notes_alone(
    committed, monkeypatch, caplog
):
    with transaction():
        feed_id = feeds.of_company(make_registration(make_trip(), 1)).id
    db.session.remove()
    monkeypatch.setattr(fetches, "SECONDS", 0.01)
    monkeypatch.setattr(committed, "testing", False)

    def note() -> None:
        fetches.note(feed_id, GOOGLE)
        timer = fetches._timer
        assert timer is not None
        timer.join(10)

    note()
    assert db.session.scalars(sa.select(FeedFetch.client)).all() == [Client.GOOGLE]
    db.session.remove()
    monkeypatch.setattr(fetches, "_WRITE", sa.text("SELECT 1 / 0"))
    note()
    assert "fetches of calendars were not noted" in caplog.text
    assert fetches._noted == {}
