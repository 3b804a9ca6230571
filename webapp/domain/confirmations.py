"""Confirmed: accepted, and everything that is owed is paid or waived. (domain.md rule 10.)

The exact rule: a registration is confirmed while it is accepted and the gross of its charges that
are neither waived nor void, less the payments that are not void, is zero or less. Charges that are
due later count in full, deposits count like fees, aid and other negative lines lower the sum. So a
company that is charged nothing is confirmed as it is accepted.
"""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select

from webapp import clock
from webapp.db import db
from webapp.domain import audits, fee_letters
from webapp.domain.audits import By
from webapp.domain.money import ZERO
from webapp.models.fee import Charge, Payment
from webapp.models.registration import Registration, RegistrationState


def settle(registration: Registration, by: By = audits.SYSTEM) -> None:
    """Set or unset `confirmed_at` by the rule, with its audit row; a company that was charged is
    told that its place is confirmed, once a confirmation. One statement of SQL where all is as it
    was. The caller holds the trip."""
    settle_many([registration], by)


def settle_many(registrations: Sequence[Registration], by: By = audits.SYSTEM) -> None:
    """The same for several registrations of one trip."""
    found = balances(
        [each.id for each in registrations if each.state == RegistrationState.ACCEPTED]
    )
    for registration in registrations:
        settle_with(registration, found.get(registration.id), by)


def settle_with(registration: Registration, balance: Decimal | None, by: By) -> None:
    """The same where what is owed is known: None, nothing was ever charged or paid."""
    is_confirmed = holds(registration.state, balance)
    if is_confirmed == (registration.confirmed_at is not None):
        return
    registration.confirmed_at = clock.now() if is_confirmed else None
    audits.write(
        by,
        registration,
        "confirm" if is_confirmed else "unconfirm",
        trip_id=registration.trip_id,
        after=None if is_confirmed or balance is None else {"owed": str(balance)},
    )
    if is_confirmed and balance is not None:
        fee_letters.place_confirmed(registration)


def holds(state: RegistrationState, balance: Decimal | None) -> bool:
    """The rule itself."""
    return state == RegistrationState.ACCEPTED and (balance or ZERO) <= 0


def balances(registration_ids: Sequence[int]) -> dict[int, Decimal]:
    """What each of them owes less what it paid, in one statement of SQL; one that was never
    charged and never paid is not in it."""
    if not registration_ids:
        return {}
    charged = select(
        Charge.registration_id,
        func.sum(Charge.net + Charge.tax)
        .filter(Charge.waived_at.is_(None), Charge.voided_at.is_(None))
        .label("sum"),
    ).where(Charge.registration_id.in_(registration_ids))
    paid = select(
        Payment.registration_id,
        (-func.sum(Payment.amount).filter(Payment.voided_at.is_(None))).label("sum"),
    ).where(Payment.registration_id.in_(registration_ids))
    both = (
        charged.group_by(Charge.registration_id)
        .union_all(paid.group_by(Payment.registration_id))
        .subquery()
    )
    rows = db.session.execute(
        select(both.c.registration_id, func.coalesce(func.sum(both.c.sum), 0)).group_by(
            both.c.registration_id
        )
    )
    return {registration_id: Decimal(balance) for registration_id, balance in rows}
