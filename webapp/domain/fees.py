"""Fees: the one face of what is charged, owed and confirmed.

    charge(registration)     make its charges follow the price list and the delegates who come
    settle(registration)     set or unset `confirmed_at`
    follow(registration)     both, in one statement of SQL where nothing is charged
    notices.give             gives who comes (back) time for what was due before
    statement(registration)  what is owed, paid, overdue
    unpaid_due(at)           whose places lapse: GRACE after the day on which they should have paid

The price list itself is kept by domain/prices.py.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import exists, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, confirmations, fee_letters, notices, statements
from webapp.domain.audits import By
from webapp.domain.charges import charge
from webapp.domain.confirmations import settle
from webapp.domain.instalments import GRACE
from webapp.domain.statements import Statement
from webapp.domain.statements import of as statement
from webapp.models.fee import Charge, FeeItem
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip, TripState

__all__ = ["GRACE", "charge", "follow", "settle", "statement", "unpaid_due"]


def follow(registration: Registration, by: By = audits.SYSTEM, *, is_new: bool = False) -> None:
    """Charge and settle a registration of the held trip: call it whenever it is accepted, is
    accepted no more, or the number of its coming delegates changes. `is_new`: it has become
    accepted just now, so lines of its own whose date is near or past get another (notices)."""
    has_prices, has_charges = db.session.execute(
        select(
            exists().where(FeeItem.trip_id == registration.trip_id),
            exists().where(Charge.registration_id == registration.id),
        )
    ).one()
    is_told = has_prices and charge(registration, by)
    if is_new and has_charges and notices.give(registration, by, by_hand=True) and not is_told:
        fee_letters.due([registration])
    if has_prices or has_charges:
        settle(registration, by)
    else:
        confirmations.settle_with(registration, None, by)


def unpaid_due(at: datetime | None = None, trip_id: int | None = None) -> list[int]:
    """The ids of the accepted registrations (None: of all trips) that at the aware instant `at`
    (None: now) have not paid a line on which the place depends (`Charge.lapses`) though GRACE has
    passed since the end of its day, in the zone of the tour's deadlines. Not of a tour that is
    called off, nor once it has begun."""
    at = at or clock.now()
    latest = (at + timedelta(hours=14)).date()  # somewhere it is this date already
    found = db.session.scalars(
        select(Registration)
        .join(Trip)
        .where(
            Registration.state == RegistrationState.ACCEPTED,
            Registration.confirmed_at.is_(None),
            Trip.state == TripState.ANNOUNCED,
            sa.true() if trip_id is None else Registration.trip_id == trip_id,
            exists().where(
                Charge.registration_id == Registration.id,
                Charge.lapses,
                Charge.due_on < latest - GRACE,
                Charge.waived_at.is_(None),
                Charge.voided_at.is_(None),
            ),
        )
        .order_by(Registration.id)
    ).all()
    if not found:
        return []
    charged, paid = statements.rows_of([each.id for each in found])
    reckoned = [statements.reckon(e, charged[e.id], paid[e.id], at) for e in found]
    return [each.registration.id for each in reckoned if _lapses(each, at)]


def _lapses(of: Statement, at: datetime) -> bool:
    begins = of.registration.trip.starts_on
    today = clock.wall(at, of.zone).date()
    return today < begins and any(
        line.open and line.charge.lapses and line.charge.due_on < today - GRACE
        for line in of.lines
        if line.charge.due_on is not None
    )
