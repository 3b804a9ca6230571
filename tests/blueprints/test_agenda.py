"""The public agenda as everybody reads it: on a page, on paper, and what changed in it."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from tests.blueprints.forms import sign_in
from tests.factories import (
    item_values,
    make_item,
    make_registration,
    make_room,
    make_staff,
    make_track,
    make_trip,
    make_venue,
    publish,
    utc,
)
from webapp.db import Words, db, transaction
from webapp.domain import agendas, audits, feeds, published
from webapp.kept import Kept
from webapp.models.agenda import Attendance, Audience, ItemKind, Mode
from webapp.models.trip import Trip

NBSP = "\N{NO-BREAK SPACE}"


def page(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text).replace(NBSP, " ")


def agenda(trip: Trip) -> str:
    return f"/trips/{trip.slug}/agenda"


def titles(text: str) -> list[str]:
    """The sessions that a page shows, in order; hidden ones are not shown."""
    found = re.findall(r'<li (hidden )?class="(?:item|leg).*?item__title">(.*?)</h3>', text, re.S)
    return [title for away, title in found if not away]


def words(text: str) -> str:
    """The text of a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def edit(item, **values) -> None:
    given = {"title": item.title, "kind": item.kind}
    agendas.change(item, item_values(**given | values), audits.SYSTEM, item.version)


@pytest.fixture
def journey(session) -> Trip:
    """From San Diego by Paris to Marseille, in the weeks when the clocks change on both sides."""
    with transaction():
        trip = make_trip(title=Words(en="Invest in Provence"))
        flight = {"kind": ItemKind.TRAVEL, "mode": Mode.FLIGHT}
        make_item(
            trip,
            title=Words(en="Flight San Diego - Paris"),
            service="AF 69",
            starts_local=datetime(2017, 10, 29, 15, 15),
            starts_zone="America/Los_Angeles",
            ends_local=datetime(2017, 10, 30, 11, 10),
            place="San Diego Airport",
            to_place="Paris Charles de Gaulle",
            **flight,
        )
        make_item(
            trip,
            title=Words(en="Flight Paris - Marseille"),
            service="AF 7664",
            starts_local=datetime(2017, 10, 30, 14, 5),
            ends_local=datetime(2017, 10, 30, 15, 30),
            place="Paris Charles de Gaulle",
            to_place="Marseille Provence",
            **flight,
        )
        for day in (datetime(2017, 10, 31, 17, 30), datetime(2017, 11, 6, 17, 30)):
            make_item(
                trip,
                kind=ItemKind.CALL,
                title=Words(en=f"Call home on {day:%d %b}"),
                starts_local=day,
                ends_local=day + timedelta(minutes=30),
            )
        publish(trip)
    return trip


def test_the_journey_stands_on_the_page_in_both_zones_with_the_day_and_both_gaps(client, journey):
    text = words(page(client, agenda(journey)))

    flight = text[text.index("Flight San Diego - Paris") : text.index("Flight Paris - Marseille")]
    assert "Departs 3:15 PM Los Angeles time, UTC−7 San Diego Airport" in flight
    assert "Arrives 11:10 AM +1 day Paris time, UTC+1 3:10 AM in Los Angeles, 8 h behind" in flight
    assert "Flight AF 69" in flight
    first = text[: text.index("Call home on 31 Oct")][-200:]
    second = text[: text.index("Call home on 06 Nov")][-200:]
    assert "5:30 PM to 6:00 PM Paris time, UTC+1 9:30 AM in Los Angeles, 8 h behind" in first
    assert "5:30 PM to 6:00 PM Paris time, UTC+1 8:30 AM in Los Angeles, 9 h behind" in second


def test_the_journey_stands_on_the_sheet_in_both_zones_with_the_day_and_both_gaps(client, journey):
    text = words(page(client, f"{agenda(journey)}/glance"))

    assert "Sun, Oct 29 Los Angeles time" in text
    assert "Tue, Oct 31 Paris time, Los Angeles 8 h behind" in text
    assert "Mon, Nov 6 Paris time, Los Angeles 9 h behind" in text
    assert "3:15 PM Los Angeles – 11:10 AM Paris +1 day Flight San Diego - Paris" in text
    assert "Flight AF 69 · San Diego Airport → Paris Charles de Gaulle" in text
    assert "Call home on 31 Oct 9:30 AM in Los Angeles, 8 h behind" in text
    assert "Call home on 06 Nov 8:30 AM in Los Angeles, 9 h behind" in text


