"""What kind of file some octets are: found from the content, whatever the file is called.

Taken are PDF, PNG, JPEG, DOCX, XLSX and ODT. No plain text: nothing in it says what it is, and a
page or a script is one too; what somebody would write there fits into an answer. Files with macros
or scripts, or with parts that run or fetch something when they are opened, are refused (active.py).
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain import active
from webapp.errors import DomainError

MOST_PARTS = 5_000  # of a zip container
MOST_UNPACKED = 200 * 1024 * 1024  # octets that the container says it holds
MOST_READ = 1024 * 1024  # octets of one part that are looked at
_OOXML = "application/vnd.openxmlformats-officedocument."


class Kind(StrEnum):
    """The kinds of files that are taken; the value is what a name of such a file ends with."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"


class Trouble(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    UNKNOWN = "unknown"  # none of the kinds
    DAMAGED = "damaged"  # begins like one of them, and is not whole
    ACTIVE = "active"  # holds macros, scripts, or parts that run
    FETCHES = "fetches"  # names parts on other machines, which open with it
    LOCKED = "locked"  # asks for a password


class KindRefused(DomainError):
    """The content of the file is none that is taken."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is: its kind, and the media type that it is served with."""

    kind: Kind
    media_type: str


MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.DOCX: f"{_OOXML}wordprocessingml.document",
    Kind.XLSX: f"{_OOXML}spreadsheetml.sheet",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
}
_MAIN_PARTS = {
    Kind.DOCX: ("word/document.xml", f"{_OOXML}wordprocessingml.document.main+xml"),
    Kind.XLSX: ("xl/workbook.xml", f"{_OOXML}spreadsheetml.sheet.main+xml"),
}


def find(data: bytes) -> Found:
    """The kind of file that `data` is. Raises KindRefused."""
    if not data:
        raise KindRefused(Trouble.EMPTY)
    for start, look in _LOOKS:
        if data.startswith(start):
            kind = look(data)
            return Found(kind, MEDIA_TYPES[kind])
    # An office file with a password, and the office files of before 2007, which may hold macros.
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise KindRefused(Trouble.LOCKED)
    raise KindRefused(Trouble.UNKNOWN)


def _pdf(data: bytes) -> Kind:
    if not re.match(rb"%PDF-[12]\.\d", data) or b"%%EOF" not in data[-2048:]:
        raise KindRefused(Trouble.DAMAGED)
    if active.pdf_acts(data):
        raise KindRefused(Trouble.ACTIVE)
    return Kind.PDF


def _png(data: bytes) -> Kind:
    """Chunk by chunk to the end: the first is the header, and each sum is right."""
    at, first = 8, True
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 8 + length
        if end + 4 > len(data) or (first and (name != b"IHDR" or length != 13)):
            break
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            break
        if name == b"IEND":
            return Kind.PNG
        at, first = end + 4, False
    raise KindRefused(Trouble.DAMAGED)


def _jpeg(data: bytes) -> Kind:
    """Segment by segment: a frame, then a scan, and an end somewhere after it (some cameras write
    more behind the end)."""
    at, has_frame = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:  # filling
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            break
        has_frame |= 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC)
        at += 2 + length
        if mark == 0xDA:
            if has_frame and data.find(b"\xff\xd9", at) > 0:
                return Kind.JPEG
            break
    raise KindRefused(Trouble.DAMAGED)


def _office(data: bytes) -> Kind:
    """A zip container with the parts of an office file, and none that acts by itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            parts = container.infolist()
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED:
                raise KindRefused(Trouble.DAMAGED)
            if any(part.flag_bits & 0x1 for part in parts):
                raise KindRefused(Trouble.LOCKED)
            kind = _kind_of(container)
            _refuse_active(container, parts)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise KindRefused(Trouble.DAMAGED) from error
    except (KeyError, NotImplementedError, EOFError) as error:
        raise KindRefused(Trouble.UNKNOWN) from error
    return kind


def _kind_of(container: zipfile.ZipFile) -> Kind:
    names = set(container.namelist())
    if {"mimetype", "content.xml", "META-INF/manifest.xml"} <= names:
        said = _read(container, "mimetype").strip()
        if said == MEDIA_TYPES[Kind.ODT].encode():
            return Kind.ODT
    if "[Content_Types].xml" in names:
        types = _read(container, "[Content_Types].xml")
        for kind, (part, media_type) in _MAIN_PARTS.items():
            if part in names and media_type.encode() in types:
                return kind
        if active.says_so(types):
            raise KindRefused(Trouble.ACTIVE)
    raise KindRefused(Trouble.UNKNOWN)


def _refuse_active(container: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        name = part.filename.lower()
        if active.is_active_part(name):
            raise KindRefused(Trouble.ACTIVE)
        if name == "[content_types].xml" or name.endswith((".rels", "manifest.xml")):
            # By the part, not by its name, which two may have.
            text = _read(container, part)
            if active.says_so(text):
                raise KindRefused(Trouble.ACTIVE)
            if name.endswith(".rels"):
                _refuse_fetching(text)


def _refuse_fetching(text: bytes) -> None:
    try:
        fetches = active.fetches(text)
    except active.NotReadable as error:
        raise KindRefused(Trouble.DAMAGED) from error
    if fetches:
        raise KindRefused(Trouble.FETCHES)


def _read(container: zipfile.ZipFile, name: str | zipfile.ZipInfo) -> bytes:
    """The beginning of a part: whole, or refused when it is larger than any honest one."""
    with container.open(name) as part:
        text = part.read(MOST_READ + 1)
    if len(text) > MOST_READ:
        raise KindRefused(Trouble.DAMAGED)
    return text


_LOOKS = (
    (b"%PDF-", _pdf),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"PK\x03\x04", _office),
)
