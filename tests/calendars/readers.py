"""Programs of other people that read calendars, each asked the same: what happens when and where.

Left out, since what it says is known to be wrong:
- ics 0.7.3 turns an escaped backslash before an N into a line break, and takes a time whose TZID it
  does not know by name for UTC, whatever VTIMEZONE says.
"""

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from codecs import encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream

HERE = Path(__file__).parent
ICAL_JS = HERE / "vendor" / "ical.js" / "ical.es5.min.cjs"
ICAL_READER = HERE / "ical_reader.js"
IN_CHROMIUM = HERE / "ical_in_chromium.py"
# Answers a line of JSON with a line of JSON.
NODE = """
globalThis.ICAL = require(process.argv[1]);
const read = eval(require("fs").readFileSync(process.argv[2], "utf8"));
const lines = require("readline").createInterface({input: process.stdin});
lines.on("line", (line) => process.stdout.write(JSON.stringify(read(JSON.parse(line))) + "\\n"));
"""


class Missing(Exception):
    """The reader is not on this machine."""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One event as a reader understands it; times are aware UTC instants, or local dates."""

    uid: str
    starts: datetime | date
    ends: datetime | date
    summary: str
    location: str
    description: str
    status: str


class Reader(Protocol):
    """A document in, its events out, in the order of their UIDs."""

    def __call__(self, document: bytes, /) -> list[Seen]: ...


def disguised(document: bytes) -> bytes:
    """The document with zone names nobody knows: a reader must then go by VTIMEZONE (Z1)."""
    return re.sub(
        rb"TZID([=:])([A-Za-z_/+-]+)",
        lambda found: b"TZID" + found[1] + encode(found[2].decode(), "rot13").encode(),
        document,
    )


def read_icalendar(document: bytes) -> list[Seen]:
    calendar = icalendar.Calendar.from_ical(document)
    assert isinstance(calendar, icalendar.Calendar)
    texts = ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")
    return sorted(
        Seen(
            str(event["UID"]),
            _instant(event.start),
            _instant(event.end),
            *(str(event.get(name, "")) for name in texts),
        )
        for event in calendar.events
    )


def read_vobject(document: bytes) -> list[Seen]:
    def text(event: Any, name: str) -> str:
        return event.contents[name][0].value if name in event.contents else ""

    calendar = vobject.readOne(document.decode())
    return sorted(
        Seen(
            event.uid.value,
            _instant(event.dtstart.value),
            _instant(event.dtend.value),
            *(text(event, name) for name in ("summary", "location", "description", "status")),
        )
        for event in calendar.contents.get("vevent", [])
    )


def read_ical(document: bytes) -> list[Seen]:
    """Home Assistant's."""
    return sorted(
        Seen(
            event.uid or "",
            _instant(event.dtstart),
            _instant(event.dtend),
            event.summary or "",
            event.location or "",
            event.description or "",
            event.status or "",
        )
        for event in IcsCalendarStream.calendar_from_ics(document.decode()).events
    )


