"""What programs, day sheets and the letters of hosts tell: published sessions, by day.

Read once for a batch of letters; a program brings the bytes that the reader's calendar holds, those
that were prepared where they are up to date.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.db import Facts, db
from webapp.domain import feeds, item_words, programs
from webapp.models.agenda import ItemRole
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.feed import Feed
from webapp.models.mail import Mail
from webapp.models.person import Person
from webapp.models.registration import RegistrationState
from webapp.models.release import ReleaseItem
from webapp.models.staff import Staff
from webapp.models.trip import Trip, TripState

OF_DELEGATES = frozenset({"program", "day_sheet"})
HOST, TEAM = "host_visit", "team_day_sheet"
OF_OTHERS = frozenset({HOST, TEAM})  # who are no delegates: they are told how many come


class NothingToTell(Exception):
    """There is nothing of it any more; the words are for the operator and staff."""


@dataclass(frozen=True, slots=True)
class ProgramDay:
    """The sessions that begin on one local date, in order of start."""

    day: date
    items: list[ReleaseItem]


@dataclass(frozen=True, slots=True)
class Visit:
    """A session of a host: what they do in it, how many come, of which companies by name, and of
    how many more."""

    item: ReleaseItem
    roles: list[ItemRole]
    people: int
    companies: list[str]
    more: int

    @property
    def is_with_delegates(self) -> bool:
        """Whether they are on the way with the delegates, so that they meet where those do."""
        return bool({ItemRole.GUIDE, ItemRole.INTERPRETER} & set(self.roles))


@dataclass(frozen=True, slots=True)
class Lines:
    """What a letter says of a session: its times with their zone, and a line for each other thing
    that one has to know."""

    when: str
    more: list[str]


@dataclass(frozen=True, slots=True)
class Days:
    """What a batch needs: the own sessions by delegate, prepared calendars by delegate, people by
    id, the team by id, and the published sessions of hosts and the team by tour and UID."""

    programs: dict[int, list[ReleaseItem]] = field(default_factory=dict)
    bodies: dict[int, bytes] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    team: dict[int, Staff] = field(default_factory=dict)
    sessions: dict[tuple[int, UUID], ReleaseItem] = field(default_factory=dict)
    # Colleagues read the same of a session: said once a batch for each letter and language.
    said: dict[tuple[object, ...], Lines] = field(default_factory=dict)


def read(rows: Sequence[Mail], delegates: Mapping[int, Delegate]) -> Days:
    """Read it: at most seven statements for any batch, none without such letters."""
    ids = {row.delegate_id or 0 for row in rows if row.letter in OF_DELEGATES}
    own = [delegates[key] for key in sorted(ids & delegates.keys())]
    calendars = {row.delegate_id or 0 for row in rows if row.letter == "program"}
    of_hosts = [row for row in rows if row.letter == HOST]
    of_team = [row for row in rows if row.letter == TEAM]
    return Days(
        programs=programs.of_many(own) if own else {},
        bodies=_bodies(calendars),
        people=_people(of_hosts),
        team=_team(of_team),
        sessions=_sessions([*of_hosts, *of_team]),
    )


def of_delegate(
    row: Mail, told: Mapping[str, Any], delegate: Delegate, days: Days
) -> dict[str, Any]:
    """The days of a program or of a day sheet. Raises NothingToTell."""
    registration = delegate.registration
    _check_takes_place(registration.trip)
    if registration.state != RegistrationState.ACCEPTED or delegate.state != DelegateState.COMING:
        raise NothingToTell("the delegate has no place in the tour any more")
    items = programs.takes_place(days.programs.get(delegate.id, []), told.get("day_on"))
    if not items:
        raise NothingToTell("the delegate has no such session any more")
    _check_is_to_come(items)
    return {"program_days": _by_day(items), "session_lines": _lines_of(row, days)}


def of_host(row: Mail, told: Mapping[str, Any], trip: Trip, days: Days) -> dict[str, Any]:
    """The visits of a host, with what was true of them when the letter was put. Raises
    NothingToTell."""
    _check_takes_place(trip)
    person = days.people.get(told["person_id"])
    if person is None or (person.email or "").lower() != row.to_email.lower():
        raise NothingToTell("the person has another mail address by now, or was erased")
    return _visits(row, told, trip, days, person.name)


def of_team(row: Mail, told: Mapping[str, Any], trip: Trip, days: Days) -> dict[str, Any]:
    """The sessions of a day for somebody of the team, with what was true of them when the letter
    was put. Raises NothingToTell."""
    _check_takes_place(trip)
    member = days.team.get(told["staff_id"])
    is_there = member is not None and member.active and member.role_on(trip.id) is not None
    if member is None or not is_there or member.email.lower() != row.to_email.lower():
        raise NothingToTell("somebody who is not of the team any more")
    return _visits(row, told, trip, days, "")


def calendar(delegate: Delegate, days: Days) -> bytes:
    """What the delegate's calendar holds, as a file."""
    prepared = days.bodies.get(delegate.id)
    return prepared or feeds.program_file(delegate, days.programs[delegate.id])


