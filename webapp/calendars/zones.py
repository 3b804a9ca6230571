"""Time zones as calendars read them: VTIMEZONE, and whether a wall time can be said with a TZID.

A VTIMEZONE of ours is one STANDARD and at most one DAYLIGHT, each with a yearly rule (Z4), read off
zoneinfo and checked against it year by year (Z6, Z7). That says the law of a zone as it is now and
back to the year in which it began: 1996 for the European Union, 2007 for the United States. What
happened under an older law, or under one that no such pair can say (Ramadan, "the Friday before the
last Sunday"), is not said with a TZID: its events are written in UTC, which is right everywhere.

So whether a wall time is written with its zone or in UTC depends on that wall time alone, never on
what else is in the file, and one VEVENT can be shared by many feeds.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from webapp.calendars.line import folded

FIRST_YEAR = 1970  # rules of a law that held for longer start here
LAST_YEAR = 2065  # 2037 is the last year that tz data lists one by one; after 28 more ...
CYCLE = 28  # ... the weekdays have met every date, and what held so long is a rule, no accident

_DAY = 86_400
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Rule:
    """A yearly change of the clocks. Offsets and `wall` are seconds; week 1 to 4, or -1: the last.

    `wall` is what the clocks showed at the change before they were moved, since midnight.
    """

    month: int
    week: int
    weekday: int
    wall: int
    before: int
    after: int
    name: str

    def day(self, year: int) -> date:
        """The local date of the change in `year`."""
        if self.week > 0:
            first = date(year, self.month, 1)
            return first + timedelta((self.weekday - first.weekday()) % 7 + 7 * (self.week - 1))
        last = date(year, self.month, monthrange(year, self.month)[1])
        return last - timedelta((last.weekday() - self.weekday) % 7)

    def at(self, year: int) -> int:
        """The instant of the change in `year`, in seconds since 1970 UTC."""
        return _epoch(self.day(year)) + self.wall - self.before


@dataclass(frozen=True, slots=True)
class Law:
    """How the clocks of `zone` go from `first_year` on: by two rules in the order of the year, or,
    if there are none, always `offset` seconds ahead of UTC."""

    zone: str
    first_year: int
    rules: tuple[Rule, ...]
    offset: int
    name: str


@cache
def info(zone: str) -> ZoneInfo:
    """The rules of the IANA zone `zone`. Raises ValueError for a name that is not one."""
    # right/ counts leap seconds: its instants are half a minute off everybody else's.
    if zone.startswith(("right/", "posix/")):
        raise ValueError(f"not a zone of the IANA database: {zone}")
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"not a zone of the IANA database: {zone}") from error


def sayable(zone: str, local: datetime) -> bool:
    """Whether the naive wall time `local` may be written as `;TZID=zone` (T2, T6, Z2, Z6).

    Not in a repeated hour, of which a TZID can only mean the first pass, nor in a skipped one; not
    outside the years in which the law that our VTIMEZONE says holds; not in a zone that is no
    Area/City, such as UTC or CET. Raises ValueError for an unknown zone.
    """
    clocks = info(zone)
    first, second = (local.replace(tzinfo=clocks, fold=fold).utcoffset() for fold in (0, 1))
    if first != second:
        return False
    now = law(zone)
    # The year after the first: every reader then finds a change before the date it looks for.
    return now is not None and now.first_year < local.year <= LAST_YEAR


@cache
def law(zone: str) -> Law | None:
    """The present law of `zone`, or None if no pair of yearly rules says it (Z6).

    None too for a zone whose clocks always show UTC (Abidjan, Reykjavik): vobject takes its times
    for floating ones whatever VTIMEZONE says, and in UTC they are the same.

    Raises ValueError for an unknown zone.
    """
    clocks = info(zone)
    if "/" not in zone or zone.startswith("Etc/"):
        return None
    end = _epoch(date(LAST_YEAR + 1, 1, 1))
    laws = (
        Law(zone, _began(clocks, rules), rules, _offset(clocks, end), _name(clocks, end))
        for rules in _candidates(clocks)
    )
    oldest = min(laws, key=lambda law: law.first_year, default=None)
    if oldest and not oldest.rules and oldest.offset == 0:
        return None
    return oldest if oldest and oldest.first_year <= LAST_YEAR - CYCLE else None


@cache
def vtimezone(zone: str) -> bytes:
    """The VTIMEZONE of `zone`, folded, CRLF at each end (Z1-Z8).

    Right for every wall time that is `sayable` with this zone. Raises ValueError if none is.
    """
    now = law(zone)
    if now is None:
        raise ValueError(f"no pair of yearly rules says the law of {zone}")
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    if not now.rules:
        lines += _observance(
            "STANDARD", f"{now.first_year}0101T000000", now.offset, now.offset, now.name
        )
    for rule in now.rules:
        # Which of the two is summer time goes by the offsets: by zoneinfo's dst() it would be
        # winter in Dublin, whose law calls summer the standard.
        kind = "DAYLIGHT" if rule.after > rule.before else "STANDARD"
        clock = timedelta(seconds=rule.wall)
        start = datetime.combine(rule.day(now.first_year), time()) + clock
        lines += _observance(
            kind, f"{start:%Y%m%dT%H%M%S}", rule.before, rule.after, rule.name,
            f"RRULE:FREQ=YEARLY;BYMONTH={rule.month};BYDAY={rule.week}{_WEEKDAYS[rule.weekday]}",
        )  # fmt: skip
    lines.append("END:VTIMEZONE")
    return b"".join(map(folded, lines))


def _observance(kind: str, start: str, before: int, after: int, name: str, *more: str) -> list[str]:
    offsets = [f"TZOFFSETFROM:{_signed(before)}", f"TZOFFSETTO:{_signed(after)}"]
    return [f"BEGIN:{kind}", f"DTSTART:{start}", *more, *offsets, f"TZNAME:{name}", f"END:{kind}"]


def _candidates(clocks: ZoneInfo) -> list[tuple[Rule, ...]]:
    """The pairs of rules that explain the last year; none if it has one change or three.

    A change on the 25th may be the fourth Sunday or the last: which one, other years tell.
    """
    changes = _changes(clocks, LAST_YEAR)
    if not changes:
        return [()]
    if len(changes) != 2:
        return []
    first, second = (_rules(clocks, at) for at in changes)
    return list(product(first, second))


def _rules(clocks: ZoneInfo, at: int) -> list[Rule]:
    """The yearly rules by which a change at `at` may have happened."""
    before, after = _offset(clocks, at - 1), _offset(clocks, at)
    days, wall = divmod(at + before, _DAY)
    day = date(1970, 1, 1) + timedelta(days)
    weeks = {(day.day - 1) // 7 + 1}
    if day.day + 7 > monthrange(day.year, day.month)[1]:
        weeks = (weeks - {5}) | {-1}
    name = _name(clocks, at)
    return [
        Rule(day.month, week, day.weekday(), wall, before, after, name) for week in sorted(weeks)
    ]


def _began(clocks: ZoneInfo, rules: tuple[Rule, ...]) -> int:
    """The first year of those up to LAST_YEAR in which nothing but `rules` moved the clocks."""
    year = LAST_YEAR + 1
    while year > FIRST_YEAR and _holds(clocks, rules, year - 1):
        year -= 1
    return year


def _holds(clocks: ZoneInfo, rules: tuple[Rule, ...], year: int) -> bool:
    """Whether the clocks changed in `year` as `rules` say and at no other time."""
    return _changes(clocks, year) == tuple(rule.at(year) for rule in rules) and all(
        (_offset(clocks, rule.at(year) - 1), _offset(clocks, rule.at(year)))
        == (rule.before, rule.after)
        for rule in rules
    )


@cache
def _changes(clocks: ZoneInfo, year: int) -> tuple[int, ...]:
    """The instants of `year` (UTC) at which the offset changed, in seconds since 1970.

    Looked for from week to week: a change undone within seven days is not found. tz data has none
    since 1970, and tests/calendars/test_zones.py looks at some zones by the hour.
    """
    start, end = _epoch(date(year, 1, 1)), _epoch(date(year + 1, 1, 1))
    weeks = [(at, _ahead(clocks, at)) for at in (*range(start, end, 7 * _DAY), end)]
    found = []
    for (low, before), (high, after) in pairwise(weeks):
        if before == after:
            continue
        still, changed = low, high
        while changed - still > 1:
            middle = (still + changed) // 2
            if _ahead(clocks, middle) == before:
                still = middle
            else:
                changed = middle
        found.append(changed)
    return tuple(found)


def _ahead(clocks: ZoneInfo, at: int) -> timedelta:
    """By how much local time is ahead of UTC at the instant `at`, seconds since 1970."""
    return datetime.fromtimestamp(at, clocks).utcoffset() or timedelta()


def _offset(clocks: ZoneInfo, at: int) -> int:
    return _ahead(clocks, at) // timedelta(seconds=1)


def _name(clocks: ZoneInfo, at: int) -> str:
    return datetime.fromtimestamp(at, clocks).tzname() or ""


def _epoch(day: date) -> int:
    return (day - date(1970, 1, 1)).days * _DAY


def _signed(offset: int) -> str:
    hours, rest = divmod(abs(offset), 3600)
    minutes, seconds = divmod(rest, 60)
    tail = f"{seconds:02}" if seconds else ""
    return f"{'-' if offset < 0 else '+'}{hours:02}{minutes:02}{tail}"
