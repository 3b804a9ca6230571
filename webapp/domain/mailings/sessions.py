"""Which delegates are in which sessions of the published agenda: for many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from webapp.db import db
from webapp.domain.mailings.terms import Audience
from webapp.domain.published import Viewer
from webapp.models.agenda import AgendaItem, Attendance
from webapp.models.delegate import DelegateState
from webapp.models.pick import Pick, PickState
from webapp.models.place import Stop
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.track import Track, TrackMember
from webapp.models.trip import Trip

NO_TRACKS: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Stands:
    """A delegate, and what decides what they see of the agenda besides their tracks."""

    delegate_id: int
    state: RegistrationState
    organization_id: int
    delegate_state: DelegateState


def attending(trip: Trip, audience: Audience, people: Iterable[Stands]) -> set[int]:
    """The ids of those of them who have a session that the audience asks for: it is part of the
    program for them, or they chose it. Three statements."""
    wanted = _wanted(trip, audience)
    if not wanted:
        return set()
    followed = _followed(trip)
    named = frozenset(company for item in wanted for company in item.organization_ids)
    chosen = _chosen(trip, [i.uid for i in wanted if i.attendance == Attendance.OPTIONAL])
    known: dict[Viewer, frozenset[UUID] | None] = {}
    found = set()
    for person in people:
        eyes = _eyes(person, named, followed.get(person.delegate_id, NO_TRACKS))
        if eyes not in known:
            known[eyes] = _seen(wanted, eyes)
        optional = known[eyes]
        if optional is None or optional & chosen.get(person.delegate_id, frozenset()):
            found.add(person.delegate_id)
    return found


def followers(track_id: int) -> set[int]:
    """The ids of the delegates who follow a track."""
    return set(
        db.session.scalars(select(TrackMember.delegate_id).where(TrackMember.track_id == track_id))
    )


def waiting(trip: Trip, uid: UUID) -> set[int]:
    """The ids of the delegates who wait for a place in a session."""
    return set(
        db.session.scalars(
            select(Pick.delegate_id)
            .join(AgendaItem, Pick.item_id == AgendaItem.id)
            .where(
                AgendaItem.trip_id == trip.id,
                AgendaItem.uid == uid,
                Pick.state == PickState.WAITING,
            )
        )
    )


def _wanted(trip: Trip, audience: Audience) -> list[ReleaseItem]:
    """The published sessions that are asked for: on the day, at the stop, with that uid. One that
    is called off counts only where it is the very one."""
    stop_id = ReleaseItem.values["stop_id"].as_integer()
    rows = db.session.execute(
        select(ReleaseItem, stop_id)
        .where(ReleaseItem.release_id == trip.release_id)
        .options(defer(ReleaseItem.values), defer(ReleaseItem.description))
    ).all()
    stop = db.session.get(Stop, audience.stop_id) if audience.stop_id else None
    found = []
    for item, of_stop in rows:
        if audience.item_uid and not audience.waits and item.uid != audience.item_uid:
            continue
        if item.is_cancelled and item.uid != audience.item_uid:
            continue
        if audience.day and not (
            item.starts_local.date() <= audience.day <= item.ends_local.date()
        ):
            continue
        if audience.stop_id and not (stop and _is_at(item, of_stop, stop)):
            continue
        found.append(item)
    return found


def _is_at(item: ReleaseItem, stop_id: int | None, stop: Stop) -> bool:
    """Whether a session is at a stop: it says so, or it is in the stop's city in its dates."""
    if stop_id is not None:
        return stop_id == stop.id
    cities = {(item.city or "").casefold(), (item.to_city or "").casefold()}
    days = (item.starts_local.date(), item.ends_local.date())
    return stop.city.casefold() in cities and any(
        stop.starts_on <= day <= stop.ends_on for day in days
    )


def _eyes(person: Stands, named: frozenset[int], tracks: frozenset[int]) -> Viewer:
    """With whose eyes they see: those of all companies that no session names are the same."""
    accepted = (
        person.state == RegistrationState.ACCEPTED and person.delegate_state == DelegateState.COMING
    )
    state = RegistrationState.ACCEPTED if accepted else RegistrationState.SUBMITTED
    return Viewer(state, person.organization_id if person.organization_id in named else 0, tracks)


def _seen(wanted: Sequence[ReleaseItem], eyes: Viewer) -> frozenset[UUID] | None:
    """None where one of the sessions is part of the program for such eyes; else those that they
    may choose."""
    seen = [item for item in wanted if eyes.sees(item)]
    if any(item.attendance == Attendance.MANDATORY for item in seen):
        return None
    return frozenset(item.uid for item in seen)


def _followed(trip: Trip) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for delegate_id, track_id in db.session.execute(
        select(TrackMember.delegate_id, TrackMember.track_id)
        .join(Track, TrackMember.track_id == Track.id)
        .where(Track.trip_id == trip.id)
    ):
        found.setdefault(delegate_id, set()).add(track_id)
    return {delegate_id: frozenset(tracks) for delegate_id, tracks in found.items()}


def _chosen(trip: Trip, uids: Sequence[UUID]) -> dict[int, frozenset[UUID]]:
    if not uids:
        return {}
    found: dict[int, set[UUID]] = {}
    for delegate_id, uid in db.session.execute(
        select(Pick.delegate_id, AgendaItem.uid)
        .join(AgendaItem, Pick.item_id == AgendaItem.id)
        .where(
            AgendaItem.trip_id == trip.id,
            AgendaItem.uid.in_(uids),
            Pick.state == PickState.CHOSEN,
        )
    ):
        found.setdefault(delegate_id, set()).add(uid)
    return {delegate_id: frozenset(uids) for delegate_id, uids in found.items()}
