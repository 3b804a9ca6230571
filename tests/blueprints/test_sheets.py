"""Bringing files in and taking them out, as a browser does it."""

import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from tests.blueprints.forms import hidden, sign_in
from tests.domain.sheets.making import csv_of, draft, make_full_trip, xlsx
from tests.domain.sheets.test_planning import HEAD, ROW, broken_file
from tests.factories import make_item, make_staff, make_trip, publish
from webapp import clock
from webapp.blueprints.agendas import sheet_words
from webapp.blueprints.labels import AUDIENCES
from webapp.db import Words, db, transaction
from webapp.domain.item_words import ATTENDANCES, ITEM_KINDS, ITEM_ROLES, ITEM_STATES, MODES
from webapp.domain.sheets import Fault, Trouble, reading, vocabulary
from webapp.i18n import LANGUAGES, speaking
from webapp.models.agenda import AgendaItem, Audience
from webapp.models.staff import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def trip(app, client):
    """A tour, and an organizer of it who is signed in."""
    with transaction():
        trip = make_full_trip()
        staff = make_staff(trip=trip)
    sign_in(client, staff)
    return trip


def here(trip, path=""):
    return f"/organizer/trips/{trip.slug}/sheets{path}"


def send(client, trip, data, name="agenda.csv"):
    form = hidden(client, here(trip)) | {"file": (io.BytesIO(data), name)}
    return client.post(here(trip, "/upload"), data=form, content_type="multipart/form-data")


def look(client, trip, data, name="agenda.csv"):
    """The page of the dry run, and its address."""
    answer = send(client, trip, data, name)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    page = client.get(answer.location)
    assert page.status_code == 200
    return page.get_data(as_text=True), answer.location


def bring_in(client, trip, address):
    return client.post(here(trip, "/check"), data=hidden(client, address))


def listed(page):
    """The problems that the page lists."""
    found = re.search(r'<div class="summary" role="alert">.*?<ul>(.*?)</ul>', page, re.S)
    return [unescape(each) for each in re.findall(r"<li>(.*?)</li>", found[1])] if found else []


def count():
    return db.session.scalar(select(func.count()).select_from(AgendaItem))


def test_a_file_is_looked_at_first_and_brought_in_by_a_second_step(client, trip):
    page, address = look(client, trip, csv_of([HEAD, ROW]))

    assert "agenda.csv: 1 row" in page
    assert count() == 0
    answer = bring_in(client, trip, address)

    assert (answer.status_code, count()) == (302, 1)
    page = client.get(answer.location).get_data(as_text=True)
    assert "Sessions added: 1, changed: 0, as they were: 0, called off: 0." in page
    # The file is gone, and the second press of the button too.
    assert client.get(address).status_code == 302
    assert bring_in(client, trip, here(trip)).status_code == 302
    assert count() == 1


def test_all_fifty_of_fifty_broken_rows_are_on_the_page_with_row_and_column(client, trip):
    rows, expected = broken_file()

    page, _address = look(client, trip, xlsx(rows), "broken.xlsx")

    told = listed(page)
    assert [re.match(r"Row (\d+), column [A-Z]+ \((.*?)\): ", line).groups() for line in told] == [
        (str(row), header) for row, header, _fault in expected
    ]
    assert "50 problems: nothing can be brought in yet" in page
    assert "Bring this into the draft" not in page
    assert told[0] == "Row 2, column B (Title): this must be filled in."
    assert told[2] == (
        "Row 4, column C (Date): “soon” is no date. Write it like 2027-10-26 or 26/10/2027."
    )
    assert told[13] == (
        "Row 15, column D (Starts): the clocks skip Mar 28, 2027, 2:30 AM. The nearest times that "
        "exist are Mar 28, 2027, 1:30 AM and Mar 28, 2027, 3:30 AM."
    ).replace(" AM", "\u00a0AM")
    venue = next(line for line in told if "Palais du Phare" in line)
    assert venue.endswith("we know no “Palais du Phare” here. Did you mean: Palais du Pharo?")


def test_the_change_of_a_row_is_shown_before_and_after(client, trip):
    _page, address = look(client, trip, csv_of([HEAD, ROW]))
    bring_in(client, trip, address)

    page, _address = look(
        client, trip, csv_of([HEAD, ["V-1", "Tour", *ROW[2:]], ["V-2", *ROW[1:]]])
    )

    assert "Title (en): Visit → Tour" in unescape(page)
    assert re.findall(r'<span class="num">(\d+)</span>', page)[:3] == ["1", "1", "0"]


def test_columns_can_be_said_anew(client, trip):
    data = csv_of([["A", "B", "C", "D"], ["Visit", "26/10/2027", "9:00", "10:00"]])
    page, address = look(client, trip, data)
    assert listed(page)[0] == "No column is chosen for “Date”, which new sessions need."

    again = f"{address}&c0=title_en&c1=date&c2=starts&c3=ends&kind=meal"
    page = client.get(again).get_data(as_text=True)
    assert listed(page) == []
    bring_in(client, trip, again)

    assert [(item.title, item.kind.value) for item in draft(trip)] == [(Words(en="Visit"), "meal")]


