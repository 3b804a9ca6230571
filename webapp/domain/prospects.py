"""Invitations to apply: companies that the organizers write to, each with a link of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import audits, correspondence, seats
from webapp.domain.audits import By
from webapp.domain.organizations import name_key
from webapp.domain.prospect_lists import Asked, Row
from webapp.errors import DomainError
from webapp.models.audit import Actor
from webapp.models.organization import Organization
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import IS_OUT, Registration
from webapp.models.states import MoveRefused
from webapp.models.trip import Trip, Window

LONGEST_NOTE = 2_000  # characters
BETWEEN = timedelta(days=1)  # from one letter to a company until it is reminded
OPEN_WINDOWS = frozenset({Window.BEFORE, Window.OPEN})


class NoteTooLong(DomainError):
    """The organizers' words to the company are longer than LONGEST_NOTE."""


class AskedTooLately(DomainError):
    """The company was written to less than BETWEEN ago."""


class Deed(StrEnum):
    """What becomes of a row of a list."""

    ASK = "ask"
    DOUBLE = "double"  # an earlier row has the address
    ASKED = "asked"  # the company was asked already, whatever it said
    REGISTERED = "registered"  # the company, or its coordinator, has applied already
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Step:
    """A row and what becomes of it; `other` is the earlier row of a double."""

    row: Row
    deed: Deed
    other: int | None = None


def check(trip: Trip, rows: Sequence[Row]) -> list[Step]:
    """What asking these rows would do, in their order. Two statements, however many rows."""
    known = set(
        db.session.scalars(select(func.lower(Prospect.email)).where(Prospect.trip_id == trip.id))
    )
    emails, keys = _registered(trip)
    first: dict[str, int] = {}
    steps = []
    for row in rows:
        if row.asked is None:
            steps.append(Step(row, Deed.FAULTY))
            continue
        email = row.asked.email.lower()
        earlier = first.setdefault(email, row.number)
        if earlier != row.number:
            steps.append(Step(row, Deed.DOUBLE, earlier))
        elif email in known:
            steps.append(Step(row, Deed.ASKED))
        elif email in emails or name_key(row.asked.organization_name) in keys:
            steps.append(Step(row, Deed.REGISTERED))
        else:
            steps.append(Step(row, Deed.ASK))
    return steps


def ask(trip: Trip, rows: Sequence[Row], note: str, by: By) -> list[Prospect]:
    """Write to the companies of these rows that `check` lets through, and tell who they are.

    Whoever was asked meanwhile is left out. Raises NoteTooLong.
    """
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    trip = seats.hold(trip.id)
    asked = [step.row.asked for step in check(trip, rows) if step.deed == Deed.ASK]
    made = [_new(trip, each, note) for each in asked if each]
    db.session.add_all(made)
    db.session.flush()
    for prospect in made:
        audits.write(by, prospect, "invite", trip_id=trip.id, after={"state": prospect.state})
    correspondence.put([_letter(trip, prospect) for prospect in made])
    return made


def remind(trip: Trip, by: By, prospect: Prospect | None = None) -> int:
    """Write once more to those who have not answered, or to one of them; how many were written to.
    Nobody is written to twice within BETWEEN. Raises AskedTooLately for the one."""
    trip = seats.hold(trip.id)
    at = clock.now()
    query = select(Prospect).where(
        Prospect.trip_id == trip.id,
        Prospect.state == ProspectState.ASKED,
        Prospect.asked_at <= at - BETWEEN,
    )
    if prospect is not None:
        query = query.where(Prospect.id == prospect.id)
    rows = db.session.scalars(query.order_by(Prospect.id)).all()
    if prospect is not None and not rows:
        raise AskedTooLately
    for row in rows:
        row.reminders += 1
        row.asked_at = at
    db.session.flush()
    for row in rows:
        audits.write(by, row, "remind", trip_id=trip.id, after={"reminders": row.reminders})
    correspondence.put([_letter(trip, row) for row in rows])
    return len(rows)


def take_back(prospect: Prospect, by: By) -> None:
    """The organizers take an invitation back: its link ends. Raises MoveRefused."""
    seats.hold(prospect.trip_id)
    _move(prospect, ProspectState.WITHDRAWN, "withdraw", by)


def ask_again(prospect: Prospect, by: By) -> None:
    """Ask one anew who refused, or whose invitation was taken back; the link is the same. Raises
    MoveRefused, and AskedTooLately within BETWEEN of the last letter."""
    trip = seats.hold(prospect.trip_id)
    if not prospect.may_become(ProspectState.ASKED):
        raise MoveRefused(prospect, prospect.state, ProspectState.ASKED)
    if prospect.asked_at > clock.now() - BETWEEN:
        raise AskedTooLately
    prospect.reminders += 1
    prospect.asked_at = clock.now()
    _move(prospect, ProspectState.ASKED, "invite", by)
    correspondence.put([_letter(trip, prospect)])


