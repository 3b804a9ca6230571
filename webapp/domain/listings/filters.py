"""What an organizer looks for among the registrations, and the SQL that finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from webapp.domain import form_fields
from webapp.domain.listings import searching
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.delegate import GONE, Delegate, DelegateState
from webapp.models.fee import Charge, Payment
from webapp.models.organization import Organization, OrganizationAlias, OrganizationKind
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

# Invited by mail, and their own data has not come yet.
AWAITED = and_(Delegate.invited_at.is_not(None), Delegate.filled_at.is_(None))


class View(StrEnum):
    """What the list shows: all, one state, or those accepted that have paid or have not."""

    ALL = "all"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    AWAITING_PAYMENT = "awaiting_payment"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Sort(StrEnum):
    """In what order."""

    ARRIVAL = "arrival"
    NAME = "name"
    SCORE = "score"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. `text` is words that each stand somewhere in company, coordinator,
    delegates or reference, whatever their case and accents; `country` ISO 3166 alpha-2."""

    view: View = View.ALL
    text: str = ""
    kind: OrganizationKind | None = None
    country: str | None = None
    missing: bool = False  # own data that a colleague has not given, or what the form requires
    requests: bool = False  # open ones
    unpaid: bool = False  # something is owed
    waiting: bool = False  # a delegate waits while the company is in
    sort: Sort = Sort.ARRIVAL

    @property
    def narrows(self) -> bool:
        """Whether anything but the view is asked for."""
        return bool(
            self.text or self.kind or self.country
            or self.missing or self.requests or self.unpaid or self.waiting
        )  # fmt: skip


def matching(trip: Trip, filters: Filters) -> Select[Any]:
    """The registrations that the filters find, whatever the view."""
    conditions = [Registration.trip_id == trip.id, *_searched(trip, filters.text)]
    if filters.kind is not None:
        conditions.append(Organization.kind == filters.kind)
    if filters.country:
        conditions.append(Organization.country == filters.country)
    if filters.missing:
        conditions.append(_with_delegate(trip, _lacks(trip)))
    if filters.requests:
        conditions.append(Registration.id.in_(_open_requests(trip)))
    if filters.unpaid:
        conditions.append(Registration.id.in_(owing(trip)))
    if filters.waiting:
        waits = Delegate.state == DelegateState.WAITING
        conditions.append(_with_delegate(trip, waits))
    return select(Registration).join(Registration.organization).where(*conditions)


def of_view(view: View) -> list[ColumnElement[bool]]:
    """The conditions of a view."""
    accepted = Registration.state == RegistrationState.ACCEPTED
    match view:
        case View.ALL:
            return []
        case View.CONFIRMED:
            return [accepted, Registration.confirmed_at.is_not(None)]
        case View.AWAITING_PAYMENT:
            return [accepted, Registration.confirmed_at.is_(None)]
    return [Registration.state == RegistrationState(view.value)]


def order(sort: Sort) -> Sequence[Any]:
    """By what a list is sorted; equal ones as they arrived."""
    arrival = (Registration.submitted_at, Registration.id)
    match sort:
        case Sort.NAME:
            return (Organization.name_key, *arrival)
        case Sort.SCORE:
            return (Registration.score.desc().nulls_last(), *arrival)
        case Sort.STATE:
            return (Registration.state, *arrival)
    return arrival


def _searched(trip: Trip, text: str) -> list[ColumnElement[bool]]:
    """A condition for each word of the text."""
    words = searching.words(text)
    if not words:
        return []
    # OFFSET 0 keeps the planner from writing a text out again at each place that asks for it; all
    # words look in the same two lists, which are made once.
    companies = (
        select(Registration.id.label("id"), _company().label("text"))
        .join(Registration.organization)
        .where(Registration.trip_id == trip.id)
        .offset(0)
        .cte("companies")
    )
    name = func.concat_ws(" ", Delegate.given_name, Delegate.family_name, Delegate.email)
    names = (
        select(Delegate.registration_id.label("id"), name.label("text"))
        .where(Delegate.registration_id.in_(_of(trip)), Delegate.state.not_in(GONE))
        .offset(0)
        .cte("names")
    )
    return [
        or_(
            Registration.id.in_(select(companies.c.id).where(word.is_in(companies.c.text))),
            Registration.organization_id.in_(
                select(OrganizationAlias.organization_id).where(word.is_in(OrganizationAlias.name))
            ),
            Registration.id.in_(select(names.c.id).where(word.is_in(names.c.text))),
        )
        for word in words
    ]


def _company() -> Any:
    return func.concat_ws(
        " ",
        Organization.name,
        Registration.reference,
        Registration.coordinator_name,
        Registration.coordinator_email,
    )


def _lacks(trip: Trip) -> ColumnElement[bool]:
    """That a delegate has not given their own data, or not what the form requires. What questions
    are not answered, domain/missing.py says."""
    needed = [
        getattr(Delegate, name).is_(None)
        for name in form_fields.OF_DELEGATE
        if form_fields.rule(trip, name) == form_fields.Rule.REQUIRED
    ]
    return or_(AWAITED, *needed)


def _of(trip: Trip) -> Select[Any]:
    return select(Registration.id).where(Registration.trip_id == trip.id)


def _with_delegate(trip: Trip, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a delegate who has not left meets the condition: all of the trip's are gone through
    once, which is faster than once a registration."""
    rows = select(Delegate.registration_id).where(
        Delegate.registration_id.in_(_of(trip)), Delegate.state.not_in(GONE), condition
    )
    return Registration.id.in_(rows)


def _open_requests(trip: Trip) -> Select[Any]:
    return select(Amendment.registration_id).where(
        Amendment.trip_id == trip.id, Amendment.state == AmendmentState.OPEN
    )


def owing(trip: Trip) -> Select[Any]:
    """The registrations that owe more than they paid."""
    paid = (
        select(func.coalesce(func.sum(Payment.amount), 0))
        .where(Payment.registration_id == Charge.registration_id, Payment.voided_at.is_(None))
        .correlate(Charge)
        .scalar_subquery()
    )
    return (
        select(Charge.registration_id)
        .join(Registration, Charge.registration_id == Registration.id)
        .where(
            Registration.trip_id == trip.id,
            Charge.waived_at.is_(None),
            Charge.voided_at.is_(None),
        )
        .group_by(Charge.registration_id)
        .having(func.sum(Charge.net + Charge.tax) > paid)
    )
