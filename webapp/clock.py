"""Time: what now is, and how a wall time that people agreed on becomes an instant.

Call it as `clock.now()`, through the module, so that a test can hold the clock still.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from webapp.errors import DomainError

# Wall times that people may agree on. Outside of them Python or a calendar cannot say the instant.
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001
LATEST = datetime(2199, 12, 31, 23, 59)  # noqa: DTZ001
TOLERATED = timedelta(seconds=5)  # how much two clocks may differ
_correction = timedelta()  # of the clock of this machine


class UnknownZone(DomainError):
    """The text is not the name of a zone of the IANA database."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone)
        self.zone = zone


class WallTimeMissing(DomainError):
    """The clocks skip this wall time; `before` and `after` are the two nearest that exist."""

    def __init__(self, local: datetime, zone: str, before: datetime, after: datetime) -> None:
        super().__init__(f"{local} does not exist in {zone}")
        self.before = before
        self.after = after


class YearRefused(WallTimeMissing):
    """Nobody travels in that year; `before` and `after` are both the nearest that is taken."""


class WallTimeTwice(DomainError):
    """The clocks show this wall time twice and nobody said which is meant."""

    def __init__(self, local: datetime, zone: str) -> None:
        super().__init__(f"{local} occurs twice in {zone}")


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change: at which instant (aware UTC), and by how many minutes the clocks move."""

    at: datetime
    minutes: int


def machine() -> datetime:
    """What the clock of this machine says, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return machine() + _correction


def follow(shared: datetime) -> None:
    """Go from now on, in this process, by the clock that says `shared`: for processes on several
    machines that compare with now what another one wrote."""
    global _correction
    ahead = shared - machine()
    _correction = ahead if abs(ahead) > TOLERATED else timedelta()


@cache
def zone_names() -> frozenset[str]:
    """Zones that may be typed: Area/City names; "UTC" is no place, "posix/..." no name."""
    return frozenset(z for z in available_timezones() if "/" in z and not z.startswith("Etc/"))


def zone_info(zone: str) -> ZoneInfo:
    """The rules of `zone`. Raises UnknownZone for anything but an Area/City name."""
    if zone not in zone_names():
        raise UnknownZone(zone)
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnknownZone(zone) from error


def instant(local: datetime, zone: str, fold: int | None = None) -> datetime:
    """The instant, aware UTC, at which the clocks of `zone` show the naive `local`.

    `fold` says which pass of a repeated hour is meant: 0 the first, 1 the second. None says that
    nobody was asked yet. Raises WallTimeMissing where the clocks skip it, WallTimeTwice where they
    show it twice and `fold` is None, YearRefused before EARLIEST and after LATEST, UnknownZone.
    (DESIGN rules 1 and 2.)
    """
    info = zone_info(zone)
    nearest = min(max(local, EARLIEST), LATEST)
    if local.date() != nearest.date():
        raise YearRefused(local, zone, nearest, nearest)
    first = local.replace(tzinfo=info, fold=0)
    second = local.replace(tzinfo=info, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    # In a gap, fold=0 takes the offset before the change, so the round trip moves forward.
    if first.astimezone(UTC).astimezone(info).replace(tzinfo=None) != local:
        after = first.astimezone(UTC).astimezone(info).replace(tzinfo=None)
        before = second.astimezone(UTC).astimezone(info).replace(tzinfo=None)
        raise WallTimeMissing(local, zone, before, after)
    if fold is None:
        raise WallTimeTwice(local, zone)
    return (second if fold else first).astimezone(UTC)


def is_doubled(local: datetime, zone: str) -> bool:
    """Whether the clocks of `zone` show the naive `local` twice; False where they never do."""
    try:
        instant(local, zone)
    except DomainError as error:
        return isinstance(error, WallTimeTwice)
    return False


def wall(at: datetime, zone: str) -> datetime:
    """What the clocks of `zone` show at the aware instant `at`: naive local time."""
    return at.astimezone(zone_info(zone)).replace(tzinfo=None)


def gap_hours(at: datetime, zone: str, other: str) -> float:
    """By how many hours `zone` is ahead of `other` at the aware instant `at`."""
    return (wall(at, zone) - wall(at, other)) / timedelta(hours=1)


def changes(zone: str, start: datetime, end: datetime) -> Iterator[Change]:
    """The clock changes of `zone` after `start` and until `end`, aware instants, in order.

    Looked for hour by hour: two changes within one hour would be taken for one.
    """
    info = zone_info(zone)
    at = start.astimezone(UTC)
    while at < end:
        step = min(at + timedelta(hours=1), end.astimezone(UTC))
        moved = _offset(step, info) - _offset(at, info)
        if moved:
            yield Change(_moment_of_change(info, at, step), moved // timedelta(minutes=1))
        at = step


def _moment_of_change(info: ZoneInfo, still: datetime, moved: datetime) -> datetime:
    """The second at which the offset of `still` gave way to that of `moved`."""
    old = _offset(still, info)
    while moved - still > timedelta(seconds=1):
        middle = still + (moved - still) / 2
        if _offset(middle, info) == old:
            still = middle
        else:
            moved = middle
    return moved.replace(microsecond=0)


def _offset(at: datetime, info: ZoneInfo) -> timedelta:
    return at.astimezone(info).utcoffset() or timedelta()
