"""What a letter said, as staff may read it: exactly, but without its reader's keys.

The links in a letter open the page of a company or of a delegate to whoever has them, and staff
act under their own name (DESIGN rule 10): the secret part of such an address is blanked out.
"""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import StrEnum
from html import escape

from cryptography.fernet import InvalidToken
from flask_babel import gettext as _

from webapp.models.mail import Mail

# Addresses that are keys (webapp/addresses.py); the secrets are of webapp/tokens.py and long.
KEYS = re.compile(
    r"(/(?:r|d|calendars|register/draft|register/invited|mail/stop)/)[A-Za-z0-9_-]{16,}=*"
)
KEYS_IN_OCTETS = re.compile(KEYS.pattern.encode())
SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its name and kind, and its octets as staff may have them."""

    name: str
    mime_type: str
    content: bytes

    @property
    def size(self) -> int:
        """In octets."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Shown:
    """A written letter, without keys; `has_keys` says whether there were any."""

    headers: list[tuple[str, str]]
    text: str
    page: str
    files: list[File]
    has_keys: bool


class Missing(StrEnum):
    """Why there is nothing to show: nobody has written it, what it said was purged or erased, or it
    was sealed with another SECRET_KEY."""

    UNWRITTEN = "unwritten"
    EMPTIED = "emptied"
    SEALED = "sealed"


def read(mail: Mail) -> Shown | Missing:
    """What the letter says, or why that cannot be shown."""
    try:
        octets = mail.message
    except InvalidToken:
        return Missing.SEALED
    if octets is None:
        was_there = mail.facts is None or mail.sent_at is not None
        return Missing.EMPTIED if was_there else Missing.UNWRITTEN
    message = BytesParser(policy=policy.default).parsebytes(octets)
    text, page = _said(message, "plain"), _said(message, "html")
    return Shown(
        headers=[(name, str(message[name])) for name in SHOWN_HEADERS if message[name]],
        text=without_keys(text),
        page=without_keys(page, escape(own_link())),
        files=[_file(part) for part in message.iter_attachments()],
        has_keys=bool(KEYS.search(text) or KEYS.search(page)),
    )


def without_keys(text: str, instead: str = "") -> str:
    """`text` with words in the place of each secret of an address."""
    return KEYS.sub(lambda found: found[1] + (instead or own_link()), text)


def own_link() -> str:
    """What stands in the place of a secret."""
    return _("(their own link)")


def _said(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _file(part: EmailMessage) -> File:
    content = part.get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    if part.get_content_maintype() == "text":
        octets = KEYS_IN_OCTETS.sub(lambda found: found[1] + own_link().encode(), octets)
    return File(part.get_filename() or part.get_content_type(), part.get_content_type(), octets)
