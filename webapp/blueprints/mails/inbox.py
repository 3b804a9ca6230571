"""The built-in inbox: what our own SMTP server took. Nothing in it left this machine."""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, render_template

from webapp.blueprints import guards
from webapp.blueprints.mails.downloads import download

bp = Blueprint("inbox_organizer", __name__, url_prefix="/organizer/mailbox")
bp.before_request(guards.staff_only)
bp.before_request(guards.owner_only)  # it holds the letters, and so the links, of every tour

SHOWN = 200
BYTES = "application/octet-stream"
ESCAPED = re.compile("[\udc80-\udcff]+")  # octets that the parser could not decode
# A letter is styled inline; its page is shown in a sandbox where nothing runs or loads.
LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter of the inbox: its key, and the parsed message."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return self.said("Subject")

    @property
    def addressees(self) -> list[tuple[str, str]]:
        """(name or "", address) of each."""
        each = getattr(self._header("To"), "addresses", ())
        return [(readable(one.display_name), readable(one.addr_spec)) for one in each]

    @property
    def date(self) -> object:
        return self._header("Date")

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def page(self) -> str:
        return self._body("html")

    def said(self, header: str) -> str:
        """What a header says; empty where there is none."""
        return readable(str(self._header(header) or ""))

    def _header(self, name: str) -> object:
        try:
            return self.message[name]
        except Exception:  # noqa: BLE001 - Python's parser stumbles over some: then as it came
            raw = self.message.raw_items()
            return next(value for key, value in raw if key.lower() == name.lower())

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        if part is None:
            return ""
        try:
            return readable(part.get_content())
        except LookupError:  # a charset that nobody knows
            octets = part.get_payload(decode=True)
            return octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""

    @property
    def attachments(self) -> list[EmailMessage]:
        return list(self.message.iter_attachments())

    @property
    def file_names(self) -> list[str]:
        return [
            readable(part.get_filename() or part.get_content_type()) for part in self.attachments
        ]


@bp.get("")
def listing() -> str:
    """What has arrived, the latest first."""
    return render_template(
        "organizer/mailbox.html",
        letters=_arrived(),
        embedded="mail" in current_app.config["EMBEDDED"],
    )


@bp.get("/<key>")
def letter(key: str) -> str:
    """One letter: plain, HTML, attachments."""
    return render_template("organizer/letter.html", letter=_one(key))


@bp.get("/<key>/page")
def page(key: str) -> Response:
    """The HTML of a letter, for a frame in which nothing runs or loads."""
    response = make_response(_one(key).page)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.get("/<key>/attachments/<int:number>")
def attachment(key: str, number: int) -> Response:
    """One attachment of a letter, as a download."""
    parts = _one(key).attachments
    if number >= len(parts):
        abort(404)
    part = parts[number]
    content = part.get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    mime_type = part.get_content_type()
    name = readable(part.get_filename() or "")
    return download(octets, mime_type if mime_type.isascii() else BYTES, name)


def readable(text: str) -> str:
    """`text` as a page can hold it. Octets above 127 in a header are UTF-8 (RFC 6532), which the
    parser leaves as half characters; any other half has nothing to say."""
    whole = ESCAPED.sub(lambda found: _decoded(found[0]), text)
    return whole.encode("utf-8", "replace").decode()


def _decoded(escaped: str) -> str:
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _folder() -> Path:
    if "mail" not in current_app.config["EMBEDDED"]:
        abort(404)
    return Path(current_app.config["DATA_DIR"]) / "inbox"


def _files() -> list[Path]:
    files = [path for part in ("new", "cur") for path in (_folder() / part).glob("*")]
    return sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _arrived() -> list[Arrived]:
    return [_read(path) for path in _files()[:SHOWN]]


def _one(key: str) -> Arrived:
    # Looked up among the names that are there, so that no key can climb out of the folder.
    found = next((path for path in _files() if path.name == key), None)
    return _read(found or abort(404))


def _read(path: Path) -> Arrived:
    parsed = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    return Arrived(path.name, parsed)
