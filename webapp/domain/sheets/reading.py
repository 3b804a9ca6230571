"""From the octets of a file to a table, whatever kind of file it is."""

import re

from webapp.domain.sheets import events, fields, texts, workbooks
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.tables import LARGEST, FileRefused, Format, Line, Table, Trouble

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CALENDAR = re.compile(rb"\A(\xef\xbb\xbf)?\s*BEGIN:VCALENDAR", re.IGNORECASE)
# What somebody may take for a sheet, by its first octets: PDF, PNG, JPEG, GIF, gzip, HTML, RTF.
OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"<!DOCTYPE",
    b"<html",
    b"{\\rtf",
)


def read(data: bytes, zone: str) -> Table:
    """The table in an XLSX, CSV or iCalendar file, told apart by its content. `zone` is that of
    calendar times without one. Raises FileRefused."""
    _refuse(data)
    if data.startswith(ZIP):
        return workbooks.read(data)
    if CALENDAR.match(data):
        return events.read(data, zone)
    return texts.read(data)


def lines(data: bytes, most_rows: int) -> tuple[Format, list[Line]]:
    """The lines of an XLSX or CSV file, for a sheet that may lack a header. Raises FileRefused."""
    _refuse(data)
    if CALENDAR.match(data):
        raise FileRefused(Trouble.UNKNOWN_FORMAT)
    if data.startswith(ZIP):
        return Format.XLSX, workbooks.lines(data, most_rows)
    return Format.CSV, texts.lines(data, most_rows)


def guess(table: Table) -> dict[Field, int]:
    """Which column probably holds what."""
    return events.places(table) if table.format == Format.ICS else fields.guess(table.header)


def _refuse(data: bytes) -> None:
    """What is no sheet by its size or first octets. Raises FileRefused."""
    if not data.strip():
        raise FileRefused(Trouble.EMPTY)
    if len(data) > LARGEST:
        raise FileRefused(Trouble.TOO_LARGE)
    if data.startswith(OLD_EXCEL):
        raise FileRefused(Trouble.OLD_EXCEL)
    if data.lstrip().startswith(OTHERS):
        raise FileRefused(Trouble.UNKNOWN_FORMAT)