def test_the_journey_stands_in_the_calendar_in_both_zones_with_the_day_and_both_gaps(journey):
    text = feeds.render(feeds.public(journey, "en")).decode().replace("\r\n ", "")

    assert "DTSTART;TZID=America/Los_Angeles:20171029T151500" in text
    assert "DTEND;TZID=Europe/Paris:20171030T111000" in text
    assert f"arrives at 11:10{NBSP}AM +1 day (Paris time\\, UTC+1)" in text
    assert "Flight AF 69" in text
    calls = [item for item in published.items(journey) if item.kind == ItemKind.CALL]
    for call, day, home in zip(calls, ("20171031", "20171106"), (16, 16), strict=True):
        assert f"DTSTART;TZID=Europe/Paris:{day}T173000" in text
        assert call.starts_at.hour == home
    # In Los Angeles (UTC-7, then UTC-8) that is 9:30, then 8:30.
    assert [c.starts_at for c in calls] == [utc(2017, 10, 31, 16, 30), utc(2017, 11, 6, 16, 30)]


def test_nothing_leaks_that_is_not_for_everybody(client, session):
    with transaction():
        trip = make_trip()
        company = make_registration(trip, 1)
        track = make_track(trip)
        ids = (company.organization_id,)
        make_item(trip, title=Words(en="Open visit"), internal_note="Secret note")
        make_item(trip, title=Words(en="Secret staff"), audience=Audience.STAFF)
        make_item(trip, title=Words(en="Secret delegates"), audience=Audience.DELEGATES)
        make_item(
            trip, title=Words(en="Secret company"), audience=Audience.COMPANIES, company_ids=ids
        )
        make_item(
            trip, title=Words(en="Secret track"), audience=Audience.DELEGATES, track_id=track.id
        )
        publish(trip)
        for item in agendas.draft(trip):
            edit(item, title=Words(en="Secret draft"), audience=item.audience,
                 company_ids=tuple(item.organization_ids))  # fmt: skip
        make_item(trip, title=Words(en="Secret addition"))

    for path in ("", "?by=place", "?by=track", "?kind=visit", "/glance", "/changes"):
        text = page(client, agenda(trip) + path)
        assert "Secret" not in text
        assert company.organization.name not in text
    assert "Open visit" in page(client, agenda(trip))


def test_what_a_session_says_besides_its_time_and_title(client, session):
    with transaction():
        trip = make_trip()
        venue = make_venue(name="Palais", city="Marseille", latitude=43.2957, longitude=5.3748)
        room = make_room(venue, name="Grand Salon", access=Words(en="Ring at the gate."))
        make_item(
            trip,
            venue_id=venue.id,
            room_id=room.id,
            meeting_point=Words(en="Hotel lobby"),
            call_minutes=45,
            languages=("en", "fr"),
            attendance=Attendance.OPTIONAL,
            capacity=20,
        )
        publish(trip)

    text = page(client, agenda(trip))

    for said in (
        "Palais , Grand Salon",
        "Ring at the gate.",
        "Be there at 8:15 AM: Hotel lobby.",
        "In English and French · 20 places",
        "Optional",
    ):
        assert said in words(text), said
    assert (
        'href="https://www.openstreetmap.org/?mlat=43.2957&mlon=5.3748#map=17/43.2957/5.3748"'
        in (text)
    )


