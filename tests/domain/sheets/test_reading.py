"""Files become tables by their content; bombs and junk are refused with a reason."""

import io
import struct
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.sheets.making import csv_of, xlsx
from webapp.domain import sheets
from webapp.domain.sheets import FileRefused, Format, Trouble, fields, texts
from webapp.domain.sheets.fields import Field

PARIS = "Europe/Paris"
HEAD = ["Title", "Date", "Starts"]


def read(data: bytes) -> sheets.Table:
    return sheets.read(data, PARIS)


def refusal(data: bytes) -> Trouble:
    with pytest.raises(FileRefused) as refused:
        read(data)
    return refused.value.trouble


def is_answered(data: bytes) -> bool:
    """Whether a file is refused for a reason, or becomes rows as wide as their header."""
    try:
        table = read(data)
    except FileRefused as refused:
        return refused.trouble in Trouble
    return bool(table.rows) and all(len(row.cells) == len(table.header) for row in table.rows)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_text_is_read_in_the_encodings_and_with_the_separators_of_the_world(encoding, separator):
    data = csv_of([HEAD, ["Réception, œuvre", "31/10/2017", "14 h 30"]], separator, encoding)

    table = read(data)

    assert table.format == Format.CSV
    assert table.header == ("Title", "Date", "Starts")
    assert [row.cells for row in table.rows] == [("Réception, œuvre", "31/10/2017", "14 h 30")]


def test_a_line_of_excel_says_the_separator_and_empty_rows_keep_their_numbers():
    table = read(b"sep=;\r\nTitle;Date\r\n;\r\nVisit, long;2017-10-31\r\n")

    assert table.header == ("Title", "Date")
    assert [(row.number, row.cells) for row in table.rows] == [(4, ("Visit, long", "2017-10-31"))]


