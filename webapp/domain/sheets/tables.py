"""A file that somebody brings in, as a table: told apart by its content and read within limits."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from webapp.errors import DomainError

LARGEST = 4_000_000  # octets of a file
MOST_ROWS = 5_000
MOST_COLUMNS = 100
LONGEST_CELL = 20_000  # characters

Cell = str | float | int | bool | date | time | datetime | timedelta | None
Line = tuple[int, list[Cell]]  # as a file numbers it, from 1


class Format(StrEnum):
    """What a file turned out to be."""

    XLSX = "xlsx"
    CSV = "csv"
    ICS = "ics"


class Trouble(StrEnum):
    """Why a file cannot be read at all."""

    EMPTY = "empty"
    NO_ROWS = "no rows"
    TOO_LARGE = "too large"
    TOO_MANY_ROWS = "too many rows"
    TOO_MANY_COLUMNS = "too many columns"
    CELL_TOO_LONG = "cell too long"
    UNKNOWN_FORMAT = "unknown format"
    OLD_EXCEL = "old excel"
    DAMAGED = "damaged"
    ENCODING = "encoding"


class FileRefused(DomainError):
    """A file cannot be read; `row` is where, if it is known (1 is the first)."""

    def __init__(self, trouble: Trouble, row: int | None = None) -> None:
        super().__init__(trouble.value if row is None else f"{trouble.value}, row {row}")
        self.trouble = trouble
        self.row = row


class Fault(StrEnum):
    """What can be wrong with one cell, or with one event of a calendar."""

    MISSING = "missing"
    NO_COLUMN = "no column"
    UNKNOWN_WORD = "unknown word"
    NO_DATE = "no date"
    NO_TIME = "no time"
    NO_NUMBER = "no number"
    NO_ZONE = "no zone"
    NO_UID = "no uid"
    NO_LANGUAGE = "no language"
    NO_ROLE = "no role"
    TOO_LONG = "too long"
    DATES_DIFFER = "dates differ"
    SKIPPED = "skipped by the clocks"
    TWICE = "shown twice by the clocks"
    OFFSET = "another offset"
    YEAR = "year"
    ENDS_FIRST = "ends first"
    UNKNOWN_NAME = "unknown name"
    SEVERAL = "several of that name"
    NO_VENUE_FOR_ROOM = "room without venue"
    NO_CITY_FOR_VENUE = "new venue without city"
    OTHER_TOUR = "uid of another tour"
    SAME_ITEM = "two rows, one item"
    KEY_TAKEN = "key of another item"
    REPEATS = "repeats"
    ALL_DAY = "all day"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: the row as a spreadsheet counts it (1 is the header; for a
    calendar the first event), the column counted from 0, and what is wrong. `facts` go into the
    sentence about it."""

    row: int | None
    column: int | None
    fault: Fault
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header. `faults` were found while reading: (column, fault)."""

    number: int
    cells: tuple[Cell, ...]
    faults: tuple[tuple[int, Fault], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: a header and rows of as many cells; empty rows are left out. `language` is
    that of a calendar's texts, as far as it says."""

    format: Format
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    language: str = "en"


def from_lines(kind: Format, lines: list[Line], most_rows: int = MOST_ROWS) -> Table:
    """A table of numbered lines, of which the first that is not empty is the header.

    Raises FileRefused beyond the limits, and for a header alone.
    """
    filled = says_something(lines)
    if not filled:
        raise FileRefused(Trouble.EMPTY)
    (_number, head), *body = filled
    width = max((n + 1 for _, cells in filled for n, cell in enumerate(cells) if _says(cell)))
    if width > MOST_COLUMNS:
        raise FileRefused(Trouble.TOO_MANY_COLUMNS)
    if len(body) > most_rows:
        raise FileRefused(Trouble.TOO_MANY_ROWS)
    if not body:
        raise FileRefused(Trouble.NO_ROWS)
    for number, cells in filled:
        if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
            raise FileRefused(Trouble.CELL_TOO_LONG, number)
    header = [str(cell).strip() if _says(cell) else "" for cell in head[:width]]
    rows = [Row(number, _wide(cells, width)) for number, cells in body]
    return Table(kind, tuple(header + [""] * (width - len(header))), tuple(rows))


def says_something(lines: list[Line]) -> list[Line]:
    """The lines that are not empty."""
    return [(number, cells) for number, cells in lines if any(_says(cell) for cell in cells)]


def _says(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _wide(cells: list[Cell], width: int) -> tuple[Cell, ...]:
    return (*cells[:width], *[None] * (width - len(cells)))
