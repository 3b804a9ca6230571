"""Sessions to write calendars of: the tour that DESIGN holds in mind, and any others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from webapp.calendars.event import Entry, Moment, Span

PARIS = "Europe/Paris"
LOS_ANGELES = "America/Los_Angeles"
CREATED = datetime(2017, 8, 1, 9, 0, tzinfo=UTC)
CHANGED = datetime(2017, 9, 12, 14, 30, 5, tzinfo=UTC)


def uid(number: int) -> str:
    return str(UUID(int=number, version=4))


def moment(text: str, zone: str, fold: int = 0) -> Moment:
    return Moment(datetime.fromisoformat(text), zone, fold)


def paris(text: str, fold: int = 0) -> Moment:
    return moment(f"2017-{text}", PARIS, fold)


def los_angeles(text: str, fold: int = 0) -> Moment:
    return moment(f"2017-{text}", LOS_ANGELES, fold)


VISIT = Entry(
    uid=uid(1),
    sequence=2,
    created_at=CREATED,
    changed_at=CHANGED,
    starts=paris("10-30 09:00"),
    ends=paris("10-30 11:30"),
    title="Visit of the harbor; by boat, if the mistral lets us",
    description="Meet at the quay.\nBring a coat.",
    location="Grand Port Maritime, 23 place de la Joliette, Marseille",
    latitude=43.3044,
    longitude=5.3664321,
    place_title="Grand Port Maritime",
    url="https://escale.example/trips/invest-in-provence/items/1?lang=en,fr",
    categories=("Companies", "Harbor, sea"),
)
TOUR = Span(
    uid=uid(2),
    sequence=0,
    created_at=CREATED,
    changed_at=CHANGED,
    starts_on=date(2017, 10, 30),
    ends_on=date(2017, 11, 3),
    title="Invest in Provence",
    location="Marseille",
)


def session(number: int, starts: Moment, ends: Moment, title: str = "") -> Entry:
    """A session of which nothing matters but when it is."""
    return Entry(uid(number), 0, CREATED, CHANGED, starts, ends, title or f"Session {number}")


# The week in which Paris has changed its clocks and Los Angeles has not: 8 hours apart, not 9 (T8).
WEEK = {
    "the day before Europe changes, 9 hours apart": (
        session(10, paris("10-28 09:00"), paris("10-28 10:00")),
        session(11, los_angeles("10-28 00:00"), los_angeles("10-28 01:00")),
    ),
    "the week between, 8 hours apart": (
        session(12, paris("10-30 09:00"), paris("10-30 10:00")),
        session(13, los_angeles("10-30 01:00"), los_angeles("10-30 02:00")),
        session(14, paris("11-03 18:00"), paris("11-03 21:00")),
        session(15, los_angeles("11-03 10:00"), los_angeles("11-03 13:00")),
    ),
    "the day after America changed, 9 hours apart again": (
        session(16, paris("11-06 09:00"), paris("11-06 10:00")),
        session(17, los_angeles("11-06 00:00"), los_angeles("11-06 01:00")),
    ),
    "across the change in Europe: 4 h 30": (
        session(20, paris("10-29 00:30"), paris("10-29 04:00")),
    ),
    "across the change in America: 4 h 30": (
        session(21, los_angeles("11-05 00:30"), los_angeles("11-05 04:00")),
    ),
    "across the change in spring: 2 h 30": (
        session(22, paris("03-26 00:30"), paris("03-26 04:00")),
    ),
    "a flight that lands the day after": (
        session(23, los_angeles("10-27 18:05"), paris("10-28 17:40")),
    ),
    "a flight that lands before it left, by the clock": (
        session(24, paris("11-04 13:30"), los_angeles("11-04 13:05")),
        session(
            25,
            moment("2017-11-10 14:00", "Pacific/Auckland"),
            moment("2017-11-10 07:00", LOS_ANGELES),
        ),
    ),
    "the first pass of 02:30 in Paris": (
        session(30, paris("10-29 02:30"), paris("10-29 04:00")),
    ),
    "the second pass of 02:30 in Paris": (
        session(31, paris("10-29 02:30", fold=1), paris("10-29 04:00")),
    ),
    "from the first pass to the second": (
        session(32, paris("10-29 02:30"), paris("10-29 02:30", fold=1)),
    ),
    "until a pass of 02:30": (session(33, paris("10-28 23:00"), paris("10-29 02:30", fold=1)),),
    "both passes of 01:30 in Los Angeles": (
        session(34, los_angeles("11-05 01:30"), los_angeles("11-05 03:00")),
        session(35, los_angeles("11-05 01:30", fold=1), los_angeles("11-05 03:00")),
    ),
    "a flight into the repeated hour": (
        session(36, los_angeles("10-28 08:00"), paris("10-29 02:15", fold=1)),
    ),
    "on the seconds around the changes": (
        session(40, paris("10-29 01:59:59"), paris("10-29 03:00")),
        session(41, paris("03-26 01:59:59"), paris("03-26 03:00")),
        session(42, los_angeles("11-05 00:59:59"), los_angeles("11-05 02:00")),
        session(43, los_angeles("03-12 01:59:59"), los_angeles("03-12 03:00")),
    ),
    "clocks of other kinds": (
        session(50, moment("2017-10-30 09:00", "Asia/Kolkata"), paris("10-30 09:00")),
        session(51, paris("10-29 20:00"), moment("2017-10-30 09:00", "Asia/Kathmandu")),
        session(
            52, los_angeles("10-01 09:00"), moment("2017-10-03 09:00", "Australia/Sydney")
        ),
        session(
            53, los_angeles("10-01 09:00"), moment("2017-10-03 00:00", "Australia/Lord_Howe")
        ),
        session(54, los_angeles("10-01 09:00"), moment("2017-10-03 00:00", "Pacific/Chatham")),
        session(55, paris("10-30 09:00"), moment("2017-10-30 09:00", "Europe/Dublin")),
        session(56, paris("10-30 09:00"), moment("2017-10-30 09:00", "America/St_Johns")),
        session(57, paris("10-30 09:00"), moment("2017-10-30 19:00", "Asia/Tokyo")),
        session(58, paris("10-30 09:00"), moment("2017-10-30 12:00", "Africa/Cairo")),
        session(59, paris("10-30 09:00"), moment("2017-10-30 12:00", "Africa/Casablanca")),
        session(60, paris("10-30 09:00"), moment("2017-10-30 12:00", "America/Sao_Paulo")),
        session(61, paris("10-30 09:00"), moment("2017-10-30 12:00", "Asia/Jerusalem")),
        session(62, paris("10-30 09:00"), moment("2017-10-30 12:00", "UTC")),
    ),
}  # fmt: skip

ZONES = [
    PARIS, LOS_ANGELES, "Europe/London", "Europe/Dublin", "Atlantic/Azores", "America/New_York",
    "America/St_Johns", "America/Havana", "America/Phoenix", "America/Sao_Paulo",
    "America/Santiago",
    "Africa/Casablanca", "Africa/Cairo", "Africa/Johannesburg", "Asia/Beirut", "Asia/Jerusalem",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Tehran", "Australia/Sydney",
    "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
    "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Troll", "US/Pacific", "UTC",
]  # fmt: skip

# A zone asked for the first time takes its time, and so does a busy machine.
UNHURRIED = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

# Anything but what no line can hold; surrogates and controls have their own tests.
CHARACTERS = st.characters(
    exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
)
WORDS = st.text(CHARACTERS, max_size=40)
ANYTHING = st.text(
    st.characters() | st.sampled_from('\\;,:"^\r\n\t\0\x7f\x85\u2028 nN'), max_size=100
)


NIGHTS = ("2017-10-29", "2017-11-05", "2017-04-02", "2018-03-25", "2018-03-11", "2024-10-06")


def wall_times(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Naive, in whole seconds; often in a night in which the clocks of many zones change."""
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    anywhen = st.datetimes(start, end).map(lambda at: at.replace(microsecond=0))
    nights = st.builds(
        lambda night, minutes: datetime.fromisoformat(night) + timedelta(minutes=minutes),
        st.sampled_from(NIGHTS),
        st.integers(-60, 240),
    )
    return anywhen | nights


