"""What is wrong with a sheet of people, in the reader's language."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import i18n
from webapp.domain import rosters
from webapp.domain.rosters import Column, Fault, FileRefused, Problem, Roster, Trouble, columns
from webapp.domain.sheets.fields import letter
from webapp.domain.sheets.tables import MOST_COLUMNS

SHOWN = 60  # characters of what a cell says

TROUBLES: dict[Trouble, Any] = {
    Trouble.EMPTY: _l("There is nothing in this sheet."),
    Trouble.NO_ROWS: _l("There is nobody under the headers of this sheet."),
    Trouble.TOO_LARGE: _l("This file is too large: at most 4 MB, and 40 MB unpacked."),
    Trouble.TOO_MANY_ROWS: _l("This sheet has too many rows: at most %(rows)d at once."),
    Trouble.TOO_MANY_COLUMNS: _l("This file has too many columns: at most %(columns)d."),
    Trouble.CELL_TOO_LONG: _l("A cell of this file is too long."),
    Trouble.UNKNOWN_FORMAT: _l("We read XLSX and CSV files. This is something else."),
    Trouble.OLD_EXCEL: _l(
        "This is an old Excel file, or one with a password. Please save it as .xlsx first, without "
        "a password."
    ),
    Trouble.DAMAGED: _l("This file is damaged and cannot be read. Please save it once more."),
    Trouble.ENCODING: _l("This is no text that we can read. Please save it as UTF-8."),
}
FAULTS: dict[Fault, Any] = {
    Fault.MISSING: _l("this must be filled in."),
    Fault.ONE_NAME: _l("we need a first and a last name."),
    Fault.NO_MAIL: _l("“%(value)s” is not a mail address. Write it like name@company.com."),
    Fault.NO_PHONE: _l(
        "“%(value)s” is not a telephone number. Write it with its country code: +33 4 91 00 00 00."
    ),
    Fault.NO_LANGUAGE: _l("“%(value)s” is not a language we write in. Use English or French."),
    Fault.NO_COUNTRY: _l("“%(value)s” is not a country we know. Write it like France or FR."),
    Fault.NO_WEBSITE: _l("“%(value)s” is not a web address. Write it like www.company.com."),
    Fault.WEB_ADDRESS: _l("please leave web addresses out of this column."),
    Fault.TOO_LONG: _l("%(length)d characters are too many: at most %(most)d."),
    Fault.SAME_MAIL: _l("row %(other)d has the same mail address."),
}


def trouble(refused: FileRefused) -> str:
    """Why a sheet cannot be read at all."""
    facts = {"rows": rosters.MOST_ROWS, "columns": MOST_COLUMNS}
    said = str(TROUBLES[refused.trouble]) % facts
    if refused.row is None:
        return said
    return _("%(problem)s (Row %(row)d.)", problem=said, row=refused.row)


def sentence(problem: Problem, roster: Roster) -> str:
    """One thing wrong: where, by row and column, and what to mend."""
    if problem.fault == Fault.NO_COLUMN:
        return _(
            "No column is chosen for “%(column)s”.", column=column_name(problem.facts["column"])
        )
    said = str(FAULTS[problem.fault]) % {k: _fact(v) for k, v in problem.facts.items()}
    return _("%(place)s: %(problem)s", place=_place(problem, roster), problem=said)


def column_name(column: Column) -> str:
    """What a column is called in the reader's language."""
    return columns.name(column, i18n.current_language())


def _place(problem: Problem, roster: Roster) -> str:
    if problem.column is None:
        return _("Row %(row)d", row=problem.row)
    if not roster.had_header:
        return _("Row %(row)d, column %(letter)s", row=problem.row, letter=letter(problem.column))
    return _(
        "Row %(row)d, column %(letter)s (%(header)s)",
        row=problem.row,
        letter=letter(problem.column),
        header=_short(roster.table.header[problem.column]),
    )


def _fact(value: Any) -> Any:
    return value if isinstance(value, int) else _short(str(value))


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
