"""What all companies of a tour owe, have paid and are late with."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.domain import statements
from webapp.domain.money import ZERO
from webapp.domain.statements import Statement
from webapp.models.fee import Charge, Payment
from webapp.models.registration import Registration
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all companies of the tour together, in its currency."""

    gross: Decimal
    paid: Decimal
    owed: Decimal
    overpaid: Decimal
    overdue: Decimal
    late: int  # companies with something overdue


def of(trip: Trip) -> list[Statement]:
    """The statements of the registrations that were ever charged or have paid, by the name of
    the company: three statements of SQL."""
    found = db.session.scalars(
        select(Registration)
        .where(
            Registration.trip_id == trip.id,
            or_(
                exists().where(Charge.registration_id == Registration.id),
                exists().where(Payment.registration_id == Registration.id),
            ),
        )
        .options(joinedload(Registration.organization))
    ).all()
    known = statements.of_many(found)
    return sorted(
        (known[each.id] for each in found if not known[each.id].is_empty),
        key=lambda each: (
            each.registration.organization.name.casefold(),
            each.registration.id,
        ),
    )


def totals(of_all: Sequence[Statement]) -> Totals:
    """The sums of several statements."""
    return Totals(
        gross=sum((each.gross for each in of_all), ZERO),
        paid=sum((each.paid for each in of_all), ZERO),
        owed=sum((each.owed for each in of_all), ZERO),
        overpaid=sum((each.overpaid for each in of_all), ZERO),
        overdue=sum((each.overdue for each in of_all), ZERO),
        late=sum(1 for each in of_all if each.overdue),
    )