def moments() -> st.SearchStrategy[Moment]:
    """Any wall time of any of ZONES, either pass."""
    anywhen = wall_times("1990-01-01", "2070-12-30")
    return st.builds(Moment, anywhen, st.sampled_from(ZONES), st.sampled_from((0, 1)))


@st.composite
def entries(draw: st.DrawFn, words: st.SearchStrategy[str] = ANYTHING) -> Entry:
    """Any session: long, short, in two zones, cancelled, with or without a place."""
    starts = draw(moments())
    lasts = timedelta(seconds=draw(st.integers(1, 60 * 60 * 40)))
    zone = draw(st.sampled_from((starts.zone, *ZONES)))
    local = (starts.instant + lasts).astimezone(ZoneInfo(zone))
    changed = draw(wall_times("2016-01-01", "2027-01-01")).replace(tzinfo=UTC)
    has_place = draw(st.booleans())
    return Entry(
        uid=str(draw(st.uuids(version=4))),
        sequence=draw(st.integers(0, 2**31 - 1)),
        created_at=CREATED,
        changed_at=changed,
        starts=starts,
        ends=Moment(local.replace(tzinfo=None, fold=0), zone, local.fold),
        title=draw(words),
        description=draw(words),
        location=draw(words),
        latitude=draw(st.floats(-90, 90)) if has_place else None,
        longitude=draw(st.floats(-180, 180)) if has_place else None,
        place_title=draw(st.sampled_from(("", "Villa Méditerranée"))),
        url=draw(st.sampled_from(("", "http://127.0.0.1:8000/trips/x", VISIT.url))),
        categories=tuple(draw(st.lists(words, max_size=3))),
        cancelled=draw(st.booleans()),
        tentative=draw(st.booleans()),
        transparent=draw(st.booleans()),
    )


@st.composite
def spans(draw: st.DrawFn, words: st.SearchStrategy[str] = ANYTHING) -> Span:
    """Any all-day bar."""
    starts_on = draw(st.dates(date(1990, 1, 1), date(2070, 1, 1)))
    return replace(
        TOUR,
        uid=str(draw(st.uuids(version=4))),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=draw(st.integers(0, 30))),
        title=draw(words),
        description=draw(words),
        location=draw(words),
        url=draw(st.sampled_from(("", VISIT.url))),
        cancelled=draw(st.booleans()),
    )