@pytest.fixture
def town(session) -> Trip:
    """Two cities, a room, a track, two days."""
    with transaction():
        trip = make_trip()
        track = make_track(trip)
        port = make_venue(name="Port", city="Toulon")
        palace = make_venue(name="Palace", city="Marseille")
        salon = make_room(palace, name="Salon")

        def add(title, day, **values):
            at = datetime(2027, 10, day, 9)
            make_item(trip, title=Words(en=title), starts_local=at,
                      ends_local=at + timedelta(hours=1), **values)  # fmt: skip

        add("Harbor", 26, venue_id=port.id, languages=("fr",))
        add("Opening", 25, venue_id=palace.id, room_id=salon.id, languages=("en", "fr"))
        add("Dinner", 25, kind=ItemKind.MEAL, track_id=track.id, venue_id=palace.id)
        add("Free", 27, kind=ItemKind.FREE)
        publish(trip)
    return trip


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"Dinner", "Opening", "Harbor", "Free"}),
        ("?day=2027-10-25", {"Dinner", "Opening"}),
        ("?city=Toulon", {"Harbor"}),
        ("?track=VIP", {"Dinner"}),
        ("?kind=meal", {"Dinner"}),
        ("?language=fr", {"Opening", "Harbor"}),
        ("?language=fr&city=Marseille", {"Opening"}),
        ("?by=place&city=Marseille", {"Dinner", "Opening"}),
        ("?city=Nowhere", set()),
        ("?by=nonsense&day=&what=ever", {"Dinner", "Opening", "Harbor", "Free"}),
    ],
)
def test_a_filter_works_without_a_script_and_leaves_the_rest_in_the_page(
    client, town, query, wanted
):
    text = page(client, agenda(town) + query)

    assert set(titles(text)) == wanted
    assert text.count("data-facets=") == 4
    said = "No session matches" if not wanted else f"{len(wanted)} of 4" if len(wanted) < 4 else "4"
    assert said in re.search(r"data-count[^>]*>(.*?)</p>", text, re.S)[1]
    hidden_sections = len(re.findall(r'<section class="day"[^>]* hidden>', text))
    assert (hidden_sections == 0) is (len(wanted) == 4)


def test_sections_are_days_or_places_with_their_rooms_or_tracks(client, town):
    def headings(query):
        text = page(client, agenda(town) + query)
        found = re.findall(r'<h[23] (?:id="[a-z0-9-]*-title"|class="day__part").*?</h[23]>', text)
        return [words(each).strip() for each in found], titles(text)

    days, by_day = headings("")
    assert days == [
        "Monday, October 25, 2027", "Tuesday, October 26, 2027", "Wednesday, October 27, 2027",
    ]  # fmt: skip
    assert by_day[2:] == ["Harbor", "Free"]
    assert headings("?by=place") == (
        ["Palace", "Salon", "Port", "No place yet"],
        ["Dinner", "Opening", "Harbor", "Free"],
    )
    names, sessions = headings("?by=track")
    assert names == ["For all tracks", "VIP"]
    assert sessions[-1] == "Dinner"


def test_changes_are_told_before_and_after_in_words(client, session):
    with transaction():
        trip = make_trip()
        moved, off = make_item(trip), make_item(trip, title=Words(en="Called off"))
        hidden = make_item(trip, title=Words(en="Withdrawn"))
        publish(trip)
        edit(moved, title=Words(en="New title"), starts_local=datetime(2027, 10, 26, 9, 15))
        edit(hidden, audience=Audience.STAFF)
        agendas.call_off(off, audits.SYSTEM)
        make_item(trip, title=Words(en="Newcomer"), place="Quay 4")
        publish(trip)

    text = words(page(client, f"{agenda(trip)}/changes?since=1"))

    assert "Version 2: what changed since version 1" in text
    day = "Tuesday, October 26, 2027"
    for said in (
        f"Before {day}, 9:00 AM to 10:30 AM (Paris time, UTC+2)",
        f"Now {day}, 9:15 AM to 10:30 AM (Paris time, UTC+2)",
        "Before Visit of the shipyard Now New title",
        f"Called off It does not take place. It was to be on {day}, 9:00 AM to 10:30 AM",
        f"Newcomer New: {day}, 9:00 AM to 10:30 AM (Paris time, UTC+2). Quay 4.",
        f"Withdrawn It stood here for {day}, 9:00 AM",
    ):
        assert said in text, said
    assert "What changed since version 1" in words(page(client, agenda(trip)))
    assert "Nothing changed" in page(client, f"{agenda(trip)}/changes?since=2")
    for since in ("0", "3", "x", "-1", "9" * 12):
        assert client.get(f"{agenda(trip)}/changes?since={since}").status_code == 404


