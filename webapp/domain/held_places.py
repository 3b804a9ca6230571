"""Places held for a company or a mail domain until a date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import joinedload

from webapp import clock
from webapp.db import db
from webapp.domain import audits, known, queues, seats
from webapp.domain.audits import By
from webapp.domain.item_values import moment
from webapp.errors import DomainError
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.held import HeldPlaces
from webapp.models.organization import Organization
from webapp.models.registration import HOLDS_SEATS, IS_OUT, Registration
from webapp.models.trip import Trip

FACTS = ("organization", "mail_domain", "places", "until_at", "note")


class MoreThanFree(DomainError):
    """More places would be held than are free: `asked` of those `left`."""

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{asked} places to hold, {left} free")
        self.asked = asked
        self.left = left


class HeldTwice(DomainError):
    """Places are held for this company or mail domain already: that block can be changed."""


class UntilPassed(DomainError):
    """Places cannot be held until an instant that has passed."""


class Ended(DomainError):
    """The block was released, or its date has passed, since the page was opened."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What is said of a block: for whom (one of the two; a domain in lower case, without the @),
    how many places, and until when on the clocks of `zone` (fold None: not asked)."""

    places: int
    until_local: datetime
    zone: str
    until_fold: int | None = None
    organization_id: int | None = None
    mail_domain: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A block, and how many delegates hold a place that draws on it."""

    block: HeldPlaces
    used: int

    @property
    def left(self) -> int:
        """Places that nobody has taken yet; 0 once the block has ended."""
        return max(0, self.block.places - self.used) if is_in_force(self.block) else 0


def hold(trip: Trip, wanted: Hold, by: By) -> HeldPlaces:
    """Hold places. Registrations of the company or domain that are there draw on the block from
    now on, so that only what they do not hold yet must be free.

    Raises HeldTwice, UntilPassed, MoreThanFree, item_values.TimeRefused (end "until").
    """
    trip = seats.hold(trip.id)
    until_at = _until(wanted)
    for_whom = _for_whom(wanted.organization_id, wanted.mail_domain)
    if db.session.scalars(_in_force(trip).where(for_whom).limit(1)).first():
        raise HeldTwice
    found = _matching(trip, wanted)
    _refuse_more(trip, wanted.places - _places_of(found))
    block = HeldPlaces(
        trip_id=trip.id,
        organization_id=wanted.organization_id,
        mail_domain=wanted.mail_domain,
        places=wanted.places,
        until_at=until_at,
        note=wanted.note,
        created_at=clock.now(),
    )
    db.session.add(block)
    db.session.flush()
    if found:
        db.session.execute(
            update(Registration).where(Registration.id.in_(found)).values(held_id=block.id)
        )
    audits.write(by, block, "add", trip_id=trip.id, after=_facts(block))
    queues.settle(trip)
    return block


