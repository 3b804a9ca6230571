"""One content line of iCalendar: which characters a text may hold, how it is escaped and folded."""

import re
import unicodedata

from icalendar.parser import Contentline

FOLD_AT = 75  # octets, the leading space of a continuation counted, CRLF not (F3)

# Whatever some reader takes for the end of a line: Python's splitlines() knows ten such characters.
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Controls but HTAB and LF (F5), lone surrogates (no UTF-8 for them, F1), byte order marks (F1),
# noncharacters.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t]+")  # a no-break space, as French has before a colon, stays
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")
# A URI holds no blanks and ASCII only; it goes into the line as it is (F7).
_ADDRESS = re.compile(r"https?://[^\x00-\x20\x7f-\U0010ffff\"<>\\^`{|}]+")
# Not vText of the icalendar package: that one turns a backslash and an N, as in C:\New, into a
# line break before it escapes (7.3.0).
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def prose(text: str) -> str:
    """`text` as a value of several lines: breaks are LF, no controls, no space around it."""
    return _UNSPEAKABLE.sub("", _BREAKS.sub("\n", text)).strip()


def phrase(text: str, joint: str = " ") -> str:
    """`text` on one line: its lines joined by `joint`, runs of blanks and tabs made one blank."""
    lines = (part.removesuffix(joint.strip()).strip() for part in _LINE_END.split(prose(text)))
    return _BLANKS.sub(" ", joint.join(part for part in lines if part))


def escaped(text: str) -> str:
    r"""`text` as an iCalendar TEXT: backslash, semicolon, comma and line break are escaped (F6)."""
    return text.translate(_ESCAPES)


def shortened(text: str, octets: int) -> str:
    """`text`, cut and ended with "…" if escaped it takes more than `octets` octets (E1).

    The cut is between characters as a reader sees them: an accent, a joiner or a skin tone stays
    with what it belongs to.
    """
    if len(escaped(text).encode()) <= octets:
        return text
    end = min(len(text), octets)
    while end and (
        _clings(text[end : end + 1])
        or text[end - 1] == "\u200d"
        or len(escaped(text[:end].rstrip() + "…").encode()) > octets
    ):
        end -= 1
    return text[:end].rstrip() + "…"


def _clings(char: str) -> bool:
    """Whether `char` changes the character before it and is nothing by itself."""
    if not char:
        return False
    tones = "\U0001f3fb" <= char <= "\U0001f3ff"
    return tones or char == "\u200d" or unicodedata.category(char) in {"Mn", "Me", "Mc"}


def parameter(text: str) -> str:
    """`text`, one line, as a parameter value: quoted, since it may hold `: ; ,`.

    A double quote cannot be said and becomes a single one. A caret would begin an escape for
    readers of RFC 6868 and is left out; few read that, so it is not used here either. (F8)
    """
    return '"' + text.replace('"', "'").replace("^", "") + '"'


def address(url: str) -> str:
    """`url` if it is an absolute http(s) URL that a line can hold as it is (F7); or ValueError."""
    if not _ADDRESS.fullmatch(url):
        raise ValueError(f"not an absolute http(s) URL: {url!r}")
    return url


def folded(line: str) -> bytes:
    """The content line `line`, without its end, as octets: folded (F3), with CRLF (F2)."""
    if len(line) < FOLD_AT and line.isascii():
        return line.encode() + b"\r\n"
    octets: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return octets + b"\r\n"
