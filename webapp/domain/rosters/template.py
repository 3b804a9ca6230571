"""An empty sheet of people, to be filled in."""

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from webapp.domain.rosters import columns
from webapp.domain.rosters.columns import OF_A_COMPANY, OF_A_PERSON, Column
from webapp.domain.sheets import vocabulary
from webapp.domain.sheets.writing import AS_TEXT

WIDTHS = {Column.EMAIL: 32, Column.COMPANY: 32, Column.COORDINATOR_EMAIL: 32}
LEAST_WIDTH = 18
LAST_ROW = 10_000
SHEET = {"en": "Delegates", "fr": "Délégués"}


def template(
    language: str, questions: Mapping[str, str] | None = None, *, companies: bool = False
) -> bytes:
    """A workbook with a line of headers in English or French; with a column for each question
    (label by key), and where `companies` also for the company and its coordinator."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT})
    sheet = book.add_worksheet(SHEET[language])
    wanted = (*(OF_A_COMPANY if companies else ()), *OF_A_PERSON)
    heads = [(columns.name(each, language), WIDTHS.get(each, LEAST_WIDTH)) for each in wanted]
    heads += [(label, LEAST_WIDTH) for label in (questions or {}).values()]
    _write(book, sheet, heads)
    place = wanted.index(Column.LANGUAGE)
    sheet.data_validation(
        1, place, LAST_ROW, place,
        {"validate": "list", "source": _languages(language), "show_error": False},
    )  # fmt: skip
    book.close()
    return out.getvalue()


def _write(book: Any, sheet: Any, heads: list[tuple[str, int]]) -> None:
    bold = book.add_format({"bold": True, "valign": "top"})
    as_text = book.add_format({"num_format": "@"})  # so that +33... stays a telephone number
    for column, (text, width) in enumerate(heads):
        sheet.write_string(0, column, text, bold)
        sheet.set_column(column, column, width, as_text)
    sheet.freeze_panes(1, 0)


def _languages(language: str) -> list[str]:
    named = {"en": ["English", "French"], "fr": ["anglais", "français"]}[language]
    assert all(vocabulary.language_code(each) for each in named)
    return named
