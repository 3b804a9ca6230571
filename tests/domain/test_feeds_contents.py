"""What each calendar holds: items of every audience, track and place, and who finds which."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from tests.factories import (
    make_item,
    make_registration,
    make_staff,
    make_stop,
    make_track,
    make_trip,
    make_venue,
    publish,
)
from webapp.db import Words, transaction
from webapp.domain import agendas, audits, delegates, feeds, organizations, picks, stops, tours
from webapp.domain.stops import StopValues
from webapp.models.agenda import Attendance, Audience
from webapp.models.feed import Feed
from webapp.models.organization import OrganizationKind
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

ACCEPTED = RegistrationState.ACCEPTED


def events(feed: Feed) -> dict[str, dict[str, str]]:
    """The properties of each VEVENT of a feed, by what its title is without a mark."""
    found: dict[str, dict[str, str]] = {}
    text = feeds.render(feed).decode().replace("\r\n ", "")
    for block in text.split("BEGIN:VEVENT\r\n")[1:]:
        lines = block.split("END:VEVENT")[0].splitlines()
        said = {line.split(":")[0].split(";")[0]: line.split(":", 1)[1] for line in lines}
        found[said["SUMMARY"].removeprefix("CANCELLED: ")] = said
    return found


def titles(feed: Feed) -> set[str]:
    return set(events(feed))


class Tour:
    """A tour of two stops on which everything happens once."""

    def __init__(self) -> None:
        trip = self.trip = make_trip(title=Words(en="Tour", fr="Tournée"))
        make_stop(trip, city="Marseille", ends_on=date(2027, 10, 26))
        make_stop(trip, city="Nice", starts_on=date(2027, 10, 26))
        self.hall, self.quay = make_venue(name="Hall"), make_venue(name="Quay")
        self.host = organizations.named("Chamber", OrganizationKind.CHAMBER)
        self.vip, self.press = make_track(trip, "vip"), make_track(trip, "press")
        self.one = make_registration(trip, 2, ACCEPTED, organization_name="Blue")
        self.two = make_registration(trip, 1, ACCEPTED, organization_name="Red")
        self.items: dict[str, UUID] = {}
        at_hall, hosted = {"venue_id": self.hall.id}, {"host_id": self.host.id}
        self._add("Plenary", **at_hall, **hosted)
        self._add("Dinner", audience=Audience.DELEGATES, **at_hall)
        self._add("Blue only", audience=Audience.COMPANIES, company_ids=(self._blue(),), **at_hall)
        self._add("Set-up", audience=Audience.STAFF, **at_hall, **hosted)
        self._add("VIP lunch", track_id=self.vip.id, **hosted)
        self._add("Press tour", track_id=self.press.id)
        self._add("Boat", to_venue_id=self.hall.id, venue_id=self.quay.id)
        self._add("Museum", attendance=Attendance.OPTIONAL, capacity=1, **at_hall)
        self._add("Sailing", attendance=Attendance.OPTIONAL)
        delegates.follow(self.one.delegates[0], trip, [self.vip.id], audits.SYSTEM)
        publish(trip)

    def _blue(self) -> int:
        return self.one.organization_id

    def _add(self, title: str, **values) -> None:
        self.items[title] = make_item(self.trip, title=Words(en=title), **values).uid

    def choose(self, delegate, title: str) -> None:
        picks.choose(delegate, self.items[title], audits.SYSTEM)


BARS = {"Tour", "Stay in Marseille", "Stay in Nice"}


@pytest.fixture
def tour(session) -> Tour:
    with transaction():
        return Tour()


def test_a_track_s_calendar_holds_all_that_a_follower_sees_as_a_delegate(tour):
    feed = feeds.open_track(tour.vip, "en", audits.SYSTEM)

    assert titles(feed) == BARS | {
        "Plenary", "Dinner", "VIP lunch", "Boat", "Museum", "Sailing",
    }  # fmt: skip
    # Whoever reads it has not chosen what is optional (icalendar.md E7).
    assert events(feed)["Museum"]["TRANSP"] == "TRANSPARENT"
    assert events(feed)["Museum"]["STATUS"] == "CONFIRMED"
    assert events(feed)["Plenary"]["TRANSP"] == "OPAQUE"


def test_a_venue_s_calendar_holds_what_happens_and_arrives_there_but_not_the_team_s(tour):
    feed = feeds.open_venue(tour.trip, tour.hall, "en", audits.SYSTEM)

    assert titles(feed) == {"Tour", "Plenary", "Dinner", "Blue only", "Boat", "Museum"}
    assert events(feed)["Museum"]["TRANSP"] == "OPAQUE"  # it happens there


def test_a_host_s_calendar_holds_what_it_hosts_but_not_the_team_s(tour):
    feed = feeds.open_host(tour.trip, tour.host, "en", audits.SYSTEM)

    assert titles(feed) == {"Tour", "Plenary", "VIP lunch"}


def test_the_team_s_calendar_holds_everything_and_says_whom_it_is_for(tour):
    feed = feeds.open_staff(tour.trip, make_staff(), "en", audits.SYSTEM)

    found = events(feed)
    assert set(found) == BARS | set(tour.items)
    first = {title: found[title]["DESCRIPTION"].split("\\n")[0] for title in tour.items}
    assert first["Set-up"] == "For the team only"
    assert first["Dinner"] == "For accepted delegates"
    assert first["Blue only"] == "For named companies only"
    assert not first["Plenary"].startswith("For ")


def test_a_delegate_s_calendar_holds_what_is_assigned_and_chosen(tour):
    vip, colleague = tour.one.delegates
    tour.choose(vip, "Sailing")

    assert titles(feeds.of_delegate(vip)) == BARS | {
        "Plenary", "Dinner", "Blue only", "VIP lunch", "Boat", "Sailing",
    }  # fmt: skip
    assert titles(feeds.of_delegate(colleague)) == BARS | {
        "Plenary", "Dinner", "Blue only", "Boat",
    }  # fmt: skip
    assert titles(feeds.of_company(tour.one)) == titles(feeds.of_delegate(vip))
    assert titles(feeds.of_company(tour.two)) == BARS | {"Plenary", "Dinner", "Boat"}


def test_options_stand_in_a_delegate_s_calendar_only_if_asked_and_take_no_time(tour):
    """What may be chosen and what is waited for, TENTATIVE and TRANSPARENT (E7, E9)."""
    feed = feeds.of_delegate(tour.two.delegates[0])
    tour.choose(tour.one.delegates[0], "Museum")
    tour.choose(tour.two.delegates[0], "Museum")  # waits: it has one place
    before = titles(feed)

    feeds.show_options(feed, True, audits.SYSTEM)

    assert titles(feed) == before | {"Museum", "Sailing"}
    found = events(feed)
    for title in ("Museum", "Sailing"):
        assert (found[title]["STATUS"], found[title]["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")
    assert found["Plenary"]["STATUS"] == "CONFIRMED"
    feeds.show_options(feed, False, audits.SYSTEM)
    assert titles(feed) == before


def test_options_are_for_who_may_choose(tour):
    waits = make_registration(tour.trip, 1, RegistrationState.WAITLISTED)
    feed = feeds.of_delegate(waits.delegates[0])

    feeds.show_options(feed, True, audits.SYSTEM)

    assert titles(feed) == BARS | {"Plenary", "Boat"}


def test_a_session_is_called_off_in_every_calendar_that_holds_it_and_gone_from_no_other(tour):
    """STATUS:CANCELLED, a mark in the title, TRANSPARENT, the same UID (E9, U3); an option too."""
    all_feeds = [
        feeds.public(tour.trip, "en"),
        feeds.open_track(tour.vip, "en", audits.SYSTEM),
        feeds.open_venue(tour.trip, tour.hall, "en", audits.SYSTEM),
        feeds.open_staff(tour.trip, make_staff(), "en", audits.SYSTEM),
        feeds.of_delegate(tour.one.delegates[0]),
    ]
    feeds.show_options(all_feeds[-1], True, audits.SYSTEM)
    before = [events(feed) for feed in all_feeds]
    for item in agendas.draft(tour.trip):
        if item.uid == tour.items["Museum"]:
            agendas.call_off(item, audits.SYSTEM)

    publish(tour.trip)

    for feed, old in zip(all_feeds, before, strict=True):
        new = events(feed)
        assert set(new) == set(old)
        museum = new["Museum"]
        assert museum["UID"] == old["Museum"]["UID"] == str(tour.items["Museum"])
        assert museum["SUMMARY"] == "CANCELLED: Museum"
        assert (museum["STATUS"], museum["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
        assert int(museum["SEQUENCE"]) == int(old["Museum"]["SEQUENCE"]) + 1


def test_a_delegate_who_leaves_a_session_loses_it_at_once(tour):
    """Removed, not cancelled: the session goes on (E10)."""
    delegate = tour.one.delegates[0]
    tour.choose(delegate, "Sailing")
    assert "Sailing" in titles(feeds.of_delegate(delegate))

    picks.leave(delegate, tour.items["Sailing"], audits.SYSTEM)

    assert "Sailing" not in titles(feeds.of_delegate(delegate))


def test_what_is_shared_is_the_same_octets_in_every_calendar(tour):
    """U3: one VEVENT a session, whoever holds it."""
    delegate = feeds.of_delegate(tour.two.delegates[0])
    staff = feeds.open_staff(tour.trip, make_staff(), "en", audits.SYSTEM)
    public = feeds.public(tour.trip, "en")

    found = [events(feed)["Plenary"] for feed in (delegate, staff, public)]

    assert found[0] == found[1] == found[2]


def test_the_trip_and_its_stays_are_bars_that_take_no_time(tour):
    """All-day, both dates local, the end exclusive (T10, T11, T12), with UIDs that last (U1)."""
    found = events(feeds.public(tour.trip, "fr"))

    assert "Tournée" in found
    nice = next(said for title, said in found.items() if title.endswith("Nice"))
    assert (nice["DTSTART"], nice["DTEND"]) == ("20271026", "20271030")
    assert (nice["TRANSP"], nice["LOCATION"]) == ("TRANSPARENT", "Nice")
    assert nice["UID"] == str(tour.trip.stops[1].uid)


def test_a_stay_that_moves_keeps_its_uid_and_raises_its_sequence(tour):
    """R4, R5: dates alone are enough."""
    before = events(feeds.public(tour.trip, "en"))["Stay in Nice"]
    stop = tour.trip.stops[1]

    stops.change(
        tour.trip,
        stop,
        StopValues("Nice", "FR", "Europe/Paris", stop.starts_on, stop.ends_on - timedelta(days=1)),
        audits.SYSTEM,
    )

    after = events(feeds.public(tour.trip, "en"))["Stay in Nice"]
    assert after["DTEND"] == "20271029"
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["LAST-MODIFIED"] > before["LAST-MODIFIED"]


def test_a_tour_of_one_stop_has_one_bar(session):
    trip = make_trip(title=Words(en="Tour"))
    make_stop(trip)

    assert titles(feeds.public(trip, "en")) == {"Tour"}


def test_a_tour_that_is_called_off_marks_its_sessions_though_they_were_rendered_before(tour):
    """What a process keeps of a version goes with whatever else it is made of."""
    feed = feeds.public(tour.trip, "en")
    assert events(feed)["Plenary"]["STATUS"] == "CONFIRMED"

    tours.call_off(tour.trip, audits.SYSTEM, "Strike")
    assert {said["STATUS"] for said in events(feed).values()} == {"CANCELLED"}
    tours.bring_back(tour.trip, audits.SYSTEM)
    assert events(feed)["Plenary"]["STATUS"] == "CONFIRMED"


def test_what_was_rolled_back_leaves_no_words_in_any_calendar(tour, session):
    """What was rendered in a transaction that failed stands under a number that no other gets."""
    feed = feeds.public(tour.trip, "en")
    failing = session.begin_nested()
    session.execute(
        sa.update(ReleaseItem)
        .where(ReleaseItem.uid == tour.items["Plenary"])
        .values(title=Words(en="Undone"))
    )
    feeds.outdate(tour.trip)
    assert "Undone" in titles(feed)
    failing.rollback()

    feeds.outdate(tour.trip)

    assert titles(feed) >= {"Plenary"}
    assert "Undone" not in titles(feed)


def test_many_feeds_of_a_tour_take_as_many_statements_as_few(tour, session, statements):
    counts, trip_id = [], tour.trip.id
    feeds.render(feeds.public(tour.trip, "en"))  # the process knows the version from now on
    for size in (2, 20):
        make_registration(session.get_one(Trip, trip_id), size, ACCEPTED)
        session.flush()
        session.expunge_all()
        found = session.scalars(select(Feed).where(Feed.trip_id == trip_id)).all()
        with statements() as sent:
            assert len(list(feeds.render_many(found))) == len(found)
        counts.append(len(sent))
        session.expunge_all()

    assert counts[0] == counts[1]
    assert counts[0] <= 8
