"""The link of a delegate, mailed once more to the delegate."""

from webapp.db import db
from webapp.domain import audits, correspondence, registrations, seats
from webapp.domain.audits import By
from webapp.domain.delegates import NotOpen
from webapp.models.delegate import Delegate


def send_again(delegate: Delegate, by: By) -> None:
    """Mail the invitation, or the link to their page, to the delegate again: it is the same link.

    Raises NotOpen for one who has no part in the tour, and registrations.WrittenTooOften.
    """
    seats.hold(delegate.registration.trip_id)
    if delegate.is_gone or delegate.registration.is_out:
        raise NotOpen
    registrations.refuse_floods((delegate.email,))
    entry = audits.write(by, delegate, "send again", trip_id=delegate.registration.trip_id)
    db.session.flush()
    correspondence.put([registrations.welcome(delegate, entry.id)])
