"""The countries that may be named."""

import re
from functools import cache

from babel import Locale

# What CLDR lists beside countries: unions, zones, and codes kept for tests.
NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"})


@cache
def codes() -> frozenset[str]:
    """Their codes in ISO 3166, alpha-2."""
    known = [str(code) for code in Locale("en").territories]
    return frozenset(c for c in known if re.fullmatch(r"[A-Z]{2}", c) and c not in NO_COUNTRY)
