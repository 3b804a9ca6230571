"""One delegate's own agenda: what is assigned, chosen, waited for, and what is left to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import picks, published, seats
from webapp.domain.seats import ItemPlaces
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.delegate import Delegate
from webapp.models.pick import Pick, PickState
from webapp.models.release import ReleaseItem


@dataclass(frozen=True, slots=True)
class OwnAgenda:
    """`items` are the delegate's own, waited for ones too; `options` may be chosen besides. By uid:
    `picks` are the open choices, `ranks` the place in a queue, `places` how full each optional item
    of either list is. All in order of start."""

    items: list[ReleaseItem]
    options: list[ReleaseItem]
    picks: dict[UUID, Pick]
    ranks: dict[UUID, int]
    places: dict[UUID, ItemPlaces]

    def left(self, item: ReleaseItem) -> int | None:
        """How many places an optional item has left for somebody new: none while others wait; None
        where there is no limit."""
        full = self.places[item.uid]
        return 0 if full.waiting and item.capacity is not None else full.left(item.capacity)

    @property
    def attended(self) -> list[ReleaseItem]:
        """The own items but for those waited for: what may clash."""
        return [item for item in self.items if not self._waits(item)]

    def _waits(self, item: ReleaseItem) -> bool:
        pick = self.picks.get(item.uid)
        return pick is not None and pick.state == PickState.WAITING


def of(delegate: Delegate) -> OwnAgenda:
    """The own agenda by the published release. As many statements for any size."""
    seen = published.seen_by(delegate.registration.trip, published.viewer(delegate))
    picked = {pick.item.uid: pick for pick in picks.of(delegate).values()}
    ranks = picks.ranks(delegate)
    own = [i for i in seen if i.attendance == Attendance.MANDATORY or i.uid in picked]
    options = [i for i in seen if i.attendance == Attendance.OPTIONAL]
    return OwnAgenda(
        items=own,
        options=[i for i in options if i.uid not in picked and not i.is_cancelled],
        picks={item.uid: picked[item.uid] for item in options if item.uid in picked},
        ranks={uid: ranks[pick.item_id] for uid, pick in picked.items() if pick.item_id in ranks},
        places=_places(options),
    )


def _places(options: Sequence[ReleaseItem]) -> dict[UUID, ItemPlaces]:
    if not options:
        return {}
    wanted = [item.uid for item in options]
    rows = db.session.execute(
        select(AgendaItem.id, AgendaItem.uid).where(AgendaItem.uid.in_(wanted))
    ).all()
    counts = seats.item_places(item_id for item_id, _uid in rows)
    return {uid: counts[item_id] for item_id, uid in rows}
