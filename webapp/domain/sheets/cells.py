"""What one cell says: dates, times of day and numbers as people and programs write them.

Each function gives None for what it cannot read; an empty cell is the caller's business.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from babel import Locale

from webapp.domain.sheets.fields import folded
from webapp.domain.sheets.tables import Cell

# What is not seen, or turns what stands beside it; line ends and tabs may stand in a text.
UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff"
    "\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]"
)
_TIME = re.compile(
    r"(\d{1,2})\s*(?:[:.h]\s*(\d{2})?(?:[:.](\d{2}))?)?\s*(min|[ap]\.?\s?m\.?)?"
    r"\s*((?:utc)?\s*[+\-\N{MINUS SIGN}]\d{1,2}(?::?\d{2})?|z|utc)?",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; with its distance to UTC where the cell says which pass is meant."""

    time: time
    offset: timedelta | None = None


def text(cell: Cell) -> str:
    """The cell as text: trimmed, line ends as one sign, dates and times as ISO 8601 writes them."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case str():
            lines = cell.replace("\r\n", "\n").replace("\r", "\n")
            return lines.strip()
        case datetime():
            return cell.isoformat(" ", "minutes" if not cell.second else "seconds")
        case time():
            return written(cell)
        case timedelta():
            return written(_of_day(cell)) if _fits_day(cell) else str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() else str(cell)
    return str(cell)


def name(said: str) -> str:
    """A text as the name of something: on one line, without signs that are not seen."""
    return " ".join(UNSEEN.sub("", said).split())


def written(at: time) -> str:
    """A time of day as we write it: 14:30, with seconds only where there are any."""
    return at.isoformat("seconds" if at.second else "minutes")


def number(cell: Cell) -> int | None:
    """A whole number."""
    said = text(cell)
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else None


def day(cell: Cell, *, month_first: bool = False) -> date | None:
    """A date: of Excel, 2017-10-31, 31/10/2017, 31.10.17, 31 October 2017, 31 octobre 2017.

    Of two numbers that could both be the month, `month_first` says which is.
    """
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell
    return _day(cell, month_first) if isinstance(cell, str) else None


def moment(cell: Cell, *, month_first: bool = False) -> tuple[date, Clock] | None:
    """A date with a time of day: 2017-10-31 14:30, 31/10/2017 14 h 30, 2017-10-31T14:30+01:00."""
    if isinstance(cell, datetime):
        return cell.date(), Clock(cell.time())
    if not isinstance(cell, str):
        return None
    said = " ".join(cell.split())
    for cut in re.finditer(r"T(?=\d)|,? (?:at |à )?(?=\d)", said):
        on, at = _day(said[: cut.start()], month_first), clock(said[cut.end() :])
        if on and at:
            return on, at
    return None


def clock(cell: Cell) -> Clock | None:
    """A time of day: of Excel, 14:30, 14 h 30, 14h, 2:30 PM, 2 pm, 02:30+01:00."""
    if isinstance(cell, datetime):
        # A time formatted as a date: Excel counts from the last day of 1899.
        return Clock(cell.time()) if cell.year < 1901 else None
    if isinstance(cell, time):
        return Clock(cell.replace(microsecond=0))
    if isinstance(cell, timedelta):
        return Clock(_of_day(cell)) if _fits_day(cell) else None
    found = _TIME.fullmatch(" ".join(cell.split())) if isinstance(cell, str) else None
    return _clock(found) if found else None


def _clock(found: re.Match[str]) -> Clock | None:
    hour, minute, second, after, offset = found.groups()
    hours, half = int(hour), "" if (after or "min") == "min" else after.lower()
    if not (half or re.match(r"\d+\s*[:.hH]", found[0])):
        return None  # "14" alone says no time
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    try:
        return Clock(time(hours, int(minute or 0), int(second or 0)), _offset(offset))
    except ValueError:
        return None


def _offset(said: str | None) -> timedelta | None:
    if said is None:
        return None
    found = re.search(r"([+\-\N{MINUS SIGN}])(\d{1,2}):?(\d{2})?$", said.strip())
    if not found:
        return timedelta()
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return size if found[1] == "+" else -size


def _day(said: str, month_first: bool) -> date | None:
    said = " ".join(said.split())
    found = _NUMBERS.fullmatch(said)
    if not found:
        return _day_in_words(said)
    first, _sign, second, third = found.groups()
    if len(first) == 4:
        return _date(first, second, third)
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    return _date(third, first, second) if month_first else _date(third, second, first)


def _day_in_words(said: str) -> date | None:
    """31 October 2017, Tue 31 Oct 2017, October 31, 2017, 1er novembre 2017."""
    words = folded(said).split()
    months = [month for word in words if (month := _months().get(word))]
    numbers = [re.sub(r"(?<=\d)(st|nd|rd|th|er)$", "", word) for word in words]
    figures = [word for word in numbers if word.isdecimal()]
    others = [word for word in numbers if not (word.isdecimal() or word in _months())]
    if len(months) != 1 or len(figures) != 2 or len(figures[1]) != 4 or set(others) - _weekdays():
        return None
    return _date(figures[1], str(months[0]), figures[0])


def _date(year: str, month: str, of_month: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(of_month))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {"sept": 9}
    for language in ("en", "fr"):
        for width in ("wide", "abbreviated"):
            for month, named in Locale(language).months["format"][width].items():
                found.setdefault(folded(named), month)
    return found


@cache
def _weekdays() -> set[str]:
    days = [
        named
        for language in ("en", "fr")
        for width in ("wide", "abbreviated")
        for named in Locale(language).days["format"][width].values()
    ]
    return {"le", *map(folded, days)}


def _fits_day(length: timedelta) -> bool:
    return timedelta() <= length < timedelta(days=1)


def _of_day(length: timedelta) -> time:
    seconds = int(length.total_seconds())
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
