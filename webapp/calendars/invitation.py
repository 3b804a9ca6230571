"""One session as a message to one guest: invited, moved, or not any more (iTIP, RFC 5546).

The VEVENT is that of the feeds, with who writes to whom. SEQUENCE is the entry's: whoever calls
keeps what was sent last and lets it rise (I7, I9); the same arguments give the same octets, so a
retry is no news to anybody (R7, P10).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from webapp.calendars.event import Entry, lines, starts_at, tzids
from webapp.calendars.feed import Block, calendar
from webapp.calendars.line import folded, parameter, phrase

REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"

_EMAIL = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,190}")
_KEPT = "!$'*+-._~"  # of the part before the @, which RFC 6068 lets stand as it is


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a mail address: who invites, or who is invited. `name` may be empty.

    Raises ValueError for an address that is not plain ASCII of the form local@domain.
    """

    email: str
    name: str = ""

    def __post_init__(self) -> None:
        if not _EMAIL.fullmatch(self.email):
            raise ValueError(f"not a mail address: {self.email!r}")

    @property
    def uri(self) -> str:
        """The bare mailto: URI (I2)."""
        local, _, domain = self.email.rpartition("@")
        return f"mailto:{quote(local, safe=_KEPT)}@{domain}"


def request(
    entry: Entry,
    organizer: Party,
    attendee: Party,
    stamped_at: datetime,
    *,
    wants_reply: bool,
    language: str = "en",
) -> bytes:
    """Invite `attendee`, or tell of a move: one VEVENT, METHOD:REQUEST (I1 to I5, I9).

    `stamped_at`, an aware instant, is when the message was made (R2). Without `wants_reply` the
    guest's program is told not to answer: nobody would read it (I5). Raises ValueError for a
    session that is off, for an organizer who is the guest (I6), a naive instant, a language that is
    no tag.
    """
    if entry.cancelled:
        raise ValueError(f"{entry.uid} is off: nobody can be invited to it")
    reply = "TRUE" if wants_reply else "FALSE"
    asked = f"CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP={reply}"
    people = [_line("ORGANIZER", organizer), _line(f"ATTENDEE;{asked}", attendee)]
    return _message(REQUEST, entry, (organizer, attendee), people, stamped_at, True, language)


def cancel(
    entry: Entry,
    organizer: Party,
    attendee: Party,
    stamped_at: datetime,
    *,
    is_off: bool,
    language: str = "en",
) -> bytes:
    """Take back the invitation of `attendee`: METHOD:CANCEL with the request's UID and organizer,
    and what the session was (I7). `is_off`: it does not take place for anybody, and says so; else
    it goes on without this guest, and has no STATUS (I8). Raises ValueError as `request` does.
    """
    entry = replace(entry, cancelled=is_off)
    people = [_line("ORGANIZER", organizer), _line("ATTENDEE", attendee)]
    return _message(CANCEL, entry, (organizer, attendee), people, stamped_at, is_off, language)


def _message(
    method: str,
    entry: Entry,
    parties: tuple[Party, Party],
    people: list[str],
    stamped_at: datetime,
    says_state: bool,
    language: str,
) -> bytes:
    organizer, attendee = parties
    if organizer.email.lower() == attendee.email.lower():
        raise ValueError("who invites cannot be the guest")
    if stamped_at.tzinfo is None:
        raise ValueError("stamped_at is an instant, not a wall time")
    written = lines(entry, stamped_at=stamped_at, people=people, says_state=says_state)
    body = b"".join(map(folded, written))
    block = Block(entry.uid, starts_at(entry), tzids(entry), body)
    return calendar([f"METHOD:{method}"], [block], language)


def _line(head: str, party: Party) -> str:
    name = phrase(party.name)
    return f"{head};CN={parameter(name)}:{party.uri}" if name else f"{head}:{party.uri}"
