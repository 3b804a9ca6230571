"""Who has to be told of a version, and since which one: exactly those whom it concerns."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import bulletins, readers
from webapp.domain.change_words import told
from webapp.domain.differences import Difference, of_items
from webapp.domain.readers import Reader
from webapp.i18n import speaking
from webapp.models.agenda import AgendaItem, Attendance, Audience
from webapp.models.mail import Mail, MailState
from webapp.models.release import Release, ReleaseItem, ReleaseState
from webapp.models.trip import Trip

# Whether the letter reached its reader: what failed, came back or was stopped told nothing.
REACHED = (MailState.SENDING, MailState.SENT)
NONE: frozenset[int] = frozenset()
Notes = dict[int, tuple[datetime, list[int]]]  # of letters that were stopped, by delegate


@dataclass(frozen=True, slots=True)
class News:
    """A reader, the version that they know, and the versions whose notes are meant for them."""

    reader: Reader
    since: int
    notes: list[int]


@dataclass(slots=True)
class _Agendas:
    """The versions of a trip, read once each, and what became between two of them."""

    ids: dict[int, int]
    said: dict[int, dict[UUID, ReleaseItem]] = field(default_factory=dict)
    became: dict[tuple[int, int], tuple[list[Difference], frozenset[UUID]]] = field(
        default_factory=dict
    )
    concern: dict[object, bool] = field(default_factory=dict)

    def concerns(self, older: int, newer: int, reader: Reader, own: frozenset[UUID]) -> bool:
        """Whether a reader has something to read of what became between two versions. Found out
        once for all who see the same."""
        found, optional = self._between(older, newer)
        mine = own & optional
        key = (older, newer, reader.eyes, mine, reader.language)
        if key not in self.concern:
            theirs = bulletins.concerning(found, reader.eyes, mine)
            with speaking(reader.language):
                self.concern[key] = any(told([each]) for each in theirs)
        return self.concern[key]

    def _between(self, older: int, newer: int) -> tuple[list[Difference], frozenset[UUID]]:
        """What turns a version into another, and which of it is optional."""
        if (older, newer) not in self.became:
            found = of_items(self._items(older), self._items(newer))
            sides = [side for each in found for side in (each.before, each.after) if side]
            optional = {side.uid for side in sides if side.attendance == Attendance.OPTIONAL}
            self.became[older, newer] = (found, frozenset(optional))
        return self.became[older, newer]

    def _items(self, number: int) -> dict[UUID, ReleaseItem]:
        if number not in self.said:
            self.said[number] = bulletins.items(self.ids.get(number))
        return self.said[number]


def of(trip: Trip, release: Release, telling: Sequence[int], stopped: Notes) -> list[News]:
    """Whom to write to about `release`, which is in force.

    Those whom one of the versions `telling` concerns, or to whom letters were `stopped` in favor of
    this one, and for whom something is otherwise than in the version that they know (telling.py).
    """
    versions = _versions(trip)
    agendas = _Agendas({number: key for number, (key, _at) in versions.items()})
    newest = release.number or 0
    open_ones = {newest, *telling, *_stopped_unput(trip)}
    reached, missed = _letters_before(trip)
    picked = bulletins.picked(AgendaItem.trip_id == trip.id)
    news = []
    for reader in readers.of(trip, _named(trip)):
        known = max(reached.get(reader.id, 0), _in_force_at(versions, reader.came_at))
        unknown = {n for n in open_ones | missed.get(reader.id, NONE) if n > known}
        since = max(known, min(unknown, default=newest + 1) - 1)
        own = picked.get(reader.id, bulletins.NOTHING).since(since)
        if since >= newest or not agendas.concerns(since, newest, reader, own):
            continue
        notes = [n for n in telling if n > since and agendas.concerns(n - 1, n, reader, own)]
        if notes or reader.id in stopped:
            before = stopped[reader.id][1] if reader.id in stopped else []
            news.append(News(reader, since, sorted({*before, *notes})))
    return news


def _versions(trip: Trip) -> dict[int, tuple[int, datetime]]:
    """Id and instant of each version, by its number, in order."""
    rows = db.session.execute(
        select(Release.number, Release.id, Release.published_at)
        .where(Release.trip_id == trip.id, Release.state == ReleaseState.PUBLISHED)
        .order_by(Release.number)
    )
    return {number: (key, at) for number, key, at in rows if number and at}


def _in_force_at(versions: dict[int, tuple[int, datetime]], at: datetime) -> int:
    """The number of the version that was in force at an instant; 0 before the first."""
    return max((n for n, (_key, came_out) in versions.items() if came_out < at), default=0)


def _letters_before(trip: Trip) -> tuple[dict[int, int], dict[int, frozenset[int]]]:
    """By delegate: the latest version that a letter told of which went out, and those of which a
    letter was put that did not reach them."""
    reached: defaultdict[int, int] = defaultdict(int)
    missed: defaultdict[int, set[int]] = defaultdict(set)
    rows = db.session.execute(
        select(Mail.delegate_id, Release.number, Mail.state)
        .join(Release, Mail.release_id == Release.id)
        .where(Mail.trip_id == trip.id, Mail.letter == "bulletin")
    )
    for number, version, state in rows:
        if number is None or version is None:
            continue
        if state in REACHED:
            reached[number] = max(reached[number], version)
        else:
            missed[number].add(version)
    return reached, {number: frozenset(versions) for number, versions in missed.items()}


def _stopped_unput(trip: Trip) -> set[int]:
    """Versions whose letters were stopped before there were any."""
    put = select(Mail.id).where(Mail.release_id == Release.id, Mail.letter == "bulletin")
    numbers = db.session.scalars(
        select(Release.number).where(
            Release.trip_id == trip.id,
            Release.tells.is_(False),
            Release.told_at.is_not(None),
            ~put.exists(),
        )
    )
    return {number for number in numbers if number}


def _named(trip: Trip) -> frozenset[int]:
    """The companies that some item of some version is for by name."""
    lists = db.session.scalars(
        select(ReleaseItem.organization_ids)
        .join(Release, ReleaseItem.release_id == Release.id)
        .where(Release.trip_id == trip.id, ReleaseItem.audience == Audience.COMPANIES)
        .distinct()
    )
    return frozenset(number for listed in lists for number in listed)
