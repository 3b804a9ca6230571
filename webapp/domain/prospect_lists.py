"""Lists of companies to invite, pasted or uploaded: read row by row, nothing looked up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.rosters import columns, values
from webapp.domain.rosters.columns import Column
from webapp.domain.sheets import cells, reading
from webapp.domain.sheets.tables import Cell, FileRefused, Line, Trouble, says_something

MOST_ROWS = 1_000  # invitations at once
LONGEST = 200  # characters of a name
SHOWN = 60  # characters of a cell that is told back


class Fault(StrEnum):
    """What can be wrong with a row."""

    NO_COMPANY = "no company"
    NO_MAIL = "no mail address"
    BAD_MAIL = "bad mail address"
    BAD_LANGUAGE = "bad language"
    WEB_ADDRESS = "web address in a name"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Asked:
    """A company to invite. `name` is of the human who is written to and may be empty; `language`
    is "en" or "fr"."""

    organization_name: str
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: whom it asks, or what is wrong with it and the cell that says so."""

    number: int
    asked: Asked | None
    fault: Fault | None = None
    said: str = ""


def read(source: str | bytes, language: str) -> list[Row]:
    """The rows of a pasted text (tab, comma or semicolon between the cells, or only addresses), or
    of an XLSX or CSV file: company, name, email, language, by their headers or else by their looks
    and order. `language` is that of rows which name none. Raises FileRefused, also beyond MOST_ROWS
    rows."""
    data = source.encode("utf-8", "replace") if isinstance(source, str) else source
    _kind, lines = reading.lines(data, MOST_ROWS + 1)
    filled = says_something(lines)
    if not filled:
        raise FileRefused(Trouble.EMPTY)
    places = _by_header(filled[0][1])
    rows = filled[1:] if places else filled
    if not rows:
        raise FileRefused(Trouble.NO_ROWS)
    if len(rows) > MOST_ROWS:
        raise FileRefused(Trouble.TOO_MANY_ROWS)
    return [_row(line, places or _by_looks(line[1]), language) for line in rows]


def written(rows: list[Row]) -> str:
    """The rows that can be asked, as a text that `read` reads as the same ones."""
    return "\n".join(
        f"{each.organization_name}\t{each.name}\t{each.email}\t{each.language}"
        for each in (row.asked for row in rows if row.asked)
    )


def _row(line: Line, places: Mapping[str, int], language: str) -> Row:
    number, found = line
    said = {place: _text(found, column) for place, column in places.items()}
    company = said.get(Column.COMPANY, "")
    name = said.get(Column.NAME, "") or _both(said)
    address, tongue = said.get(Column.EMAIL, ""), said.get(Column.LANGUAGE, "")
    email = values.mail(address) if address else None
    code = values.language(tongue) if tongue else language
    fault, cell = _fault(company, name, address, email, tongue if code is None else "")
    if fault or email is None:
        return Row(number, None, fault, cell[:SHOWN])
    return Row(number, Asked(company, name, email, code or language))


def _fault(
    company: str, name: str, address: str, email: str | None, bad_language: str
) -> tuple[Fault | None, str]:
    faults = (
        (not address, Fault.NO_MAIL, company),
        (address and email is None, Fault.BAD_MAIL, address),
        (not company, Fault.NO_COMPANY, address),
        (max(len(company), len(name)) > LONGEST, Fault.TOO_LONG, company),
        (values.has_address(f"{company} {name}"), Fault.WEB_ADDRESS, company),
        (bad_language, Fault.BAD_LANGUAGE, bad_language),
    )
    return next(((fault, said) for wrong, fault, said in faults if wrong), (None, ""))


def _by_header(head: list[Cell]) -> dict[str, int] | None:
    """Which column is what by the names in the first line; None where it is no header: it holds an
    address, or no name that we know of a column."""
    said = [cells.text(cell) for cell in head]
    if any("@" in text for text in said):
        return None
    found = columns.guess(said)
    if Column.EMAIL not in found and Column.COORDINATOR_EMAIL in found:
        found[Column.EMAIL] = found[Column.COORDINATOR_EMAIL]
    if Column.NAME not in found and Column.COORDINATOR_NAME in found:
        found[Column.NAME] = found[Column.COORDINATOR_NAME]
    if Column.EMAIL not in found:
        return None
    if Column.COMPANY not in found and Column.NAME in found:
        found[Column.COMPANY] = found.pop(Column.NAME)
    return found


def _by_looks(row: list[Cell]) -> dict[str, int]:
    """A row without headers: the address and the language by their looks, the rest in order."""
    found: dict[str, int] = {}
    rest = iter((Column.COMPANY, Column.NAME))
    for number in range(len(row)):
        text = _text(row, number)
        if "@" in text and Column.EMAIL not in found:
            found[Column.EMAIL] = number
        elif re.fullmatch(r"(?i)en|fr", text) and Column.LANGUAGE not in found:
            found[Column.LANGUAGE] = number
        elif text and (place := next(rest, None)):
            found[place] = number
    return found


def _both(said: Mapping[str, str]) -> str:
    return f"{said.get(Column.GIVEN_NAME, '')} {said.get(Column.FAMILY_NAME, '')}".strip()


def _text(row: list[Cell], column: int) -> str:
    return cells.name(cells.text(row[column])) if column < len(row) else ""
