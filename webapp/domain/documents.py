"""Documents that companies, delegates and organizers send: what is taken, who sees it, its end.

The octets are sealed in a file (webapp/storage.py); the row says what they are. A document is the
company's, or one delegate's; the answer to a question, or sent besides. It is sensitive when its
question is: then its name is shown to few as well. (domain.md rule 29, DESIGN rule 11.)
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from webapp import clock, storage
from webapp.db import db
from webapp.domain import audits, media, seats
from webapp.domain.audits import By
from webapp.domain.media import Kind
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

LARGEST = 5 * 1024 * 1024  # octets of one document
MOST_EACH = 20  # documents of one company, and of one delegate
MOST_OF_TRIP = 4 * 1024 * 1024 * 1024  # octets of all documents of one tour
MOST_BEFORE = 20 * 1024 * 1024  # octets of one registration until it is accepted
LONGEST_NAME = 120  # characters, with the ending
FOLDER = "documents"
_ENDINGS = {Kind.JPEG: ("jpg", "jpeg", "jpe", "jfif")}
# What Windows takes for a device, and what a shell or a file manager reads as more than a name.
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_SIGNS = re.compile(r"[<>:\"|?*;%$`&~#]+")


class TooLarge(DomainError):
    """The file has more than LARGEST octets."""


class TooMany(DomainError):
    """The company or the delegate has MOST_EACH documents already, or the tour no room left."""

    def __init__(self, *, of_trip: bool) -> None:
        super().__init__("of the tour" if of_trip else "of one holder")
        self.of_trip = of_trip


class TooMuch(DomainError):
    """The registration is not accepted, and its documents would have more than MOST_BEFORE octets:
    anybody may register, and strangers must not fill the tour's room."""


class NotAsked(DomainError):
    """The question is none of this tour, asks somebody else, or wants no document."""


class NoPart(DomainError):
    """The company or the delegate has no part in the tour any more, so nothing is taken."""


REFUSALS = (TooLarge, TooMany, TooMuch, NotAsked, NoPart, media.KindRefused)


def take(
    registration: Registration,
    delegate: Delegate | None,
    question: Question | None,
    filename: str,
    data: bytes,
    by: By,
) -> Document:
    """Keep a document of the company, or of one of its delegates, and audit that it came.

    The same file for the same question again is the one that is there; another one for a question
    takes the place of the earlier. Raises TooLarge, media.KindRefused, NoPart, NotAsked, TooMany,
    TooMuch.
    """
    if len(data) > LARGEST:
        raise TooLarge
    found = media.find(data)
    what = _put(data)  # before the lock, which everybody else of the tour would wait for
    trip = seats.hold(registration.trip_id)
    _refuse_others(registration, delegate, question)
    there = of_company(registration) if delegate is None else of_delegate(delegate)
    question_id = question.id if question else None
    before = [each for each in there if each.question_id == question_id]
    again = next((each for each in before if each.sha256 == what["sha256"]), None)
    if again is not None:
        storage.drop(what["storage_key"])
        return again
    if question is not None:
        for each in before:
            _delete(each, trip, by)
    elif len(there) >= MOST_EACH:
        raise TooMany(of_trip=False)
    _refuse_too_much(registration, len(data))
    document = Document(
        registration_id=registration.id,
        delegate_id=delegate.id if delegate else None,
        question_id=question_id,
        filename=clean_name(filename, found.kind),
        media_type=found.media_type,
        **what,
    )
    db.session.add(document)
    db.session.flush()
    audits.write(by, document, "upload", trip_id=trip.id, after=_facts(document))
    return document


def open(document: Document) -> bytes:  # noqa: A001  # of this module, and said with its name
    """The octets as they were sent. Raises storage.FileGone."""
    return storage.get(document.storage_key)


def remove(document: Document, by: By) -> None:
    """Delete a document; its file goes with the commit."""
    trip = seats.hold(document.registration.trip_id)
    _delete(document, trip, by)


def remove_all(documents: Iterable[Document]) -> int:
    """Delete these documents and their files, for erasure and retention, which audit it in one
    line; how many. The caller holds the trip."""
    count = 0
    for document in documents:
        storage.drop(document.storage_key)
        db.session.delete(document)
        count += 1
    db.session.flush()
    return count


