"""Letters that come back: the address to which reports go, and how they are read.

With MAIL_BOUNCES each letter leaves with an envelope sender of its own (VERP): the report that
comes to it names the letter by its number, with a keyed digest, so that nobody can forge one.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parseaddr

from flask import current_app

from webapp import tokens
from webapp.mail.message import one_line, sender

MARK = 16  # hexadecimal digits of the digest: 64 bits
MOST_READ = 256 * 1024  # octets of a report: the letter that came back stands at its end
# Parts in a part: what takes more time to read than all of a real report, which has three and those
# of the letter that came back.
MOST_BOUNDARIES = 20
SERVERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
SENT_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Failed-To")
_STATUS = re.compile(r"(?<![0-9.])[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")
_REPLY = re.compile(r"(?<![0-9])([45][0-9]{2})[ -]")
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[!-~]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_VERP = re.compile(r"\+([0-9]{1,18})-([0-9a-f]{16})@", re.IGNORECASE)


def envelope_sender(mail_id: int) -> str:
    """The envelope sender of a letter: of its own where there is MAIL_BOUNCES, else MAIL_FROM's
    address."""
    address = current_app.config["MAIL_BOUNCES"]
    if not address:
        return sender()
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox}+{mail_id}-{_mark(mail_id)}@{domain}"


def mail_of(address: str) -> int | None:
    """The number of the letter whose envelope sender this address is; None for any other."""
    found = _VERP.search(address)
    if found is None or not tokens.same(found[2].lower(), _mark(int(found[1]))):
        return None
    return int(found[1])


def _mark(mail_id: int) -> str:
    return tokens.keyed_digest(current_app.secret_key, "bounce", str(mail_id))[:MARK]


@dataclass(frozen=True, slots=True)
class Report:
    """What another server says of one of our letters, which is named by its number or by its
    Message-ID. `is_final`: it was not delivered and no further try is made; else it is late.
    `code` is of RFC 3463 (5.1.1), `words` are the server's own."""

    mail_id: int | None
    message_id: str | None
    is_final: bool
    code: str | None
    words: str


def read(content: bytes, recipient: str | None = None) -> Report | None:
    """The report that a message holds (RFC 3464, and forms that are older or of their own).

    None for an answer of a human or of an absent one, an advertisement, garbage.

    `recipient` is the envelope's, where it is known. A report that names no letter of ours is none.
    Never raises, whatever comes: what stands behind MOST_READ octets is not looked at, and what has
    more than MOST_BOUNDARIES not at all.
    """
    content = content[:MOST_READ]
    if content.lower().count(b"boundary") > MOST_BOUNDARIES:
        return None
    try:
        message = message_from_bytes(content)
        found = _standard(message) or _homely(message)
        if found is None:
            return None
        mail_id = _numbered(message, recipient)
        message_id = None if mail_id else _returned_id(content)
    except Exception:  # noqa: BLE001  # it comes from anybody, and must not stop those behind it
        return None
    if mail_id is None and message_id is None:
        return None
    is_final, code, words = found
    return Report(mail_id, message_id, is_final, code, one_line(words))


def _standard(message: Message) -> tuple[bool, str | None, str] | None:
    """What a delivery status notification says of its first recipient that something befell."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in _parts(part):
            action = _plain(group.get("Action")).lower()
            if action in ("failed", "delayed"):
                status = _STATUS.search(_plain(group.get("Status")))
                words = _plain(group.get("Diagnostic-Code")).partition(";")[2]
                code = status[0] if status else None
                return action == "failed", code, words.strip() or code or action
    return None


def _parts(part: Message) -> list[Message]:
    """The groups of fields of a delivery status, which the parser keeps as messages."""
    groups = part.get_payload()
    return [group for group in groups if isinstance(group, Message)] if part.is_multipart() else []


def _homely(message: Message) -> tuple[bool, str | None, str] | None:
    """What a mail server says in words of its own (qmail and the like): it must come from one, and
    give a reason with a number."""
    sender_ = parseaddr(_plain(message.get("From")))[1].partition("@")[0].lower()
    # An absent human's program writes from nobody as well; a server's report may say of itself that
    # it answers.
    from_nobody = _plain(message.get("Return-Path")) == "<>"
    answers = _plain(message.get("Auto-Submitted")).lower().startswith("auto-replied")
    if sender_ not in SERVERS and (answers or not from_nobody):
        return None
    text = next((part for part in message.walk() if part.get_content_type() == "text/plain"), None)
    body = text.get_payload(decode=True) if text else None
    said = body.decode("utf-8", "replace")[:20_000] if isinstance(body, bytes) else ""
    for line in said.splitlines():
        status, reply = _STATUS.search(line), _REPLY.search(line)
        if status or reply:
            code = status[0] if status else None
            number = code or (reply[1] if reply else "")
            return number.startswith("5"), code, line.strip()
    return None


def _numbered(message: Message, recipient: str | None) -> int | None:
    """The letter that the report was sent back for, by the address that it was sent to."""
    headers = [_plain(value) for name in SENT_TO for value in message.get_all(name, [])]
    for _name, address in getaddresses([recipient or "", *headers]):
        if found := mail_of(address):
            return found
    return None


def _returned_id(content: bytes) -> str | None:
    """The Message-ID of the letter that came back with the report: the last one that stands there,
    since the first is the report's own."""
    found = [each.decode("ascii") for each in _MESSAGE_ID.findall(content)]
    return found[-1] if len(found) > 1 else None


def _plain(value: object) -> str:
    return " ".join(str(value or "").split())
