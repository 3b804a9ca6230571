"""What the blocks of the board carry beside their words: clashes, and what publishing would do."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from webapp import i18n
from webapp.blueprints.agendas.clash_words import sentence
from webapp.db import db
from webapp.domain import clashes, releases
from webapp.models.agenda import AgendaItem
from webapp.models.release import Change, ReleaseItem
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Mark:
    """One clash of an item in words; `blocks` when it stops publishing."""

    words: str
    blocks: bool


def clash_marks(trip: Trip) -> dict[UUID, list[Mark]]:
    """The clashes of the draft, for each item that has one."""
    found = clashes.check(trip)
    rows = select(AgendaItem.uid, AgendaItem.title).where(AgendaItem.trip_id == trip.id)
    titles = {uid: i18n.words(title) for uid, title in db.session.execute(rows)}
    marks: dict[UUID, list[Mark]] = defaultdict(list)
    for clash in found:
        mark = Mark(sentence(clash, titles), clash.blocks)
        for uid in clash.uids:
            marks[uid].append(mark)
    return dict(marks)


def changes(trip: Trip) -> dict[UUID, Change]:
    """What publishing would do to each item that it would touch; nothing before the first
    release, when it would add them all."""
    if trip.release_id is None:
        return {}
    return {found.item.uid: found.change for found in releases.differences(trip)}


def change_of(trip: Trip, item: AgendaItem) -> Change | None:
    """The same for one item, without reading the others."""
    if trip.release_id is None:
        return None
    before = db.session.scalars(
        select(ReleaseItem).where(
            ReleaseItem.release_id == trip.release_id, ReleaseItem.uid == item.uid
        )
    ).one_or_none()
    if before is None and item.is_cancelled:
        return None
    change, _fields = releases.compare(before, item)
    return None if change == Change.SAME else change
