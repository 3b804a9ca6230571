"""The organizer's list of registrations: filtered, searched, sorted and paged by the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, null, select, true

from webapp.db import db
from webapp.domain.listings.filters import AWAITED, Filters, Sort, View, matching, of_view, order
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.basis import Basis
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.organization import Organization, OrganizationKind
from webapp.models.registration import HOLDS_SEATS, Registration, RegistrationState
from webapp.models.trip import Trip

SIZE = 50
MOST_PAGES = 10_000
MOST_AT_ONCE = 200  # that one decision may take


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list; numbers of delegates who come, who wait and who are invited and have
    not given their data, and of open requests."""

    id: int
    reference: str
    organization: str
    kind: OrganizationKind
    country: str | None
    is_sample: bool
    state: RegistrationState
    confirmed: bool
    coordinator_name: str
    submitted_at: datetime
    score: int | None
    coming: int
    waiting: int
    awaited: int
    requests: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, `counts` of each view within the other filters, and how many there
    are in the view itself."""

    rows: list[Row]
    counts: dict[View, int]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // SIZE))


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands beside the counts of states: companies that are confirmed and that owe something
    yet, requests that are open, delegates who wait while their company is in."""

    confirmed: int
    awaiting_payment: int
    requests: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Person:
    """A delegate, with the company, for a sheet."""

    organization: str
    kind: OrganizationKind
    country: str | None
    reference: str
    state: RegistrationState
    confirmed: bool
    coordinator_name: str
    coordinator_email: str
    given_name: str
    family_name: str
    email: str
    phone: str | None
    job_title: str | None
    language: str
    delegate_state: DelegateState


def page(trip: Trip, filters: Filters, number: int = 1) -> Page:
    """One page of the registrations of a trip, SIZE at most. Two statements, however many
    registrations there are."""
    number = min(max(1, number), MOST_PAGES)
    counts, wanted = _found(trip, filters, number)
    rows = {row.id: Row(*row) for row in db.session.execute(_rows(wanted))} if wanted else {}
    return Page([rows[each] for each in wanted], counts, counts[filters.view], number)


def ids(trip: Trip, filters: Filters, most: int = MOST_AT_ONCE) -> list[int]:
    """The ids of all that the filters find, in order; `most` of them at most."""
    found = matching(trip, filters).where(*of_view(filters.view))
    rows = found.with_only_columns(Registration.id).order_by(*order(filters.sort))
    return list(db.session.scalars(rows.limit(most)))


def people(trip: Trip, filters: Filters) -> list[Person]:
    """The delegates of all that the filters find, those who left apart: for a sheet. One
    statement."""
    wanted: Any = (
        matching(trip, filters)
        .where(*of_view(filters.view))
        .join(
            Delegate,
            and_(Delegate.registration_id == Registration.id, Delegate.state.not_in(GONE)),
        )
        .with_only_columns(
            Organization.name,
            Organization.kind,
            Organization.country,
            Registration.reference,
            Registration.state,
            Registration.confirmed_at.is_not(None),
            Registration.coordinator_name,
            Registration.coordinator_email,
            Delegate.given_name,
            Delegate.family_name,
            Delegate.email,
            Delegate.phone,
            Delegate.job_title,
            Delegate.language,
            Delegate.state,
        )
        .order_by(*order(filters.sort), Delegate.position)
    )
    rows: Any = db.session.execute(wanted)
    return [Person(*row) for row in rows]


def figures(trip: Trip) -> Figures:
    """The figures of a trip. One statement."""
    mine = Registration.trip_id == trip.id
    companies = select(func.count()).select_from(Registration).where(mine)
    requests = select(func.count()).where(
        Amendment.trip_id == trip.id, Amendment.state == AmendmentState.OPEN
    )
    waiting = (
        select(func.count())
        .select_from(Delegate)
        .join(Registration, Delegate.registration_id == Registration.id)
        .where(
            mine,
            Registration.state.in_(HOLDS_SEATS),
            Delegate.state == DelegateState.WAITING,
        )
    )
    parts = (
        companies.where(*of_view(View.CONFIRMED)),
        companies.where(*of_view(View.AWAITING_PAYMENT)),
        requests,
        waiting,
    )
    return Figures(*db.session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def countries(trip: Trip) -> list[str]:
    """The countries that the trip's companies come from, by code."""
    rows = (
        select(Organization.country)
        .join(Registration, Registration.organization_id == Organization.id)
        .where(Registration.trip_id == trip.id, Organization.country.is_not(None))
    )
    return sorted(str(code) for code in db.session.scalars(rows.distinct()))


def _found(trip: Trip, filters: Filters, number: int) -> tuple[dict[View, int], list[int]]:
    """How many the filters find in each view, and the ids of one page of the view, in order: in
    one statement, so that the names are gone through once."""
    confirmed = Registration.confirmed_at.is_not(None)
    place = func.row_number().over(order_by=order(filters.sort))
    in_view = and_(true(), *of_view(filters.view))
    found = (
        matching(trip, filters)
        .with_only_columns(
            Registration.id,
            Registration.state,
            confirmed.label("confirmed"),
            in_view.label("in_view"),
            place.label("place"),
        )
        .cte("found")
    )
    state, is_confirmed = found.c.state, found.c.confirmed
    counted = select(null().label("id"), state, is_confirmed, func.count()).group_by(
        state, is_confirmed
    )
    listed = (
        select(found.c.id, null(), null(), found.c.place)
        .where(found.c.in_view)
        .order_by(found.c.place)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    counts, placed = dict.fromkeys(View, 0), []
    for found_id, state, is_confirmed, figure in db.session.execute(counted.union_all(listed)):
        if found_id is not None:
            placed.append((figure, found_id))
            continue
        counts[View.ALL] += figure
        counts[View(state)] += figure
        if state == RegistrationState.ACCEPTED:
            counts[View.CONFIRMED if is_confirmed else View.AWAITING_PAYMENT] += figure
    return counts, [found_id for _place, found_id in sorted(placed)]


def _rows(wanted: list[int]) -> Any:
    """The lines of the registrations with these ids."""
    lines: Any = select(
        Registration.id,
        Registration.reference,
        Organization.name,
        Organization.kind,
        Organization.country,
        Registration.basis == Basis.ILLUSTRATIVE,
        Registration.state,
        Registration.confirmed_at.is_not(None),
        Registration.coordinator_name,
        Registration.submitted_at,
        Registration.score,
        _number(Delegate.state == DelegateState.COMING),
        _number(Delegate.state == DelegateState.WAITING),
        _number(and_(Delegate.state.not_in(GONE), AWAITED)),
        select(func.count())
        .where(
            Amendment.registration_id == Registration.id,
            Amendment.state == AmendmentState.OPEN,
        )
        .scalar_subquery(),
    )
    return lines.join(Registration.organization).where(Registration.id.in_(wanted))


def _number(condition: ColumnElement[bool]) -> Any:
    rows = select(func.count()).where(Delegate.registration_id == Registration.id, condition)
    return rows.scalar_subquery()


__all__ = [
    "Figures",
    "Filters",
    "Page",
    "Person",
    "Row",
    "Sort",
    "View",
    "countries",
    "figures",
    "ids",
    "page",
    "people",
]
