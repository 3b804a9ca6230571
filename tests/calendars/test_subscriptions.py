"""A real subscription over HTTP: what vdirsyncer fetches and khal shows before and after a move, a
cancellation and a change of mind. (icalendar.md U1, R4, R5, E9, E10, H3, H4, N5.)"""

import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.calendars.subscribing import Subscriber, served, subscribe
from tests.factories import item_values, make_item, make_registration, make_trip, publish
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, picks
from webapp.models.agenda import Attendance, ItemKind
from webapp.models.delegate import Delegate
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

FLIGHT = {
    "kind": ItemKind.TRAVEL,
    "title": Words(en="Flight to Marseille"),
    "starts_local": datetime(2027, 10, 24, 18, 5),
    "starts_zone": "America/Los_Angeles",
    "ends_local": datetime(2027, 10, 25, 17, 40),
}
HARBOR = {"title": Words(en="Harbor tour; by boat"), "attendance": Attendance.OPTIONAL}
DINNER = {
    "title": Words(en="Dinner"),
    "starts_local": datetime(2027, 10, 27, 19, 30),
    "ends_local": datetime(2027, 10, 27, 22, 0),
}


def fetch(address: str, etag: str = "") -> tuple[int, str, bytes]:
    """Status, ETag and body, as a program asks that keeps what it has."""
    known = {"If-None-Match": etag} if etag else {}
    request = urllib.request.Request(address, headers=known)  # noqa: S310  # our own
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.headers["ETag"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["ETag"], error.read()


@pytest.fixture
def tour(committed) -> tuple[Trip, Delegate]:
    """A published tour, and a delegate who has chosen the tour of the harbor."""
    with transaction():
        trip = make_trip(title=Words(en="Invest in Provence"))
        for values in ({}, FLIGHT, HARBOR, DINNER):
            make_item(trip, **values)
        publish(trip)
        delegate = make_registration(trip, 1, RegistrationState.ACCEPTED).delegates[0]
        harbor = next(i for i in agendas.draft(trip) if i.attendance == Attendance.OPTIONAL)
        picks.choose(delegate, harbor.uid, audits.SYSTEM)
    return trip, delegate


def entries(subscriber: Subscriber) -> list[tuple[str, str, str, str]]:
    """(title, start, end, status) of all that khal shows of the week, but for all-day bars."""
    return [
        (each["title"], each["start-long-full"], each["end-long-full"], each["status"].strip())
        for each in subscriber.shown("2027-10-23", 9)
        if each["all-day"] == "False"
    ]


def change(trip: Trip, delegate: Delegate) -> None:
    """The visit an hour later, no dinner, and the harbor without this delegate; published."""
    items = {item.title["en"]: item for item in agendas.draft(trip)}
    visit = items["Visit of the shipyard"]
    later = item_values(
        starts_local=visit.starts_local + timedelta(hours=1),
        ends_local=visit.ends_local + timedelta(hours=1),
    )
    with transaction():
        agendas.change(visit, later, audits.SYSTEM, visit.version)
        agendas.call_off(items["Dinner"], audits.SYSTEM)
        publish(trip)
        picks.leave(delegate, items["Harbor tour; by boat"].uid, audits.SYSTEM)


def test_r4_e9_e10_h4_a_subscriber_sees_one_entry_moved_one_marked_one_gone_and_none_doubled(
    tour, committed, tmp_path: Path
):
    trip, delegate = tour
    token = feeds.of_delegate(delegate).token
    with served(committed) as address:
        feed = f"{address}/calendars/{token}.ics"
        subscriber = subscribe(tmp_path, feed)
        subscriber.sync()
        first = entries(subscriber)
        _, etag, _ = fetch(feed)
        unchanged = fetch(feed, etag)
        change(trip, delegate)
        changed = fetch(feed, etag)
        again = fetch(feed, changed[1])
        subscriber.sync()
        second = entries(subscriber)
        db.session.expire_all()

    assert first == [
        ("Flight to Marseille", "2027-10-25 01:05", "2027-10-25 15:40", "CONFIRMED"),
        ("Harbor tour; by boat", "2027-10-26 07:00", "2027-10-26 08:30", "CONFIRMED"),
        ("Visit of the shipyard", "2027-10-26 07:00", "2027-10-26 08:30", "CONFIRMED"),
        ("Dinner", "2027-10-27 17:30", "2027-10-27 20:00", "CONFIRMED"),
    ]
    assert unchanged == (304, etag, b"")
    assert changed[0] == 200
    assert again == (304, changed[1], b"")
    assert second == [
        ("Flight to Marseille", "2027-10-25 01:05", "2027-10-25 15:40", "CONFIRMED"),
        ("Visit of the shipyard", "2027-10-26 08:00", "2027-10-26 09:30", "CONFIRMED"),
        ("CANCELLED: Dinner", "2027-10-27 17:30", "2027-10-27 20:00", "CANCELLED"),
    ]
    assert len(second) + bars(subscriber) == len(subscriber.files())


def bars(subscriber: Subscriber) -> int:
    """How many entries are all-day ones: the tour, and stays."""
    return sum(b"DTSTART;VALUE=DATE" in file for file in subscriber.files())
