"""What changed for one person since a version of the agenda they knew."""

from collections.abc import Iterable
from uuid import UUID

from webapp.domain import picks, published, releases
from webapp.domain.releases import Difference, NoSuchRelease
from webapp.domain.releases.comparing import as_told, of_items
from webapp.models.agenda import Attendance
from webapp.models.delegate import Delegate
from webapp.models.release import ReleaseItem


def for_delegate(delegate: Delegate, since: int) -> list[Difference]:
    """What became, since release number `since`, of the items that the delegate is in, chose or
    waits for, in order of time. One that they see no more has `after` None; what came and was
    called off in between is left out. Raises NoSuchRelease."""
    trip = delegate.registration.trip
    older = releases.find(trip, since)
    if older is None:
        raise NoSuchRelease
    who = published.viewer(delegate)
    picked = {pick.item.uid for pick in picks.of(delegate).values()}
    before = _own((item for item in older.items if who.sees(item)), picked)
    now = _own(published.seen_by(trip, who), picked)
    return as_told(of_items(before, now))


def _own(items: Iterable[ReleaseItem], picked: set[UUID]) -> dict[UUID, ReleaseItem]:
    return {
        item.uid: item
        for item in items
        if item.attendance == Attendance.MANDATORY or item.uid in picked
    }
