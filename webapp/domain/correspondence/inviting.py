"""What letters that invite to a session say, and the calendar that goes with each (iMIP).

All of it was fixed when the letter was put: a retry, or another release meanwhile, says the same
(icalendar.md R7). Links alone are read when it is written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp import addresses, clock
from webapp.calendars import invitation, kept
from webapp.calendars.event import Entry
from webapp.calendars.invitation import Party
from webapp.db import Facts
from webapp.domain import change_words
from webapp.mail import message, replies
from webapp.mail.mime import Scheduling
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail

INVITED, UNINVITED = "session_invited", "session_uninvited"
LETTERS = frozenset({INVITED, UNINVITED})


class NothingToTell(Exception):
    """There is nothing to invite to any more; the words are for the operator and staff."""


@dataclass(frozen=True, slots=True)
class Times:
    """The wall times of a session, as `change_words.when` reads them."""

    starts_local: datetime
    starts_zone: str
    starts_fold: int
    ends_local: datetime
    ends_zone: str
    ends_fold: int

    @property
    def days_later(self) -> int:
        return (self.ends_local.date() - self.starts_local.date()).days


@dataclass(frozen=True, slots=True)
class Told:
    """A session as a letter tells it."""

    title: str
    times: Times
    where: str
    description: str
    link: str

    @property
    def when(self) -> str:
        """Its times with their zones, in the language that is spoken."""
        return change_words.when(self.times)


def of(row: Mail, delegate: Delegate) -> dict[str, Any]:
    """What the template reads, and what makes the message an invitation. Raises NothingToTell."""
    facts = row.facts or {}
    entry = kept.entry(facts["said"])
    if row.letter == INVITED and entry.ends.instant <= clock.now():
        raise NothingToTell("the session that it invites to is over")
    was = facts.get("was")
    keys: dict[str, Any] = {
        "session": _told(facts["said"]),
        "was": _told(was) if was else None,
        "answers_by_mail": replies.invitation_of(facts["organizer"]) is not None,
    }
    if row.letter == INVITED:
        keys["answer_link"] = addresses.delegate_invitation(delegate.token, UUID(entry.uid))
    return {**keys, "from_email": facts["organizer"], "calendar": _calendar(row, entry, facts)}


def _told(said: Facts) -> Told:
    entry = kept.entry(said)
    starts, ends = entry.starts, entry.ends
    times = Times(starts.local, starts.zone, starts.fold, ends.local, ends.zone, ends.fold)
    return Told(entry.title, times, entry.location, entry.description, entry.url)


def _calendar(row: Mail, entry: Entry, facts: Facts) -> Scheduling:
    organizer = Party(facts["organizer"], message.sender_name())
    guest = Party(row.to_email, row.to_name)
    stamped_at = datetime.fromisoformat(facts["stamped_at"])
    if row.letter == UNINVITED:
        content = invitation.cancel(
            entry, organizer, guest, stamped_at, is_off=facts["is_off"], language=row.language
        )
        return Scheduling(invitation.CANCEL, content)
    wants_reply = replies.invitation_of(facts["organizer"]) is not None
    content = invitation.request(
        entry, organizer, guest, stamped_at, wants_reply=wants_reply, language=row.language
    )
    return Scheduling(invitation.REQUEST, content)
