"""What one version of an agenda says otherwise than another."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import agendas, published
from webapp.domain.releases.finding import find
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem, Audience
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.trip import Trip

WHEN = ("starts_local", "starts_zone", "starts_fold", "ends_local", "ends_zone", "ends_fold")
WHERE = (
    "place_name",
    "place_address",
    "city",
    "latitude",
    "longitude",
    "room_name",
    "to_place_name",
    "to_place_address",
    "to_city",
    "to_latitude",
    "to_longitude",
)
WORDS = (
    "kind",
    "audience",
    "title",
    "description",
    "attendance",
    "capacity",
    "languages",
    "meeting_point",
    "call_minutes",
    "place_access",
    "mode",
    "service",
    "vehicle",
    "host_name",
    "people_named",
    "organization_ids",
    "track_id",
    "track_name",
    "track_color",
    "basis",
    "basis_note",
    "sources",
)
COPIED = (*WHEN, *WHERE, *WORDS, "starts_at", "ends_at", "state")
MOVES = frozenset((*WHEN, *WHERE, "starts_at", "ends_at", "state"))
NOT_PUBLIC = frozenset({"audience", "organization_ids"})  # whom else an item is for


class NoSuchRelease(DomainError):
    """The trip has no published release of that number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one item between two versions, and what it says before and after.

    `before` None: it was not there; `after` None: it is there no more. `held`: it is held back, so
    that publishing leaves it as it was.
    """

    change: Change
    before: ReleaseItem | None
    after: AgendaItem | ReleaseItem | None
    fields: tuple[str, ...]
    held: bool = False

    @property
    def item(self) -> ReleaseItem | AgendaItem:
        """The newest state, for a title."""
        found = self.after or self.before
        assert found is not None
        return found


def compare(
    before: ReleaseItem | None, after: AgendaItem | ReleaseItem
) -> tuple[Change, tuple[str, ...]]:
    """What publishing `after` would do to what was published, and which fields differ.

    Time and place make a move, which raises SEQUENCE; other words are a change, which does not
    (icalendar.md R5). Instants count too: new zone rules move a session (Z9).
    """
    if before is None:
        return Change.ADDED, ()
    fields = tuple(f for f in COPIED if getattr(before, f) != getattr(after, f))
    if before.is_cancelled != after.is_cancelled:
        return (Change.CANCELLED if after.is_cancelled else Change.RESTORED), fields
    if not MOVES.isdisjoint(fields):
        return Change.MOVED, fields
    return (Change.CHANGED if fields else Change.SAME), fields


def differences(trip: Trip) -> list[Difference]:
    """What publishing now would change, in order of time; what stays the same is left out, and
    what is held back is marked."""
    return of_draft(agendas.draft(trip), in_force(trip))


def fingerprint(found: Iterable[Difference]) -> str:
    """What a page of differences showed, in few letters: it changes with any of their items, and
    with the names of places, tracks and people that they show."""
    shown = sorted(f"{d.item.uid} {d.change} {_version(d)} {d.held} {_said(d)}" for d in found)
    return sha256("\n".join(shown).encode()).hexdigest()[:32]


def between(older: Release | None, newer: Release) -> list[Difference]:
    """What turns the release `older` of a trip into `newer`, in order of time: its fields, set in
    what `older` says of an item, give what `newer` says. None stands for an empty agenda."""
    return of_items(_items(older) if older else {}, _items(newer))


def public_changes(trip: Trip, since: int) -> list[Difference]:
    """What changed between release number `since` and the one in force, as the public may know it.

    Only what everybody may see, on each side: an item that became public is added, and one that is
    public no more has `after` None (it need not be off: say that the agenda no longer shows it).
    What came and was called off in between is left out. Raises NoSuchRelease.
    """
    older = find(trip, since)
    if older is None:
        raise NoSuchRelease
    seen = {u: i for u, i in _items(older).items() if i.audience == Audience.EVERYBODY}
    return as_told(of_items(seen, {item.uid: item for item in published.items(trip)}))


def as_told(found: Iterable[Difference]) -> list[Difference]:
    """Differences as those who attend may know them: without whom else an item is for, and without
    what came and was called off in between."""
    told = []
    for each in found:
        fields = tuple(name for name in each.fields if name not in NOT_PUBLIC)
        was_news = each.before is not None or not each.item.is_cancelled
        if was_news and (fields or each.before is None or each.after is None):
            told.append(Difference(each.change, each.before, each.after, fields))
    return told


def in_force(trip: Trip) -> dict[UUID, ReleaseItem]:
    """What the published release says, by item; nothing before the first."""
    return {item.uid: item for item in published.items(trip, Audience.STAFF)}


def of_draft(draft: Iterable[AgendaItem], old: Mapping[UUID, ReleaseItem]) -> list[Difference]:
    """The differences of a draft that was read before against a release that was."""
    found = []
    for item in draft:
        before = old.get(item.uid)
        if before is None and item.is_cancelled:
            continue  # never announced, so there is nothing to call off
        change, fields = compare(before, item)
        if change != Change.SAME:
            found.append(Difference(change, before, item, fields, item.held_back))
    return found


def of_items(old: Mapping[UUID, ReleaseItem], new: Mapping[UUID, ReleaseItem]) -> list[Difference]:
    """The differences of two releases, by item."""
    found = []
    for uid, item in new.items():
        change, fields = compare(old.get(uid), item)
        if change != Change.SAME:
            found.append(Difference(change, old.get(uid), item, fields))
    gone = (item for uid, item in old.items() if uid not in new)
    found += [Difference(Change.CANCELLED, item, None, ()) for item in gone]
    return sorted(found, key=lambda each: (each.item.starts_at, each.item.uid))


def _items(release: Release) -> dict[UUID, ReleaseItem]:
    found = db.session.scalars(
        select(ReleaseItem)
        .where(ReleaseItem.release_id == release.id)
        .order_by(ReleaseItem.starts_at, ReleaseItem.uid)
    )
    return {item.uid: item for item in found}


def _said(difference: Difference) -> str:
    """What was shown of the newest state."""
    names = difference.fields or COPIED
    said = {name: getattr(difference.item, name) for name in names}
    return json.dumps(said, sort_keys=True, default=str)


def _version(difference: Difference) -> int:
    """Which edit of the draft was shown."""
    after = difference.after
    return after.version if isinstance(after, AgendaItem) else 0
