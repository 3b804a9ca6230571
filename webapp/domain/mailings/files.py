"""Files that go with a message: the checks of documents, sealed storage, their end."""

import errno
from collections.abc import Sequence

from sqlalchemy import select

from webapp import clock, storage
from webapp.db import db
from webapp.domain import audits, documents, media
from webapp.domain.audits import By
from webapp.domain.mailings.locking import lock_draft
from webapp.errors import DomainError
from webapp.mail.mime import Attachment
from webapp.models.mailing import Mailing, MailingFile

LARGEST = documents.LARGEST  # octets of one file
MOST_TOGETHER = 8 * 1024 * 1024  # octets of all files of one message
MOST = 10  # files of one message
FOLDER = "mailings"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


class FileTooLarge(DomainError):
    """The file has more than LARGEST octets."""


class TooMuch(DomainError):
    """The files of the message would have more than MOST_TOGETHER octets, or be more than MOST."""


class NoRoom(DomainError):
    """The disk is full, or takes nothing: the file was not kept."""


REFUSALS = (FileTooLarge, TooMuch, NoRoom, media.KindRefused)


def attach(mailing: Mailing, filename: str, data: bytes, by: By) -> MailingFile:
    """Keep a file that goes with a draft; what it is, its content says. Raises MoveRefused for a
    message that is no draft, and REFUSALS."""
    if len(data) > LARGEST:
        raise FileTooLarge
    found = media.find(data)
    lock_draft(mailing)
    if total(mailing) + len(data) > MOST_TOGETHER or len(mailing.files) >= MOST:
        raise TooMuch
    file = MailingFile(
        filename=documents.clean_name(filename, found.kind),
        mime_type=found.media_type,
        size=len(data),
        stored_as=_stored(data),
        created_at=clock.now(),
    )
    mailing.files.append(file)
    db.session.flush()
    audits.write(
        by, mailing, "upload", trip_id=mailing.trip_id,
        after={"media_type": file.mime_type, "size": file.size},
    )  # fmt: skip
    return file


def remove(mailing: Mailing, file_id: int, by: By) -> None:
    """Take a file off a draft; one that is off already is fine. Raises MoveRefused."""
    lock_draft(mailing)
    file = find(mailing, file_id)
    if file is None:
        return
    storage.drop(file.stored_as)
    mailing.files.remove(file)
    db.session.flush()
    audits.write(by, mailing, "change", trip_id=mailing.trip_id, before={"size": file.size})


def copy(mailing: Mailing, other: Mailing) -> None:
    """Give `other` the files of a message. Raises NoRoom and storage.FileGone."""
    for file in mailing.files:
        other.files.append(
            MailingFile(
                filename=file.filename,
                mime_type=file.mime_type,
                size=file.size,
                stored_as=_stored(storage.get(file.stored_as)),
                created_at=clock.now(),
            )
        )
    db.session.flush()


def find(mailing: Mailing, file_id: int) -> MailingFile | None:
    """The file of this message with that id, or None: never another's."""
    return next((file for file in mailing.files if file.id == file_id), None)


def total(mailing: Mailing) -> int:
    """The octets of all files of a message, before they are coded for mail (a third more)."""
    return sum(file.size for file in mailing.files)


def attachments(mailing: Mailing) -> tuple[Attachment, ...]:
    """The files as a letter carries them. Raises storage.FileGone."""
    return tuple(
        Attachment(file.filename, file.mime_type, storage.get(file.stored_as))
        for file in mailing.files
    )


def drop(rows: Sequence[MailingFile]) -> None:
    """Delete these rows, and their files once the transaction has committed: for drafts, and for
    retention (domain/purging.py)."""
    for row in rows:
        storage.drop(row.stored_as)
        db.session.delete(row)
    db.session.flush()


def sweep() -> int:
    """Delete files that no row names any more; how many."""
    wanted = frozenset(db.session.scalars(select(MailingFile.stored_as)))
    return storage.sweep(FOLDER, wanted)


def _stored(data: bytes) -> str:
    try:
        return storage.put(FOLDER, data)
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom from error
        raise
