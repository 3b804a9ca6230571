"""A calendar file as a table: one row an event, one column a property."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from webapp import clock
from webapp.domain.sheets import texts
from webapp.domain.sheets.fields import Field
from webapp.domain.sheets.lines import with_offset
from webapp.domain.sheets.tables import (
    MOST_ROWS,
    Cell,
    Fault,
    FileRefused,
    Format,
    Row,
    Table,
    Trouble,
)

HEADER = (
    "UID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS",
    "DTSTART (date)", "DTSTART (time)", "DTSTART (zone)",
    "DTEND (date)", "DTEND (time)", "DTEND (zone)", "RRULE",
)  # fmt: skip
FIELDS = (
    Field.KEY, Field.TITLE_EN, Field.DESCRIPTION_EN, Field.WHERE, Field.STATE,
    Field.DATE, Field.STARTS, Field.ZONE, Field.END_DATE, Field.ENDS, Field.END_ZONE,
)  # fmt: skip
ALWAYS = {Field.KEY, Field.TITLE_EN, Field.DATE, Field.STARTS, Field.ZONE, Field.ENDS}
IN_FRENCH = {Field.TITLE_EN: Field.TITLE_FR, Field.DESCRIPTION_EN: Field.DESCRIPTION_FR}
START, RULE = HEADER.index("DTSTART (time)"), HEADER.index("RRULE")
LONGEST_KEY = 200
REPEATING = ("RRULE", "RDATE", "EXRULE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class _When:
    """One end of an event: wall time in a zone, and the pass that is meant where there are two."""

    local: datetime
    zone: str
    fold: int = 0

    def cells(self) -> tuple[Cell, Cell, Cell]:
        doubled = clock.is_doubled(self.local, self.zone)
        at: Cell = self.local.time()
        if doubled:
            at = with_offset(self.local, self.zone, self.fold)
        return self.local.date(), at, self.zone


def read(data: bytes, zone: str) -> Table:
    """The events of an iCalendar file. `zone` is that of times without one, and of times in UTC
    where the calendar does not name its own. Raises FileRefused."""
    text = texts.decoded(data)
    if len(re.findall(r"(?im)^BEGIN:VEVENT\s*$", text)) > MOST_ROWS:
        raise FileRefused(Trouble.TOO_MANY_ROWS)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        events = [
            (event, _zone(calendar, zone)) for calendar in calendars for event in calendar.events
        ]
        rows = [_row(number, event, at) for number, (event, at) in enumerate(events, start=1)]
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise FileRefused(Trouble.DAMAGED) from error
    if not rows:
        raise FileRefused(Trouble.NO_ROWS)
    french = bool(re.search(r"(?im)^PRODID:.*//FR\s*$", text))
    return Table(Format.ICS, HEADER, tuple(rows), "fr" if french else "en")


def places(table: Table) -> dict[Field, int]:
    """Which property says what; one that no event has is left out, and changes nothing."""
    found = {
        field: number
        for number, field in enumerate(FIELDS)
        if field in ALWAYS or any(row.cells[number] is not None for row in table.rows)
    }
    return {IN_FRENCH.get(f, f): n for f, n in found.items()} if table.language == "fr" else found


def _zone(calendar: Calendar, other: str) -> str:
    named = str(calendar.get("X-WR-TIMEZONE") or "")
    return named if named in clock.zone_names() else other


def _row(number: int, event: Event, zone: str) -> Row:
    start, faults = _first(event.get("DTSTART")), []
    starts = _when(start, zone)
    ends = _end(event, start, starts, zone)
    rule = next((name for name in REPEATING if event.get(name) is not None), None)
    if rule:
        faults.append((RULE, Fault.REPEATS))
    if start is not None and not isinstance(start.dt, datetime):
        faults.append((START, Fault.ALL_DAY))
    uid = _text(event, "UID")
    if uid and len(uid) > LONGEST_KEY:
        uid = f"sha256:{hashlib.sha256(uid.encode()).hexdigest()}"
    words = [_text(event, name) for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "STATUS")]
    nothing: tuple[Cell, Cell, Cell] = (None, None, None)
    until = ends.cells() if ends else nothing
    if event.get("DTEND") is None:
        until = (*until[:2], None)  # of a length, in the zone of the start, whatever that is
    moments = [*(starts.cells() if starts else nothing), *until]
    return Row(number, (uid, *words, *moments, rule), tuple(faults))


def _end(event: Event, start: Any, starts: _When | None, zone: str) -> _When | None:
    end, length = _first(event.get("DTEND")), _first(event.get("DURATION"))
    if start is not None and not isinstance(start.dt, datetime):
        last = (
            end.dt if end is not None else start.dt + (length.dt if length else timedelta(days=1))
        )
        last = last.date() if isinstance(last, datetime) else last
        return _When(datetime.combine(max(last - timedelta(days=1), start.dt), time(23, 59)), zone)
    if end is not None:
        return _when(end, zone)
    if length is None or starts is None:
        return None
    return _later(starts, length.dt)


def _later(starts: _When, length: timedelta) -> _When:
    """Days by the calendar, hours by the clock (RFC 5545, 3.3.6)."""
    local = starts.local + timedelta(days=length.days)
    try:
        at = clock.instant(local, starts.zone, starts.fold) + (length - timedelta(days=length.days))
        return _in_zone(at, starts.zone)
    except (clock.UnknownZone, clock.WallTimeMissing):
        return _When(local + (length - timedelta(days=length.days)), starts.zone)


def _when(value: Any, zone: str) -> _When | None:
    """One end of an event. A time that the clocks show twice is the first (RFC 5545, 3.3.5)."""
    if value is None:
        return None
    if not isinstance(value.dt, datetime):
        return _When(datetime.combine(value.dt, time()), zone) if type(value.dt) is date else None
    local = value.dt.replace(tzinfo=None, microsecond=0)
    named = str(value.params.get("TZID", "")).strip('"')
    if named:
        return _When(local, _known(named, value.dt))
    if value.dt.tzinfo is None:
        return _When(local, zone)
    return _in_zone(value.dt.astimezone(UTC).replace(microsecond=0), zone)


def _in_zone(at: datetime, zone: str) -> _When:
    info = clock.zone_info(zone)
    return _When(clock.wall(at, zone), zone, at.astimezone(info).fold)


def _known(named: str, at: datetime) -> str:
    """The IANA zone that a TZID means: by its name, by the end of a path, by Windows' name for it,
    by what the calendar says of it; else the TZID itself, which is then told as unknown."""
    ends = ["/".join(named.split("/")[n:]) for n in range(named.count("/") + 1)]
    guesses = [*ends, WINDOWS_TO_OLSON.get(named, ""), str(getattr(at.tzinfo, "key", ""))]
    return next((guess for guess in guesses if guess in clock.zone_names()), named)


def _text(event: Event, name: str) -> str | None:
    return str(_first(event.get(name)) or "").strip() or None


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value