def change(block: HeldPlaces, wanted: Hold, by: By) -> HeldPlaces:
    """Hold other numbers of places, or until another instant; for whom stays. Raises Ended,
    UntilPassed, MoreThanFree, item_values.TimeRefused (end "until")."""
    trip = seats.hold(block.trip_id)
    if not is_in_force(block):
        raise Ended
    until_at = _until(wanted)
    used = _used([block.id]).get(block.id, 0)
    _refuse_more(trip, max(wanted.places, used) - max(block.places, used))
    before = _facts(block)
    block.places, block.until_at, block.note = wanted.places, until_at, wanted.note
    db.session.flush()
    after = _facts(block)
    if changed := [name for name in FACTS if before[name] != after[name]]:
        audits.write(
            by,
            block,
            "change",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
        queues.settle(trip)
    return block


def release(block: HeldPlaces, by: By, reason: str = "") -> None:
    """Give what is left of a block to everybody, before its date. Raises Ended."""
    trip = seats.hold(block.trip_id)
    if not is_in_force(block):
        raise Ended
    _end(block, by, reason)
    queues.settle(trip)


def due_trips() -> list[int]:
    """The trips with a block whose date has passed."""
    return sorted(db.session.scalars(select(HeldPlaces.trip_id).where(*_due()).distinct()))


def expire_due(trip_id: int) -> int:
    """End the blocks of one trip whose date has passed, and let its waiting list follow; how many
    there were. For the scheduled task."""
    trip = seats.hold(trip_id)
    blocks = db.session.scalars(
        select(HeldPlaces).where(HeldPlaces.trip_id == trip_id, *_due()).order_by(HeldPlaces.id)
    ).all()
    for block in blocks:
        _end(block, audits.SYSTEM, "")
    queues.settle(trip)
    return len(blocks)


def _due() -> tuple[ColumnElement[bool], ...]:
    return HeldPlaces.released_at.is_(None), HeldPlaces.until_at <= clock.now()


def for_application(
    trip: Trip, organization: Organization, email: str, *, invited: bool = False
) -> int | None:
    """The block of places that an application of this organization, or from this mail address,
    draws on: the company's own before the mail domain's, then the one that ends first; None where
    there is none. One statement where there is none.

    A name can be typed by anybody: what is held for a company is for those whom its mail domain
    vouches for (domain/known.py), and for who was `invited` by mail.
    """
    whom = {"organization": organization.id, "domain": domain_of(email)}
    asked = {"trip": trip.id, "now": clock.now(), **whom}
    for block in db.session.scalars(_DRAWN_ON, asked).all():
        if block.mail_domain or invited or known.vouched(organization, email):
            return block.id
    return None


# Made once: every registration asks it.
_DRAWN_ON = (
    select(HeldPlaces)
    .where(
        HeldPlaces.trip_id == bindparam("trip"),
        HeldPlaces.released_at.is_(None),
        HeldPlaces.until_at > bindparam("now"),
        (HeldPlaces.organization_id == bindparam("organization"))
        | (HeldPlaces.mail_domain == bindparam("domain")),
    )
    .order_by(HeldPlaces.organization_id.is_(None), HeldPlaces.until_at, HeldPlaces.id)
)


def domain_of(email: str) -> str:
    """What stands behind the @ of a mail address, in lower case; empty where there is none."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


def of_trip(trip: Trip) -> list[Held]:
    """The blocks of a trip with what is used of each: those in force first, by their date."""
    blocks = db.session.scalars(
        select(HeldPlaces)
        .where(HeldPlaces.trip_id == trip.id)
        .options(joinedload(HeldPlaces.organization))
        .order_by(HeldPlaces.until_at, HeldPlaces.id)
    ).all()
    used = _used([block.id for block in blocks])
    rows = [Held(block, used.get(block.id, 0)) for block in blocks]
    return sorted(rows, key=lambda row: not is_in_force(row.block))


def find(trip: Trip, held_id: int) -> HeldPlaces | None:
    """The block of this trip with that id, or None: never another trip's."""
    return db.session.scalars(
        select(HeldPlaces).where(HeldPlaces.id == held_id, HeldPlaces.trip_id == trip.id)
    ).one_or_none()


def is_in_force(block: HeldPlaces) -> bool:
    """Whether nobody else may take what is left of the block now."""
    return block.released_at is None and block.until_at > clock.now()


def _until(wanted: Hold) -> datetime:
    until_at = moment("until", wanted.until_local, wanted.zone, wanted.until_fold)
    if until_at <= clock.now():
        raise UntilPassed
    return until_at


def _for_whom(organization_id: int | None, mail_domain: str | None) -> Any:
    if organization_id is not None:
        return HeldPlaces.organization_id == organization_id
    return HeldPlaces.mail_domain == (mail_domain or "")


def _in_force(trip: Trip) -> Any:
    return select(HeldPlaces.id).where(
        HeldPlaces.trip_id == trip.id,
        HeldPlaces.released_at.is_(None),
        HeldPlaces.until_at > clock.now(),
    )


def _matching(trip: Trip, wanted: Hold) -> Sequence[int]:
    """The registrations that a block is for and that draw on no other in force."""
    if wanted.organization_id is not None:
        theirs = Registration.organization_id == wanted.organization_id
    else:
        domain = func.split_part(func.lower(Registration.coordinator_email), "@", 2)
        theirs = domain == wanted.mail_domain
    return db.session.scalars(
        select(Registration.id).where(
            Registration.trip_id == trip.id,
            Registration.state.not_in(IS_OUT),
            Registration.held_id.is_(None) | Registration.held_id.not_in(_in_force(trip)),
            theirs,
        )
    ).all()


def _places_of(registration_ids: Iterable[int]) -> int:
    """How many places these registrations hold."""
    rows = _coming().where(Registration.id.in_(list(registration_ids)))
    return db.session.scalar(rows.with_only_columns(func.count(Delegate.id))) or 0


def _used(held_ids: Iterable[int]) -> dict[int, int]:
    rows = _coming().where(Registration.held_id.in_(list(held_ids)))
    rows = rows.with_only_columns(Registration.held_id, func.count(Delegate.id))
    found = db.session.execute(rows.group_by(Registration.held_id))
    return {key: value for key, value in found}


def _coming() -> Any:
    return (
        select(Delegate.id)
        .join(Registration, Delegate.registration_id == Registration.id)
        .where(Registration.state.in_(HOLDS_SEATS), Delegate.state == DelegateState.COMING)
    )


def _refuse_more(trip: Trip, asked: int) -> None:
    """See that so many more places are free. An organization that would be one too many for the
    tour is not looked at: its block holds that place too, once there is one."""
    left = seats.places(trip).delegates_left
    if left is not None and asked > left:
        raise MoreThanFree(asked, left)


def _end(block: HeldPlaces, by: By, reason: str) -> None:
    block.released_at = clock.now()
    db.session.flush()
    audits.write(
        by,
        block,
        "release",
        trip_id=block.trip_id,
        before=_facts(block),
        reason=reason.strip() or None,
    )


def _facts(block: HeldPlaces) -> dict[str, Any]:
    organization = db.session.get(Organization, block.organization_id or 0)
    said = {name: getattr(block, name) for name in FACTS if name != "organization"}
    return said | {"organization": organization.name if organization else None}
