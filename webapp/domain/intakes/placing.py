"""Bringing in rows: organizations, registrations, delegates, feeds, audit and letters of a whole
batch in a few statements. The caller holds the trip. (DESIGN rules 6 to 8.)

Places are given company by company in the order of the sheet, by the rules of an application:
nobody new takes what is kept for those before, and what does not fit goes to the waiting list.
"""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import select

from webapp import clock, tokens
from webapp.db import db
from webapp.domain import organizations, people, queues, registrations, seats
from webapp.domain.audits import By
from webapp.domain.delegates import MOST
from webapp.domain.intakes import following, planning
from webapp.domain.intakes.batches import Batch, Outcome
from webapp.domain.intakes.groups import Group
from webapp.domain.intakes.options import Options
from webapp.domain.intakes.planning import Deed, Planned, Step, Why
from webapp.domain.mailboxes import domain_of
from webapp.domain.registrations.writing import new_reference
from webapp.models.basis import Basis
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.held import HeldPlaces
from webapp.models.organization import Organization
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.trip import Trip


def bring_in(trip: Trip, groups: Sequence[Group], options: Options, by: By) -> Outcome:
    """Bring these companies with their rows into the held trip. Repeat-safe: who is there already,
    by mail address, is changed or left as is."""
    asked = [group for group in groups if group.people]
    planned = planning.look(trip, *planning.together(asked, _organizations(asked)))
    work = _prepare(trip, planned, options, by)
    for group in groups:
        work.outcome.left_out += [(r.number, Why.FAULT.value) for r in group.rows if not r.data]
    for each in planned:
        _place(work, each)
    db.session.flush()
    following.follow_up(work)
    work.outcome.deeds[Deed.LEAVE_OUT] = len(work.outcome.left_out)
    return work.outcome


def _organizations(groups: Sequence[Group]) -> list[Organization | None]:
    joined = planning.by_id({group.joined for group in groups if group.joined is not None})
    given = [group for group in groups if group.joined not in joined]
    made = organizations.find_or_add_many([planning.wanted(group) for group in given])
    found = {id(group): each for group, each in zip(given, made, strict=True)}
    return [found.get(id(group)) or joined[group.joined or 0] for group in groups]


def _prepare(trip: Trip, planned: Sequence[Planned], options: Options, by: By) -> Batch:
    if waiting := queues.anybody(trip):
        queues.settle(trip)  # a block may have ended a moment ago: they come first
    new = [step.row.data for each in planned for step in each.steps if step.deed == Deed.ADD]
    return Batch(
        trip=trip,
        options=options,
        by=by,
        at=clock.now(),
        standing=seats.standing(trip, {p.organization.id for p in planned if p.organization}),
        kept=waiting and queues.keeps_places(trip),
        blocks=_blocks(trip),
        people=people.find_or_add_many(
            [(data.given_name, data.family_name, data.email) for data in new if data]
        )
        if new
        else {},
        outcome=Outcome(),
    )


def _blocks(trip: Trip) -> Sequence[HeldPlaces]:
    """The blocks of held places in force, in the order in which they are drawn on: see
    held_places.for_application, which asks for one company at a time."""
    return db.session.scalars(
        select(HeldPlaces)
        .where(
            HeldPlaces.trip_id == trip.id,
            HeldPlaces.released_at.is_(None),
            HeldPlaces.until_at > clock.now(),
        )
        .order_by(HeldPlaces.organization_id.is_(None), HeldPlaces.until_at, HeldPlaces.id)
    ).all()


def _place(work: Batch, planned: Planned) -> None:
    assert planned.organization is not None
    for step in planned.steps:
        if step.deed == Deed.LEAVE_OUT and step.why != Why.FAULT:
            work.outcome.left_out.append((step.row.number, str(step.why)))
        elif step.deed in (Deed.CHANGE, Deed.SAME):
            work.outcome.deeds[step.deed] += 1
            _change(work, step)
    new = [step for step in planned.steps if step.deed == Deed.ADD]
    if not new:
        return
    there = planned.registration
    most = MOST - (len(there.everybody) if there else 0)
    work.outcome.left_out += [(step.row.number, Why.TOO_MANY.value) for step in new[most:]]
    new = new[: max(0, most)]
    work.outcome.deeds[Deed.ADD] += len(new)
    if there is not None:
        _grow(work, there, new)
    else:
        _register(work, planned.group, planned.organization, new)


