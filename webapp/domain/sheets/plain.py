"""Any table as a sheet to take out: a head, rows of texts and numbers, nothing that calculates."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from webapp.domain.sheets import texts
from webapp.domain.sheets.writing import AS_TEXT, LEAST_WIDTH

Value = str | int | Decimal | None  # Decimal: money, with two decimals
WIDEST = 46
LONGEST_CELL = 32_767  # characters, as Excel has it


def xlsx(name: str, rows: Sequence[Sequence[Value]]) -> bytes:
    """A workbook with one sheet called `name`; the first row is its head."""
    out = io.BytesIO()
    # So that the same table is the same file, whenever it is written.
    book = xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  # no instant of ours
    sheet = book.add_worksheet(name[:31])
    head = book.add_format({"bold": True, "bg_color": "#E3EEF1", "bottom": 1})
    text = book.add_format({"num_format": "@", "valign": "top"})
    money = book.add_format({"num_format": "#,##0.00"})
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell)
            elif isinstance(cell, Decimal):
                sheet.write_number(row, column, float(cell), money)
            elif cell:
                sheet.write_string(row, column, cell[:LONGEST_CELL], text if row else head)
    for column in range(len(rows[0])):
        widest = max(len(str(cells[column] or "")) for cells in rows[:200])
        sheet.set_column(column, column, min(max(widest + 2, LEAST_WIDTH), WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows) - 1, 1), len(rows[0]) - 1)
    book.close()
    return out.getvalue()


def csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """The same as a CSV file."""
    return texts.write([["" if cell is None else str(cell) for cell in cells] for cells in rows])
