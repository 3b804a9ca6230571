"""What a bulletin says, and a letter about a place in a session: read for a whole batch at once."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select, tuple_

from webapp import addresses, i18n
from webapp.db import db
from webapp.domain import bulletins, change_words, feeds, item_words, published
from webapp.domain.bulletins import Picked
from webapp.domain.change_words import Line
from webapp.domain.differences import Difference, of_items
from webapp.mail.mime import Attachment
from webapp.models.agenda import Attendance
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.pick import Pick
from webapp.models.release import Change, Release, ReleaseItem, ReleaseState
from webapp.models.trip import Trip
from webapp.own_words import Instead

BULLETIN, PLACE = "bulletin", "session_place"
LETTERS = frozenset({BULLETIN, PLACE})
MOST_KEPT = 16 * 2**20  # octets of rendered changes that one process keeps


class NothingToTell(Exception):
    """What the letter was to tell is not so any more; the words are for the operator and staff."""


class Version(NamedTuple):
    """A published version, as letters name it."""

    id: int
    note: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one session, in the reader's language. `what` is added, moved, changed,
    restored, cancelled, or gone: not for this reader any more. `was` is when it was to be."""

    what: str
    title: str
    when: str
    was: str
    where: str
    meeting: str
    waits: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """The changes of all who share them: how many, both twins, and their sessions as a calendar
    file, if any."""

    count: int
    text: str
    page: Markup
    file: bytes | None

    @property
    def octets(self) -> int:
        """About how many it takes to keep."""
        return 2 * len(self.text) + 2 * len(self.page) + len(self.file or b"") + 1000


@dataclass(slots=True)
class News:
    """What the letters of a batch need: choices by delegate, versions by trip and number, what the
    versions say by their ids, and the sessions in force."""

    picked: dict[int, Picked]
    versions: dict[tuple[int, int], Version]
    items: dict[int, dict[UUID, ReleaseItem]]
    between: dict[tuple[int, int], list[Difference]] = field(default_factory=dict)


_kept: OrderedDict[object, Said] = OrderedDict()  # what was asked for last stands last


def read(rows: Sequence[Mail], delegates: dict[int, Delegate], trips: dict[int, Trip]) -> News:
    """Read what the bulletins and places of these rows need: four statements at most, none without
    such a letter."""
    told = [row for row in rows if row.letter in LETTERS and row.facts and row.delegate_id]
    if not told:
        return News({}, {}, {})
    versions = _versions(told)
    wanted = {versions[key].id for key in _numbers(told, "number", "since") if key in versions}
    for row in told:
        trip = trips.get(row.trip_id or 0)
        if row.letter == PLACE and trip is not None and trip.release_id is not None:
            wanted.add(trip.release_id)
    ids = {row.delegate_id for row in told if row.delegate_id in delegates}
    return News(bulletins.picked(Pick.delegate_id.in_(ids)), versions, _items(wanted))


def of_bulletin(
    row: Mail,
    told: dict[str, Any],
    delegate: Delegate,
    trip: Trip,
    news: News,
    wording: Instead | None,
) -> dict[str, Any]:
    """What the template of a bulletin reads: the changes of this reader, in order of time, the
    organizers' notes, and where to look. `wording` are the words of organizers that stand instead
    of the product's. Raises NothingToTell."""
    newer, older = _version(news, trip, told["number"]), _version(news, trip, told["since"])
    if newer is None or (older is None and told["since"]):
        raise NothingToTell("the version that it told of is gone")
    mine = news.picked.get(delegate.id, bulletins.NOTHING)
    older_id = older.id if older else 0
    found = bulletins.concerning(
        _between(news, older_id, newer.id),
        published.viewer(delegate),
        mine.since(told["since"]),
    )
    said = _said(found, mine, trip, (older_id, newer.id), row.language, wording)
    if not said.count:
        raise NothingToTell("in the end nothing changed for its reader")
    notes = [_version(news, trip, number) for number in told["notes"] or []]
    name = "sessions.ics" if told["since"] == 0 else "changes.ics"
    return {
        "count": said.count,
        "changes_text": "" if told["since"] == 0 else said.text,
        "changes_page": Markup() if told["since"] == 0 else said.page,
        "notes": list(dict.fromkeys(each.note for each in notes if each and each.note)),
        "has_sessions": bool(said.file),
        "changes_link": addresses.delegate_changes(delegate.token, told["since"]),
        "files": (Attachment(name, "text/calendar", said.file),) if said.file else (),
    }