def _change(work: Batch, step: Step) -> None:
    if step.delegate is None or not step.changes:
        return
    for name, (_before, after) in step.changes.items():
        setattr(step.delegate, name, after)
    before = {name: pair[0] for name, pair in step.changes.items()}
    work.changed.append((step.delegate, before, {n: p[1] for n, p in step.changes.items()}))


def _register(work: Batch, group: Group, organization: Organization, new: Sequence[Step]) -> None:
    """A new registration with its delegates, in the state that was asked for if there is room."""
    delegates = [_delegate(work, number, step) for number, step in enumerate(new, start=1)]
    registration = _registration(work, group, organization, delegates)
    in_reserve = work.options.state == RegistrationState.WAITLISTED
    places = 0 if in_reserve else _places(work, registration, len(delegates))
    registration.in_reserve = in_reserve
    registration.state = work.options.state if places else RegistrationState.WAITLISTED
    for delegate in delegates[places:] if places else []:
        _wait(work, delegate)
        work.outcome.waiting += 1
    work.outcome.companies[registration.state] += 1
    db.session.add(registration)
    work.made.append(registration)
    work.added += delegates


def _places(work: Batch, registration: Registration, asked: int) -> int:
    """How many come in now, counted as taken; 0: the company waits."""
    organization_id, held_id = registration.organization.id, registration.held_id
    room = work.standing.room(organization_id, held_id, 0, is_in=False)
    if work.kept:
        room = room.of_own_block()
    places = room.for_party(asked, work.options.party)
    if places:
        work.standing.take(organization_id, held_id, places, new=1)
    elif room.has_company_place and room.company >= asked and not work.trip.skips_parties:
        work.kept = True
    return places


def _grow(work: Batch, registration: Registration, new: Sequence[Step]) -> None:
    """More delegates for a company that is registered, each with a place or waiting for one."""
    position = max((d.position for d in registration.everybody), default=0)
    limit = work.trip.max_per_organization + registration.extra_places
    coming = sum(each.state == DelegateState.COMING for each in registration.everybody)
    for number, step in enumerate(new, start=1):
        delegate = _delegate(work, position + number, step)
        if registration.state in HOLDS_SEATS:
            has_room = _one_place(work, registration)
        else:
            has_room = coming < limit
        coming += has_room
        if not has_room:
            _wait(work, delegate)
            work.outcome.waiting += registration.state in HOLDS_SEATS
        registration.everybody.append(delegate)
        work.added.append(delegate)
    work.grown.append(registration)
    work.outcome.companies["there"] += 1


def _one_place(work: Batch, registration: Registration) -> bool:
    organization_id, held_id = registration.organization_id, registration.held_id
    room = work.standing.room(organization_id, held_id, registration.extra_places, is_in=True)
    if room.company == 0 or room.seats == 0 or (work.kept and not room.own_block):
        return False
    work.standing.take(organization_id, held_id, 1, new=0)
    return True


def _wait(work: Batch, delegate: Delegate) -> None:
    delegate.become(DelegateState.WAITING)
    delegate.queued_at = work.at


def _delegate(work: Batch, position: int, step: Step) -> Delegate:
    assert step.row.data is not None
    return registrations.new_delegate(
        position, step.row.data, work.people[step.row.email], work.at, invited=False
    )


def _registration(
    work: Batch, group: Group, organization: Organization, delegates: Sequence[Delegate]
) -> Registration:
    """The row of a company: the coordinator is whom the sheet names, else the first delegate."""
    company, first, token = group.company, delegates[0], tokens.new_token()
    own = company.coordinator_email is not None
    email = company.coordinator_email or first.email
    return Registration(
        reference=new_reference(),
        trip=work.trip,
        organization=organization,
        coordinator_name=(company.coordinator_name or email) if own else first.name[:200],
        coordinator_email=email,
        coordinator_phone=company.coordinator_phone if own else first.phone,
        language=first.language,
        party=work.options.party,
        held_id=_held(work, organization, email),
        submitted_at=work.at,
        queued_at=work.at,
        form_key=uuid4(),
        token_digest=tokens.digest(token),
        token_sealed=token.encode(),
        basis=Basis.REAL,
        everybody=list(delegates),
    )


def _held(work: Batch, organization: Organization, email: str) -> int | None:
    domain = domain_of(email)
    fitting = (
        block.id
        for block in work.blocks
        if block.organization_id == organization.id or (domain and block.mail_domain == domain)
    )
    return next(fitting, None)
