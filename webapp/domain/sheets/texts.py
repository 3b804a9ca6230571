"""Sheets as text: CSV in the encodings and with the separators that programs write."""

import codecs
import csv
import io
import re
from collections.abc import Iterable

from webapp.domain.sheets.tables import MOST_ROWS, FileRefused, Format, Line, Table, Trouble
from webapp.domain.sheets.tables import from_lines as table_of

SEPARATORS = ",;\t"
# A cell that begins so is a formula to a spreadsheet, whoever wrote it (DESIGN rule 13).
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def read(data: bytes) -> Table:
    """The table of a CSV file. Raises FileRefused."""
    return table_of(Format.CSV, lines(data))


def lines(data: bytes, most_rows: int = MOST_ROWS) -> list[Line]:
    """The lines of a CSV file, each text without the apostrophe that keeps it from being a
    formula. Raises FileRefused."""
    text = decoded(data)
    separator = None
    if found := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):  # Excel's own first line
        separator, text = found[1], text[found.end() :]
    taken: list[Line] = []
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator or _separator(text), strict=True
    )
    try:
        for number, row in enumerate(reader, start=1 + bool(found)):
            if len(taken) > most_rows + 100:  # empty rows are not counted, and not without end
                raise FileRefused(Trouble.TOO_MANY_ROWS)
            taken.append((number, [unguarded(cell) or None for cell in row]))
    except csv.Error as error:
        raise FileRefused(Trouble.DAMAGED, reader.line_num) from error
    return taken


def write(rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file that spreadsheets open as it is meant: with a mark of its encoding, and no text
    that could be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would calculate it."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def decoded(data: bytes) -> str:
    """The text of a file by its mark, else as UTF-8, else as Windows writes western languages.

    Raises FileRefused for what is no text.
    """
    encodings = ["utf-8-sig", "cp1252"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise FileRefused(Trouble.ENCODING)


def _separator(text: str) -> str:
    """That of the three which cuts the first lines into most cells."""
    head = "\n".join(text.splitlines()[:5])
    return max(SEPARATORS, key=head.count)