def looked_at(document: Document, by: By) -> None:
    """Audit that a member of staff opened a sensitive document."""
    audits.write(
        by, document, "look", trip_id=document.registration.trip_id, after=_facts(document)
    )


def is_sensitive(document: Document) -> bool:
    """Whether the document is shown to few: its question is sensitive."""
    question = document.question
    return question is not None and question.sensitivity != Sensitivity.PLAIN


def of_company(registration: Registration) -> Sequence[Document]:
    """What the company sent for itself, in order."""
    return _found(Document.registration_id == registration.id, Document.delegate_id.is_(None))


def of_delegate(delegate: Delegate) -> Sequence[Document]:
    """What was sent for one delegate, in order."""
    return _found(Document.delegate_id == delegate.id)


def of_registration(registration: Registration) -> Sequence[Document]:
    """All documents of a company and its delegates: the company's first, then by delegate."""
    return sorted(
        _found(Document.registration_id == registration.id),
        key=lambda each: (each.delegate.position if each.delegate else 0, each.id),
    )


def find(registration: Registration, document_id: int) -> Document | None:
    """The document of this registration with that id, or None: never another's."""
    found = _found(Document.registration_id == registration.id, Document.id == document_id)
    return found[0] if found else None


def sweep() -> int:
    """Delete files of documents that no row names any more; how many."""
    wanted = frozenset(db.session.scalars(select(Document.storage_key)))
    return storage.sweep(FOLDER, wanted)


def clean_name(filename: str, kind: Kind) -> str:
    """A file name that is only a name, in one line, with the ending of what the file really is."""
    text = unicodedata.normalize("NFC", filename.replace("\\", "/").rpartition("/")[2])
    text = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in text)
    text = " ".join(_SIGNS.sub(" ", text).split()).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if not dot or ending.lower() not in _ENDINGS.get(kind, (kind.value,)):
        stem = text
    stem = stem[: LONGEST_NAME - 1 - len(kind.value)].strip(". ") or "document"
    if _DEVICE.match(stem):
        stem = f"_{stem}"[: LONGEST_NAME - 1 - len(kind.value)]
    return f"{stem}.{kind.value}"


def _put(data: bytes) -> dict[str, Any]:
    """Seal the octets into a file, and say what the row has to know of them."""
    return {
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "storage_key": storage.put(FOLDER, data),
        "uploaded_at": clock.now(),
    }


def _refuse_others(
    registration: Registration, delegate: Delegate | None, question: Question | None
) -> None:
    if registration.is_out or (delegate is not None and delegate.is_gone):
        raise NoPart
    if question is None:
        return
    asked = Asked.COMPANY if delegate is None else Asked.DELEGATE
    fits = question.kind == AnswerKind.DOCUMENT and question.asked == asked
    if not fits or question.trip_id != registration.trip_id or question.retired_at is not None:
        raise NotAsked


def _refuse_too_much(registration: Registration, size: int) -> None:
    own = _octets(Document.registration_id == registration.id)
    if registration.state != RegistrationState.ACCEPTED and own + size > MOST_BEFORE:
        raise TooMuch
    if _octets(Registration.trip_id == registration.trip_id) + size > MOST_OF_TRIP:
        raise TooMany(of_trip=True)


def _found(*conditions: ColumnElement[bool]) -> Sequence[Document]:
    return db.session.scalars(
        select(Document)
        .where(*conditions)
        .options(joinedload(Document.question), joinedload(Document.delegate))
        .order_by(Document.id)
    ).all()


def _octets(condition: ColumnElement[bool]) -> int:
    return (
        db.session.scalar(
            select(func.sum(Document.size))
            .join(Registration, Registration.id == Document.registration_id)
            .where(condition)
        )
        or 0
    )


def _delete(document: Document, trip: Trip, by: By) -> None:
    audits.write(by, document, "delete", trip_id=trip.id, before=_facts(document))
    remove_all([document])


def _facts(document: Document) -> dict[str, object]:
    """What the audit says of a document: never its name, which people choose."""
    return {
        "question": document.question_id,
        "delegate": document.delegate_id,
        "media_type": document.media_type,
        "size": document.size,
    }