def test_before_a_release_there_is_nothing_to_print_or_compare(client, session):
    with transaction():
        trip = make_trip()
        make_item(trip)

    assert "not published yet" in page(client, agenda(trip))
    assert "not published yet" in page(client, f"{agenda(trip)}/glance")
    assert client.get(f"{agenda(trip)}/changes").status_code == 404


@pytest.mark.parametrize("path", ["", "?by=track", "?kind=visit", "/glance"])
def test_a_page_takes_as_many_statements_for_60_sessions_as_for_2_and_one_the_second_time(
    client, session, statements, path
):
    counts = {}
    for size in (2, 60):
        with transaction():
            trip = make_trip()
            for number in range(size):
                make_item(trip, title=Words(en=f"Session {number}"))
            publish(trip)
            address = agenda(trip) + path
        db.session.remove()
        for visit in ("first", "second"):
            with statements() as sent:
                client.get(address)
            counts[size, visit] = len(sent)

    assert counts == {(2, "first"): 4, (60, "first"): 4, (2, "second"): 1, (60, "second"): 1}


def test_what_was_rendered_gives_way_to_every_change(client, town):
    assert "Harbor" in page(client, agenda(town))
    with transaction():
        item = next(i for i in agendas.draft(town) if i.title["en"] == "Harbor")
        edit(item, title=Words(en="Docks"))
    assert "Harbor" in page(client, agenda(town))
    with transaction():
        publish(town)
    assert "Docks" in page(client, agenda(town))
    with transaction():
        town.title = Words(en="A new name")
    assert "A new name" in page(client, agenda(town))
    with transaction():
        town.home_zone = "Asia/Tokyo"
    assert "in Tokyo" in page(client, agenda(town))


def test_what_is_kept_is_kept_for_each_language_and_theme(client, town):
    plain = page(client, agenda(town))

    french = page(client, f"{agenda(town)}?lang=fr")
    client.set_cookie("theme", "dark")
    dark = page(client, f"{agenda(town)}?lang=en")

    assert ('lang="en"' in plain, 'lang="fr"' in french) == (True, True)
    assert "data-theme=" not in plain
    assert 'data-theme="dark"' in dark
    assert page(client, f"{agenda(town)}?lang=fr").count('lang="fr"') == french.count('lang="fr"')


def test_what_one_reader_is_told_once_is_told_to_nobody_else(client, town):
    with client.session_transaction() as kept:
        kept["_flashes"] = [("success", "Only for you")]

    assert "Only for you" in page(client, agenda(town))
    assert "Only for you" not in page(client, agenda(town))
    client.delete_cookie("session")
    assert "Only for you" not in page(client, agenda(town))


def test_staff_get_a_page_of_their_own(client, town):
    with transaction():
        staff = make_staff()
    sign_in(client, staff)

    answer = client.get(agenda(town))

    assert (answer.status_code, answer.headers.get("ETag")) == (200, None)


def test_a_reader_who_has_the_page_is_told_so(client, town):
    etag = client.get(agenda(town)).headers["ETag"]

    again = client.get(agenda(town), headers={"If-None-Match": etag})
    other = client.get(f"{agenda(town)}?by=place", headers={"If-None-Match": etag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert other.status_code == 200
    assert "Cookie" in again.headers["Vary"]


@pytest.mark.parametrize("length", [250, 2000])
def test_long_addresses_that_begin_alike_are_different_pages(client, town, length):
    alike = f"{agenda(town)}?city={'a' * length}"

    first, second = (page(client, f"{alike}&by={by}") for by in ("place", "track"))

    assert ("timetable--place" in first, "timetable--track" in second) == (True, True)


def test_what_is_kept_has_a_limit_and_the_least_asked_for_goes_first():
    kept = Kept(10)
    for key in "abc":
        kept.put(key, key.upper(), 3)
    kept.get("a")

    kept.put("d", "D", 4)
    kept.put("e", "E", 11)  # more than may be kept at all
    kept.put("d", "D2", 1)

    assert [kept.get(key) for key in "abcde"] == ["A", None, "C", "D2", None]
    assert kept.octets == 7
