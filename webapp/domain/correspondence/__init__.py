"""Letters: put into the outbox with the change that they tell of, and written soon after.

Putting writes a row and renders nothing, so a change holds its tour's lock no longer for the
letters it causes; a worker writes them (`write_due`) before it sends them. What was true when a
letter was put is in its facts (webapp/mail/letters.py says which each needs); the rest, links above
all, is read when it is written. (DESIGN rules 8 to 10.)
"""

from webapp.domain.correspondence.contexts import Pointless
from webapp.domain.correspondence.holding import let_go, write_anew
from webapp.domain.correspondence.putting import (
    FactsWrong,
    Told,
    as_row,
    for_address,
    for_coordinator,
    for_delegate,
    put,
    to_address,
    to_coordinator,
    to_delegate,
)
from webapp.domain.correspondence.writing import letter_of, write_due

__all__ = [
    "FactsWrong",
    "Pointless",
    "Told",
    "as_row",
    "for_address",
    "for_coordinator",
    "for_delegate",
    "let_go",
    "letter_of",
    "put",
    "to_address",
    "to_coordinator",
    "to_delegate",
    "write_anew",
    "write_due",
]
