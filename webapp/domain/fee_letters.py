"""The letters that money causes: what is due, what came in, that the place is confirmed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from webapp import clock
from webapp.db import db
from webapp.domain import correspondence, statements
from webapp.domain.correspondence import Told
from webapp.domain.statements import Statement
from webapp.models.fee import Charge, Payment
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip, TripState

REMINDERS = (7, 1)  # days before the day on which something is due


def due(of: Sequence[Registration]) -> None:
    """To each coordinator: what is owed, since it changed; one statement of SQL for all. The
    letter says how the account stands when it is written."""
    moment = _version(clock.now())
    correspondence.put([_due(each, moment) for each in of])


def remind(at: datetime | None = None) -> int:
    """To each coordinator who has something to pay in REMINDERS days: how many letters were put.

    Each reminder is sent once, also when it comes late because no worker ran; none is sent for
    what was charged so lately that the first letter said it within the same days.
    """
    at = at or clock.now()
    found = db.session.scalars(
        select(Registration)
        .join(Trip)
        .where(
            Registration.state == RegistrationState.ACCEPTED,
            Registration.confirmed_at.is_(None),
            Trip.state == TripState.ANNOUNCED,
            exists().where(
                Charge.registration_id == Registration.id,
                Charge.due_on.between(
                    (at - timedelta(days=1)).date(), (at + timedelta(days=REMINDERS[0] + 1)).date()
                ),
            ),
        )
        .order_by(Registration.id)
    ).all()
    charged, paid = statements.rows_of([each.id for each in found])
    told = []
    for each in found:
        statement = statements.reckon(each, charged[each.id], paid[each.id], at)
        told += [_due(each, version) for version in _reminders(statement, at)]
    return correspondence.put(told)


def received(registration: Registration, payment: Payment) -> None:
    """To the coordinator: that money came in, or was given back."""
    correspondence.to_coordinator(
        "payment_received",
        registration,
        payment.id,
        amount=payment.amount,
        currency=registration.trip.currency,
    )


def place_confirmed(registration: Registration) -> None:
    """To the coordinator: everything is paid or waived. Once a confirmation."""
    correspondence.to_coordinator("place_confirmed", registration, _version(clock.now()))


def _reminders(statement: Statement, at: datetime) -> list[str]:
    """The keys of the reminders that are due for these lines: one for each day and distance."""
    today = clock.wall(at, statement.zone).date()
    keys = set()
    for line in statement.lines:
        due_on = line.charge.due_on
        if not line.open or due_on is None or due_on < today:
            continue
        told_on = clock.wall(line.charge.created_at, statement.zone).date()
        near = [days for days in REMINDERS if (due_on - today).days <= days]
        if near and (due_on - told_on).days > near[-1]:
            keys.add(f"{due_on}-{near[-1]}")
    return sorted(keys)


def _due(registration: Registration, version: int | str) -> Told:
    return correspondence.for_coordinator("fees_due", registration, version)


def _version(at: datetime) -> int:
    """Tells one change from the next: microseconds."""
    return int(at.timestamp() * 1_000_000)
