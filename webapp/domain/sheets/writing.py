"""The draft of a trip as a sheet to take out: XLSX and CSV, and an empty one to fill in.

What is written here can be brought in again as it is, and then changes nothing.
"""

import io
from collections.abc import Sequence
from datetime import date, time
from typing import Any

import xlsxwriter

from webapp.domain import agendas
from webapp.domain.sheets import fields, lines, names, texts, vocabulary
from webapp.domain.sheets.fields import WRITTEN, Field
from webapp.domain.sheets.help import explained
from webapp.domain.sheets.lines import Line
from webapp.domain.sheets.names import Names
from webapp.domain.sheets.tables import MOST_ROWS, Cell
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemState, Mode
from webapp.models.trip import Trip

# Strings stay strings: what begins with "=" is no formula, what looks like an address no link.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTHS = {
    Field.TITLE_EN: 34,
    Field.TITLE_FR: 34,
    Field.DESCRIPTION_EN: 40,
    Field.DESCRIPTION_FR: 40,
}
LEAST_WIDTH = 12
SHEET, NOTES, LISTS = "Agenda", "Help", "Lists"


def xlsx(trip: Trip, language: str) -> bytes:
    """The draft as a workbook, names of columns and words in `language`."""
    known = names.of(trip)
    items = agendas.draft(trip)
    return _workbook(trip, known, [lines.of_item(i, known, language) for i in items], language)


def template(trip: Trip, language: str) -> bytes:
    """The same workbook without a row, to be filled in: it explains its columns, and offers the
    kinds, tracks, venues and zones that this trip has."""
    return _workbook(trip, names.of(trip), [], language)


def csv(trip: Trip, language: str) -> bytes:
    """The draft as a CSV file with the same columns."""
    known = names.of(trip)
    rows = [[fields.name(field, language) for field in WRITTEN]]
    for item in agendas.draft(trip):
        said = lines.as_texts(lines.of_item(item, known, language))
        rows.append([said[field] for field in WRITTEN])
    return texts.write(rows)


def _workbook(trip: Trip, known: Names, rows: Sequence[Line], language: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT})
    sheet = book.add_worksheet(SHEET)
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#E3EEF1", "bottom": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "hh:mm"}),
        "seconds": book.add_format({"num_format": "hh:mm:ss"}),
        "text": book.add_format({"num_format": "@", "valign": "top"}),
        "bold": book.add_format({"bold": True, "valign": "top"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for column, field in enumerate(WRITTEN):
        sheet.write_string(0, column, fields.name(field, language), formats["head"])
        sheet.set_column(column, column, WIDTHS.get(field, LEAST_WIDTH))
    for number, line in enumerate(rows, start=1):
        for column, field in enumerate(WRITTEN):
            _write(sheet, number, column, line[field], formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(WRITTEN) - 1)
    _explain(book.add_worksheet(NOTES), formats, language)
    _offer(book, sheet, _choices(trip, known, language))
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None | "":
            return
        case time():
            sheet.write_datetime(row, column, cell, formats["seconds" if cell.second else "time"])
        case date():
            sheet.write_datetime(row, column, cell, formats["date"])
        case int():
            sheet.write_number(row, column, cell)
        case _:
            sheet.write_string(row, column, str(cell), formats["text"])


def _explain(sheet: Any, formats: dict[str, Any], language: str) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for row, (field, text) in enumerate(explained(language)):
        if field is not None:
            sheet.write_string(row, 0, fields.name(field, language), formats["bold"])
        sheet.write_string(row, 1, text, formats["wrapped"])


def _choices(trip: Trip, known: Names, language: str) -> dict[Field, list[str]]:
    """What the cells of a column may say, where that is a list."""
    near = {stop.zone: None for stop in trip.stops} | {trip.zone: None}
    zones = [*near, *([trip.home_zone] if trip.home_zone and trip.home_zone not in near else [])]
    venues = sorted(known.venues.calls.values(), key=str.casefold)
    return {
        Field.KIND: vocabulary.words(ItemKind, language),
        Field.AUDIENCE: vocabulary.words(Audience, language),
        Field.STATE: vocabulary.words(ItemState, language),
        Field.ATTENDANCE: vocabulary.words(Attendance, language),
        Field.MODE: vocabulary.words(Mode, language),
        Field.ZONE: zones,
        Field.END_ZONE: zones,
        Field.STOP: list(dict.fromkeys(known.stops.calls.values())),
        Field.TRACK: list(known.tracks.calls.values()),
        Field.VENUE: venues,
        Field.TO_VENUE: venues,
    }


def _offer(book: Any, sheet: Any, choices: dict[Field, list[str]]) -> None:
    """Lists to choose from. They are offered, and nothing else is refused in the sheet: the dry
    run says what is wrong, with the row, and a venue may be one that is still to be added."""
    hidden = book.add_worksheet(LISTS)
    hidden.hide()
    for place, (field, offered) in enumerate((f, found) for f, found in choices.items() if found):
        for row, choice in enumerate(offered):
            hidden.write_string(row, place, choice)
        letter, column = fields.letter(place), WRITTEN.index(field)
        sheet.data_validation(
            1, column, MOST_ROWS, column,
            {
                "validate": "list",
                "source": f"={LISTS}!${letter}$1:${letter}${len(offered)}",
                "show_error": False,
            },
        )  # fmt: skip