def _lines_of(row: Mail, days: Days) -> Callable[[ReleaseItem, bool], Lines]:
    """What a template asks for the lines of a session; whether its reader `meets` the others where
    they meet. It speaks the language of the letter then, in the words of the tour."""

    def lines(item: ReleaseItem, meets: bool) -> Lines:
        key = (row.letter, row.language, item.id, meets)
        if key not in days.said:
            days.said[key] = Lines(item_words.when(item), item_words.sheet(item, meets=meets))
        return days.said[key]

    return lines


def _check_takes_place(trip: Trip) -> None:
    if trip.state != TripState.ANNOUNCED:
        raise NothingToTell("the tour does not take place")


def _check_is_to_come(items: Iterable[ReleaseItem]) -> None:
    """A letter that was held for an address, or that no worker wrote for days, may be too late."""
    at = clock.now()
    if all(item.ends_at <= at for item in items):
        raise NothingToTell("these sessions are over")


def _by_day(items: Iterable[ReleaseItem]) -> list[ProgramDay]:
    """The sessions by the local date on which they begin."""
    in_order = sorted(items, key=lambda item: (item.starts_local.date(), item.starts_at))
    return [
        ProgramDay(day, list(some))
        for day, some in groupby(in_order, key=lambda item: item.starts_local.date())
    ]


def _visits(
    row: Mail, told: Mapping[str, Any], trip: Trip, days: Days, name: str
) -> dict[str, Any]:
    """The sessions of a letter that still take place, in order of start, with what `name` does in
    each."""
    guests: dict[str, Facts] = {each["item"]: each for each in told["guests"] or []}
    visits = [
        _visit(days.sessions[trip.id, UUID(uid)], name, guests.get(uid, {}))
        for uid in told["item_uids"]
        if (trip.id, UUID(uid)) in days.sessions
    ]
    visits = sorted(visits, key=lambda visit: visit.item.starts_at)
    if not visits:
        raise NothingToTell("none of these sessions takes place any more")
    _check_is_to_come([visit.item for visit in visits])
    return {"visits": visits, "session_lines": _lines_of(row, days)}


def _visit(item: ReleaseItem, name: str, guests: Mapping[str, Any]) -> Visit:
    roles = {each["role"] for each in item.people_named if each["name"] == name}
    return Visit(
        item,
        [role for role in ItemRole if role.value in roles],
        guests.get("people", 0),
        list(guests.get("companies", [])),
        guests.get("more", 0),
    )


def _bodies(delegate_ids: Iterable[int]) -> dict[int, bytes]:
    """The prepared bytes of the calendars in force that are up to date and hold no options."""
    wanted = sorted(delegate_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Feed.delegate_id, Feed.body).where(
            Feed.delegate_id.in_(wanted),
            Feed.revoked_at.is_(None),
            Feed.body.is_not(None),
            Feed.with_options.is_(False),
        )
    )
    return {delegate_id: body for delegate_id, body in rows if delegate_id and body}


def _people(rows: Sequence[Mail]) -> dict[int, Person]:
    ids = {row.facts["person_id"] for row in rows if row.facts}
    if not ids:
        return {}
    return {each.id: each for each in db.session.scalars(select(Person).where(Person.id.in_(ids)))}


def _team(rows: Sequence[Mail]) -> dict[int, Staff]:
    ids = {row.facts["staff_id"] for row in rows if row.facts}
    if not ids:
        return {}
    found = select(Staff).where(Staff.id.in_(ids)).options(selectinload(Staff.roles))
    return {each.id: each for each in db.session.scalars(found)}


def _sessions(rows: Sequence[Mail]) -> dict[tuple[int, UUID], ReleaseItem]:
    """The sessions of these letters as they are published now and take place."""
    uids = {UUID(uid) for row in rows if row.facts for uid in row.facts["item_uids"]}
    if not uids:
        return {}
    found = db.session.execute(
        select(Trip.id, ReleaseItem)
        .join(ReleaseItem, ReleaseItem.release_id == Trip.release_id)
        .where(Trip.id.in_({row.trip_id for row in rows}), ReleaseItem.uid.in_(uids))
    )
    return {(trip_id, item.uid): item for trip_id, item in found if not item.is_cancelled}