def of_place(
    row: Mail, told: dict[str, Any], delegate: Delegate, trip: Trip, news: News
) -> dict[str, Any]:
    """What the template of a place in a session reads. Raises NothingToTell when the reader has
    it no more."""
    uid = UUID(told["item_uid"])
    item = news.items.get(trip.release_id or 0, {}).get(uid)
    mine = news.picked.get(delegate.id, bulletins.NOTHING)
    if item is None or item.is_cancelled or uid not in mine.chosen:
        raise NothingToTell("the reader does not have this place any more")
    file = feeds.session_file(trip, item, row.language)
    with i18n.speaking(row.language):
        place = _changed(Difference(Change.ADDED, None, item, ()), [], frozenset())
    return {
        "place": place,
        "place_link": f"{addresses.delegate(delegate.token)}#item-{uid}",
        "files": (Attachment("session.ics", "text/calendar", file),),
    }


def _said(
    found: tuple[Difference, ...],
    mine: Picked,
    trip: Trip,
    versions: tuple[int, int],
    language: str,
    wording: Instead | None,
) -> Said:
    """The changes rendered, once for all who share them and their language."""
    uids = {each.item.uid for each in found}
    chosen, waiting = frozenset(mine.chosen & uids), frozenset(mine.waiting & uids)
    sides = tuple((each.item.uid, each.before is None, each.after is None) for each in found)
    stamp = (trip.slug, trip.release_id, trip.state, trip.changed_at, addresses.home())
    own_words = tuple(sorted((name, *forms) for name, forms in (wording or {}).items()))
    key = (versions, language, own_words, stamp, sides, chosen, waiting)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    with i18n.speaking(language, wording):
        readable = change_words.told(found)
        changes = [_changed(each, lines, waiting) for each, lines in readable]
        text = render_template("mail/bulletin/_changes.txt", changes=changes)
        page = Markup(render_template("mail/bulletin/_changes.html", changes=changes))  # noqa: S704  # escaped by the template
    items = [
        each.after
        for each, _lines in readable
        if isinstance(each.after, ReleaseItem)
        and (each.after.attendance == Attendance.MANDATORY or each.after.uid in chosen)
    ]
    file = feeds.sessions_file(trip, items, language) if items else None
    said = _kept[key] = Said(len(changes), text, page, file)
    while len(_kept) > 1 and sum(each.octets for each in _kept.values()) > MOST_KEPT:
        _kept.popitem(last=False)
    return said


def _changed(each: Difference, lines: Iterable[Line], waiting: frozenset[UUID]) -> Changed:
    before, after, item = each.before, each.after, each.item
    is_off = each.change == Change.CANCELLED
    return Changed(
        what="gone" if after is None else each.change.value,
        title=i18n.words(item.title),
        when=change_words.when(item),
        was=change_words.when(before) if before else "",
        where=change_words.where(item),
        meeting=item_words.meeting(item),
        waits=item.attendance == Attendance.OPTIONAL and item.uid in waiting,
        lines=() if is_off else tuple(lines),
    )


def _between(news: News, older: int, newer: int) -> list[Difference]:
    if (older, newer) not in news.between:
        sides = news.items.get(older, {}), news.items.get(newer, {})
        news.between[older, newer] = of_items(*sides)
    return news.between[older, newer]


def _version(news: News, trip: Trip, number: int) -> Version | None:
    return news.versions.get((trip.id, number))


def _versions(rows: Sequence[Mail]) -> dict[tuple[int, int], Version]:
    wanted = _numbers(rows, "number", "since", "notes")
    if not wanted:
        return {}
    found = db.session.execute(
        select(Release.trip_id, Release.number, Release.id, Release.note).where(
            tuple_(Release.trip_id, Release.number).in_(sorted(wanted)),
            Release.state == ReleaseState.PUBLISHED,
        )
    )
    return {(trip_id, number or 0): Version(key, note) for trip_id, number, key, note in found}


def _numbers(rows: Sequence[Mail], *names: str) -> set[tuple[int, int]]:
    """Trip and number of the versions that these letters name."""
    found: set[tuple[int, int]] = set()
    for row in rows:
        for name in names:
            value = (row.facts or {}).get(name)
            numbers = value if isinstance(value, list) else [value]
            found |= {(row.trip_id or 0, number) for number in numbers if number}
    return found


def _items(release_ids: set[int]) -> dict[int, dict[UUID, ReleaseItem]]:
    found: dict[int, dict[UUID, ReleaseItem]] = {key: {} for key in release_ids}
    if release_ids:
        query = select(ReleaseItem).where(ReleaseItem.release_id.in_(release_ids))
        for item in db.session.scalars(query):
            found[item.release_id][item.uid] = item
    return found