def test_a_draft_that_changed_meanwhile_is_shown_again_and_nothing_is_brought_in(client, trip):
    _page, address = look(client, trip, csv_of([HEAD, ROW]))
    bring_in(client, trip, address)
    _page, address = look(client, trip, csv_of([HEAD, ["V-1", "Mine", *ROW[2:]]]))
    form = hidden(client, address)
    _page, other = look(client, trip, csv_of([HEAD, ["V-1", "Theirs", *ROW[2:]]]))
    bring_in(client, trip, other)

    answer = client.post(here(trip, "/check"), data=form)

    page = answer.get_data(as_text=True)
    assert (answer.status_code, draft(trip)[0].title) == (409, Words(en="Theirs"))
    assert "Somebody changed the draft since you looked." in page
    assert "Title (en): Theirs → Mine" in unescape(page)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "There is nothing in this file."),
        (b"%PDF-1.7", "We read XLSX, CSV and ICS files."),
        (b"PK\x03\x04junk", "This file is damaged"),
        (b"Title\n" + b"x\n" * 5_001, "too many rows: at most 5000"),
        (b"Title\nx\n" + b"y" * 30_000, "A cell of this file is too long. (Row 3.)"),
    ],
    ids=["empty", "pdf", "zip", "rows", "cell"],
)
def test_a_file_that_cannot_be_read_is_refused_with_words_at_the_field(client, trip, data, words):
    answer = send(client, trip, data)

    assert answer.status_code == 422
    assert words in unescape(answer.get_data(as_text=True))


def test_no_file_is_a_word_and_too_large_a_one_a_page(client, trip):
    form = hidden(client, here(trip))

    answer = client.post(here(trip, "/upload"), data=form, content_type="multipart/form-data")
    assert (answer.status_code, "Please choose a file." in answer.get_data(as_text=True)) == (
        422,
        True,
    )
    kind = "multipart/form-data; boundary=x"
    answer = client.post(here(trip, "/upload"), data=b"x" * 5_000_000, content_type=kind)
    assert answer.status_code == 413


def test_what_others_sent_is_not_found(app, client, trip):
    _page, address = look(client, trip, csv_of([HEAD, ROW]))
    form = hidden(client, address)
    with transaction():
        staff, other = make_staff(), make_trip()
    # The same file for another tour, and for somebody else.
    elsewhere = address.replace(trip.slug, other.slug)
    client.post("/organizer/sign-out", data=hidden(client, here(trip)))
    sign_in(client, staff)

    for path in (address, elsewhere, here(trip, "/check?file=../../etc/passwd")):
        answer = client.get(path)
        assert (answer.status_code, answer.location.endswith("/sheets")) == (302, True)
    mine = hidden(client, here(trip)) | {"file": form["file"], "seen": form["seen"]}
    assert client.post(here(trip, "/check"), data=mine).status_code == 302
    assert count() == 0


def test_files_are_kept_for_a_day(client, trip, app, hold_clock):
    folder = app.config["DATA_DIR"] / "uploads"
    _page, address = look(client, trip, csv_of([HEAD, ROW]))
    kept = set(folder.iterdir())
    hold_clock(clock.now() + timedelta(days=1, minutes=1))

    assert client.get(address).status_code == 302
    look_again = send(client, trip, csv_of([HEAD, ROW]))

    assert look_again.status_code == 302
    assert kept & set(folder.iterdir()) == set()


def test_the_draft_is_taken_out_as_files(client, trip):
    with transaction():
        make_item(trip, title=Words(en="=Visit", fr="=Visite"), audience=Audience.STAFF)

    for name, kind in (
        ("agenda.xlsx", XLSX),
        ("agenda.csv", "text/csv; charset=utf-8"),
        ("agenda.ics", "text/calendar; charset=utf-8"),
        ("template.xlsx", XLSX),
    ):
        answer = client.get(here(trip, f"/{name}"))
        assert (answer.status_code, answer.content_type) == (200, kind)
        assert answer.headers["Content-Disposition"].startswith(
            f'attachment; filename="{trip.slug}'
        )
        assert answer.headers["Cache-Control"] == "no-store"
    french = client.get(here(trip, "/agenda.csv?lang=fr")).get_data(as_text=True)
    assert french.startswith("\ufeffClé,UID,Type,")
    assert "'=Visite" in french


def test_a_reader_takes_out_and_brings_nothing_in(client, app):
    with transaction():
        trip = make_trip()
        staff = make_staff(trip=trip, role=Role.READER)
    sign_in(client, staff)

    page = client.get(here(trip)).get_data(as_text=True)

    assert "Take the draft out" in page
    assert "Bring a file in" not in page


def test_the_schedule_is_public_readable_by_any_page_and_told_apart_by_its_tag(client, app):
    with transaction():
        trip = make_trip()
        make_item(trip)
        make_item(trip, title=Words(en="Secret"), audience=Audience.DELEGATES)
        publish(trip)

    for kind, name in (("application/json", "schedule.json"), ("text/xml", "schedule.xml")):
        answer = client.get(f"/trips/{trip.slug}/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        assert b"Secret" not in answer.data
        again = client.get(
            f"/trips/{trip.slug}/{name}", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
    french = json.loads(client.get(f"/trips/{trip.slug}/schedule.json?lang=fr").data)
    assert french["schedule"]["conference"]["title"] == trip.title["fr"]


def test_every_fault_and_trouble_has_words():
    assert set(sheet_words.FAULTS) | {Fault.NO_COLUMN} == set(Fault)
    assert set(sheet_words.TROUBLES) == set(Trouble)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_screen_calls_a_thing_is_read_in_a_sheet(app, language):
    tables = (ITEM_KINDS, AUDIENCES, ITEM_STATES, ATTENDANCES, MODES, ITEM_ROLES)
    with speaking(language):
        said = {member: str(words) for table in tables for member, words in table.items()}

    assert {m: vocabulary.read(type(m), words) for m, words in said.items()} == {m: m for m in said}
    assert reading.ZIP == b"PK\x03\x04"
