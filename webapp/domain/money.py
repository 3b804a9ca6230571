"""Money: whole smallest units of a currency, rounded half up, and shares that add up exactly.

Amounts are Decimal and never float. Pure: nothing here reads the database.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from babel.core import UnknownLocaleError
from babel.numbers import get_currency_precision, is_currency

MOST_DECIMALS = 2  # of the columns: a currency with three, as TND, is kept to two
ZERO = Decimal(0)
HUNDRED = Decimal(100)


def is_known(currency: str) -> bool:
    """Whether the text is the ISO 4217 code of a currency that we can write."""
    try:
        return len(currency) == 3 and currency.isupper() and is_currency(currency)
    except (UnknownLocaleError, ValueError):
        return False


def decimals(currency: str) -> int:
    """How many decimals its amounts have: 2 for EUR, 0 for JPY."""
    return min(get_currency_precision(currency), MOST_DECIMALS)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole smallest units, half a unit away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP)


def fits(amount: Decimal, currency: str) -> bool:
    """Whether the amount needs no more decimals than the currency has."""
    return amount == rounded(amount, currency)


def tax_on(net: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The tax on one line, `rate` in percent, rounded half up."""
    return rounded(net * rate / HUNDRED, currency)


def split(total: Decimal, percents: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The shares of `total` by percents that make 100; the shares add up to it to the cent.

    What all shares up to one make together is rounded, not each share, so no cent is left over
    and none has another sign than the total.
    """
    shares = []
    percent = before = ZERO
    for each in percents:
        percent += each
        until = rounded(total * percent / HUNDRED, currency)
        shares.append(until - before)
        before = until
    return shares
