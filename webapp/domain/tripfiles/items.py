"""The agenda of a checked trip file: items found and brought up to it, or added."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.db import Words, db
from webapp.domain import agendas
from webapp.domain.audits import By
from webapp.domain.item_values import ItemValues
from webapp.domain.tripfiles.cast import Cast
from webapp.domain.tripfiles.faults import Fault, FileFaults
from webapp.domain.tripfiles.meaning import moment, rows
from webapp.domain.tripfiles.shared import fill_basis, words
from webapp.domain.tripfiles.values import as_local
from webapp.models.agenda import (
    AgendaItem,
    Attendance,
    Audience,
    ItemKind,
    ItemRole,
    ItemState,
    Mode,
)
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Ids:
    """The rows that the keys of a file stand for."""

    organizations: dict[str, int]
    stops: dict[str, int]
    venues: dict[str, int]
    rooms: dict[tuple[str, str], int]
    tracks: dict[str, int]


def load_items(trip: Trip, said: list[dict[str, Any]], ids: Ids, by: By) -> None:
    """Bring the draft of `trip` up to the items of a file. Raises FileFaults."""
    _refuse_items_of_others(trip, said)
    known = _match(trip, said)
    cast = Cast(trip)
    for number, each in enumerate(said):
        item = known.get(number)
        values = _values(each, ids, cast.of(rows(each, "people"), item))
        if item is None:
            made = uuid.UUID(each["uid"]) if each.get("uid") else None
            item = agendas.add(trip, values, by, made)
        else:
            try:
                agendas.change(item, values, by, seen_version=item.version)
            except MoveRefused as error:
                mend = f"an item that is {error.old} cannot become {error.new}"
                raise FileFaults([Fault(f"$.items[{number}].state", mend)]) from error
        fill_basis(item, each)


def _refuse_items_of_others(trip: Trip, said: list[dict[str, Any]]) -> None:
    numbers = {uuid.UUID(each["uid"]): n for n, each in enumerate(said) if each.get("uid")}
    others = db.session.scalars(
        select(AgendaItem.uid).where(AgendaItem.uid.in_(numbers), AgendaItem.trip_id != trip.id)
    )
    faults = [
        Fault(f"$.items[{numbers[uid]}].uid", f"{uid} belongs to another trip: take another UID")
        for uid in others
    ]
    if faults:
        raise FileFaults(sorted(faults, key=lambda fault: fault.path))


def _match(trip: Trip, said: list[dict[str, Any]]) -> dict[int, AgendaItem]:
    """The stored item for each place in the list: by UID, else by title in order of start."""
    stored = list(agendas.draft(trip))
    by_uid = {str(item.uid): item for item in stored}
    found = {n: by_uid[each["uid"]] for n, each in enumerate(said) if each.get("uid") in by_uid}
    claimed = {item.id for item in found.values()}
    free = [item for item in stored if item.id not in claimed]
    unnamed = [n for n, each in enumerate(said) if not each.get("uid")]
    for number in sorted(unnamed, key=lambda n: moment(said[n]["starts"])):
        title = said[number]["title"]
        item = next((item for item in free if item.title == title), None)
        if item is not None:
            free.remove(item)
            found[number] = item
    return found


def _values(said: dict[str, Any], ids: Ids, people: tuple[tuple[int, ItemRole], ...]) -> ItemValues:
    starts_local, ends_local = as_local(said["starts"]["local"]), as_local(said["ends"]["local"])
    assert starts_local is not None  # both were checked
    assert ends_local is not None
    to = said.get("to") or {}
    return ItemValues(
        kind=ItemKind(said["kind"]),
        title=Words(said["title"]),
        description=words(said.get("description")),
        starts_local=starts_local,
        starts_zone=said["starts"]["zone"],
        starts_fold=said["starts"].get("fold"),
        ends_local=ends_local,
        ends_zone=said["ends"]["zone"],
        ends_fold=said["ends"].get("fold"),
        audience=Audience(said.get("audience") or Audience.EVERYBODY),
        state=ItemState(said.get("state") or ItemState.CONFIRMED),
        attendance=Attendance(said.get("attendance") or Attendance.MANDATORY),
        capacity=said.get("capacity"),
        languages=tuple(said.get("languages") or ()),
        stop_id=_id(ids.stops, said.get("stop")),
        venue_id=_id(ids.venues, said.get("venue")),
        room_id=ids.rooms[said["venue"], said["room"]] if said.get("room") else None,
        place=said.get("place"),
        host_id=_id(ids.organizations, said.get("host")),
        track_id=_id(ids.tracks, said.get("track")),
        meeting_point=words(said.get("meeting_point")),
        call_minutes=said.get("call"),
        mode=Mode(said["mode"]) if said.get("mode") else None,
        service=said.get("service"),
        vehicle=said.get("vehicle"),
        to_venue_id=_id(ids.venues, to.get("venue")),
        to_place=to.get("place"),
        people=people,
        company_ids=tuple(ids.organizations[key] for key in said.get("companies") or ()),
        internal_note=said.get("internal_note"),
        invites=said.get("invites", True),
    )


def _id(known: dict[str, int], key: str | None) -> int | None:
    return None if key is None else known[key]
