"""What in a file runs, or fetches something from elsewhere, when somebody opens it.

Looked for where programs look for it: in the relationships of office files, which are read as XML,
and in the octets of a PDF, as far as they are not compressed. It stops what is common; it is not
the scanner of the reader's own machine.
"""

import re
from collections.abc import Callable
from xml.parsers import expat

# Parts that are code or hold any other program's object, in lower case.
_PARTS = re.compile(
    r"(^|/)(vbaproject|vbadata|activex|macrosheets|dialogsheets|customui)|oleobject"
    r"|^(basic|scripts|object )(/|\d)|\.(exe|dll|js|vbs|bat|cmd|ps1|hta|lnk|scr|jar)$"
)
_WORDS = (b"macroenabled", b"vbaproject", b"activex", b"oleobject", b"ms-office.vba")
# A template on the reader's own machine, as Word notes it in many an honest letter.
_OWN_DISK = re.compile(r"file:///(?:[a-z]:|users)(?:[\\/](?!\.\.|[\\/])(?:(?!%2f|%5c)[^\\/])*)*")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[\\/]{2}")

# What may stand between two words of a PDF; bounded, so that no file keeps us looking.
_GAP = rb"[\s\0]{0,20}(?:%[^\r\n]{0,40}[\r\n][\s\0]{0,20})?"
_RUNS = re.compile(rb"/JavaScript(?![A-Za-z])|/S" + _GAP + rb"/Launch(?![A-Za-z])")
_AT_OPENING = re.compile(
    rb"/OpenAction" + _GAP + rb"(?:(\d{1,9} {1,9}\d{1,5}) {1,9}R\b|(<<[^>]{0,500}))"
)
_KIND_OF_ACTION = re.compile(rb"/S" + _GAP + rb"/([A-Za-z]+)")
_HIDDEN_SIGN = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_OPENINGS = 10  # a PDF has one, and one more each time that it was added to


class NotReadable(ValueError):
    """The relationships are no well-formed XML."""


def is_active_part(name: str) -> bool:
    """Whether a part of an office file with this name, in lower case, is code."""
    return _PARTS.search(name) is not None


def says_so(text: bytes) -> bool:
    """Whether a list of parts names macros, or could hide that it does: in entities, or in another
    encoding."""
    plain = text.lower()
    hidden = b"<!doctype" in plain or b"&#" in plain or b"\0" in plain
    return hidden or any(word in plain for word in _WORDS)


def fetches(relationships: bytes) -> bool:
    """Whether a part of an office file draws in anything from elsewhere: a template, a picture, an
    object. A hyperlink does not until somebody follows it. Raises NotReadable."""
    found: list[bool] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "relationship":
            found.append(_is_fetched({_local(k): v.strip() for k, v in attributes.items()}))

    _parse(relationships, start, lambda *_declared: found.append(True))
    return any(found)


def pdf_acts(data: bytes) -> bool:
    """Whether a PDF runs a script or starts a program, or does anything but turn to a page when it
    is opened, as far as its octets show."""
    plain = _HIDDEN_SIGN.sub(lambda sign: bytes([int(sign[1], 16)]), data)
    if _RUNS.search(plain):
        return True
    openings = {found.groups() for found in _AT_OPENING.finditer(plain)}
    return len(openings) > _MOST_OPENINGS or any(_does_more(plain, *each) for each in openings)


def _does_more(data: bytes, number: bytes | None, action: bytes | None) -> bool:
    """Many writers name the page to begin with, straight or by an object of its own; of one that is
    compressed nothing is seen."""
    actions = [action] if action else []
    if number:
        named = (
            rb"(?<!\d)" + rb" +".join(number.split()) + rb" {1,9}obj" + _GAP + rb"(<<[^>]{0,500})"
        )
        actions = re.findall(named, data)
    kinds = [_KIND_OF_ACTION.findall(each) for each in actions]
    return any(kind != [b"GoTo"] for kind in kinds)


def _is_fetched(values: dict[str, str]) -> bool:
    kind, target = values.get("type", "").lower(), values.get("target", "").lower()
    if kind.endswith("/hyperlink"):
        return False
    if kind.endswith("/attachedtemplate") and _OWN_DISK.fullmatch(target):
        return False
    return values.get("targetmode", "").lower() == "external" or bool(_ELSEWHERE.match(target))


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _parse(
    text: bytes, start: Callable[[str, dict[str, str]], None], declared: Callable[..., None]
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    # Nothing honest declares a type there; entities could write anything, and without end.
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise NotReadable from error
