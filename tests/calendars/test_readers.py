"""Other people's readers, all asked what our calendars say. They must agree, and be right.

Each document is read twice: as it is, and with zone names that nobody knows, so that a reader has
to go by our VTIMEZONE instead of its own zone data.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import readers
from tests.calendars.cases import (
    LOS_ANGELES,
    PARIS,
    TOUR,
    UNHURRIED,
    VISIT,
    WEEK,
    WORDS,
    entries,
    moment,
    session,
    spans,
)
from tests.calendars.readers import KNOWS_ZONES_BY_NAME, READERS, Seen, disguised
from tests.calendars.trips import Tour, tours
from webapp.calendars import line
from webapp.calendars.event import Entry, Span, summary
from webapp.calendars.feed import feed, file

LONG = "Réunion d'accueil à la Villa Méditerranée — 漢字 🚢 مرحبا; «soyez, à l'heure» \\N \\n " * 9
SEVERAL: dict[str, tuple[Entry | Span, ...]] = {
    **WEEK,
    "one of each": (VISIT, TOUR, replace(VISIT, uid="a-1", cancelled=True)),
    "an all-day bar of one day": (replace(TOUR, ends_on=TOUR.starts_on),),
    "folded words of many scripts": (
        replace(VISIT, title=LONG, description=LONG + "\n\n" + LONG, location=LONG, place_title=""),
    ),
    "words that look like lines": (
        replace(VISIT, title="BEGIN:VEVENT", description="a\nEND:VEVENT\nEND:VCALENDAR\n b"),
    ),
    "nothing at all": (),
    "other years of the same law": tuple(
        session(year, moment(f"{year}-07-14 09:00", PARIS), moment(f"{year}-07-14 12:00", PARIS))
        for year in (1997, 2008, 2024, 2036)
    ),
    "an older law beside the present one": tuple(
        session(
            year,
            moment(f"{year}-04-01 09:00", LOS_ANGELES),
            moment(f"{year}-04-03 09:00", LOS_ANGELES),
        )
        for year in (2006, 2017)
    ),
    "tentative and free": (replace(VISIT, tentative=True), replace(TOUR, location="")),
}  # fmt: skip


Ask = Callable[[bytes], list[list[Seen]]]


@pytest.fixture(scope="module", params=READERS)
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """What a reader says of a document and of its disguise.

    Where the reader is missing, that is a failure in CI and a loud skip elsewhere.
    """
    name = request.param
    with ExitStack() as stack:
        try:
            read = stack.enter_context(READERS[name]())
        except readers.Missing as missing:
            if os.environ.get("CI"):
                pytest.fail(f"{missing} is missing: our calendars were not read with {name}")
            pytest.skip(f"NOT READ with {name}: {missing} is missing")
        if name in KNOWS_ZONES_BY_NAME:
            yield lambda document: [read(document)]
        else:
            yield lambda document: [read(document), read(disguised(document))]


def expected(item: Entry | Span) -> Seen:
    """What every reader should make of `item`."""
    description = line.prose(item.description)
    if item.url and item.url not in description:
        description = f"{description}\n\n{item.url}".strip()
    location = line.phrase(item.location, ", ")
    starts: datetime | date
    ends: datetime | date
    if isinstance(item, Entry):
        location = location or item.place_title
        starts, ends = item.starts.instant, item.ends.instant
        state = "TENTATIVE" if item.tentative else "CONFIRMED"
    else:
        starts, ends = item.starts_on, item.ends_on + timedelta(days=1)
        state = "CONFIRMED"
    return Seen(
        item.uid, starts, ends, summary(item), location, description,
        "CANCELLED" if item.cancelled else state,
    )  # fmt: skip


def written(items: tuple[Entry | Span, ...]) -> bytes:
    return feed(
        "Invest in Provence",
        [item for item in items if isinstance(item, Entry)],
        spans=[item for item in items if isinstance(item, Span)],
        description="Marseille, Nice; Aix",
        url=VISIT.url,
        color="teal",
    )


@pytest.mark.parametrize("case", SEVERAL)
def test_z1_t4_t6_t8_t10_every_reader_sees_what_was_meant(ask: Ask, case: str):
    meant = sorted(map(expected, SEVERAL[case]))
    for seen in ask(written(SEVERAL[case])):
        assert seen == meant


def test_m3_every_reader_opens_the_file_of_a_session(ask: Ask):
    for seen in ask(file(VISIT)):
        assert seen == [expected(VISIT)]


def test_t4_the_flight_lasts_14_h_35(ask: Ask):
    for (flight,) in ask(file(WEEK["a flight that lands the day after"][0])):
        assert isinstance(flight.starts, datetime)
        assert isinstance(flight.ends, datetime)
        assert flight.starts.isoformat() == "2017-10-28T01:05:00+00:00"
        assert flight.ends - flight.starts == timedelta(hours=14, minutes=35)


@UNHURRIED
@given(
    several=st.lists(entries(WORDS), max_size=4, unique_by=lambda entry: entry.uid),
    bars=st.lists(spans(WORDS), max_size=1),
)
def test_every_reader_agrees_on_any_feed(ask: Ask, several: list[Entry], bars: list[Span]):
    items: tuple[Entry | Span, ...] = (*several, *bars)
    meant = sorted(map(expected, items))
    for seen in ask(written(items)):
        assert seen == meant


@settings(UNHURRIED, max_examples=int(os.environ.get("TOURS", "15")))
@given(tour=tours())
def test_every_reader_agrees_on_a_whole_tour(ask: Ask, tour: Tour):
    """T1 to T12, Z1 to Z7, F1 to F8, T4 above all: UID, both instants, title, place and words of
    every session and bar, with zones of both hemispheres, changes of clocks on the way, repeated
    hours, flights between zones, control characters and long words."""
    items: tuple[Entry | Span, ...] = (*tour.entries, *tour.spans)
    meant = sorted(map(expected, items))
    for seen in ask(feed(tour.name, tour.entries, spans=tour.spans)):
        assert seen == meant


def test_the_vendored_reader_is_the_one_that_its_readme_names():
    folder = readers.ICAL_JS.parent
    readme = (folder / "README.md").read_text()
    for name in ("ical.es5.min.cjs", "LICENSE"):
        assert f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}" in readme
