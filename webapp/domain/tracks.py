"""The tracks of a tour: sub-programmes, and who follows them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.db import Words, db
from webapp.domain import audits, feeds, picks, seats
from webapp.domain.audits import By
from webapp.errors import DomainError
from webapp.models.agenda import AgendaItem
from webapp.models.delegate import Delegate
from webapp.models.registration import IS_OUT, Registration
from webapp.models.release import Release, ReleaseItem, ReleaseState
from webapp.models.track import Track, TrackMember
from webapp.models.trip import Trip

COLORS = ("navy", "teal", "coral", "ochre", "plum", "olive", "sky", "slate")


class ColorUnknown(DomainError):
    """The palette has no color of that name."""


class TrackPublished(DomainError):
    """Sessions are published in the track, or wait in a planned version: without it they would
    stand in everybody's calendar, so the draft must be published without it first. `items` says
    how many."""

    def __init__(self, items: int) -> None:
        super().__init__(f"{items} published items")
        self.items = items


@dataclass(frozen=True, slots=True)
class Counts:
    """How many delegates follow a track, how many sessions of the draft are in it, and how many
    of the published version, or of one that is planned."""

    members: int
    items: int
    published: int


def find(trip: Trip, track_id: int) -> Track | None:
    """The track of this trip with that id, or None: never another trip's."""
    return next((track for track in trip.tracks if track.id == track_id), None)


def counts(trip: Trip) -> dict[int, Counts]:
    """How full each track is, by its id."""
    ids = [track.id for track in trip.tracks]
    members = _count(TrackMember.track_id, TrackMember.track_id.in_(ids))
    items = _count(AgendaItem.track_id, AgendaItem.track_id.in_(ids))
    published = _published(trip, ids)
    return {
        each: Counts(members.get(each, 0), items.get(each, 0), published.get(each, 0))
        for each in ids
    }


def add(trip: Trip, name: Words, color: str, by: By) -> Track:
    """Add a track after the others. Raises ColorUnknown."""
    _check(color)
    trip = seats.hold(trip.id)
    track = Track(
        trip_id=trip.id,
        key=_key(name, {each.key for each in trip.tracks}),
        name=name,
        color=color,
        position=max((each.position for each in trip.tracks), default=0) + 1,
    )
    db.session.add(track)
    db.session.flush()
    db.session.expire(trip, ["tracks"])
    audits.write(by, track, "add", trip_id=trip.id, after={"name": name, "color": color})
    return track


def change(trip: Trip, track: Track, name: Words, color: str, by: By) -> Track:
    """Say anew what a track is called and how it is colored: the draft follows, what is published
    stays until the next version. Raises ColorUnknown."""
    _check(color)
    seats.hold(trip.id)
    before = {"name": track.name, "color": track.color}
    after = {"name": name, "color": color}
    if after != before:
        track.name, track.color = name, color
        db.session.flush()
        audits.write(by, track, "change", trip_id=trip.id, before=before, after=after)
        feeds.outdate_track(track.id)
    return track


def move(trip: Trip, track: Track, by: By, *, earlier: bool) -> None:
    """Let a track and its neighbor change places; at either end nothing happens."""
    trip = seats.hold(trip.id)
    order = list(trip.tracks)
    if track not in order:
        return  # somebody deleted it since
    here = order.index(track)
    there = here - 1 if earlier else here + 1
    if not 0 <= there < len(order):
        return
    before = [each.key for each in order]
    order[here], order[there] = order[there], order[here]
    for position, each in enumerate(order, start=1):  # several may have shared a place
        each.position = position
    db.session.flush()
    db.session.expire(trip, ["tracks"])
    after = [each.key for each in trip.tracks]
    audits.write(
        by, track, "order", trip_id=trip.id, before={"tracks": before}, after={"tracks": after}
    )


def remove(trip: Trip, track: Track, by: By) -> int:
    """Delete a track: the sessions of the draft lose it, its members too. How many sessions did.

    Raises TrackPublished while the published version, or a planned one, has sessions in it.
    """
    trip = seats.hold(trip.id)
    published = counts(trip)[track.id].published
    if published:
        raise TrackPublished(published)
    lost = _take_off(trip, track, by)
    followers = _registrations_of(track)
    audits.write(by, track, "delete", trip_id=trip.id, before={"name": track.name})
    feeds.close_track(track.id)
    db.session.delete(track)
    db.session.flush()
    db.session.expire_all()  # delegates and items forget it
    feeds.outdate_registrations(followers)
    picks.settle(trip)
    return lost


