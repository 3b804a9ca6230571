"""The outbox: letters wait here in the transaction of the change that they tell of.

put -> write (both domain/correspondence) -> claim -> the wire -> settle. Each step is one
transaction of its own; between claim and settle no lock is held. Retry state is in the row, so
losing the broker loses nothing. (DESIGN rules 8 and 9.)

`claiming` takes letters for a worker, `settling` writes how it went and lets none be lost,
`steering` is what people decide about letters that wait or failed, `looking` what they ask.
"""

from webapp.mail.lanes import listing as lanes
from webapp.mail.outbox.alone import keep_connection
from webapp.mail.outbox.claiming import Claimed, claim
from webapp.mail.outbox.looking import (
    LONGEST_NAME,
    counts,
    find,
    latest,
    of_registration,
    oldest_due,
    written_lately,
)
from webapp.mail.outbox.settling import (
    BACKOFF,
    LONGEST_ERROR,
    MAX_ATTEMPTS,
    STUCK_AFTER,
    Settled,
    defer,
    give_back,
    release_held,
    rescue,
    settle,
)
from webapp.mail.outbox.steering import SEND, send_again, stop, stop_all

__all__ = [
    "BACKOFF",
    "LONGEST_ERROR",
    "LONGEST_NAME",
    "MAX_ATTEMPTS",
    "SEND",
    "STUCK_AFTER",
    "Claimed",
    "Settled",
    "claim",
    "counts",
    "defer",
    "find",
    "give_back",
    "keep_connection",
    "lanes",
    "latest",
    "of_registration",
    "oldest_due",
    "release_held",
    "rescue",
    "send_again",
    "settle",
    "stop",
    "stop_all",
    "written_lately",
]
