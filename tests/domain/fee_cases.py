"""Prices, companies and what they owe, for the tests of fees."""

from decimal import Decimal

from tests.factories import make_registration
from webapp.db import Words, db
from webapp.domain import audits, fees, prices
from webapp.domain.instalments import Instalment
from webapp.domain.prices import PriceData
from webapp.domain.statements import Statement
from webapp.models.delegate import DelegateState
from webapp.models.fee import FeeBasis, FeeItem, FeeKind
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

IN_30_DAYS = (Instalment(Decimal(100), days=30),)
HALVES = (Instalment(Decimal(50), days=10), Instalment(Decimal(50), days=60))


def price(net: str = "1000", **values) -> PriceData:
    given = {
        "name": Words(en="Participation", fr="Participation"),
        "kind": FeeKind.FEE,
        "basis": FeeBasis.COMPANY,
        "net": Decimal(net),
        "tax_rate": Decimal(20),
        "instalments": IN_30_DAYS,
    } | values
    return PriceData(**given)


def make_price(trip: Trip, net: str = "1000", **values) -> FeeItem:
    return prices.add(trip.id, price(net, **values), audits.SYSTEM)


def make_accepted(trip: Trip, size: int = 1, **values) -> Registration:
    """A company that was accepted, charged and settled."""
    registration = make_registration(trip, size, RegistrationState.ACCEPTED, **values)
    fees.follow(registration)
    db.session.flush()
    return registration


def lines(registration: Registration) -> list[tuple[str, str]]:
    """What its statement says: (gross, open) of each line that counts."""
    return [
        (f"{line.charge.gross:.2f}", f"{line.open:.2f}")
        for line in fees.statement(registration).lines
        if line.charge.is_owed
    ]


def open_lines(statement: Statement) -> list[Decimal]:
    """What is left to pay of each line."""
    return [line.open for line in statement.lines]


def set_coming(registration: Registration, number: int) -> None:
    """Let so many delegates of the company come, and charge it as the core does."""
    everybody = list(registration.everybody)
    for delegate in everybody[:number]:
        delegate.state = DelegateState.COMING
    for delegate in everybody[number:]:
        delegate.state = DelegateState.WITHDRAWN
    db.session.flush()
    fees.follow(registration)
    db.session.flush()
