"""One session, or the bar of a trip, as a VEVENT."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import isfinite

from webapp.calendars import zones
from webapp.calendars.line import address, escaped, folded, parameter, phrase, prose, shortened

SUMMARY_OCTETS = 254  # escaped (E1)
SEQUENCE_BITS = 31  # (R6)
APPLE_RADIUS = 70  # meters around the place, as Apple's own files have it for an address

_UID = re.compile(r"[A-Za-z0-9-]{1,254}")  # (U2)


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall time people agreed on: naive `local`, whole seconds, in the IANA zone `zone`.

    `fold` is the pass of a repeated hour that is meant: 0 the first, 1 the second. A wall time that
    the clocks skip is taken as zoneinfo takes it; to refuse it is the business of whoever asks
    people for times (T7). Raises ValueError for an aware or split-second `local`, an unknown zone,
    a fold that is neither.
    """

    local: datetime
    zone: str
    fold: int = 0

    def __post_init__(self) -> None:
        if self.local.tzinfo is not None or self.local.microsecond:
            raise ValueError(f"not a naive wall time in whole seconds: {self.local.isoformat()}")
        if self.fold not in (0, 1):
            raise ValueError(f"fold is 0 or 1, not {self.fold!r}")
        zones.info(self.zone)

    @property
    def instant(self) -> datetime:
        """When it is: aware, UTC."""
        aware = self.local.replace(tzinfo=zones.info(self.zone), fold=self.fold)
        return aware.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar needs to know of one published session, in the reader's language.

    `created_at` and `changed_at` are aware; the latter is DTSTAMP and LAST-MODIFIED (R1). Texts are
    plain, of any length, and may hold anything; what no line can hold is left out. `location` is
    venue, address and city, and begins with `place_title`, the name of what stands at `latitude`
    and `longitude` (degrees, E4). `url` is the public page, never one with a token (E6).
    `tentative` alone does not free the time; what a guest need not attend is `transparent` (E7).

    Raises TypeError for a text that is None (F14), ValueError for what no calendar could hold: a
    uid of other signs than letters, digits, hyphens, a sequence over 31 bits, naive instants, an
    end not after the start, coordinates off the globe, an address that is no http(s) URL.
    """

    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    starts: Moment
    ends: Moment
    title: str
    description: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    place_title: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    cancelled: bool = False
    cancelled_label: str = "CANCELLED"
    tentative: bool = False
    transparent: bool = False

    def __post_init__(self) -> None:
        _check_identity(self)
        _check_texts((self.place_title, *self.categories))
        if self.ends.instant <= self.starts.instant:
            raise ValueError(f"{self.uid} ends before it starts, or just then")
        _check_coordinates(self)


@dataclass(frozen=True, slots=True)
class Span:
    """An all-day bar, such as the trip itself: from `starts_on` to `ends_on`, both included.

    The exclusive DTEND is made here (T10). A bar never blocks the time (T11). Raises as Entry does,
    and ValueError for a `datetime` in place of a date (T12).
    """

    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    starts_on: date
    ends_on: date
    title: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    cancelled_label: str = "CANCELLED"

    def __post_init__(self) -> None:
        _check_identity(self)
        if isinstance(self.starts_on, datetime) or isinstance(self.ends_on, datetime):
            raise ValueError(f"{self.uid}: an all-day bar takes local dates, not instants")
        if self.ends_on < self.starts_on:
            raise ValueError(f"{self.uid} ends before it starts")


def tzids(item: Entry | Span) -> tuple[str, ...]:
    """The zones that the VEVENT of `item` names, in order, each once: what it needs VTIMEZONEs of.

    None for a bar, and none where either end can only be said in UTC: both ends are then written
    in UTC (T5, T6, Z6).
    """
    if isinstance(item, Span):
        return ()
    ends = (item.starts, item.ends)
    if not all(zones.sayable(moment.zone, moment.local) for moment in ends):
        return ()
    return tuple(sorted({moment.zone for moment in ends}))


def starts_at(item: Entry | Span) -> datetime:
    """Aware UTC instant to sort by: of a bar, midnight UTC of its first day."""
    if isinstance(item, Entry):
        return item.starts.instant
    return datetime(item.starts_on.year, item.starts_on.month, item.starts_on.day, tzinfo=UTC)


@lru_cache(maxsize=4096)  # the feeds of a trip hold the same sessions
def event(item: Entry | Span) -> bytes:
    """The VEVENT of `item`: folded lines with CRLF, the same octets for the same item.

    It depends on nothing but `item`, so it can be kept and put into any number of calendars that
    have the VTIMEZONEs of `tzids(item)`.
    """
    return b"".join(map(folded, lines(item)))


def lines(
    item: Entry | Span,
    *,
    stamped_at: datetime | None = None,
    people: Iterable[str] = (),
    says_state: bool = True,
) -> Iterator[str]:
    """The content lines of the VEVENT of `item`, not folded.

    A message to somebody (invitation.py) says when it was made, `stamped_at` (R2), and between whom
    it goes, whole lines `people`; without `says_state` it has no STATUS (I8).
    """
    changed = _utc(item.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{item.uid}"
    yield f"DTSTAMP:{_utc(stamped_at) if stamped_at else changed}"
    yield f"CREATED:{_utc(item.created_at)}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{item.sequence}"
    yield from people
    yield from _times(item)
    yield f"SUMMARY:{escaped(summary(item))}"
    yield from _words(item)
    yield from (line for line in _state(item) if says_state or not line.startswith("STATUS:"))
    yield "END:VEVENT"


def summary(item: Entry | Span) -> str:
    """The title on one line, marked if it is off (E9), cut to what calendars take (E1).

    Never empty: a title of which nothing is left gives way to the place, at worst to the UID.
    """
    title = phrase(item.title) or phrase(item.location) or item.uid
    label = phrase(item.cancelled_label) if item.cancelled else ""
    return shortened(f"{label}: {title}" if label else title, SUMMARY_OCTETS)


def _times(item: Entry | Span) -> Iterator[str]:
    """DTSTART and DTEND, both as dates, both with a zone or both in UTC (T2, T5)."""
    if isinstance(item, Span):
        yield f"DTSTART;VALUE=DATE:{item.starts_on:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{item.ends_on + timedelta(days=1):%Y%m%d}"
        return
    named = bool(tzids(item))
    for name, moment in (("DTSTART", item.starts), ("DTEND", item.ends)):
        if named:
            yield f"{name};TZID={moment.zone}:{moment.local:%Y%m%dT%H%M%S}"
        else:
            yield f"{name}:{_utc(moment.instant)}"


def _words(item: Entry | Span) -> Iterator[str]:
    """What it is and where, as far as it is known (E2-E6). None of them stands there empty."""
    description = prose(item.description)
    if item.url and item.url not in description:
        # Thunderbird and others do not show URL (E6).
        description = f"{description}\n\n{item.url}".strip()
    if description:
        yield f"DESCRIPTION:{escaped(description)}"
    yield from _place(item)
    if item.url:
        yield f"URL:{item.url}"
    if isinstance(item, Entry):
        categories = [phrase(category) for category in item.categories]
        if any(categories):
            yield f"CATEGORIES:{','.join(escaped(word) for word in categories if word)}"


def _place(item: Entry | Span) -> Iterator[str]:
    """LOCATION on one line, GEO, and the map for Apple (E3, E4)."""
    location = phrase(item.location, ", ")
    if isinstance(item, Span):
        if location:
            yield f"LOCATION:{escaped(location)}"
        return
    title = phrase(item.place_title)
    location = location or title
    if location:
        yield f"LOCATION:{escaped(location)}"
    if item.latitude is None or item.longitude is None:
        return
    # Rounded to six places, a decimeter; plus zero, so that there is no minus zero.
    latitude, longitude = round(item.latitude, 6) + 0.0, round(item.longitude, 6) + 0.0
    yield f"GEO:{latitude:.6f};{longitude:.6f}"
    if location and location.startswith(title):
        # Apple drops the map if title and LOCATION differ. An X-ADDRESS would be a second line of
        # LOCATION, so all of its one line is the title.
        yield (
            f"X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-RADIUS={APPLE_RADIUS};"
            f"X-TITLE={parameter(location)}:geo:{latitude:.6f},{longitude:.6f}"
        )


def _state(item: Entry | Span) -> Iterator[str]:
    """STATUS and TRANSP (E7, E9)."""
    tentative = isinstance(item, Entry) and item.tentative
    yield f"STATUS:{'CANCELLED' if item.cancelled else 'TENTATIVE' if tentative else 'CONFIRMED'}"
    opaque = isinstance(item, Entry) and not (item.cancelled or item.transparent)
    yield f"TRANSP:{'OPAQUE' if opaque else 'TRANSPARENT'}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _check_identity(item: Entry | Span) -> None:
    _check_texts((item.uid, item.title, item.description, item.location, item.url))
    _check_texts((item.cancelled_label,))
    if not _UID.fullmatch(item.uid):
        raise ValueError(f"a UID is letters, digits and hyphens, not {item.uid!r}")
    if not 0 <= item.sequence < 2**SEQUENCE_BITS:
        raise ValueError(f"{item.uid}: no SEQUENCE of 31 bits: {item.sequence}")
    if item.created_at.tzinfo is None or item.changed_at.tzinfo is None:
        raise ValueError(f"{item.uid}: created_at and changed_at are instants, not wall times")
    if item.url:
        address(item.url)


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"a text is wanted, not {text!r}")


def _check_coordinates(item: Entry) -> None:
    pair = (item.latitude, item.longitude)
    if pair == (None, None):
        return
    for degrees, limit in zip(pair, (90, 180), strict=True):
        if degrees is None or not isfinite(degrees) or abs(degrees) > limit:
            raise ValueError(f"{item.uid}: no place on the globe: {pair}")
