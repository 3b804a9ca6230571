"""The parts of a message, as they go over the wire: a text, its page, files beside them.

Written by hand, because the way through email.message takes most of the time that a letter takes.
Every line ends with CRLF, is ASCII and shorter than 80 characters, so that no server on the way has
to change what a signature (DKIM) counts on.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

LONGEST_FILENAME = 80  # characters: three octets for each of four bytes still fit on one line
UNKNOWN = "application/octet-stream"
MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")
# Controls, parts of a path, and marks that turn the direction, which make "gpj.exe" of "exe.jpg".
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069/\\]+")
PLAIN_NAME = re.compile(r"[A-Za-z0-9 ._+()-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Scheduling:
    """A calendar that asks or tells its reader something (iMIP, RFC 6047): its METHOD, which the
    headers repeat, and its octets."""

    method: str
    content: bytes


def body(
    text: str,
    page: str,
    files: Sequence[Attachment],
    mark: str,
    calendar: Scheduling | None = None,
) -> bytes:
    """The headers that tell of the parts, and the parts. `mark` is of this message alone, and
    nobody can know it before: it divides the parts.

    With a `calendar` it is the last of the twins (icalendar.md P1), and the same octets go along
    as a file for programs that look only there (P5).
    """
    twins = [_text("plain", text), _text("html", page)]
    rest = [_file(file) for file in files]
    if calendar is not None:
        twins.append(_calendar(calendar))
        rest.insert(0, _file(Attachment("invite.ics", "application/ics", calendar.content)))
    parts = _several("alternative", f"{mark}-t", twins)
    if rest:
        parts = _several("mixed", f"{mark}-f", [parts, *rest])
    return b"MIME-Version: 1.0\r\n" + parts


def _several(kind: str, mark: str, parts: Sequence[bytes]) -> bytes:
    edge = f"=_{mark}".encode()
    head = b'Content-Type: multipart/%s;\r\n boundary="%s"\r\n\r\n' % (kind.encode(), edge)
    return (
        head + b"".join(b"--%s\r\n%s\r\n" % (edge, part) for part in parts) + b"--%s--\r\n" % edge
    )


def _text(kind: str, text: str) -> bytes:
    lines = re.sub("\r\n?", "\n", text).encode("utf-8", "replace")
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _calendar(calendar: Scheduling) -> bytes:
    """Base64 keeps its CRLF (P3); no Content-Disposition, which would make a file of it (P4)."""
    head = (
        f'Content-Type: text/calendar; charset="utf-8"; method={calendar.method}\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + encodebytes(calendar.content).replace(b"\n", b"\r\n")


def _file(file: Attachment) -> bytes:
    kind = file.mime_type if MIME_TYPE.fullmatch(file.mime_type) else UNKNOWN
    charset = '; charset="utf-8"' if kind.startswith("text/") else ""
    head = (
        f"Content-Type: {kind}{charset}\r\n"
        f"Content-Disposition: attachment;{_named(file.filename)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + encodebytes(file.content).replace(b"\n", b"\r\n")


def _named(filename: str) -> str:
    """The parameter that names a file (RFC 2231 where it is not plain ASCII)."""
    name = " ".join(UNSAFE.sub(" ", filename).split()) or "file"
    suffix = PurePath(name).suffix[:12]
    if len(name) > LONGEST_FILENAME:
        name = name[: LONGEST_FILENAME - len(suffix)] + suffix
    if PLAIN_NAME.fullmatch(name):
        return f' filename="{name}"'
    return f"\r\n filename*=utf-8''{quote(name.encode('utf-8', 'replace'), safe='')}"
