"""What a message of the organizers says to its reader, and the files that go with it.

The text is that of the message, or of the reminder, when the letter is written; placeholders are
filled for the reader alone. A test shows what somebody else would read, without their keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import storage
from webapp.db import Words, db
from webapp.domain.mailings import files, markup, values, wording
from webapp.domain.mailings.values import Reader
from webapp.i18n import speaking
from webapp.mail.mime import Attachment
from webapp.models.delegate import Delegate
from webapp.models.mail import Mail
from webapp.models.mailing import Mailing, Reminder
from webapp.models.registration import Registration
from webapp.models.trip import Trip

TEST = "message_test"
LETTERS = frozenset({"message", TEST})
# What of the context comes from here.
NAMES = ("message_subject", "message_text", "message_page", "sample")


class NothingToSay(Exception):
    """The message is gone, or the one whose data a test shows."""


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages and reminders of a batch, the files of each message, or why they cannot be had,
    and whose data the tests show; all by id."""

    mailings: dict[int, Mailing]
    reminders: dict[int, Reminder]
    files: dict[int, tuple[Attachment, ...] | storage.FileGone]
    registrations: dict[int, Registration]
    delegates: dict[int, Delegate]


def read(rows: Sequence[Mail]) -> Messages:
    """What the letters of a batch need: five statements at most, none without such letters."""
    facts = [row.facts or {} for row in rows if row.letter in LETTERS]
    mailings = _rows(select(Mailing).options(selectinload(Mailing.files)), Mailing,
                     facts, "mailing_id")  # fmt: skip
    whole = select(Registration).options(joinedload(Registration.organization))
    return Messages(
        mailings=mailings,
        reminders=_rows(select(Reminder), Reminder, facts, "reminder_id"),
        files={each.id: _files(each) for each in mailings.values()},
        registrations=_rows(whole, Registration, facts, "sample_registration_id"),
        delegates=_rows(select(Delegate), Delegate, facts, "sample_delegate_id"),
    )


def of(
    row: Mail,
    told: dict[str, Any],
    trip: Trip | None,
    registration: Registration | None,
    delegate: Delegate | None,
    found: Messages,
) -> dict[str, Any]:
    """What the template reads, with `files`. Raises NothingToSay, and storage.FileGone."""
    if row.letter not in LETTERS:
        return {}
    source = found.mailings.get(told["mailing_id"] or 0)
    words = source or found.reminders.get(told["reminder_id"] or 0)
    is_test = row.letter == TEST
    if is_test:
        registration = found.registrations.get(told["sample_registration_id"] or 0)
        delegate = found.delegates.get(told["sample_delegate_id"] or 0)
    if words is None or trip is None:
        raise NothingToSay("the message is gone")
    if registration is None or (delegate is not None and delegate.erased_at is not None):
        raise NothingToSay("the one whose data it shows is gone")
    carried = found.files.get(source.id, ()) if source else ()
    if isinstance(carried, storage.FileGone):
        raise carried
    reader = Reader(registration, delegate, is_hidden=is_test)
    text = said(words.subject or Words(), words.body or Words(), trip, reader, row.language)
    return {**text, "files": carried, "sample": reader if is_test else None}


def said(subject: Words, body: Words, trip: Trip, reader: Reader, language: str) -> dict[str, Any]:
    """A text as one reader reads it: subject, plain text and page."""
    with speaking(language):
        own = values.of(trip, reader)
    text = body.pick(language).replace("\r\n", "\n").replace("\r", "\n")
    told = {name: value for name, value in own.items() if name in wording.IN_SUBJECT}
    return {
        "message_subject": wording.fill(subject.pick(language), told),
        "message_text": wording.fill(text, own).strip(),
        "message_page": markup.page(text, own),
    }


def _rows(query: Any, model: Any, facts: Sequence[dict[str, Any]], name: str) -> dict[int, Any]:
    ids = {each[name] for each in facts if each.get(name)}
    if not ids:
        return {}
    return {found.id: found for found in db.session.scalars(query.where(model.id.in_(ids)))}


def _files(mailing: Mailing) -> tuple[Attachment, ...] | storage.FileGone:
    """The files of a message; one that cannot be had spoils no other letter of the batch."""
    try:
        return files.attachments(mailing)
    except storage.FileGone as error:
        return error
