"""A guest's calendar program, as far as invitations go: it reads the mails that were sent, in
whatever order they arrive, and holds what they say (RFC 5546 2.1.5)."""

import email
from datetime import datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import icalendar
from sqlalchemy import select, update

from webapp import clock
from webapp.db import db
from webapp.domain import correspondence, invitations
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail, MailState
from webapp.models.trip import Trip

LETTERS = ("session_invited", "session_uninvited")


def reconcile(trip: Trip) -> None:
    """What the worker's task does for one trip."""
    last: int | None = 0
    while last is not None:
        last = invitations.reconcile(trip.id, last)


def letters(delegate: Delegate | None = None) -> list[Mail]:
    """The letters about invitations that were put, in order; those of one delegate."""
    query = select(Mail).where(Mail.letter.in_(LETTERS)).order_by(Mail.id)
    if delegate is not None:
        query = query.where(Mail.delegate_id == delegate.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def deliver() -> list[Mail]:
    """Write and send what waits; which letters about invitations that were."""
    while correspondence.write_due():
        pass
    due = [mail for mail in letters() if mail.state == MailState.WAITING]
    db.session.execute(
        update(Mail)
        .where(Mail.id.in_([mail.id for mail in due]))
        .values(state=MailState.SENT, sent_at=clock.now())
    )
    for mail in due:
        db.session.refresh(mail)
    return due


def parsed(mail: Mail) -> EmailMessage:
    assert mail.message is not None
    return email.message_from_bytes(mail.message, policy=policy.default)  # type: ignore[return-value]


def calendar(mail: Mail) -> bytes:
    """The octets of the part that programs act on."""
    (part,) = [p for p in parsed(mail).walk() if p.get_content_type() == "text/calendar"]
    return part.get_payload(decode=True)  # type: ignore[return-value]


def vevent(mail: Mail) -> tuple[str, Any]:
    """The METHOD and the one VEVENT of a letter."""
    said = icalendar.Calendar.from_ical(calendar(mail))
    (found,) = said.walk("VEVENT")
    return str(said["METHOD"]), found


class Reader:
    """The calendar of whoever has one mail address."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.known: dict[str, tuple[int, datetime]] = {}
        self.shows: dict[str, tuple[datetime, datetime, str]] = {}

    def take(self, mail: Mail) -> None:
        """An old message says nothing."""
        assert mail.to_email.lower() == self.email.lower()
        method, found = vevent(mail)
        uid, stamp = str(found["UID"]), (int(found["SEQUENCE"]), found["DTSTAMP"].dt)
        assert found["ATTENDEE"].lower() == f"mailto:{self.email}".lower()
        if uid in self.known and stamp <= self.known[uid]:
            return
        if method == "CANCEL":
            self.shows.pop(uid, None)
        else:
            self.shows[uid] = (found["DTSTART"].dt, found["DTEND"].dt, str(found["LOCATION"]))
        self.known[uid] = stamp
