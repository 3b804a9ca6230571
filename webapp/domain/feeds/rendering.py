"""The bytes of calendars: what each holds, under which name, with the bars of its trip."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import current_app
from flask_babel import gettext as _

from webapp import addresses, i18n
from webapp.calendars import feed as calendar
from webapp.calendars.event import Span
from webapp.calendars.feed import Block, block
from webapp.domain import published
from webapp.domain.entries import Face, entry
from webapp.domain.feeds import contents
from webapp.domain.feeds.blocks import Edition, edition
from webapp.domain.feeds.contents import Part
from webapp.domain.feeds.finding import title
from webapp.models.delegate import Delegate
from webapp.models.feed import Feed, Scope
from webapp.models.place import Stop
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip, TripState

# What happens at a place says nothing of where the trip sleeps.
AT_A_PLACE = frozenset({Scope.VENUE, Scope.HOST})


@dataclass(frozen=True, slots=True)
class Frame:
    """What all calendars of a trip in one language have around their sessions: `bars` are the trip
    and its stays, the trip first."""

    trip: Trip
    language: str
    description: str
    url: str
    bars: tuple[Block, ...]

    def fill(self, name: str, blocks: Iterable[Block], *, stays: bool = True) -> bytes:
        """The calendar `name` of the trip's bar and these sessions, with its stays or without.
        Raises ValueError as `calendar.join` does."""
        bars = self.bars if stays else self.bars[:1]
        return calendar.join(
            name,
            [*bars, *blocks],
            description=self.description,
            url=self.url,
            language=self.language,
        )


def render(feed: Feed) -> bytes:
    """The bytes of a feed, from the published release, in the feed's language. Raises ValueError
    where there is no such calendar: its trip has no name."""
    return dict(_rendered([feed]))[feed.id]


def render_many(feeds: Sequence[Feed]) -> Iterator[tuple[Feed, bytes]]:
    """The same for many, in a handful of statements a trip. One that cannot be made is logged and
    left out, and does not keep the others waiting."""
    ordered = sorted(feeds, key=lambda feed: feed.trip_id)
    by_id = {feed.id: feed for feed in ordered}
    for _trip_id, of_trip in groupby(ordered, key=lambda feed: feed.trip_id):
        for feed_id, body in _rendered(list(of_trip), skips=True):
            yield by_id[feed_id], body


def _rendered(feeds: Sequence[Feed], *, skips: bool = False) -> Iterator[tuple[int, bytes]]:
    """The bytes of feeds of one trip, by their ids."""
    trip = feeds[0].trip
    shared = edition(trip)
    circle = contents.circle_of(feeds, has_options=shared.has_options)
    parts = contents.of_many(feeds, shared.items, circle)
    frames: dict[str, Frame] = {}
    blocks: dict[tuple[int, str], list[Block]] = {}  # many hold the same, and share the list
    for feed in feeds:
        if feed.language not in frames:
            frames[feed.language] = _frame(trip, feed.language)
        same = (id(parts[feed.id]), feed.language)
        if same not in blocks:
            blocks[same] = _blocks(trip, shared, parts[feed.id], feed.language)
        stays = feed.scope not in AT_A_PLACE
        try:
            yield feed.id, frames[feed.language].fill(title(feed), blocks[same], stays=stays)
        except ValueError:
            if not skips:
                raise
            current_app.logger.exception("feed %d cannot be rendered", feed.id)


def session_file(trip: Trip, item: ReleaseItem, language: str) -> bytes:
    """One published session as a file to download."""
    with i18n.speaking(language):
        return calendar.file(entry(trip, item, language), language=language)


def sessions_file(trip: Trip, items: Iterable[ReleaseItem], language: str) -> bytes:
    """Some published sessions as one file, those called off marked so."""
    with i18n.speaking(language):
        return calendar.files([entry(trip, item, language) for item in items], language=language)


def delegate_file(delegate: Delegate) -> bytes:
    """All that a delegate's calendar holds now, as the file that the welcome letter carries."""
    return program_file(delegate, published.for_delegate(delegate))


def program_file(delegate: Delegate, items: Sequence[ReleaseItem]) -> bytes:
    """The same of `items` of the release in force, which are read already."""
    trip, language = delegate.registration.trip, delegate.language
    parts = [(item, Face.ATTENDED) for item in items]
    blocks = _blocks(trip, edition(trip), parts, language)
    return _frame(trip, language).fill(trip.title.pick(language), blocks)


def _blocks(trip: Trip, shared: Edition, parts: Iterable[Part], language: str) -> list[Block]:
    found = (shared.block(trip, item, face, language) for item, face in parts)
    return [each for each in found if each is not None]


def _frame(trip: Trip, language: str) -> Frame:
    description = trip.summary.pick(language)
    with i18n.speaking(language):
        if trip.is_sample:
            description = f"{_('Illustrative sample')}. {description}"
        bars = [_bar(trip, language), *_stays(trip, language)]
        return Frame(
            trip, language, description, addresses.trip(trip.slug), tuple(map(block, bars))
        )


def _bar(trip: Trip, language: str) -> Span:
    return Span(
        uid=str(trip.uid),
        sequence=trip.sequence,
        created_at=trip.created_at,
        changed_at=trip.changed_at,
        starts_on=trip.starts_on,
        ends_on=trip.ends_on,
        title=trip.title.pick(language),
        description=trip.summary.pick(language),
        location=", ".join(dict.fromkeys(stop.city for stop in trip.stops)),
        url=addresses.trip(trip.slug),
        cancelled=trip.state == TripState.CANCELLED,
        cancelled_label=_("CANCELLED"),
    )


def _stays(trip: Trip, language: str) -> list[Span]:
    """A bar for each stay, where there are several; of one, the trip's own bar says all."""
    return [_stay(trip, stop, language) for stop in trip.stops] if len(trip.stops) > 1 else []


def _stay(trip: Trip, stop: Stop, language: str) -> Span:
    """The bar of a stop. Its SEQUENCE and LAST-MODIFIED are those of the trip, which grow with
    every change of a stop (`trips.face`; icalendar.md R4, R5)."""
    return Span(
        uid=str(stop.uid),
        sequence=trip.sequence,
        created_at=trip.created_at,
        changed_at=trip.changed_at,
        starts_on=stop.starts_on,
        ends_on=stop.ends_on,
        title=_("Stay in %(city)s", city=stop.city),
        description=stop.note.pick(language) if stop.note else "",
        location=stop.city,
        url=addresses.trip(trip.slug),
        cancelled=trip.state == TripState.CANCELLED,
        cancelled_label=_("CANCELLED"),
    )
