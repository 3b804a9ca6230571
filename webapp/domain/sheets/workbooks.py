"""Sheets of Excel: weighed before they are read, so that a small file cannot fill the memory."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from python_calamine import ZipError as CalamineZipError

from webapp.domain.sheets.tables import (
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    FileRefused,
    Format,
    Line,
    Table,
    Trouble,
)
from webapp.domain.sheets.tables import from_lines as table_of

LARGEST_INSIDE = 40_000_000  # octets of all parts of a workbook, unpacked
MOST_PARTS = 500
MOST_CELLS = 400_000
MOST_TEXT = 20_000_000  # characters of all cells
EMPTY_ROWS = 1_000  # room for a few; every one of them takes memory
LAST_COLUMN = 4 * MOST_COLUMNS
PIECE = 1 << 16


def read(data: bytes) -> Table:
    """The table of the first visible sheet that says anything. Raises FileRefused."""
    return table_of(Format.XLSX, lines(data))


def lines(data: bytes, most_rows: int = MOST_ROWS) -> list[Line]:
    """The lines of the first visible sheet that says anything. Raises FileRefused."""
    parts = _parts(data)
    if "xl/workbook.xml" not in parts:
        raise FileRefused(Trouble.UNKNOWN_FORMAT)
    _weigh(parts, most_rows + EMPTY_ROWS)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts)))
        for number, sheet in enumerate(book.sheets_metadata):
            shown = sheet.visible == SheetVisibleEnum.Visible
            if shown and sheet.typ == SheetTypeEnum.WorkSheet:
                found = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
                if any(cell != "" for line in found for cell in line):
                    return [(n, list(map(_cell, line))) for n, line in enumerate(found, 1)]
    except (CalamineError, CalamineZipError, ValueError, OSError) as error:
        raise FileRefused(Trouble.DAMAGED) from error
    except BaseException as error:
        # The reader is Rust: where it gives up it raises what is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise FileRefused(Trouble.DAMAGED) from error
    raise FileRefused(Trouble.EMPTY)


def _cell(value: Cell) -> Cell:
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook that we read, unpacked; never more than LARGEST_INSIDE, whatever
    the file says of itself."""
    found: dict[str, bytes] = {}
    left = LARGEST_INSIDE
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_PARTS:
                raise FileRefused(Trouble.TOO_LARGE)
            for member in members:
                name = member.filename.lstrip("/")
                if not re.fullmatch(r"(xl/|_rels/|\[Content_Types\])[^\\]*\.(xml|rels)", name):
                    continue
                found[name] = b"".join(_pieces(archive, member, left))
                left -= len(found[name])
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError) as error:
        raise FileRefused(Trouble.DAMAGED) from error
    except (NotImplementedError, RuntimeError) as error:  # packed in a strange way, or a password
        raise FileRefused(Trouble.DAMAGED) from error
    return found


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    with archive.open(member) as packed:
        while piece := packed.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise FileRefused(Trouble.TOO_LARGE)
            yield piece


def _packed(parts: dict[str, bytes]) -> bytes:
    """The same workbook as a file that holds no more than we looked at."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


@dataclass(slots=True)
class _Weight:
    """What is counted while the parts of a workbook go by."""

    lengths: list[int]  # of the shared texts
    last_row: int
    counting: bool = False  # the shared texts are known, the cells go by
    sources: int = 0  # parts that hold shared texts
    cells: int = 0
    text: int = 0
    row: int = 0
    column: int = 0
    shared: bool = False  # the cell at hand holds the number of a shared text
    inside: bool = False  # a shared text goes by
    value: str | None = None  # text of the element at hand, if it counts


def _weigh(parts: dict[str, bytes], last_row: int) -> None:
    """See that the cells of all sheets lie near each other and hold no more text than fits.

    One shared text may stand in every cell, and a cell at the far corner makes room for all the
    others: neither shows in the size of the file. Raises FileRefused.
    """
    weight = _Weight([], last_row)
    try:
        for counting in (False, True):
            weight.counting = counting
            for body in filter(re.compile(rb"[<:](c|si)[\s/>]").search, parts.values()):
                weight.row = weight.column = 0
                known = len(weight.lengths)
                _walk(body, weight)
                weight.sources += len(weight.lengths) > known
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last: an unknown encoding
        raise FileRefused(Trouble.DAMAGED) from error
    if weight.sources > 1:
        raise FileRefused(Trouble.DAMAGED)


def _walk(body: bytes, weight: _Weight) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        _start(name.rpartition(":")[2], attributes, weight)

    def end(name: str) -> None:
        _end(name.rpartition(":")[2], weight)

    def text(data: str) -> None:
        if weight.value is not None:
            weight.value += data

    def doctype(*_rest: object) -> None:
        raise FileRefused(Trouble.DAMAGED)  # no spreadsheet writes one

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(body, True)


def _start(name: str, attributes: dict[str, str], weight: _Weight) -> None:
    if name == "si":
        weight.inside = True
        if not weight.counting:
            weight.lengths.append(0)
    elif name == "row":
        weight.row = _number(attributes.get("r"), weight.row + 1)
        weight.column = 0
    elif name == "c":
        weight.row, weight.column = _place(attributes.get("r"), weight)
        weight.shared = attributes.get("t") == "s"
    elif name in ("v", "t"):
        weight.value = ""


def _end(name: str, weight: _Weight) -> None:
    if name == "si":
        weight.inside = False
    if name not in ("v", "t") or weight.value is None:
        return
    said, weight.value = weight.value, None
    if weight.inside:
        if not weight.counting:
            weight.lengths[-1] += len(said)
    elif weight.counting:
        _count(said, weight, shared=name == "v" and weight.shared)


def _count(said: str, weight: _Weight, *, shared: bool) -> None:
    number = _number(said, -1) if shared else -1
    weight.cells += 1
    weight.text += weight.lengths[number] if 0 <= number < len(weight.lengths) else len(said)
    if weight.row > weight.last_row:
        raise FileRefused(Trouble.TOO_MANY_ROWS)
    if weight.column > LAST_COLUMN:
        raise FileRefused(Trouble.TOO_MANY_COLUMNS)
    if weight.cells > MOST_CELLS or weight.text > MOST_TEXT:
        raise FileRefused(Trouble.TOO_LARGE)


def _place(reference: str | None, weight: _Weight) -> tuple[int, int]:
    """Row and column of a cell, counted from 1: as it says, else after the cell before it."""
    if reference is None:
        return weight.row, weight.column + 1
    found = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", reference)
    if not found:
        raise FileRefused(Trouble.DAMAGED)
    column = 0
    for sign in found[1].upper():
        column = column * 26 + ord(sign) - ord("A") + 1
    return int(found[2]), column


def _number(text: str | None, other: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\s*\d{1,9}\s*", text) else other