def take_off(trip: Trip, track: Track, by: By) -> int:
    """Take the draft's sessions out of a track, which stays. How many there were."""
    seats.hold(trip.id)
    return _take_off(trip, track, by)


def delegates(trip: Trip) -> Sequence[Registration]:
    """The registrations that have a part in the tour, with organization, delegates and their
    tracks, by name: whom a track may have as members."""
    found = db.session.scalars(
        select(Registration)
        .where(Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT))
        .options(
            joinedload(Registration.organization),
            selectinload(Registration.delegates).selectinload(Delegate.tracks),
        )
    ).all()
    return sorted(found, key=lambda each: (each.organization.name.casefold(), each.id))


def set_members(
    trip: Trip,
    track: Track,
    among: Iterable[int],
    delegate_ids: Iterable[int],
    whole: Iterable[int],
    by: By,
) -> int:
    """Let just these delegates follow the track, and all of the registrations `whole`.

    Only delegates of the registrations `among` are touched, so that a page of some leaves the
    others alone; ids of other trips count for nothing. How many now begin or cease to follow it.
    """
    trip = seats.hold(trip.id)
    shown, entire, wanted = set(among), set(whole), set(delegate_ids)
    joined: list[int] = []
    left: list[int] = []
    touched: list[int] = []
    for registration in delegates(trip):
        if registration.id not in shown:
            continue
        before = len(joined) + len(left)
        for delegate in registration.delegates:
            follows = registration.id in entire or delegate.id in wanted
            if follows and track not in delegate.tracks:
                delegate.tracks.append(track)
                joined.append(delegate.id)
            elif not follows and track in delegate.tracks:
                delegate.tracks.remove(track)
                left.append(delegate.id)
        if len(joined) + len(left) != before:
            touched.append(registration.id)
    if touched:
        db.session.flush()
        audits.write(by, track, "follow", trip_id=trip.id, after={"joined": joined, "left": left})
        feeds.outdate_registrations(touched)
        picks.settle(trip)
    return len(joined) + len(left)


def _registrations_of(track: Track) -> Sequence[int]:
    """The ids of the registrations with a delegate who follows the track."""
    return db.session.scalars(
        select(Delegate.registration_id)
        .join(TrackMember, TrackMember.delegate_id == Delegate.id)
        .where(TrackMember.track_id == track.id)
        .distinct()
    ).all()


def _take_off(trip: Trip, track: Track, by: By) -> int:
    items = db.session.scalars(select(AgendaItem).where(AgendaItem.track_id == track.id)).all()
    for item in items:
        item.track_id = None
        audits.write(
            by,
            item,
            "change",
            trip_id=trip.id,
            before={"track_id": track.id},
            after={"track_id": None},
        )
    db.session.flush()
    return len(items)


def _count(column: object, condition: object) -> dict[int, int]:
    rows = db.session.execute(
        select(column, func.count()).where(condition).group_by(column)  # type: ignore[call-overload]
    )
    return {key: number for key, number in rows}


def _published(trip: Trip, ids: Iterable[int]) -> dict[int, int]:
    """How many sessions of each track everybody's calendars hold, or will once a plan comes out."""
    planned = select(Release.id).where(
        Release.trip_id == trip.id, Release.state == ReleaseState.PLANNED
    )
    there = or_(ReleaseItem.release_id == trip.release_id, ReleaseItem.release_id.in_(planned))
    rows = db.session.execute(
        select(ReleaseItem.track_id, func.count(ReleaseItem.uid.distinct()))
        .where(ReleaseItem.track_id.in_(ids), there)
        .group_by(ReleaseItem.track_id)
    )
    return {key: number for key, number in rows if key is not None}


def _check(color: str) -> None:
    if color not in COLORS:
        raise ColorUnknown


def _key(name: Words, taken: set[str]) -> str:
    """A key for files, from the English name: "vip-2" where "vip" is taken."""
    plain = unicodedata.normalize("NFKD", name.pick("en")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50] or "track"
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key