def refuse(prospect: Prospect) -> None:
    """The company says "No, thank you"; once said, saying it again changes nothing. Raises
    MoveRefused for one that has applied."""
    seats.hold(prospect.trip_id)
    if prospect.state != ProspectState.REFUSED:
        by = By(Actor.COMPANY, prospect.name or prospect.organization_name)
        _move(prospect, ProspectState.REFUSED, "refuse", by)


def opened(prospect: Prospect) -> None:
    """The form was sent in or saved from the link: somebody has it."""
    if prospect.opened_at is None:
        prospect.opened_at = clock.now()
        db.session.flush()


def takes(trip: Trip) -> bool:
    """Whether an invitation to apply leads to an open form: until registration closes."""
    return trip.window(clock.now()) in OPEN_WINDOWS


def may_apply(prospect: Prospect) -> bool:
    """Whether its form is open: from the invitation until registration closes, whenever it opens
    to others."""
    return prospect.may_become(ProspectState.APPLIED) and takes(prospect.trip)


def by_token(token: str) -> Prospect | None:
    """The invitation whose link holds this secret, with its trip, or None."""
    return db.session.scalars(
        select(Prospect)
        .where(Prospect.token_digest == tokens.digest(token))
        .options(joinedload(Prospect.trip))
    ).one_or_none()


def find(trip: Trip, prospect_id: int) -> Prospect | None:
    """The invitation of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(Prospect).where(Prospect.id == prospect_id, Prospect.trip_id == trip.id)
    ).one_or_none()


def of_trip(
    trip: Trip, state: ProspectState | None = None, page: int = 1, size: int = 50
) -> Sequence[Prospect]:
    """One page of a trip's invitations, by company."""
    query = (
        select(Prospect)
        .where(Prospect.trip_id == trip.id)
        .order_by(func.lower(Prospect.organization_name), Prospect.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return db.session.scalars(query.where(Prospect.state == state) if state else query).all()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many invitations stand in each state (each is a key), how many of those asked have
    opened the form, and how many may be reminded now."""

    states: Mapping[ProspectState, int]
    opened: int
    due: int

    @property
    def total(self) -> int:
        return sum(self.states.values())


def counts(trip: Trip) -> Counts:
    """Where the invitations of a trip stand, in one statement."""
    may = Prospect.asked_at <= clock.now() - BETWEEN
    rows = db.session.execute(
        select(
            Prospect.state,
            func.count(),
            func.count(Prospect.opened_at),
            func.count().filter(may),
        )
        .where(Prospect.trip_id == trip.id)
        .group_by(Prospect.state)
    ).all()
    states = dict.fromkeys(ProspectState, 0) | {state: count for state, count, *_rest in rows}
    asked = next((row for row in rows if row[0] == ProspectState.ASKED), None)
    return Counts(states, sum(row[2] for row in rows), asked[3] if asked else 0)


def _registered(trip: Trip) -> tuple[set[str], set[str]]:
    """Coordinators' addresses (lower case) and companies' keys of the live registrations."""
    rows = db.session.execute(
        select(func.lower(Registration.coordinator_email), Organization.name_key)
        .join(Organization, Organization.id == Registration.organization_id)
        .where(Registration.trip_id == trip.id, Registration.state.not_in(IS_OUT))
    ).all()
    return {row[0] for row in rows}, {row[1] for row in rows if row[1]}


def _new(trip: Trip, asked: Asked, note: str) -> Prospect:
    token = tokens.new_token()
    return Prospect(
        trip_id=trip.id,
        organization_name=asked.organization_name,
        name=asked.name,
        email=asked.email,
        language=asked.language,
        state=ProspectState.ASKED,
        note=note.strip() or None,
        asked_at=clock.now(),
        reminders=0,
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
    )


def _letter(trip: Trip, prospect: Prospect) -> correspondence.Told:
    name = "prospect_reminded" if prospect.reminders else "prospect_asked"
    return correspondence.for_address(
        name,
        trip,
        prospect.email,
        prospect.name,
        prospect.language,
        prospect.reminders,
        prospect_id=prospect.id,
    )


def _move(prospect: Prospect, state: ProspectState, action: str, by: By) -> None:
    before = prospect.state
    prospect.become(state)
    db.session.flush()
    audits.write(
        by,
        prospect,
        action,
        trip_id=prospect.trip_id,
        before={"state": before},
        after={"state": state},
    )
