"""From a letter to an RFC 5322 message: subject, plain and HTML twins, attachments."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache
from typing import Any

import css_inline
from flask import current_app, render_template

from webapp import addresses, i18n, tokens
from webapp.mail import mime
from webapp.mail.mime import Attachment, Scheduling
from webapp.own_words import Instead

MAX_SUBJECT = 180  # characters; a longer title is cut, not refused
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,180}")
MAX_NAME = 200  # characters of a name in a header
# Embeddings, overrides and isolates. The letters of a script say themselves which way they go.
TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]+")


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
    wording: Instead | None = None  # the organizers' words, where they have any
    stop_link: str | None = None  # where its reader can ask for no more letters of its topic
    calendar: Scheduling | None = None  # of an invitation
    from_email: str | None = None  # of an invitation: who invites; None: MAIL_FROM's


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
    subject, text, page = render(letter, at)
    address = sender()
    identity = letter.message_id or message_id(letter.key, address)
    head = [
        address_line("From", sender_name(), letter.from_email or address),
        address_line("To", letter.to_name, letter.to_email),
        text_line("Subject", subject),
        f"Date: {format_datetime(at)}",
        f"Message-ID: {identity}",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {letter.language}",
        *_tour_lines(letter, address),
    ]
    mark = tokens.keyed_digest(current_app.secret_key, "parts", identity)[:32]
    parts = mime.body(text, page, letter.attachments, mark, letter.calendar)
    return Written(subject, identity, "".join(f"{line}\r\n" for line in head).encode() + parts)


def _tour_lines(letter: Letter, sender: str) -> list[str]:
    """What lets readers answer to the organizers of a tour, sort its letters (RFC 2919), and ask
    for no more with one click (RFC 8058) of those that they may refuse."""
    lines = []
    if trip := letter.context.get("trip"):
        if PLAIN_ADDRESS.fullmatch(trip.contact_email or ""):
            lines.append(f"Reply-To: {trip.contact_email}")
        lines.append(f"List-Id: <{trip.slug}.tours.{sender.rpartition('@')[2]}>")
    if letter.stop_link:
        lines.append(f"List-Unsubscribe: <{letter.stop_link}>")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return lines


def render(letter: Letter, at: datetime) -> tuple[str, str, str]:
    """What a letter says in its reader's language: the subject, the plain text, and the page with
    its styles inlined."""
    context = {
        "stop_link": letter.stop_link,
        **letter.context,
        "letter": letter.name,
        "to_name": letter.to_name,
        "written_at": at,
        "home": addresses.home(),
    }
    with i18n.speaking(letter.language, letter.wording):
        context["own_words"] = _own_words(letter)
        subject = one_line(render_template(f"mail/{letter.name}/subject.txt", **context))
        text = render_template(f"mail/{letter.name}/body.txt", **context)
        page = render_template(
            f"mail/{letter.name}/body.html", subject=subject, language=letter.language, **context
        )
    return subject[:MAX_SUBJECT].strip(), _tidy(text), _inliner().inline(page)


def _own_words(letter: Letter) -> str:
    """The paragraph that organizers add to a letter, filled in; empty where there is none."""
    (words,) = (letter.wording or {}).get("", ("",))
    rows = [letter.context.get(name) for name in ("registration", "delegate", "prospect", "trip")]
    registration, delegate, prospect, trip = rows
    applied = registration or (delegate.registration if delegate else None)
    company = applied.organization.name if applied else ""
    if prospect:
        company = prospect.organization_name
    names = {
        "name": letter.to_name or letter.to_email,
        "company": company,
        "trip": i18n.words(trip.title) if trip else "",
    }
    return (words % names).strip()


def sender_name() -> str:
    """The name that letters come from."""
    return _mailbox(current_app.config["MAIL_FROM"])[0] or "Escale"


def sender() -> str:
    """The address that letters come from."""
    return _mailbox(current_app.config["MAIL_FROM"])[1]


@cache  # it is asked for at each letter
def _mailbox(setting: str) -> tuple[str, str]:
    return parseaddr(setting)


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the letter with this key: the same at each try, and nothing that anybody
    could work out who knows to whom we write."""
    digest = tokens.keyed_digest(current_app.secret_key, "message", key)
    return f"<{digest[:40]}@{sender.rpartition('@')[2]}>"


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


def _said(header: str, text: str) -> str:
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether a header may hold the text as it is: ASCII that looks like no encoded word and whose
    words are short enough to fold between."""
    return text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < 60


def one_line(text: str) -> str:
    """`text` on one line, without control characters and without marks that turn the words around
    them: in a list of mails those would reach into the words beside it."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", TURNING.sub("", text))
    return " ".join(plain.split())


def _inliner() -> css_inline.CSSInliner:
    # Nothing is fetched: a letter's styles are in its own page.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def _tidy(text: str) -> str:
    """A plain text without the blank runs that template conditions leave."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
