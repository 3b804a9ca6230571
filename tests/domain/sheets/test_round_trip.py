"""What is taken out and brought in again changes nothing, whatever the items say."""

import csv
import io
import zipfile
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.domain.sheets.making import (
    LOS_ANGELES,
    PARIS,
    add,
    draft,
    dry_run,
    english,
    make_full_trip,
    make_person,
    make_venue,
)
from tests.factories import item_values, make_item, make_stop, publish
from webapp.db import Words, db
from webapp.domain import agendas, audits, sheets
from webapp.domain import item_values as values_of
from webapp.domain.sheets import Deed, Options, calendar, reading, texts, workbooks, writing
from webapp.domain.sheets.fields import WRITTEN, Field
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.basis import Basis

WAYS = {
    "xlsx in English": lambda trip: writing.xlsx(trip, "en"),
    "xlsx in French": lambda trip: writing.xlsx(trip, "fr"),
    "csv in English": lambda trip: writing.csv(trip, "en"),
    "csv in French": lambda trip: writing.csv(trip, "fr"),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def deeds(trip, data):
    plan = dry_run(trip, data)[2]
    assert plan.problems == ()
    return [(step.deed, step.differences) for step in plan.steps]


def rich_trip():
    """Everything that an item can say, with names that occur twice."""
    trip = make_full_trip()
    make_stop(trip, city="Marseille")  # a second one
    twin, other = make_venue("Twin", "Nice"), make_venue("Twin", "Nice")
    ana, ana_too = make_person("Ana", "Lopez"), make_person("Ana", "Lopez")
    add(
        trip, kind=ItemKind.TRAVEL, mode=Mode.FLIGHT, service="AF 69", title=english("=1+1"),
        starts_local=datetime(2027, 10, 26, 18, 5), starts_zone=LOS_ANGELES,
        ends_local=datetime(2027, 10, 27, 13, 40), ends_zone=PARIS, venue_id=twin.id,
        to_venue_id=other.id, place="@home", to_place="-5", vehicle="+1",
    )  # fmt: skip
    add(
        trip, title=Words(fr="Réception\n« à la bonne heure »"), state=ItemState.TENTATIVE,
        description=Words(en='"quoted", and; more\r\n=HYPERLINK("x")', fr="\tune ligne"),
        starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=1,
        ends_local=datetime(2027, 10, 31, 3, 30, 30), stop_id=trip.stops[2].id,
        people=((ana.id, ItemRole.SPEAKER), (ana_too.id, ItemRole.HOST)),
        meeting_point=Words(en="'=Gate"), call_minutes=20, capacity=40, languages=("fr", "en"),
        attendance=Attendance.OPTIONAL, internal_note="'quoted'\n\n=SUM(A1:A9)",
    )  # fmt: skip
    cancelled = make_item(trip, title=english("Off"))
    publish(trip)
    agendas.call_off(cancelled, audits.SYSTEM)
    return trip


@ways
def test_a_sheet_of_our_own_changes_nothing(session, way):
    trip = rich_trip()

    assert deeds(trip, way(trip)) == [(Deed.SAME, ())] * 3


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_calendar_of_our_own_changes_nothing(session, language):
    trip = make_full_trip()
    venue = make_venue("Twin", "Nice")
    venue.address = "1 quai Lunel, Bât. B"
    add(trip, title=Words(en="Visit, and; more", fr="Visite"), venue_id=venue.id)
    add(trip, title=english("Off"), state=ItemState.CANCELLED, description=english("a\n\nb"))
    add(
        trip, place="Gate 2, left", starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=0,
        ends_local=datetime(2027, 10, 31, 2, 45), ends_fold=0,
    )  # fmt: skip

    assert deeds(trip, calendar.ics(trip, language)) == [(Deed.SAME, ())] * 3


def texts_of(most):
    """Texts as people have them in agendas, and those that break sheets."""
    loud = st.sampled_from("=+-@'\"\n\t,;|<>& é\N{GRINNING FACE}\u00a0_x0041_")
    letters = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
    return st.text(st.one_of(loud, letters), min_size=1, max_size=most).filter(
        lambda text: text.strip() and "\ufeff" not in text
    )


words = st.builds(
    lambda en, fr: Words({k: v for k, v in (("en", en), ("fr", fr)) if v}),
    texts_of(40),
    st.one_of(st.none(), texts_of(40)),
)
maybe = st.one_of(st.none(), texts_of(30))


@st.composite
def said(draw):
    starts = datetime(2027, 10, 25) + timedelta(minutes=draw(st.integers(0, 8 * 1440)))
    zone, end_zone = draw(st.sampled_from([(PARIS, PARIS), (PARIS, "Asia/Kolkata")]))
    return item_values(
        title=draw(words), description=draw(st.one_of(st.none(), words)),
        kind=draw(st.sampled_from(ItemKind)), audience=draw(st.sampled_from(Audience)),
        state=draw(st.sampled_from(ItemState)), mode=draw(st.sampled_from([None, *Mode])),
        attendance=draw(st.sampled_from(Attendance)), place=draw(maybe), to_place=draw(maybe),
        service=draw(maybe), vehicle=draw(maybe), internal_note=draw(maybe),
        capacity=draw(st.one_of(st.none(), st.integers(1, 500))),
        call_minutes=draw(st.one_of(st.none(), st.integers(1, 1440))),
        starts_local=starts, starts_zone=zone, starts_fold=draw(st.sampled_from([0, 1])),
        ends_local=starts + timedelta(hours=draw(st.integers(8, 60))), ends_zone=end_zone,
        ends_fold=draw(st.sampled_from([0, 1])),
    )  # fmt: skip


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(said(), min_size=1, max_size=4))
def test_any_items_come_back_as_they_were(session, items):
    with db.session.begin_nested() as savepoint:
        trip = make_full_trip()
        for values in items:
            agendas.add(trip, values, audits.SYSTEM)
        for way in WAYS.values():
            assert deeds(trip, way(trip)) == [(Deed.SAME, ())] * len(items)
        savepoint.rollback()


