"""Whatever calendar the product gives out, of one rich tour, held against the rules by number.

The other files here hold the rules of the writer; this one, that nobody gives it what it may not
say, and that every address and file goes through it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.calendars import wire
from tests.domain.test_entries import make_host
from tests.factories import (
    item_values,
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
from webapp.domain import agendas, audits, delegates, feeds, people
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed
from webapp.models.registration import RegistrationState
from webapp.models.trip import Trip

ROOT = Path(__file__).resolve().parents[2]
FLIGHT = {
    "kind": ItemKind.TRAVEL,
    "title": Words(en="Flight to Marseille"),
    "starts_local": datetime(2027, 10, 24, 18, 5),
    "starts_zone": "America/Los_Angeles",
    "ends_local": datetime(2027, 10, 25, 17, 40),
}


@dataclass
class Tour:
    """Something of everything that a calendar may hold, and things that most may not."""

    trip: Trip
    delegate: Delegate
    feeds: list[Feed]  # with a secret

    @property
    def addresses(self) -> dict[str, str]:
        """Where calendars and files are, by what they are."""
        trip = f"/trips/{self.trip.slug}"
        visit = next(i for i in agendas.draft(self.trip) if i.venue_id)
        return {
            "public en": f"{trip}/calendar.ics",
            "public fr": f"{trip}/calendar.ics?lang=fr",
            **{
                f"{feed.scope} {feed.language}": f"/calendars/{feed.token}.ics"
                for feed in self.feeds
            },
            "file of a session": f"{trip}/items/{visit.uid}.ics",
            "file of the agenda": f"{trip}/agenda.ics",
            "file of a delegate": f"/d/{self.delegate.token}/agenda.ics",
        }


@pytest.fixture
def tour(session) -> Tour:
    with transaction():
        trip = make_trip()
        for city in ("Marseille", "Nice"):
            make_stop(trip, city=city)
        track, venue, host = make_track(trip), make_venue(), make_host()
        staff = make_staff()
        speaker = people.find_or_add("Ann", "Lee", "ann@example.com")
        here = {"venue_id": venue.id, "host_id": host.id, "track_id": None}
        make_item(trip, **here, people=((speaker.id, ItemRole.SPEAKER),))
        for values in (
            FLIGHT,
            {"title": Words(en="VIP dinner"), "track_id": track.id},
            {"title": Words(en="Harbor tour"), "attendance": Attendance.OPTIONAL},
            {"title": Words(en="Briefing"), "audience": Audience.DELEGATES},
            {"title": Words(en="Crisis meeting"), "audience": Audience.STAFF},
            {"title": Words(en="Dinner"), "description": Words(en="<b>Fish</b> & chips")},
        ):
            make_item(trip, **values)
        publish(trip)
        dinner = next(i for i in agendas.draft(trip) if i.title["en"] == "Dinner")
        agendas.call_off(dinner, audits.SYSTEM)
        publish(trip)
        registration = make_registration(trip, 2, RegistrationState.ACCEPTED)
        delegate = registration.delegates[0]
        delegates.follow(delegate, trip, [track.id], audits.SYSTEM)
        by = audits.SYSTEM
        secret = [
            feeds.of_company(registration),
            feeds.of_delegate(delegate),
            feeds.open_track(track, "en", by),
            feeds.open_venue(trip, venue, "fr", by),
            feeds.open_host(trip, host, "en", by),
            feeds.open_staff(trip, staff, "en", by),
        ]
        feeds.show_options(feeds.of_delegate(delegate), wanted=True, by=by)
    return Tour(trip, delegate, secret)


@pytest.fixture
def answers(tour, client) -> dict[str, object]:
    """What each address says."""
    return {name: client.get(address) for name, address in tour.addresses.items()}


@pytest.fixture
def calendars(answers) -> dict[str, wire.Component]:
    """The same, read by our strict reader: it holds F1 to F9 and F13."""
    return {name: wire.component(answer.data) for name, answer in answers.items()}


def everything(component: wire.Component) -> Iterator[wire.Component]:
    yield component
    for part in component.parts:
        yield from everything(part)


def names(component: wire.Component) -> set[str]:
    """Every property and component there is in a calendar."""
    return {name for part in everything(component) for name in (part.name, *part.names)}


def titles(component: wire.Component) -> set[str]:
    return {event["SUMMARY"] for event in component.all("VEVENT")}


def test_every_kind_of_calendar_is_looked_at(calendars):
    assert len(calendars) == 11
    assert {name: len(each.all("VEVENT")) > 0 for name, each in calendars.items()} == dict.fromkeys(
        calendars, True
    )


def test_f1_to_f10_f12_f13_one_vcalendar_of_events_and_zones(calendars):
    for name, calendar in calendars.items():
        assert calendar.name == "VCALENDAR", name
        assert calendar["VERSION"] == "2.0", name
        assert calendar.names.count("PRODID") == 1, name
        assert {part.name for part in calendar.parts} <= {"VEVENT", "VTIMEZONE"}, name


def test_f14_no_null_of_a_language_is_printed(answers):
    for name, answer in answers.items():
        assert not re.search(rb":(None|null|nan|undefined)\r\n", answer.data), name


def test_f15_h1_h2_every_calendar_is_text_calendar_in_utf_8_under_a_name_in_ics(tour, answers):
    for name, answer in answers.items():
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8", name
        assert tour.addresses[name].partition("?")[0].endswith(".ics")
        download = answer.headers.get("Content-Disposition", "")
        pattern = r'attachment; filename="[\w-]+\.ics"' if "file" in name else ""
        assert re.fullmatch(pattern, download), name


def test_u1_u2_u3_u4_an_item_has_one_random_uid_wherever_it_stands(tour, calendars):
    meant = {item.title["en"]: str(item.uid) for item in agendas.draft(tour.trip)}
    for name, calendar in calendars.items():
        uids = [event["UID"] for event in calendar.all("VEVENT")]
        assert len(set(uids)) == len(uids), name
        assert all(UUID(uid).version == 4 and str(UUID(uid)) == uid for uid in uids), name
        if name.endswith("en"):
            seen = {event["SUMMARY"].removeprefix("CANCELLED: "): event["UID"]
                    for event in calendar.all("VEVENT")}  # fmt: skip
            assert {t: uid for t, uid in seen.items() if t in meant}.items() <= meant.items()
    assert calendars["file of a session"].all("VEVENT")[0]["UID"] in meant.values()


def test_u1_u5_neither_a_move_nor_another_name_changes_a_uid_and_a_new_item_has_a_new_one(tour):
    item = next(i for i in agendas.draft(tour.trip) if i.title["en"] == "VIP dinner")
    uid = item.uid
    values = item_values(title=Words(en="Gala"), starts_local=item.starts_local - timedelta(days=1))
    with transaction():
        agendas.change(item, values, audits.SYSTEM, item.version)
        publish(tour.trip)
        gone = make_item(tour.trip)
        uid_gone = gone.uid
        agendas.call_off(gone, audits.SYSTEM)  # never published: deleted
        again = make_item(tour.trip)

    assert item.uid == uid
    assert again.uid not in {uid_gone, uid}


def test_r1_r3_r4_every_event_says_its_revision_and_when_it_was_made(calendars):
    for name, calendar in calendars.items():
        for event in calendar.all("VEVENT"):
            assert event["DTSTAMP"] == event["LAST-MODIFIED"], name
            assert re.fullmatch(r"\d{8}T\d{6}Z", event["LAST-MODIFIED"]), name
            assert re.fullmatch(r"\d{8}T\d{6}Z", event["CREATED"]), name
            assert int(event["SEQUENCE"]) >= 0, name


def test_t1_t2_t5_t9_t10_every_event_has_two_ends_of_one_form(calendars):
    for name, calendar in calendars.items():
        for event in calendar.all("VEVENT"):
            forms = set()
            for end in ("DTSTART", "DTEND"):
                parameters, value = event.parameters(end), event.raw(end)
                form = "zone" if "TZID" in parameters else parameters.get("VALUE", "UTC")
                forms.add(form)
                digits = r"\d{8}" if form == "DATE" else r"\d{8}T\d{6}" + "Z" * (form == "UTC")
                assert re.fullmatch(digits, value), name
            assert len(forms) == 1, name


def test_t4_a_flight_leaves_in_one_zone_and_lands_in_another_in_every_calendar(calendars):
    flights = {
        tuple(event.parameters(end)["TZID"] for end in ("DTSTART", "DTEND"))
        for calendar in calendars.values()
        for event in calendar.all("VEVENT")
        if event["SUMMARY"] == "Flight to Marseille"
    }
    assert flights == {("America/Los_Angeles", "Europe/Paris")}


def test_t11_e7_the_tour_and_its_stays_are_bars_that_take_no_time(calendars):
    bars = [
        event
        for event in calendars["delegate en"].all("VEVENT")
        if event.parameters("DTSTART") == {"VALUE": "DATE"}
    ]
    assert [event["TRANSP"] for event in bars] == ["TRANSPARENT"] * 3  # the tour, two stops


def test_z1_every_zone_that_is_named_is_explained(calendars):
    for name, calendar in calendars.items():
        used = {
            event.parameters(end)["TZID"]
            for event in calendar.all("VEVENT")
            for end in ("DTSTART", "DTEND")
            if "TZID" in event.parameters(end)
        }
        assert sorted(used) == [zone["TZID"] for zone in calendar.all("VTIMEZONE")], name


def test_z5_nobody_asks_the_icalendar_package_for_zones():
    for path in (ROOT / "webapp").rglob("*.py"):
        words = path.read_text(encoding="utf-8")
        assert "add_missing_timezones" not in words, path
        assert "icalendar.Timezone" not in words, path


def test_e2_descriptions_are_the_words_as_they_were_typed(calendars):
    [dinner] = [e for e in calendars["public en"].all("VEVENT") if "Dinner" in e["SUMMARY"]
                and "VIP" not in e["SUMMARY"]]  # fmt: skip
    assert dinner["DESCRIPTION"].startswith("<b>Fish</b> & chips\n")
    assert "X-ALT-DESC" not in names(calendars["public en"])


def test_e6_s5_no_calendar_holds_a_key(tour, answers):
    keys = [tour.delegate.token, tour.delegate.registration.token, *(f.token for f in tour.feeds)]
    for name, answer in answers.items():
        text = answer.data.replace(b"\r\n ", b"").decode()
        assert [key for key in keys if key in text] == [], name


def test_e8_what_not_everybody_may_see_is_left_out_and_not_labelled(calendars):
    inner = {"Briefing", "Crisis meeting"}
    for name, calendar in calendars.items():
        assert "CLASS" not in names(calendar), name
        if "public" in name or name == "file of the agenda":
            assert titles(calendar) & inner == set(), name
    assert "Crisis meeting" in titles(calendars["staff en"])
    assert {n for n, each in calendars.items() if "Crisis meeting" in titles(each)} == {"staff en"}


def test_e9_what_is_off_stays_with_its_state_and_its_title_in_the_language_of_the_calendar(
    calendars,
):
    for name, label in (("public en", "CANCELLED"), ("public fr", "ANNULÉ")):
        [dinner] = [e for e in calendars[name].all("VEVENT") if e["STATUS"] == "CANCELLED"]
        assert dinner["SUMMARY"] == f"{label}: Dinner"
        assert (dinner["SEQUENCE"], dinner["TRANSP"]) == ("1", "TRANSPARENT")
    states = {e["STATUS"] for each in calendars.values() for e in each.all("VEVENT")}
    assert states == {"CONFIRMED", "TENTATIVE", "CANCELLED"}


def test_e7_e9_an_option_is_tentative_and_takes_no_time(calendars):
    [option] = [e for e in calendars["delegate en"].all("VEVENT") if e["SUMMARY"] == "Harbor tour"]
    assert (option["STATUS"], option["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")


def test_e11_e13_n5_n7_n8_x1_x2_x3_m1_m2_m3_no_calendar_says_what_none_may_say(calendars):
    never = {
        "METHOD", "ORGANIZER", "ATTENDEE", "VALARM", "RRULE", "RDATE", "SOURCE", "CONFERENCE",
        "PARTICIPANT", "VLOCATION", "VRESOURCE", "STRUCTURED-DATA", "CALENDAR-ADDRESS", "CONTACT",
        "REQUEST-STATUS",
    }  # fmt: skip
    for name, calendar in calendars.items():
        outside_zones = [calendar, *calendar.all("VEVENT")]
        said = {prop for each in outside_zones for prop in each.names}
        said |= {part.name for event in calendar.all("VEVENT") for part in event.parts}
        assert said & never == set(), name
        assert "UID" not in calendar.names, name


def test_m4_no_guest_and_no_address_of_a_person_is_in_a_calendar(tour, answers):
    guests = tour.delegate.registration.delegates
    for name, answer in answers.items():
        text = answer.data.replace(b"\r\n ", b"").decode()
        assert "@" not in text, name
        assert not re.search("mailto", text, re.IGNORECASE), name
        if name.startswith("public") or name in ("file of a session", "file of the agenda"):
            assert [each.name for each in guests if each.family_name in text] == [], name


def test_n1_n2_every_feed_has_a_name_and_says_when_to_come_back(calendars):
    for name, calendar in calendars.items():
        if "file" not in name:
            assert calendar["NAME"] == calendar["X-WR-CALNAME"], name
            assert calendar["REFRESH-INTERVAL"] == calendar["X-PUBLISHED-TTL"] == "PT4H", name
        # N4: display alone, and some readers move UTC times by it: left out.
        assert "X-WR-TIMEZONE" not in calendar.names, name
