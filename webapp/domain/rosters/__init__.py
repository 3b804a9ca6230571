"""Sheets of people: pasted or uploaded, read into delegates, each broken row named.

columns   what a column may say, and its names in English and French
values    what one cell says
rows      one row: data, or what is wrong with it
template  an empty sheet to fill in
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.domain.rosters import columns
from webapp.domain.rosters.columns import Column
from webapp.domain.rosters.rows import Fault, Home, Problem, Row, read_row
from webapp.domain.rosters.template import template
from webapp.domain.sheets import reading
from webapp.domain.sheets.tables import Cell, FileRefused, Table, from_lines, says_something
from webapp.domain.sheets.tables import Trouble as Trouble

MOST_ROWS = 10_000

__all__ = [
    "MOST_ROWS",
    "Column",
    "Fault",
    "FileRefused",
    "Problem",
    "Roster",
    "Row",
    "Trouble",
    "read",
    "template",
]


@dataclass(frozen=True, slots=True)
class Roster:
    """What a sheet says: `rows` as they come; `faults` those of the sheet and of every row, in
    order; `places` says which column holds what. `had_header` is False where the columns were told
    by their order."""

    table: Table
    places: Mapping[str, int]
    rows: tuple[Row, ...]
    faults: tuple[Problem, ...]
    had_header: bool


def read(
    source: str | bytes,
    filename: str = "",
    *,
    home: Home | None = None,
    questions: Mapping[str, Iterable[str]] | None = None,
    places: Mapping[str, int] | None = None,
) -> Roster:
    """The people of a pasted text (tab, comma or semicolon between the cells) or of an XLSX or CSV
    file, with or without a line of headers; nothing is looked up.

    `home` is what empty cells mean; `questions` are the words for the tour's questions by key;
    `places` says which column is what where the guess was wrong. `filename` is the caller's: what
    a file is, its octets say. Raises sheets.FileRefused, also beyond MOST_ROWS rows.
    """
    data = source.encode("utf-8", "replace") if isinstance(source, str) else source
    kind, lines = reading.lines(data, MOST_ROWS)
    filled = says_something(lines)
    had_header = bool(filled) and _is_header(filled[0][1], questions)
    if filled and not had_header:
        filled = [(0, list(_by_content([cells for _number, cells in filled[:50]]))), *filled]
    table = from_lines(kind, filled, MOST_ROWS)
    found = columns.guess(table.header, questions) if places is None else dict(places)
    rows, faults = _rows(table, found, home or Home())
    return Roster(table, found, tuple(rows), tuple(faults), had_header)


def _rows(table: Table, places: dict[str, int], home: Home) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    faults = _columns_missing(places)
    first: dict[str, int] = {}
    for line in table.rows:
        row = read_row(line, places, home)
        known = first.setdefault(row.email, row.number) if row.email else row.number
        if known != row.number:
            row = row.refused(
                Problem(row.number, places[Column.EMAIL], Fault.SAME_MAIL, {"other": known})
            )
        rows.append(row)
        faults += row.faults
    return rows, faults


def _columns_missing(places: dict[str, int]) -> list[Problem]:
    named = Column.NAME in places or {Column.GIVEN_NAME, Column.FAMILY_NAME} <= set(places)
    lacking = [] if named else [Column.GIVEN_NAME, Column.FAMILY_NAME]
    lacking += [] if Column.EMAIL in places else [Column.EMAIL]
    return [
        Problem(None, None, Fault.NO_COLUMN, {"column": each})
        for each in lacking
        if each not in places
    ]


def _is_header(cells: list[Cell], questions: Mapping[str, Iterable[str]] | None) -> bool:
    """Whether a first line names columns: it holds no address, and a word that we know."""
    said = [str(cell or "") for cell in cells]
    return not any("@" in text for text in said) and bool(columns.guess(said, questions))


def _by_content(lines: list[list[Cell]]) -> list[str]:
    """Headers for a sheet without any: the addresses and the telephone numbers are told by their
    looks, the rest are first name, last name, job title, in this order."""
    width = max(len(cells) for cells in lines)
    looks = [[str(c[n]) for c in lines if n < len(c) and c[n] is not None] for n in range(width)]
    rest = iter((Column.GIVEN_NAME, Column.FAMILY_NAME, Column.JOB_TITLE, Column.COMPANY))
    given: list[str] = []
    for texts in looks:
        column = _by_looks(texts)
        if column is None or columns.name(column, "en") in given:
            column = next(rest, None) if texts else None
        given.append(columns.name(column, "en") if column else "?")
    last, first = (columns.name(c, "en") for c in (Column.FAMILY_NAME, Column.GIVEN_NAME))
    if first in given and last not in given:
        given[given.index(first)] = columns.name(Column.NAME, "en")
    return given


def _by_looks(texts: list[str]) -> Column | None:
    if any("@" in text for text in texts):
        return Column.EMAIL
    if texts and all(sum(sign.isdigit() for sign in text) >= 6 for text in texts):
        return Column.PHONE
    if texts and all(text.strip().lower() in ("en", "fr") for text in texts):
        return Column.LANGUAGE
    return None