class _Time(ctypes.Structure):
    """struct icaltimetype of libical 3."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    )


@contextmanager
def libical() -> Iterator[Reader]:
    """Evolution's and KOrganizer's, by its C interface."""
    try:
        library = ctypes.CDLL("libical.so.3")
    except OSError as error:
        raise Missing("libical.so.3 (Debian: libical3)") from error

    def function(name: str, result: Any, *arguments: Any) -> Any:
        found = getattr(library, name)
        found.restype, found.argtypes = result, arguments
        return found

    component, text = ctypes.c_void_p, ctypes.c_char_p
    parse = function("icalparser_parse_string", component, text)
    free = function("icalcomponent_free", None, component)
    errors = function("icalcomponent_count_errors", ctypes.c_int, component)
    kind = function("icalcomponent_string_to_kind", ctypes.c_int, text)(b"VEVENT")
    first = function("icalcomponent_get_first_component", component, component, ctypes.c_int)
    following = function("icalcomponent_get_next_component", component, component, ctypes.c_int)
    ends = [function(f"icalcomponent_get_{x}", _Time, component) for x in ("dtstart", "dtend")]
    epoch = function("icaltime_as_timet_with_zone", ctypes.c_long, _Time, ctypes.c_void_p)
    status = function("icalcomponent_get_status", ctypes.c_int, component)
    status_name = function("icalproperty_status_to_string", text, ctypes.c_int)
    texts = [
        function(f"icalcomponent_get_{name}", text, component)
        for name in ("uid", "summary", "location", "description")
    ]

    def when(time: _Time) -> datetime | date:
        if time.is_date:
            return date(time.year, time.month, time.day)
        assert time.zone, "libical reads a floating time"
        return datetime.fromtimestamp(epoch(time, time.zone), UTC)

    def read(document: bytes) -> list[Seen]:
        root = parse(document)
        assert root, "libical finds no component"
        assert not errors(root), "libical finds errors"
        seen = []
        event = first(root, kind)
        while event:
            starts, stops = (when(get(event)) for get in ends)
            uid, title, place, about = ((get(event) or b"").decode() for get in texts)
            state = status_name(status(event)).decode()
            seen.append(Seen(uid, starts, stops, title, place, about, state))
            event = following(root, kind)
        free(root)
        return sorted(seen)

    yield read


@contextmanager
def ical_js() -> Iterator[Reader]:
    """Thunderbird's and Nextcloud's, run by node or else inside Chromium."""
    files = [str(ICAL_JS), str(ICAL_READER)]
    if node := shutil.which("node"):
        command = [node, "-e", NODE, *files]
    elif chromium := shutil.which("chromium"):
        command = [sys.executable, str(IN_CHROMIUM), *files, chromium]
    else:
        raise Missing("node, or chromium, to run ical.js")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        assert process.stdin
        assert process.stdout
        questions, answers = process.stdin, process.stdout

        def read(document: bytes) -> list[Seen]:
            questions.write(json.dumps(document.decode()) + "\n")
            questions.flush()
            answer = answers.readline()
            assert answer, "ical.js gave up; what it says stands in stderr"
            return _from_js(json.loads(answer))

        yield read


def _from_js(events: list[dict[str, Any]]) -> list[Seen]:
    def when(value: str | int) -> datetime | date:
        if isinstance(value, str):
            return date.fromisoformat(value)
        return datetime.fromtimestamp(value, UTC)

    seen = []
    for event in events:
        assert not event.pop("floating"), "ical.js reads a floating time"
        starts, ends = when(event.pop("starts")), when(event.pop("ends"))
        seen.append(Seen(starts=starts, ends=ends, **event))
    return sorted(seen)


def _instant(value: datetime | date | None) -> datetime | date:
    assert value is not None
    if isinstance(value, datetime):
        assert value.tzinfo is not None, f"read as a floating time: {value}"
        return value.astimezone(UTC)
    return value


@contextmanager
def always(reader: Reader) -> Iterator[Reader]:
    """A reader that is a package of Python, so that it is there."""
    yield reader


READERS: dict[str, Callable[[], AbstractContextManager[Reader]]] = {
    "icalendar": lambda: always(read_icalendar),
    "vobject": lambda: always(read_vobject),
    "ical": lambda: always(read_ical),
    "libical": libical,
    "ical.js": ical_js,
}
# Goes by its own zone data for names it knows. For others it looks at VTIMEZONE, but overlooks a
# STANDARD without RRULE (14.3.1), and that is what a zone without summer time has (Z6).
KNOWS_ZONES_BY_NAME = {"ical"}


@contextmanager
def everyone() -> Iterator[dict[str, Reader]]:
    """All readers that are on this machine; in CI that is all there are."""
    found = {}
    with ExitStack() as stack:
        for name, reader in READERS.items():
            try:
                found[name] = stack.enter_context(reader())
            except Missing as missing:
                if os.environ.get("CI"):
                    raise AssertionError(f"{missing} is missing") from missing
        yield found
