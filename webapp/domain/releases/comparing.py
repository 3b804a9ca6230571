"""What one version of an agenda says otherwise than another."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from webapp.db import db
from webapp.domain import agendas, published
from webapp.domain.differences import (
    COPIED,
    Difference,
    NoSuchRelease,
    as_told,
    compare,
    of_items,
)
from webapp.domain.releases.finding import find
from webapp.models.agenda import AgendaItem, Audience
from webapp.models.release import Change, Release, ReleaseItem
from webapp.models.trip import Trip


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
