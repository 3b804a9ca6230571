"""What is wrong with a file, in the reader's language."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import i18n
from webapp.domain.sheets import Fault, Format, Problem, Table, Trouble, fields, vocabulary
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.tables import MOST_COLUMNS, MOST_ROWS

SHOWN = 60  # characters of what a cell says

TROUBLES: dict[Trouble, Any] = {
    Trouble.EMPTY: _l("There is nothing in this file."),
    Trouble.NO_ROWS: _l("There is nothing under the first row of this file."),
    Trouble.TOO_LARGE: _l("This file is too large: at most 4 MB, and 40 MB unpacked."),
    Trouble.TOO_MANY_ROWS: _l("This file has too many rows: at most %(rows)d at once."),
    Trouble.TOO_MANY_COLUMNS: _l("This file has too many columns: at most %(columns)d."),
    Trouble.CELL_TOO_LONG: _l("A cell of this file is too long."),
    Trouble.UNKNOWN_FORMAT: _l("We read XLSX, CSV and ICS files. This is something else."),
    Trouble.OLD_EXCEL: _l(
        "This is an old Excel file, or one with a password. Please save it as .xlsx first, without "
        "a password."
    ),
    Trouble.DAMAGED: _l("This file is damaged and cannot be read. Please save it once more."),
    Trouble.ENCODING: _l("This is no text that we can read. Please save it as UTF-8."),
}
FAULTS: dict[Fault, Any] = {
    Fault.MISSING: _l("this must be filled in."),
    Fault.UNKNOWN_WORD: _l("“%(value)s” is not known here. Use one of: %(known)s."),
    Fault.NO_DATE: _l("“%(value)s” is no date. Write it like 2027-10-26 or 26/10/2027."),
    Fault.NO_TIME: _l("“%(value)s” is no time of day. Write it like 14:30."),
    Fault.NO_NUMBER: _l("“%(value)s” is no whole number from %(least)d to %(most)d."),
    Fault.NO_ZONE: _l("we do not know the time zone “%(value)s”. Write it like Europe/Paris."),
    Fault.NO_UID: _l("“%(value)s” is no UID of ours. Leave it empty, and use the key instead."),
    Fault.NO_LANGUAGE: _l("we know no language “%(value)s”. Write it like en, fr."),
    Fault.NO_ROLE: _l("“%(value)s” is no role. Use one of: %(known)s."),
    Fault.TOO_LONG: _l("%(length)d characters are too many: at most %(most)d."),
    Fault.DATES_DIFFER: _l("“%(value)s” is on another date than “%(other)s”."),
    Fault.SKIPPED: _l(
        "the clocks skip %(value)s. The nearest times that exist are %(before)s and %(after)s."
    ),
    Fault.TWICE: _l(
        "the clocks show %(value)s twice. Write %(first)s for the first pass, %(second)s for the "
        "second."
    ),
    Fault.OFFSET: _l("the clocks of %(zone)s are not at that distance to UTC: “%(value)s”."),
    Fault.YEAR: _l("please check the year of %(value)s."),
    Fault.ENDS_FIRST: _l(
        "the end must come after the start. If it is on a later day, give the date of the end."
    ),
    Fault.UNKNOWN_NAME: _l("we know no “%(value)s” here."),
    Fault.SEVERAL: _l("several are called “%(value)s”: %(names)s."),
    Fault.NO_VENUE_FOR_ROOM: _l("the room “%(value)s” needs a venue beside it."),
    Fault.NO_CITY_FOR_VENUE: _l("to add the venue “%(value)s” we need its city beside it."),
    Fault.OTHER_TOUR: _l("this UID belongs to another tour. Leave it empty."),
    Fault.SAME_ITEM: _l("this is the same session as in row %(other)d."),
    Fault.KEY_TAKEN: _l("the key “%(value)s” belongs to another session."),
    Fault.REPEATS: _l(
        "this event repeats. Please bring in each time as an event of its own, or add them here."
    ),
    Fault.ALL_DAY: _l("this event lasts all day. A session has a start and an end."),
}


def trouble(found: Trouble, row: int | None) -> str:
    """Why a file cannot be read."""
    facts = {"rows": MOST_ROWS, "columns": MOST_COLUMNS}
    said = str(TROUBLES[found]) % facts
    return said if row is None else _("%(problem)s (Row %(row)d.)", problem=said, row=row)


def sentence(problem: Problem, table: Table) -> str:
    """One problem: where, by row and column, and what to mend."""
    if problem.fault == Fault.NO_COLUMN:
        return _(
            "No column is chosen for “%(column)s”, which new sessions need.",
            column=column_name(problem.facts["field"]),
        )
    return _("%(place)s: %(problem)s", place=place(problem, table), problem=_what(problem))


def place(problem: Problem, table: Table) -> str:
    """Row 12, column D (Starts); of a calendar: event 12, DTSTART (time)."""
    row, column = problem.row or 0, problem.column
    header = "" if column is None else _short(table.header[column])
    if table.format == Format.ICS:
        return _("Event %(row)d, %(header)s", row=row, header=header)
    if column is None:
        return _("Row %(row)d", row=row)
    return _(
        "Row %(row)d, column %(letter)s (%(header)s)",
        row=row,
        letter=fields.letter(column),
        header=header,
    )


def column_name(field: Field) -> str:
    """What a column is called in the reader's language."""
    return fields.name(field, i18n.current_language())


def _what(problem: Problem) -> str:
    said = str(FAULTS[problem.fault]) % {k: _fact(v) for k, v in problem.facts.items()}
    if problem.facts.get("near"):
        near = ", ".join(problem.facts["near"])
        return _("%(problem)s Did you mean: %(near)s?", problem=said, near=near)
    return said


def _fact(value: Any) -> Any:
    match value:
        case int():
            return value
        case datetime():
            return f"{i18n.date_short(value)}, {i18n.clock_time(value)}"
        case list():
            return "; ".join(map(str, value))
        case type() if issubclass(value, StrEnum):
            return ", ".join(vocabulary.words(value, i18n.current_language()))
    return _short(str(value))


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
