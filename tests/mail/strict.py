"""A strict reader of messages for tests, by RFC 5322, 2045 and 2047, that forgives nothing.

Python's own forgives much, and leaves out what it does not understand."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

LONGEST_LINE = 998  # octets without CRLF (RFC 5322, 2.1.1)
HEADER = re.compile(rb"([!-9;-~]+): ?([\t -~]*)")
ENCODED = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]*)\?=", re.IGNORECASE)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
QUOTED = r'"(?:[^"\\\r\n]|\\[\t -~])*"'
DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
ADDRESS = rf"(?:{ATOM}(?:\.{ATOM})*|{QUOTED})@{DOMAIN}"
MAILBOX = re.compile(
    rf"(?:(?P<name>(?:{ATOM}|{QUOTED})(?:[ \t]+(?:{ATOM}|{QUOTED}|\.))*)[ \t]+)?"
    rf"<(?P<address>{ADDRESS})>"
)


class NotStrict(AssertionError):
    """The message is not as the RFCs say."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A message or a part of one: its headers unfolded, in order, and its content."""

    headers: tuple[tuple[str, str], ...]
    content: bytes

    def __getitem__(self, name: str) -> str:
        """The one header of that name."""
        [value] = [value for found, value in self.headers if found.lower() == name.lower()]
        return value

    @property
    def names(self) -> list[str]:
        return [name for name, _value in self.headers]

    @property
    def parts(self) -> list["Entity"]:
        """Those of a multipart; none of anything else."""
        found = re.fullmatch(r'multipart/[a-z]+; boundary="([^"]{1,70})"', self["Content-Type"])
        if not found:
            return []
        edge = b"--" + found[1].encode()
        pieces = (b"\r\n" + self.content).split(b"\r\n" + edge)
        _want(pieces[0] in {b"", b"\r\n"}, "something stands before the first part")
        _want(pieces[-1] in {b"--", b"--\r\n"}, "the parts do not end")
        return [split(piece.removeprefix(b"\r\n")) for piece in pieces[1:-1]]

    @property
    def text(self) -> str:
        """The text of a text part, with LF."""
        how = self["Content-Transfer-Encoding"]
        if how == "base64":
            octets = b64decode(self.content.replace(b"\r\n", b""), validate=True)
        else:
            _want(how == "quoted-printable", how)
            octets = binascii.a2b_qp(self.content)
        return octets.decode("utf-8").replace("\r\n", "\n")

    @property
    def leaves(self) -> list["Entity"]:
        """The parts that hold no others, in order."""
        return [leaf for part in self.parts for leaf in part.leaves] or [self]


def split(octets: bytes) -> Entity:
    """The message or part. Raises NotStrict."""
    head, blank, content = octets.partition(b"\r\n\r\n")
    _want(bool(blank), "no blank line ends the headers")
    for line in octets.split(b"\r\n"):
        _want(len(line) <= LONGEST_LINE, "a line is too long")
        _want(b"\r" not in line and b"\n" not in line, "CR or LF stands alone")
    headers: list[tuple[str, str]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"}:
            _want(bool(headers), "a fold begins the message")
            _want(bool(line.strip()), "a fold is blank")
            _want(re.fullmatch(rb"[\t -~]*", line) is not None, f"{line!r} in a header")
            name, value = headers.pop()
            headers.append((name, value + line.decode()))
            continue
        found = HEADER.fullmatch(line)
        if found is None:
            raise NotStrict(f"no header: {line!r}")
        headers.append((found[1].decode(), found[2].decode()))
    return Entity(tuple(headers), content)


def words(value: str) -> str:
    """What a header of free text says: encoded words decoded, blanks between two of them left out;
    whatever looks like one and is none stays as it is."""
    value = re.sub(rf"({ENCODED.pattern})[ \t]+(?={ENCODED.pattern})", r"\1", value, flags=re.I)
    octets = b""
    at = 0
    for found in ENCODED.finditer(value):
        octets += value[at : found.start()].encode() + _decoded(found[1], found[2])
        at = found.end()
    return (octets + value[at:].encode()).decode("utf-8")


def mailbox(value: str) -> tuple[str, str]:
    """The name and the address of a header that holds exactly one mailbox. Raises NotStrict."""
    bare = re.fullmatch(ADDRESS, value.strip())
    found = MAILBOX.fullmatch(f"<{bare[0]}>" if bare else value.strip())
    if found is None:
        raise NotStrict(f"not one mailbox: {value!r}")
    name = found["name"] or ""
    if name.startswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1]), found["address"]
    return words(name), found["address"]


def _decoded(how: str, text: str) -> bytes:
    if how in "bB":
        return b64decode(text, validate=True)
    return binascii.a2b_qp(text.replace("_", " "), header=False)


def _want(holds: bool, what: str) -> None:
    if not holds:
        raise NotStrict(what)
