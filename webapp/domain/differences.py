"""What one version of an agenda says otherwise than another: comparing, which reads nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.release import Change, ReleaseItem

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
QUIET = ("invites", "venue_id", "to_venue_id", "host_id")  # of whom it is, not what it says
COPIED = (*WHEN, *WHERE, *WORDS, *QUIET, "starts_at", "ends_at", "state")
MOVES = frozenset((*WHEN, *WHERE, "starts_at", "ends_at", "state"))
# Whom else an item is for, and who is told of it how.
NOT_PUBLIC = frozenset({"audience", "organization_ids", *QUIET})


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
