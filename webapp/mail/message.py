"""From a letter to an RFC 5322 message: subject, plain and HTML twins, attachments."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import sha256
from typing import Any

import css_inline
from flask import current_app, render_template

from webapp import addresses, i18n

MAX_SUBJECT = 180  # characters; a longer title is cut, not refused
MAX_NAME = 200  # characters of a name in a header
SEVEN_BITS = SMTP.clone(cte_type="7bit")  # no server needs to know 8BITMIME for our letters


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person. `key` is letter, object, version and recipient (DESIGN rule 8)."""

    name: str
    key: str
    to_email: str
    to_name: str
    language: str
    context: dict[str, Any]
    attachments: tuple[Attachment, ...] = field(default=())
    message_id: str | None = None  # given with its row; None: made from the key now


@dataclass(frozen=True, slots=True)
class Written:
    """A letter written out: its subject, its Message-ID, and the bytes that go over the wire."""

    subject: str
    message_id: str
    content: bytes


def write(letter: Letter, at: datetime) -> Written:
    """Render a letter in its reader's language, dated `at` (aware UTC).

    The Message-ID is made from the key, so a repeat is recognisable (DESIGN rule 9).
    """
    context = {
        **letter.context,
        "letter": letter.name,
        "to_name": letter.to_name,
        "written_at": at,
        "home": addresses.home(),
    }
    with i18n.speaking(letter.language):
        subject = one_line(render_template(f"mail/{letter.name}/subject.txt", **context))
        text = render_template(f"mail/{letter.name}/body.txt", **context)
        page = render_template(
            f"mail/{letter.name}/body.html", subject=subject, language=letter.language, **context
        )
    subject = subject[:MAX_SUBJECT].strip()
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    identity = letter.message_id or message_id(letter.key, address)
    head = [
        address_line("From", name or "Escale", address),
        address_line("To", letter.to_name, letter.to_email),
        text_line("Subject", subject),
        f"Date: {format_datetime(at)}",
        f"Message-ID: {identity}",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {letter.language}",
    ]
    body = _body(_tidy(text), _inliner().inline(page), letter.attachments)
    return Written(subject, identity, "".join(f"{line}\r\n" for line in head).encode() + body)


def sender() -> str:
    """The address that letters come from."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the letter with this key: the same at each try."""
    domain = sender.rpartition("@")[2]
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>"


# Headers that hold what people typed are not written by EmailMessage: that of Python 3.11 takes
# "=?" in a text for an encoded word, with the line ends inside it, and leaves the marks of a name
# such as "<a@b.org>, Zoé" unquoted when it folds: a name could add a header or a recipient.


def text_line(header: str, text: str) -> str:
    """A header of free text, folded, without the last CRLF: as it is where it may stand so, else
    in encoded words (RFC 2047)."""
    return f"{header}: {_said(header, one_line(text))}"


def address_line(header: str, name: str, email: str) -> str:
    """A header of one mailbox: the name, cut to MAX_NAME, and the address, which is ASCII."""
    shown = one_line(name)[:MAX_NAME].strip()
    if _is_plain(shown):
        return f"{header}: {formataddr((shown, email))}"
    return f"{header}: {_said(header, shown)}\r\n <{email}>"


def _body(text: str, page: str, attachments: tuple[Attachment, ...]) -> bytes:
    """The parts, with the headers that tell of them: what follows our own headers."""
    message = EmailMessage(policy=SEVEN_BITS)
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    for attachment in attachments:
        maintype, subtype = attachment.mime_type.split("/")
        message.add_attachment(
            attachment.content,
            maintype=maintype,
            subtype=subtype,
            filename=attachment.filename,
            params={"charset": "utf-8"} if maintype == "text" else {},
            cte="base64",
        )
    return message.as_bytes()


def _said(header: str, text: str) -> str:
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether a header may hold the text as it is: ASCII that looks like no encoded word and whose
    words are short enough to fold between."""
    return text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < 60


def one_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split())


def _inliner() -> css_inline.CSSInliner:
    # Nothing is fetched: a letter's styles are in its own page.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def _tidy(text: str) -> str:
    """A plain text without the blank runs that template conditions leave."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