@ways
def test_into_another_trip_the_same_items_come_but_for_their_uids(session, way):
    """The cells alone say it all: nothing is kept from what was there."""
    trip, other = make_full_trip(), make_full_trip()
    venue = make_venue("Quai Rouge", "Toulon", "Pont 1")
    add(
        trip, title=Words(en="=1+1", fr="Déjeuner"), venue_id=venue.id, room_id=venue.rooms[0].id,
        starts_local=datetime(2027, 10, 31, 2, 30), starts_fold=1, description=english("a\nb"),
        ends_local=datetime(2027, 10, 31, 4, 0), audience=Audience.STAFF, languages=("fr",),
        stop_id=trip.stops[1].id, track_id=trip.tracks[0].id, mode=Mode.COACH, capacity=12,
    )  # fmt: skip
    draft(trip)[0].basis = Basis.ILLUSTRATIVE
    db.session.flush()

    table = reading.read(way(trip), PARIS)
    columns = reading.guess(table)
    columns.pop(Field.UID)
    plan = sheets.plan(other, table, columns)
    sheets.apply(other, table, columns, Options(), audits.SYSTEM, plan.fingerprint())

    [old], [new] = draft(trip), draft(other)
    expected = values_of.facts(values_of.of(old)) | {
        "stop_id": other.stops[1].id, "track_id": other.tracks[0].id,
    }  # fmt: skip
    assert values_of.facts(values_of.of(new)) == expected
    assert new.basis == Basis.ILLUSTRATIVE  # the label comes along
    assert new.uid != old.uid


def test_no_cell_of_a_text_is_a_formula(session):
    trip = rich_trip()

    body = writing.csv(trip, "en").decode("utf-8-sig")

    assert body.splitlines()[0].split(",") == [
        "Key", "UID", "Kind", "Title (en)", "Title (fr)", "Description (en)", "Description (fr)",
        "Date", "Starts", "Ends", "End date", "Zone", "End zone", "City", "Venue", "Room", "Place",
        "To venue", "To place", "Track", "Audience", "Companies", "State", "Attendance",
        "Capacity", "Languages", "Meeting point (en)", "Meeting point (fr)",
        "Call (minutes before)", "Mode", "Service", "Vehicle", "Host", "People", "Internal note",
        "Basis",
    ]  # fmt: skip
    cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    assert {"'=1+1", "'@home", "'-5", "'+1", "''=Gate"} <= set(cells)


def test_samples_are_marked_in_every_file(session):
    trip = make_full_trip()
    make_item(trip).basis = Basis.ILLUSTRATIVE
    make_item(trip)
    db.session.flush()

    assert texts.decoded(writing.csv(trip, "fr")).count("Exemple illustratif") == 1
    assert calendar.ics(trip, "en").count(b"CATEGORIES:Illustrative sample") == 1
    table = workbooks.read(writing.xlsx(trip, "en"))
    column = WRITTEN.index(Field.BASIS)
    assert sorted(str(row.cells[column]) for row in table.rows) == ["Illustrative sample", "None"]


def test_the_empty_sheet_has_every_column_explains_them_and_offers_what_this_trip_has(session):
    trip = make_full_trip()
    make_item(trip)

    body = writing.template(trip, "fr")

    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert book.sheet_names == ["Agenda", "Help", "Lists"]
    assert len(book.get_sheet_by_name("Agenda").to_python()) == 1
    told = dict(book.get_sheet_by_name("Help").to_python())
    assert told["Fuseau"].startswith("Par exemple Europe/Paris")
    offered = {cell for row in book.get_sheet_by_name("Lists").to_python() for cell in row}
    assert {"Visite de site", "VIP", "Palais du Pharo", PARIS, LOS_ANGELES, "Toulon"} <= offered
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert b'state="hidden"' in archive.read("xl/workbook.xml")
    assert sheet.count("<dataValidation ") == 11
