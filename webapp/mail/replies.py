"""Answers to invitations: who invites, the address that answers come to, and how they are read.

With MAIL_REPLIES each invitation comes from an address of its own, with its number and a keyed
digest: calendar programs answer there (icalendar.md P6), and the address alone says whose answer it
is, so that nobody can answer for somebody else. Without it nobody would read an answer.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from flask import current_app

from webapp import tokens
from webapp.mail.message import sender
from webapp.mail.returns import MOST_BOUNDARIES, MOST_READ, SENT_TO

MARK = 16  # hexadecimal digits of the digest: 64 bits
_OWN = re.compile(r"\+i([0-9]{1,18})-([0-9a-f]{16})@", re.IGNORECASE)
_CALENDARS = frozenset({"text/calendar", "application/ics"})


def are_read() -> bool:
    """Whether answers of calendar programs come to anybody."""
    return bool(current_app.config["MAIL_REPLIES"])


def mailbox() -> str:
    """The address behind all invitations, without what tells them apart: no guest has it (I6)."""
    return current_app.config["MAIL_REPLIES"] or sender()


def organizer(invitation_id: int) -> str:
    """The address that an invitation comes from: of its own where answers are read, else
    MAIL_FROM's. The same for all letters of one invitation (I7)."""
    if not are_read():
        return sender()
    local, _, domain = mailbox().rpartition("@")
    return f"{local}+i{invitation_id}-{_mark(invitation_id)}@{domain}"


def invitation_of(address: str) -> int | None:
    """The number of the invitation that comes from this address; None for any other."""
    found = _OWN.search(address)
    if found is None or not tokens.same(found[2].lower(), _mark(int(found[1]))):
        return None
    return int(found[1])


def read(content: bytes, recipient: str | None = None) -> tuple[int, list[bytes]] | None:
    """The number of the invitation that a message came to, and the calendars that it brings, as
    octets that anybody may have written; None for any other message, or one that brings none.

    `recipient` is the envelope's, where it is known. Never raises, whatever comes: what stands
    behind MOST_READ octets is not looked at, and what has more than MOST_BOUNDARIES not at all.
    """
    content = content[:MOST_READ]
    if content.lower().count(b"boundary") > MOST_BOUNDARIES:
        return None
    try:
        message = message_from_bytes(content)
        number = _numbered(message, recipient)
        # What a server says of an invitation brings it along, and is no answer (`returns.read`).
        if number is None or message.get_content_type() == "multipart/report":
            return None
        parts = [part for part in message.walk() if part.get_content_type() in _CALENDARS]
        bodies = [part.get_payload(decode=True) for part in parts]
    except Exception:  # noqa: BLE001  # it comes from anybody, and must not stop those behind it
        return None
    found = [body for body in bodies if isinstance(body, bytes)]
    return (number, found) if found else None


def _mark(invitation_id: int) -> str:
    return tokens.keyed_digest(current_app.secret_key, "reply", str(invitation_id))[:MARK]


def _numbered(message: Message, recipient: str | None) -> int | None:
    headers = [str(value) for name in SENT_TO for value in message.get_all(name, [])]
    for _name, address in getaddresses([recipient or "", *headers]):
        if found := invitation_of(address):
            return found
    return None
