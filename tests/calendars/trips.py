"""Whole tours drawn at random: flights out and home, stops, sessions, bars, and their words."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.calendars.cases import CHANGED, CREATED, TOUR, VISIT, ZONES
from webapp.calendars.event import Entry, Moment, Span

# Days on which clocks change: of Europe, of America, of the south, of half an hour, and of those
# whose law no pair of rules says.
CHANGES = [
    date(2017, 10, 29), date(2017, 11, 5), date(2027, 3, 28), date(2027, 3, 14), date(2027, 4, 4),
    date(2027, 10, 3), date(2024, 4, 6), date(2024, 4, 7), date(2024, 9, 7), date(2024, 3, 29),
    date(2025, 2, 23), date(2030, 3, 31),
]  # fmt: skip
SCRIPTS = [
    "Réunion d'accueil à la Villa Méditerranée", "漢字の訪問", "استقبال", "🚢⚓👩🏽‍💻", "e\u0301té",
    "Quai; 3, rue \\n C:\\New", "BEGIN:VEVENT", "a\nEND:VEVENT\nb", 'Le "J1": x=y',
    "a\x00b\x07c\x1b",
    "\u202eabc", "x\u2028y\x85z", "\ufeffz", "^n^'", "\ud83d", "%0D%0A", "&amp; <b>", "N", "\\",
    ",;",
]  # fmt: skip
WORDS = st.one_of(
    st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=3).map(" ".join),
    st.text(max_size=30),  # controls and surrogates too
)
LONG = st.builds(lambda word, times: word * times, WORDS, st.sampled_from((1, 1, 7, 60)))


@dataclass(frozen=True, slots=True)
class Tour:
    """The sessions and the bars of one tour."""

    name: str
    entries: tuple[Entry, ...]
    spans: tuple[Span, ...]


def at(instant: datetime, zone: str) -> Moment:
    """What the clocks of `zone` show at an aware instant."""
    local = instant.astimezone(ZoneInfo(zone))
    return Moment(local.replace(tzinfo=None, fold=0), zone, local.fold)


def wall(start: date, days: int, minutes: int, zone: str) -> Moment:
    """A wall time of a day of the tour, either pass of a repeated hour by turns."""
    local = datetime.combine(start + timedelta(days), time()) + timedelta(minutes=minutes)
    return Moment(local, zone, minutes % 2)


@st.composite
def tours(draw: st.DrawFn) -> Tour:
    """A tour of one to four stops, often in zones of their own, while clocks change."""
    start = draw(st.sampled_from(CHANGES)) - timedelta(days=draw(st.integers(0, 3)))
    home, *stops = draw(st.lists(st.sampled_from(ZONES), min_size=2, max_size=5))
    entries, spans, day = [], [_bar(draw, start, 3 * len(stops))], 0
    here = home
    for stop in stops:
        leaves = wall(start, day, draw(st.integers(0, 24 * 60 - 1)), here)
        lands = at(leaves.instant + timedelta(minutes=draw(st.integers(35, 17 * 60))), stop)
        entries.append(_entry(draw, leaves, lands))
        stays = draw(st.integers(1, 3))
        spans.append(_bar(draw, start + timedelta(day), stays))
        for _ in range(draw(st.integers(0, 4))):
            starts = wall(
                start, day + draw(st.integers(0, stays)), draw(st.integers(0, 24 * 60 - 1)), stop
            )
            lasts = timedelta(minutes=draw(st.sampled_from((1, 15, 45, 90, 330, 1440))))
            entries.append(_entry(draw, starts, at(starts.instant + lasts, stop)))
        day, here = day + stays, stop
    leaves = wall(start, day, 13 * 60, here)
    entries.append(_entry(draw, leaves, at(leaves.instant + timedelta(hours=11), home)))
    return Tour("Tour " + draw(WORDS), tuple(entries), tuple(spans))


def _entry(draw: st.DrawFn, starts: Moment, ends: Moment) -> Entry:
    place, latitude = draw(WORDS), draw(st.none() | st.floats(-90, 90))
    return Entry(
        uid=str(draw(st.uuids(version=4))),
        sequence=draw(st.integers(0, 40)),
        created_at=CREATED,
        changed_at=CHANGED,
        starts=starts,
        ends=ends,
        title=draw(LONG),
        description=draw(LONG),
        location=f"{place}, Marseille",
        latitude=latitude,
        longitude=None if latitude is None else draw(st.floats(-180, 180)),
        place_title=place,
        url=draw(st.sampled_from(("", VISIT.url))),
        categories=(draw(WORDS),),
        cancelled=draw(st.booleans()),
        tentative=draw(st.booleans()),
        transparent=draw(st.booleans()),
    )


def _bar(draw: st.DrawFn, start: date, days: int) -> Span:
    uid, title = str(draw(st.uuids(version=4))), draw(LONG)
    ends = start + timedelta(days)
    return replace(TOUR, uid=uid, title=title, starts_on=start, ends_on=ends)