def test_a_workbook_is_told_by_its_content_and_keeps_dates_and_times():
    data = xlsx(
        [
            ["Title", "Date", "Starts", "Capacity", None],
            ["=1+1", date(2017, 10, 31), time(14, 30), 12],
            [None, None, None, None],
            ["b\nc", datetime(2017, 10, 31, 9, 5), "9:05", 1.5],
        ]
    )

    table = read(data)

    assert table.format == Format.XLSX
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("=1+1", date(2017, 10, 31), time(14, 30), 12)),
        (4, ("b\nc", datetime(2017, 10, 31, 9, 5), "9:05", 1.5)),
    ]


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", Trouble.EMPTY),
        (b" \r\n\r\n", Trouble.EMPTY),
        (b",,\n,,\n", Trouble.EMPTY),
        (b"Title,Date\n", Trouble.NO_ROWS),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", Trouble.NO_ROWS),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT", Trouble.NO_ROWS),
        (b"PK\x03\x04 and no more", Trouble.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", Trouble.OLD_EXCEL),
        (b"%PDF-1.7 ...", Trouble.UNKNOWN_FORMAT),
        (b"Title\n\x81\x8d\x00", Trouble.ENCODING),
        (b'Title\n"a" b\n', Trouble.DAMAGED),
        (b"Title\n" + b"x" * 30_000 + b"\n", Trouble.CELL_TOO_LONG),
        (b"Title\n" + b"x" * 140_000 + b"\n", Trouble.DAMAGED),
        (b"Title\n" + b"x\n" * 5_001, Trouble.TOO_MANY_ROWS),
        (b"Title\n" + b"\n" * 9_000, Trouble.TOO_MANY_ROWS),
        (b"x," * 101 + b"x\ny\n", Trouble.TOO_MANY_COLUMNS),
        (b"x" * 4_000_001, Trouble.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data, trouble):
    assert refusal(data) == trouble


def workbook(sheet: str, strings: str = "", **parts: str) -> bytes:
    """A workbook written by hand, with one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
    } | parts
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def cell(place: str, value: str, kind: str = "str") -> str:
    return f'<row r="{place.lstrip("ABCDEFX")}"><c r="{place}" t="{kind}"><v>{value}</v></c></row>'


def test_a_workbook_by_hand_is_read_as_one_by_a_program():
    table = read(workbook(cell("A1", "Title") + cell("A2", "0", "s"), "<si><t>Visit</t></si>"))

    assert (table.header, table.rows[0].cells) == (("Title",), ("Visit",))


def test_a_small_workbook_that_unpacks_to_very_much_is_refused():
    bomb = workbook(cell("A1", "Title"), "<si><t>" + "x" * 45_000_000 + "</t></si>")

    assert len(bomb) < 100_000
    assert refusal(bomb) == Trouble.TOO_LARGE


def test_a_workbook_that_lies_about_its_size_is_refused():
    honest = workbook(cell("A1", "Title") + cell("A2", "x" * 1_000_000))
    at = honest.index(b"PK\x01\x02", honest.rindex(b"xl/worksheets/sheet1.xml") - 60)
    lie = honest[: at + 24] + struct.pack("<I", 100) + honest[at + 28 :]

    assert refusal(lie) == Trouble.DAMAGED


def test_one_long_text_in_every_cell_is_refused():
    shared = "<si><t>" + "x" * 15_000 + "</t></si>"
    rows = "".join(cell(f"A{n}", "0", "s") for n in range(1, 2_000))

    assert refusal(workbook(rows, shared)) == Trouble.TOO_LARGE


@pytest.mark.parametrize(
    ("far", "trouble"),
    [
        ("A1048576", Trouble.TOO_MANY_ROWS),
        ("XFD2", Trouble.TOO_MANY_COLUMNS),
        ("AAAAA2", Trouble.DAMAGED),
    ],
)
def test_a_cell_far_away_makes_no_room_for_all_between(far, trouble):
    rows = f'<row><c r="A1"><v>1</v></c><c r="{far}"><v>1</v></c></row>'

    assert refusal(workbook(rows)) == trouble


def test_a_workbook_that_defines_its_own_words_is_refused():
    words = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]>'
    sheet = f"{words}<worksheet><sheetData>{cell('A1', '&c;')}</sheetData></worksheet>"

    assert refusal(workbook("", **{"xl/worksheets/sheet1.xml": sheet})) == Trouble.DAMAGED


def test_another_kind_of_package_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")

    assert refusal(out.getvalue()) == Trouble.UNKNOWN_FORMAT


WHOLE = xlsx([HEAD, ["Visit", date(2017, 10, 31), time(9)], ["Lunch", "31/10/2017", "noon"]])
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20171031T090000Z\r\nDURATION:PT1H\r\n"
    b"SUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.filterwarnings("ignore")  # of the reader of calendars, about what it guesses
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_junk_is_a_table_or_a_refusal_and_never_another_error(data):
    whole = data.draw(st.sampled_from([WHOLE, CALENDAR, csv_of([HEAD, ["a", "b", "c"]])]))
    at = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=8))
    cut = data.draw(st.integers(0, 8))

    assert is_answered(whole[:at] + junk + whole[at + cut :])


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_are_a_table_or_a_refusal(data):
    for start in (b"", b"PK\x03\x04", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"):
        assert is_answered(start + data)


@given(st.text())
def test_a_guarded_text_is_no_formula_and_comes_back(text):
    guarded = texts.guarded(text)

    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert texts.unguarded(guarded) == text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_column_has_a_name_of_its_own_that_is_found_again(language):
    header = [fields.name(field, language) for field in fields.WRITTEN]

    found = fields.guess(header)

    assert found == {field: number for number, field in enumerate(fields.WRITTEN)}


def test_columns_are_found_by_what_people_call_them():
    header = ["N°", "Jour", "Heure de début", "heure de fin", "Intitulé", "Lieu", "", "Title", "?"]

    assert fields.guess(header) == {
        Field.KEY: 0, Field.DATE: 1, Field.STARTS: 2, Field.ENDS: 3, Field.TITLE_FR: 4,
        Field.PLACE: 5, Field.TITLE_EN: 7,
    }  # fmt: skip


def test_columns_have_the_letters_of_a_spreadsheet():
    assert [fields.letter(n) for n in (0, 3, 25, 26, 51, 52, 701, 702)] == [
        "A", "D", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
