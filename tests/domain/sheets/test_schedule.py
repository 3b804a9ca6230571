"""The published agenda for other programs: frab's shape, and nothing that is not for everybody."""

import json
import re
from datetime import datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest

from tests.domain.sheets.making import LOS_ANGELES, PARIS, english, make_person, make_venue
from tests.factories import item_values, make_item, make_stop, make_track, make_trip, publish
from webapp.db import Words, db
from webapp.domain import agendas, audits
from webapp.domain.sheets import schedule
from webapp.models.agenda import Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.basis import Basis
from webapp.models.trip import TripState

HERE = Path(__file__).parent
TOUR = UUID("5d0f3c52-65a5-4d2a-9c7e-0d6ad1a8f001")
VISIT = UUID("0d3ac1b6-31c7-45b8-b3cf-5a5b9d6ed3a5")
FLIGHT = UUID("7a1c2f3e-0000-4000-8000-000000000001")


def make_published_trip():
    """Two days in Marseille and a flight home across the change of the clocks."""
    trip = make_trip(uid=TOUR, slug="provence-2027", title=Words(en="Provence 2027", fr="Provence"))
    make_stop(trip)
    track = make_track(trip)
    venue = make_venue("Palais du Pharo", "Marseille", "Auditorium")
    ana = make_person("Ana", "Lopez")
    visit = item_values(
        title=Words(en="Visit <& lunch>", fr="Visite"), venue_id=venue.id,
        room_id=venue.rooms[0].id, track_id=track.id, languages=("fr", "en"),
        people=((ana.id, ItemRole.SPEAKER),), description=english('Bring "badges".\n\nAll day.'),
    )  # fmt: skip
    item = agendas.add(trip, visit, audits.SYSTEM, VISIT)
    item.basis, item.basis_note = Basis.ILLUSTRATIVE, Words(en="Made up.")
    flight = item_values(
        kind=ItemKind.TRAVEL, mode=Mode.FLIGHT, title=english("Flight home"), place="Marignane",
        starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=1, ends_zone=LOS_ANGELES,
        ends_local=datetime(2027, 10, 31, 8, 5),
    )  # fmt: skip
    agendas.add(trip, flight, audits.SYSTEM, FLIGHT)
    db.session.flush()
    return trip


def events_of(said):
    """All events of a schedule, in order."""
    days = said["schedule"]["conference"]["days"]
    return [event for day in days for events in day["rooms"].values() for event in events]


def test_the_json_is_as_the_format_says(session):
    trip = make_published_trip()
    publish(trip)

    said = schedule.as_json(trip, "en")

    # What is said of a session is what calendars say of it, in words that are tested there.
    about = [event.pop("description") for event in events_of(said)]
    assert about[0].startswith('Bring "badges".\n\nAll day.\n')
    assert "Made up." in about[0]
    expected = json.loads((HERE / "schedule.json").read_text())
    assert [event.pop("description") for event in events_of(expected)] == ["…", "…"]
    assert said == expected


def test_the_xml_says_the_same(session):
    trip = make_published_trip()
    publish(trip)

    body = schedule.as_xml(trip, "en").decode()

    about = re.compile(r"<description>.+?</description>", re.DOTALL)
    assert about.sub("<description>…</description>", body) == (HERE / "schedule.xml").read_text()


def test_the_xml_has_what_the_schema_wants_of_it(session):
    """The rules of the public XML schema (schedule.xml.xsd of the c3voc), by hand."""
    trip = make_published_trip()
    publish(trip)

    root = ElementTree.fromstring(schedule.as_xml(trip, "fr"))  # noqa: S314  # our own

    assert [child.tag for child in root][:3] == ["generator", "version", "conference"]
    assert {child.tag for child in root[3:]} == {"day"}
    assert {child.tag for child in root.find("conference")} == {
        "title", "acronym", "start", "end", "days", "timeslot_duration", "base_url",
        "time_zone_name",
    }  # fmt: skip
    zoned = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
    assert [day.get("index") for day in root.iter("day")] == list("123456")
    assert all(
        zoned.fullmatch(day.get(end)) for day in root.iter("day") for end in ("start", "end")
    )
    events = list(root.iter("event"))
    needed = {"room", "title", "subtitle", "type", "date", "start", "duration", "abstract", "slug"}
    for event in events:
        tags = [child.tag for child in event]
        assert len(tags) == len(set(tags))
        assert set(tags) == needed | {"track", "persons", "language", "description", "links", "url"}
        assert int(event.get("id")) > 0
        assert UUID(event.get("guid"))
        assert zoned.fullmatch(event.findtext("date"))
        assert re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", event.findtext("start"))
        assert re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", event.findtext("duration"))
        assert re.fullmatch(r"[a-z0-9_-]+[a-z0-9]", event.findtext("slug"))
    for marks in (
        [event.get("id") for event in events],
        [event.get("guid") for event in events],
        [event.findtext("slug") for event in events],
    ):
        assert len(set(marks)) == len(marks) == 2


def test_what_is_not_for_everybody_is_in_neither(session):
    trip = make_trip()
    for audience in Audience:
        make_item(
            trip, title=english(f"For {audience}"), audience=audience, internal_note="between us",
            place=f"Place of {audience}", description=english(f"About {audience}"),
        )  # fmt: skip
    off = make_item(trip, title=english("Called off"))
    publish(trip)
    make_item(trip, title=english("Only drafted"))
    agendas.call_off(off, audits.SYSTEM)
    publish(trip)
    make_item(trip, title=english("Drafted since"))

    written = json.dumps(schedule.as_json(trip, "en")) + schedule.as_xml(trip, "en").decode()

    assert "For everybody" in written
    assert "Only drafted" in written
    secrets = ["between us", "Called off", "Drafted since"]
    for audience in set(Audience) - {Audience.EVERYBODY}:
        secrets += [f"For {audience}", f"Place of {audience}", f"About {audience}"]
    assert [secret for secret in secrets if secret in written] == []


def test_before_a_release_and_of_a_tour_that_is_called_off_the_days_are_empty(session):
    trip = make_trip()
    make_item(trip)

    def days():
        return [
            day["rooms"] for day in schedule.as_json(trip, "en")["schedule"]["conference"]["days"]
        ]

    assert days() == [{}] * 5
    publish(trip)
    assert sum(map(bool, days())) == 1
    trip.state = TripState.CANCELLED

    assert days() == [{}] * 5
    assert schedule.as_xml(trip, "en").count(b"<event") == 0


def test_signs_that_no_xml_can_hold_are_left_out(session):
    trip = make_trip()
    make_item(trip, title=english("a\x0bb\ufffe]]>c"), state=ItemState.TENTATIVE)
    publish(trip)

    root = ElementTree.fromstring(schedule.as_xml(trip, "en"))  # noqa: S314  # our own
    [event] = root.iter("event")

    assert event.findtext("title") == "ab]]>c"


@pytest.mark.parametrize(("language", "word"), [("en", "Illustrative"), ("fr", "Exemple")])
def test_a_sample_is_marked_where_readers_see_it(session, language, word):
    trip = make_published_trip()
    trip.basis = Basis.ILLUSTRATIVE
    publish(trip)

    conference = schedule.as_json(trip, language)["schedule"]["conference"]

    subtitles = [
        event["subtitle"]
        for day in conference["days"]
        for events in day["rooms"].values()
        for event in events
    ]
    assert [subtitle.split()[0] for subtitle in subtitles if subtitle] == [word]
    assert conference["time_zone_name"] == PARIS
