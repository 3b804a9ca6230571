"""How a tour takes companies: its window, deadlines and limits, and the rules of its queue."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, queues, seats
from webapp.domain.audits import By
from webapp.domain.item_values import moment
from webapp.errors import DomainError
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.fee import Charge
from webapp.models.registration import HOLDS_SEATS, Registration
from webapp.models.trip import Order, Promotion, Trip

# The instants of a tour that are typed as wall times: what each is called, and its column.
ENDS = {
    "opens": "registration_opens_at",
    "closes": "registration_closes_at",
    "freezes": "freezes_at",
    "details": "details_due_at",
}
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "MAD", "TND", "SEK", "NOK", "DKK")


class WindowOutOfOrder(DomainError):
    """Registration would close before it opens, or open without ever closing."""


class LimitBelowTaken(DomainError):
    """A limit would be lower than what is taken; `limit` is the column, `taken` how many places
    companies have (of the largest one for a limit of one company), `held` how many more are held
    for somebody."""

    def __init__(self, limit: str, taken: int, held: int = 0) -> None:
        super().__init__(f"{limit}: {taken} are taken, {held} held")
        self.limit = limit
        self.taken = taken
        self.held = held


class RulesChanged(DomainError):
    """A colleague saved other rules since the page was opened."""


class CurrencyFixed(DomainError):
    """Companies have been charged in the currency that stands."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is said of a tour's registration. Wall times are naive, on the clocks of `zone`, each
    with the pass of a repeated hour (None: not asked); limits of None mean no limit, `offer_hours`
    is 1 to 2160."""

    zone: str
    opens_local: datetime | None = None
    opens_fold: int | None = None
    closes_local: datetime | None = None
    closes_fold: int | None = None
    freezes_local: datetime | None = None
    freezes_fold: int | None = None
    details_local: datetime | None = None
    details_fold: int | None = None
    max_delegates: int | None = None
    max_organizations: int | None = None
    max_per_organization: int = 10
    accepts_at_once: bool = False
    queue_order: Order = Order.ARRIVAL
    promotion: Promotion = Promotion.OFFER
    offer_hours: int = 72
    skips_parties: bool = True
    currency: str = "EUR"


# Columns of Trip that stand in Rules as they are; a tour made like another has the same.
COLUMNS = tuple(
    f.name for f in fields(Rules) if f.name != "zone" and not f.name.endswith(("_local", "_fold"))
)
FACTS = (*ENDS.values(), "deadline_zone", *COLUMNS)


def set_rules(trip: Trip, rules: Rules, by: By, seen: str | None = None) -> Trip:
    """Say anew how the tour takes companies, and let the waiting list follow: whoever fits by the
    new rules moves up at once.

    `seen` is the `fingerprint` of what the page showed. Raises RulesChanged, UnknownZone,
    item_values.TimeRefused naming the end, WindowOutOfOrder, LimitBelowTaken, CurrencyFixed.
    """
    trip = seats.hold(trip.id)
    if seen is not None and seen != fingerprint(trip):
        raise RulesChanged
    columns = _columns(trip, rules)
    refuse(trip, columns)
    before = _facts(trip)
    for name, value in columns.items():
        setattr(trip, name, value)
    db.session.flush()
    after = _facts(trip)
    if changed := [name for name in FACTS if after[name] != before[name]]:
        audits.write(
            by,
            trip,
            "change",
            trip_id=trip.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
        queues.settle(trip)
    return trip


def refuse(trip: Trip, columns: Mapping[str, Any]) -> None:
    """Raise LimitBelowTaken or CurrencyFixed where the limits and the currency that are wanted, by
    column, contradict what companies have by now. The caller holds the trip."""
    _refuse_low_limits(trip, columns)
    if columns["currency"] != trip.currency and _has_charges(trip):
        raise CurrencyFixed


def rules_of(trip: Trip) -> Rules:
    """The rules of a tour now, times on the clocks in which its deadlines are said."""
    zone = trip.says_deadlines_in
    said: dict[str, Any] = {name: getattr(trip, name) for name in COLUMNS}
    for end, column in ENDS.items():
        at = getattr(trip, column)
        local = clock.wall(at, zone) if at else None
        said[f"{end}_local"], said[f"{end}_fold"] = local, None
        if local is not None and clock.is_doubled(local, zone):
            said[f"{end}_fold"] = int(clock.instant(local, zone, 1) == at)
    return Rules(zone=zone, **said)


def fingerprint(trip: Trip) -> str:
    """A mark that is another when any of the rules is: for a page to send back."""
    text = json.dumps(_facts(trip), default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _columns(trip: Trip, rules: Rules) -> dict[str, Any]:
    clock.zone_info(rules.zone)
    said: dict[str, Any] = {name: getattr(rules, name) for name in COLUMNS}
    said["deadline_zone"] = None if rules.zone == trip.zone else rules.zone
    for end, column in ENDS.items():
        local, fold = getattr(rules, f"{end}_local"), getattr(rules, f"{end}_fold")
        said[column] = None if local is None else moment(end, local, rules.zone, fold)
        was = getattr(trip, column)
        if was and said[column] == was.replace(second=0, microsecond=0):
            said[column] = was  # a form knows minutes: what it left alone keeps its seconds
    opens, closes = said["registration_opens_at"], said["registration_closes_at"]
    if opens is not None and (closes is None or closes <= opens):
        raise WindowOutOfOrder
    return said


def _refuse_low_limits(trip: Trip, columns: Mapping[str, Any]) -> None:
    """A limit that already stands below may stay; it may not be lowered further."""
    places = seats.places(trip)
    for limit, taken, held in (
        ("max_delegates", places.delegates, places.held),
        ("max_organizations", places.organizations, places.held_organizations),
        ("max_per_organization", _largest(trip), 0),
    ):
        wanted, now = columns[limit], getattr(trip, limit)
        if wanted is not None and wanted < taken + held and (now is None or wanted < now):
            raise LimitBelowTaken(limit, taken, held)


def _largest(trip: Trip) -> int:
    """The most places that one company has, those apart that an organizer allowed it over."""
    sizes = (
        select(func.count(Delegate.id), Registration.organization_id, Registration.extra_places)
        .select_from(Registration)
        .join(Delegate, Delegate.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Registration.state.in_(HOLDS_SEATS),
            Delegate.state == DelegateState.COMING,
        )
        .group_by(Registration.id)
    )
    places: dict[int, int] = {}
    for number, organization_id, extra in db.session.execute(sizes):
        places[organization_id] = places.get(organization_id, 0) + number - extra
    return max(places.values(), default=0)


def _has_charges(trip: Trip) -> bool:
    rows = select(Charge.id).join(Charge.registration).where(Registration.trip_id == trip.id)
    return db.session.scalars(rows.limit(1)).first() is not None


def _facts(trip: Trip) -> dict[str, Any]:
    return {name: getattr(trip, name) for name in FACTS}
